# SPDX-License-Identifier: Apache-2.0
"""Every object that `encode` makes is valid for dciodvfy, and foreign readers find the frames that went in."""

import io
import os
import re
import subprocess

import numpy
import pydicom
from PIL import Image
from pydicom.encaps import generate_pixel_data_frame

import acquisitions as acq
from peers import check_valid, check_with, gdcm_pixels
from product import Agent, InteropCase, json_lines, main, run_product, write_file

# A JPEG decoder may round differently from the next: by a little, at each pixel, and mostly not at all.
JPEG_PIXEL_DIFFERENCE_MAX = 24
JPEG_MEAN_DIFFERENCE_MAX = 2.0

NATIVE = [
    acq.raw("us-mono", "us"),
    acq.raw("us-rgb", "us", photometric="RGB", rows=25, columns=31),
    acq.raw("us-three-files", "us", frames=3),
    acq.raw("us-three-in-one", "us", frames=3, one_file=True),
    acq.raw("usmf-mono", "us-multiframe", frames=5),
    acq.raw("usmf-rgb", "us-multiframe", photometric="RGB", frames=3, one_file=True),
    acq.raw("usmf-one-frame", "us-multiframe", frames=1),
    acq.raw("usmf-odd", "us-multiframe", rows=5, columns=7, frames=3),
    acq.raw("sc-mono1", "sc", photometric="MONOCHROME1"),
    acq.raw("sc-mono-odd", "sc", rows=5, columns=7),
    acq.raw("sc-mono6", "sc", bits=(8, 6)),
    acq.raw("sc-mono10", "sc", bits=(16, 10)),
    acq.raw("sc-mono12", "sc", bits=(16, 12)),
    acq.raw("sc-mono16", "sc", bits=(16, 16)),
    acq.raw("sc-rgb", "sc", photometric="RGB", toml=True),
    acq.raw("sc-ybr", "sc", photometric="YBR_FULL"),
    acq.raw("scmf-byte", "sc-multiframe", frames=4, toml=True),
    acq.raw("scmf-one-frame", "sc-multiframe", frames=1),
    acq.raw("scmf-word10", "sc-multiframe", frames=3, bits=(16, 10)),
    acq.raw("scmf-word12", "sc-multiframe", frames=3, bits=(16, 12)),
    acq.raw("scmf-word16", "sc-multiframe", frames=3, bits=(16, 16)),
    acq.raw("scmf-color", "sc-multiframe", frames=3, photometric="RGB"),
]

JPEG = [acq.jpeg(f"{kind}-{(subsampling or 'gray').replace(':', '')}", kind, subsampling=subsampling, frames=3 if "multi" in kind else 1)
        for kind in ("us", "us-multiframe", "sc", "sc-multiframe") for subsampling in (None, "4:2:0", "4:2:2", "4:4:4")]
JPEG.append(acq.jpeg("us-odd-size", "us", rows=45, columns=61, subsampling="4:2:0"))

KIND_AND_TEXT = [(kind, name, text) for kind in ("us", "us-multiframe", "sc", "sc-multiframe")
                 for name, text in (("rich", acq.RICH_TEXT), ("foreign", acq.FOREIGN_TEXT))]

SOP_CLASSES = {
    "us": "1.2.840.10008.5.1.4.1.1.6.1", "usmf": "1.2.840.10008.5.1.4.1.1.3.1", "sc": "1.2.840.10008.5.1.4.1.1.7",
    "scmf-byte": "1.2.840.10008.5.1.4.1.1.7.2", "scmf-word": "1.2.840.10008.5.1.4.1.1.7.3", "scmf-color": "1.2.840.10008.5.1.4.1.1.7.4",
}


class EncodeTest(InteropCase):
    def encode(self, acquired, *options):
        """The files that come of it, in order."""
        folder = os.path.join(self.folder, "in", acquired.name)
        sidecar = acquired.write(folder)
        done = self.check_done(run_product("encode", sidecar, "--output", os.path.join(self.folder, "out"), "--json", *options))
        files = json_lines(done.stdout)
        self.assertEqual(len(files), acquired.objects)
        for file in files:
            self.assertEqual(os.path.getsize(file["file"]), file["bytes"])
        return [file["file"] for file in files]

    def test_native_objects_hold_the_frames_that_went_in(self):
        for acquired in NATIVE:
            with self.subTest(acquired.name):
                for index, path in enumerate(self.encode(acquired)):
                    check_valid(self, path)
                    self.check_native(acquired, index, path)

    def check_native(self, acquired, index, path):
        expected = acquired.expected_pixels(index)
        data = pydicom.dcmread(path)
        self.assertEqual(data.PixelData, expected)
        self.assertEqual(data.file_meta.TransferSyntaxUID, pydicom.uid.ExplicitVRLittleEndian)
        self.assertEqual(data.PhotometricInterpretation, acquired.sidecar["photometric"])
        self.assertEqual(data.BitsStored, acquired.sidecar["bits_stored"])
        self.assertEqual(data.InstanceNumber, 1 + index)
        frames = len(acquired.frames) if acquired.is_multi_frame else 1
        self.assertEqual(int(data.get("NumberOfFrames", 1)), frames)
        self.assertEqual(data.pixel_array.astype(data.pixel_array.dtype.newbyteorder("<")).tobytes(),
                         expected[:len(acquired.frames[0]) * frames])
        pixels = gdcm_pixels(self, path)
        self.assertEqual(pixels, expected)

    def test_each_pixel_format_gets_its_sop_class(self):
        for acquired in NATIVE:
            with self.subTest(acquired.name):
                want = max((prefix for prefix in SOP_CLASSES if acquired.name.startswith(prefix)), key=len)
                if acquired.name == "scmf-one-frame":
                    want = "scmf-byte"
                data = pydicom.dcmread(self.encode(acquired)[0])
                self.assertEqual(data.SOPClassUID, SOP_CLASSES[want])
                self.assertEqual(data.file_meta.MediaStorageSOPClassUID, SOP_CLASSES[want])

    def test_the_cameras_jpeg_streams_pass_unchanged(self):
        for acquired in JPEG:
            with self.subTest(acquired.name):
                path = self.encode(acquired)[0]
                check_valid(self, path)
                self.check_jpeg_bytes(acquired, path)
                self.check_jpeg_colors(acquired, path)

    def check_jpeg_bytes(self, acquired, path):
        data = pydicom.dcmread(path)
        self.assertEqual(data.file_meta.TransferSyntaxUID, pydicom.uid.JPEGBaseline8Bit)
        self.assertEqual(data.LossyImageCompression, "01")
        padded = [frame + b"\0" * (len(frame) % 2) for frame in acquired.frames]
        self.assertEqual(list(generate_pixel_data_frame(data.PixelData, len(padded))), padded)
        # GDCM joins the fragments.
        pixels = gdcm_pixels(self, path)
        self.assertEqual(pixels, b"".join(padded))

    def check_jpeg_colors(self, acquired, path):
        """DCMTK decodes to the colours that the camera's file has by itself: photometric interpretation and stream agree."""
        plain = path + ".plain"
        options = [] if len(acquired.sidecar["frames"]) and "gray" in acquired.name else ["--conv-photometric"]
        done = subprocess.run(["dcmdjpeg", *options, path, plain], capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        decoded = pydicom.dcmread(plain).pixel_array
        decoded = decoded.reshape((len(acquired.frames), *decoded.shape[-3 if options else -2:]))
        for frame, camera in zip(decoded, acquired.frames, strict=True):
            seen = numpy.asarray(Image.open(io.BytesIO(camera)))
            difference = numpy.abs(frame.astype(int) - seen.astype(int))
            self.assertLess(difference.mean(), JPEG_MEAN_DIFFERENCE_MAX)
            self.assertLess(difference.max(), JPEG_PIXEL_DIFFERENCE_MAX)

    def test_jpeg_in_rgb_goes_into_secondary_capture_and_nowhere_else(self):
        stream = acq.as_rgb(acq.jpeg_bytes(acq.picture(32, 48, 3, 1), "4:4:4"))
        for kind, code in (("sc", 0), ("us", 1)):
            with self.subTest(kind):
                folder = self.new_folder(kind)
                write_file(os.path.join(folder, "a.jpg"), stream)
                sidecar = write_file(os.path.join(folder, "a.json"), f'{{"object": "{kind}", "format": "jpeg", "frames": ["a.jpg"]}}')
                done = self.check_done(run_product("encode", sidecar, "--output", folder), code)
                if code == 0:
                    path = done.stdout.strip()
                    self.assertEqual(pydicom.dcmread(path).PhotometricInterpretation, "RGB")
                    check_valid(self, path)
                else:
                    self.assertIn("a.json", done.stderr)

    def test_text_arrives_in_every_kind_of_object(self):
        for kind, name, text in KIND_AND_TEXT:
            for make, suffix in ((acq.raw, "raw"), (acq.jpeg, "jpeg")):
                with self.subTest(kind=kind, text=name, format=suffix):
                    path = self.encode(make(f"{kind}-{name}-{suffix}", kind, frames=2 if "multi" in kind else 1, **text))[0]
                    check_valid(self, path)
                    self.check_text(pydicom.dcmread(path), text)

    def check_text(self, data, text):
        wanted = {
            "PatientName": text["patient"]["name"], "PatientID": text["patient"]["id"], "PatientSex": text["patient"]["sex"],
            "StudyID": text["study"]["id"], "AccessionNumber": text["study"]["accession_number"],
            "StudyDescription": text["study"]["description"], "ReferringPhysicianName": text["study"]["referring_physician"],
            "SeriesDescription": text["series"]["description"], "BodyPartExamined": text["series"]["body_part"],
        }
        for keyword, value in wanted.items():
            self.assertEqual(str(data[keyword].value), value, keyword)
        self.assertEqual(data.BurnedInAnnotation, "NO" if text is acq.RICH_TEXT else "YES")
        if text is acq.RICH_TEXT:
            self.assertEqual(data.get("SpecificCharacterSet", ""), "")
            self.assertEqual((data.ContentDate, data.ContentTime, data.TimezoneOffsetFromUTC), ("20240229", "235959.5", "+0100"))
            self.assertEqual((data.StudyInstanceUID, data.SeriesInstanceUID), ("1.2.3.4.5", "1.2.3.4.5.6"))
            self.assertEqual((data.SeriesNumber, data.InstanceNumber), (3, 7))
        else:
            self.assertEqual(data.SpecificCharacterSet, "ISO_IR 192")

    def test_dcmtk_reads_utf8_text(self):
        path = self.encode(acq.raw("umlaut", "sc", **acq.FOREIGN_TEXT))[0]
        _, said = check_with(self, ["dcmdump", "--search", "PatientName", "--search", "SeriesDescription"], path)
        self.assertIn("Wang^XiaoDong=王^小东", said)
        self.assertIn("超声检查 肝脏", said)

    def test_an_acquisition_that_ends_after_its_first_frame_is_valid(self):
        agent = Agent(self, {})
        for name, photometric, bits, samples in (("byte", "MONOCHROME2", 8, 1), ("word", "MONOCHROME2", 16, 1), ("color", "RGB", 8, 3)):
            with self.subTest(name):
                done = self.check_done(run_product(
                    "acquire", "--config", agent.config_path, "--object", "sc-multiframe", "--rows", "8", "--columns", "8",
                    "--photometric", photometric, "--bits-allocated", str(bits), "--frame-time-ms", "40", input=b"x" * (64 * samples * bits // 8), text=False))
                path = agent.object_path(re.search(r"accepted ([0-9.]+)", done.stdout.decode())[1])
                check_valid(self, path)
                data = pydicom.dcmread(path)
                self.assertEqual((int(data.NumberOfFrames), data.BurnedInAnnotation.strip(), data.Rows), (1, "YES", 8))
                self.assertNotIn("FrameIncrementPointer", data)
                self.assertEqual(data.PixelData, b"x" * (64 * samples * bits // 8))

    def test_the_config_says_what_the_device_is(self):
        config = write_file(os.path.join(self.folder, "agent.toml"),
                            'aet = "A"\n[spool]\npath = "/nowhere"\n[device]\nmanufacturer = "Größe GmbH"\nmodel_name = "M1"\n'
                            'serial_number = "123"\nstation_name = "ROOM1"\ninstitution_name = "Spital Zürich"\n'
                            '[[destination]]\nname = "pacs"\naddress = "PACS@192.0.2.7:104"\n')
        path = self.encode(acq.raw("device", "us"), "--config", config)[0]
        check_valid(self, path)
        data = pydicom.dcmread(path)
        self.assertEqual((data.Manufacturer, data.ManufacturerModelName, data.DeviceSerialNumber, data.StationName, data.InstitutionName),
                         ("Größe GmbH", "M1", "123", "ROOM1", "Spital Zürich"))


if __name__ == "__main__":
    main()
