# SPDX-License-Identifier: Apache-2.0
"""What `json`, `convert`, `edit` and `dump` make of data sets of many makers is what pydicom and DCMTK make of them. Without
SCANFERRY_CORPUS on data that the test makes; with it, on the folders valid, charset, rt and malformed, too."""

import json
import os
import subprocess
import warnings

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

import acquisitions as acq
from product import COMMAND, InteropCase, main, run_product

CORPUS = os.environ.get("SCANFERRY_CORPUS", "")
SYNTAXES = {"implicit": "1.2.840.10008.1.2", "explicit": "1.2.840.10008.1.2.1", "deflated": "1.2.840.10008.1.2.1.99",
            "big-endian": "1.2.840.10008.1.2.2"}

# Heap, stacks and other private memory: a file's elements, and what the program needs anyway.
MEMORY_FACTOR = 24
MEMORY_BYTES = 32 * 1024 * 1024
# What is inflated at most, in a buffer that grows by doubling.
INFLATED_BYTES = 3 * 256 * 1024 * 1024
SECONDS_MAX = 20
# What a defect is told with: the byte, and the path of the element where there is one. A DICOMDIR is not convert's to change.
WHERE = rb"is a DICOMDIR|no DICOM file: .* at byte \d+|deflated data set is cut off, at byte \d+|at byte \d+, in [\w(]"

# pydicom 2.3.1 leaves the escape sequences of ISO 2022 IR 58 in the text and does not know ISO_IR 203.
NOT_PYDICOMS_CHARACTERS = ("derived__cs_ir58.dcm", "derived__cs_latin9.dcm")
# What dcm2json of DCMTK 3.6.7 does not read.
NO_RLE = "is a DICOMDIR|in a way that is not decoded|of 1 bits|are subsampled|'DICM'|no place for|of an icon"
DCM2JSON_REFUSES = "not supported for compressed pixel data|character encoding|extended characters|character set"

warnings.simplefilter("ignore")  # pydicom warns of what the corpus is made of


def corpus_files(*parts):
    return sorted(os.path.join(folder, name) for part in parts for folder, _, names in os.walk(os.path.join(CORPUS, part)) for name in names)


def tags_of(dataset):
    """Nested list of the tags of a pydicom data set, without group lengths, which JSON leaves out."""
    tags = []
    for element in dataset:
        if element.tag.element == 0:
            continue
        name = f"{element.tag.group:04X}{element.tag.element:04X}"
        tags.append((name, [tags_of(item) for item in element.value] if element.VR == "SQ" and element.value else []))
    return tags


def tags_of_json(model):
    return [(name, [tags_of_json(item) for item in member.get("Value", [])] if member["vr"] == "SQ" else [])
            for name, member in sorted(model.items())]


def shape_of_json(model, path=""):
    """Tags, VRs and nesting, in the order of tags."""
    shape = []
    for tag, member in sorted(model.items()):
        shape.append((path + tag, member["vr"]))
        if member["vr"] == "SQ":
            for number, item in enumerate(member.get("Value") or []):
                shape.append((f"{path}{tag}[{number}]", "item"))
                shape += shape_of_json(item or {}, f"{path}{tag}[{number}].")
    return shape


def texts_of(dataset, out, path=""):
    """All text values that a character set affects, decoded by pydicom."""
    for element in dataset:
        here = f"{path}/{element.tag.group:04X}{element.tag.element:04X}"
        if element.VR == "SQ":
            for index, item in enumerate(element.value or []):
                texts_of(item, out, f"{here}[{index}]")
        elif element.VR in ("PN", "LO", "SH", "LT", "ST", "UT", "UC") and element.value:
            values = element.value if isinstance(element.value, pydicom.multival.MultiValue) else [element.value]
            out[here] = [str(value).rstrip(" \0").rstrip("=") for value in values]
    return out


def texts_of_json(model, out, path=""):
    for name, member in model.items():
        here = f"{path}/{name}"
        if member["vr"] == "SQ":
            for index, item in enumerate(member.get("Value", [])):
                texts_of_json(item, out, f"{here}[{index}]")
        elif member["vr"] in ("PN", "LO", "SH", "LT", "ST", "UT", "UC") and "Value" in member:
            values = []
            for value in member["Value"]:
                if isinstance(value, dict):
                    value = "=".join(value.get(group, "") for group in ("Alphabetic", "Ideographic", "Phonetic")).rstrip("=")
                values.append("" if value is None else value)
            out[here] = values
    return out


def of_the_standard(texts):
    return {path: values for path, values in texts.items() if all(int(step[3], 16) % 2 == 0 for step in path.split("/")[1:])}


def example():
    """A data set with every VR, sequences within sequences, private data, and text of three scripts."""
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    data.SOPInstanceUID = "1.2.3.4"
    data.StudyDate, data.StudyTime, data.AcquisitionDateTime = "20240229", "120000.5", "20240229120000.123456+0100"
    data.ImageType = ["DERIVED", "SECONDARY"]
    data.PatientName = "Wang^XiaoDong=王^小东"
    data.PatientID, data.PatientAge, data.PatientComments = "4711", "042Y", "a\\b\r\nc"
    data.PixelSpacing = ["0.50", "1.5E-1"]
    data.InstanceNumber = "-7"
    data.add_new(0x00080119, "UC", ["long", "codes"])
    data.add_new(0x00081190, "UR", "http://example.org/x?y=z")
    data.add_new(0x0040A160, "UT", "Größe\nµ")
    data.add_new(0x00280009, "AT", [0x00181063, 0x00181065])
    data.add_new(0x00280106, "SS", -5)
    data.add_new(0x00186020, "SL", -70000)
    data.add_new(0x00186018, "UL", 70000)
    data.add_new(0x00189328, "FD", 0.1)
    data.add_new(0x00189461, "FL", [1.5, -2.25])
    data.add_new(0x00720082, "SV", -(2 ** 60))
    data.add_new(0x00720083, "UV", 2 ** 63)
    data.add_new(0x00720067, "OF", b"\0\0\x80\x3f")
    data.add_new(0x00720073, "OD", b"\0\0\0\0\0\0\xf0\x3f")
    data.add_new(0x00720075, "OL", b"\1\0\0\0")
    data.add_new(0x00720081, "OV", b"\1\0\0\0\0\0\0\0")
    data.add_new(0x00720069, "OW", b"\1\0\2\0")
    data.add_new(0x00720065, "OB", b"\1\2")
    inner = Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "T-1", "SRT", "Ünterleib"
    outer = Dataset()
    outer.ConceptNameCodeSequence = Sequence([inner])
    data.ContentSequence = Sequence([outer, Dataset()])
    block = data.private_block(0x0009, "SCANFERRY TEST", create=True)
    block.add_new(0x01, "LO", "private")
    block.add_new(0x02, "UN", b"\1\2\3\4")
    data.Rows, data.Columns, data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 2, 2, 16, 12, 11, 0
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.add_new(0x7FE00010, "OW", b"\1\0\2\0\3\0\4\0")
    return data


def write_image(path, pixels):
    """A Secondary Capture of these frames, grey or in colours by pixel."""
    image = Dataset()
    image.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    image.SOPInstanceUID = "1.2.3"
    image.NumberOfFrames, image.Rows, image.Columns = pixels.shape[:3]
    image.SamplesPerPixel = 3 if pixels.ndim == 4 else 1
    if pixels.ndim == 4:
        image.PlanarConfiguration = 0
    image.PhotometricInterpretation = "RGB" if pixels.ndim == 4 else "MONOCHROME2"
    image.BitsAllocated = image.BitsStored = 8 * pixels.itemsize
    image.HighBit = image.BitsStored - 1
    image.PixelRepresentation = 0
    image.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    image["PixelData"].VR = "OW" if pixels.itemsize > 1 else "OB"
    image.is_little_endian, image.is_implicit_VR = True, False
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    image.save_as(path, write_like_original=False)


class InformationModelTest(InteropCase):
    def made_files(self):
        """The example in each encoding, written by pydicom."""
        files = []
        for name, uid in SYNTAXES.items():
            data = example()
            data.file_meta = FileMetaDataset()
            data.file_meta.TransferSyntaxUID = uid
            data.is_implicit_VR = name == "implicit"
            data.is_little_endian = name != "big-endian"
            path = os.path.join(self.folder, name + ".dcm")
            pydicom.dcmwrite(path, data, write_like_original=False)
            files.append(path)
        return files

    def json_model(self, path, bulk="omit"):
        return json.loads(self.check_done(run_product("json", "--compact", "--bulk", bulk, path)).stdout)

    def transfer_syntax(self, path):
        uid = json.loads(self.check_done(run_product("json", "--compact", "--meta", "--bulk", "omit", path)).stdout).get("00020010", {})
        return uid.get("Value", [None])[0]

    def check_elements(self, path):
        """`json` finds the elements that pydicom finds, nested alike."""
        try:
            theirs = tags_of(pydicom.dcmread(path, force=True))
        except Exception as error:  # pydicom throws what it likes
            print(f"{os.path.basename(path)}: pydicom cannot read it: {error}", flush=True)
            return
        self.assertEqual(tags_of_json(self.json_model(path)), theirs)

    def check_encodings(self, path):
        """Written anew in each uncompressed syntax, dcmdump has no complaint, and the content is the same."""
        before = self.json_model(path, "inline")
        before.pop("FFFCFFFC", None)  # trailing padding is of the encoding, not of the content
        done = run_product("convert", path, "--output", os.path.join(self.folder, "x.dcm"), "--transfer-syntax", "explicit")
        if "is a DICOMDIR" in done.stderr:
            return
        if self.transfer_syntax(path) not in (None, *SYNTAXES.values()):  # whose pixels are compressed
            out = os.path.join(self.folder, "own.dcm")
            self.check_done(run_product("convert", path, "--output", out))
            self.assertEqual(self.json_model(out, "inline"), before)
            return
        for name in SYNTAXES:
            out = os.path.join(self.folder, "converted.dcm")
            self.check_done(run_product("convert", path, "--output", out, "--transfer-syntax", name))
            theirs = subprocess.run(["dcmdump", "-q", out], capture_output=True, timeout=60, check=False)
            self.assertEqual((theirs.returncode, theirs.stderr), (0, b""), name)
            after = self.json_model(out, "inline")
            if name == "implicit":  # which says of private data no VR
                self.assertEqual([tag for tag, _ in tags_of_json(after)], [tag for tag, _ in tags_of_json(before)])
            else:
                self.assertEqual(after, before, name)

    def test_elements_and_encodings_of_made_files(self):
        for path in self.made_files():
            with self.subTest(os.path.basename(path)):
                self.check_elements(path)
                self.check_encodings(path)
                self.assertEqual(texts_of_json(self.json_model(path), {}), texts_of(pydicom.dcmread(path), {}))

    def test_json_has_the_values_that_pydicom_has(self):
        ours = self.json_model(self.made_files()[1], "inline")
        theirs = pydicom.dcmread(self.made_files()[1]).to_json_dict(10 ** 9)
        self.assertEqual(set(ours), set(theirs))
        for tag in ours:
            with self.subTest(tag):
                self.assertEqual(ours[tag]["vr"], theirs[tag]["vr"])
                if ours[tag]["vr"] not in ("SV", "UV"):  # strings, where a double could not tell them from their neighbours
                    self.assertEqual(ours[tag].get("Value"), theirs[tag].get("Value"))
                self.assertEqual(ours[tag].get("InlineBinary"), theirs[tag].get("InlineBinary"))

    def test_json_has_the_values_that_dcm2json_has(self):
        path = self.made_files()[1]
        theirs = subprocess.run(["dcm2json", path], capture_output=True, timeout=60, check=True)
        theirs = {tag: member for tag, member in json.loads(theirs.stdout).items() if not tag.startswith("0002")}
        ours = self.json_model(path, "inline")
        self.assertEqual(ours, theirs)

    def test_dcm2json_refuses_compressed_pixels_and_json_does_not(self):
        camera = acq.jpeg("us", "us", subsampling="4:2:0")
        path = self.check_done(run_product("encode", camera.write(os.path.join(self.folder, "in")), "--output", self.folder)).stdout.strip()
        theirs = subprocess.run(["dcm2json", path], capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("not supported for compressed pixel data", theirs.stderr)
        self.assertIn("InlineBinary", self.json_model(path, "inline")["7FE00010"])

    def test_json_is_read_back_to_the_same_file(self):
        for path in self.made_files():
            with self.subTest(os.path.basename(path)):
                model = os.path.join(self.folder, "model.json")
                again = os.path.join(self.folder, "again.dcm")
                canonical = os.path.join(self.folder, "canonical.dcm")
                for bulk in ("inline", "reference"):
                    if bulk == "reference" and "deflated" in path:
                        continue
                    self.check_done(run_product("json", "--meta", "--bulk", bulk, "--inline-max", "2", path, "--output", model))
                    self.check_done(run_product("json", "--read", model, "--output", again))
                    self.check_done(run_product("convert", path, "--output", canonical))
                    self.assertEqual(self.json_model(again, "inline"), self.json_model(canonical, "inline"))

    def test_a_reference_reaches_no_file_that_was_not_allowed(self):
        path = self.made_files()[1]
        elsewhere = os.path.join(self.folder, "elsewhere")
        os.mkdir(elsewhere)
        model = os.path.join(elsewhere, "model.json")
        again = os.path.join(self.folder, "again.dcm")
        self.check_done(run_product("json", "--bulk", "reference", "--inline-max", "2", path, "--output", model))
        done = self.check_done(run_product("json", "--read", model, "--output", again), 1)
        self.assertIn("--bulk-folder", done.stderr)
        self.assertFalse(os.path.exists(again))
        os.symlink(path, os.path.join(elsewhere, os.path.basename(path)))
        with open(model, encoding="utf-8") as text:
            linked = text.read().replace(f"file://{self.folder}/", f"file://{elsewhere}/")
        with open(model, "w", encoding="utf-8") as text:
            text.write(linked)
        self.check_done(run_product("json", "--read", model, "--output", again), 1)
        self.check_done(run_product("json", "--read", model, "--bulk-folder", self.folder, "--output", again))

    def check_rle(self, path):
        """True when `path` has pixels that RLE Lossless has a place for: then dcmdrle finds those that we decode."""
        rle, ours, theirs = (os.path.join(self.folder, name) for name in ("rle.dcm", "ours.dcm", "theirs.dcm"))
        done = run_product("convert", "--transfer-syntax", "rle", path, "--output", rle)
        if done.returncode != 0:
            self.assertRegex(done.stderr, NO_RLE)
            return False
        image = pydicom.dcmread(rle)
        if "PixelData" not in image or image.BitsAllocated == 1:  # in RLE already, and no decoder knows it
            return False
        self.check_done(run_product("convert", "--transfer-syntax", "explicit", rle, "--output", ours))
        subprocess.run(["dcmdrle", rle, theirs], check=True, capture_output=True, timeout=60)
        self.assertEqual(pydicom.dcmread(ours).PixelData, pydicom.dcmread(theirs).PixelData)
        return True

    def test_rle_lossless_is_what_others_make_of_it(self):
        shapes = [("grayscale", np.uint8, (3, 5, 7)), ("grayscale", np.uint16, (2, 6, 4)), ("rgb", np.uint8, (2, 5, 4, 3))]
        for name, kind, shape in shapes:
            with self.subTest(name, shape=shape):
                path = os.path.join(self.folder, "image.dcm")
                pixels = (np.arange(np.prod(shape)) // 3 % 251).astype(kind).reshape(shape)
                write_image(path, pixels)
                self.assertTrue(self.check_rle(path))
                self.assertTrue(np.array_equal(pydicom.dcmread(os.path.join(self.folder, "rle.dcm")).pixel_array, pixels))

    def test_edit_changes_what_it_is_told_and_nothing_else(self):
        for path in self.made_files():
            with self.subTest(os.path.basename(path)):
                out = os.path.join(self.folder, "edited.dcm")
                before = self.json_model(path)
                self.check_done(run_product("edit", path, "--output", out, "-m", "PatientName=Müller^Jörg", "-i", "AccessionNumber=A7",
                                            "-e", "PatientComments", "-m", "ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning=ß",
                                            "-i", "(0009,\"SCANFERRY TEST\",03):DS=1.5\\2"))
                theirs = pydicom.dcmread(out)
                self.assertEqual((str(theirs.PatientName), theirs.AccessionNumber), ("Müller^Jörg", "A7"))
                self.assertEqual(theirs.ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning, "ß")
                self.assertNotIn("PatientComments", theirs)
                after = self.json_model(out)
                for tag in ("00100010", "00080050", "00104000", "0040A730", "00091003"):
                    before.pop(tag, None)
                    after.pop(tag, None)
                self.assertEqual(after, before)

    def test_edit_is_atomic_and_never_in_place_unasked(self):
        path = self.made_files()[1]
        untouched = open(path, "rb").read()
        self.check_done(run_product("edit", path, "-m", "PatientID=1"), 2)
        self.check_done(run_product("edit", "--in-place", path, "-m", "PatientID=1", "-m", "StudyDate=yesterday"), 1)
        self.check_done(run_product("edit", "--in-place", path, "-m", "AccessionNumber=1"), 1)
        self.assertEqual(open(path, "rb").read(), untouched)
        self.check_done(run_product("edit", "--in-place", path, "-m", "PatientID=0815"))
        self.assertEqual(open(path, "rb").read(), untouched.replace(b"4711", b"0815"))
        self.assertEqual([name for name in os.listdir(self.folder) if "partial" in name], [])

    def test_dump_selects_by_path(self):
        path = self.made_files()[1]
        done = self.check_done(run_product("dump", path, "PatientName", "0040A730[0].0040A043[0].CodeMeaning"))
        self.assertIn("[Wang^XiaoDong=王^小东]", done.stdout)
        self.assertIn("# ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning\n(0008,0104) LO [Ünterleib]", done.stdout)
        done = self.check_done(run_product("dump", path, "AccessionNumber"), 1)
        self.assertIn("has no AccessionNumber", done.stderr)
        done = self.check_done(run_product("dump", path, "PatientNam"), 2)
        self.assertIn("PatientNam", done.stderr)

    def need_corpus(self):
        if not CORPUS:
            self.skipTest("SCANFERRY_CORPUS does not name a corpus")

    def test_corpus_elements(self):
        self.need_corpus()
        for path in corpus_files("valid", "charset", "rt"):
            with self.subTest(os.path.basename(path)):
                self.check_elements(path)

    def test_corpus_elements_as_dcm2json_has_them(self):
        self.need_corpus()
        compared = 0
        for path in corpus_files("valid", "charset", "rt"):
            with self.subTest(os.path.basename(path)):
                done = subprocess.run(["dcm2json", path], capture_output=True, timeout=60, check=False)
                if done.returncode != 0:
                    self.assertRegex(done.stderr.decode(errors="replace"), DCM2JSON_REFUSES)
                    continue
                # Of text that is not in its character set it makes what is no UTF-8.
                theirs = {tag: member for tag, member in json.loads(done.stdout.decode(errors="replace")).items() if not tag.startswith("0002")}
                self.assertEqual(shape_of_json(self.json_model(path)), shape_of_json(theirs))
                compared += 1
        self.assertGreater(compared, 0)

    def test_corpus_encodings(self):
        self.need_corpus()
        for path in corpus_files("valid", "charset", "rt"):
            with self.subTest(os.path.basename(path)):
                self.check_encodings(path)

    def test_corpus_rle(self):
        self.need_corpus()
        transcoded = 0
        for path in corpus_files("valid"):
            with self.subTest(os.path.basename(path)):
                transcoded += self.check_rle(path)
        self.assertGreater(transcoded, 0)

    def test_corpus_characters(self):
        self.need_corpus()
        for path in corpus_files("charset"):
            if os.path.basename(path) in NOT_PYDICOMS_CHARACTERS:
                continue
            with self.subTest(os.path.basename(path)):
                theirs = pydicom.dcmread(path)
                theirs.decode()
                # Of some private data pydicom knows the VR.
                self.assertEqual(of_the_standard(texts_of_json(self.json_model(path), {})), of_the_standard(texts_of(theirs, {})))

    def test_corpus_malformed(self):
        self.need_corpus()
        for path in corpus_files("malformed"):
            for words in (("dump", path), ("json", path), ("convert", path, "--output", os.path.join(self.folder, "x.dcm"))):
                with self.subTest(os.path.basename(path), command=words[0]):
                    self.check_survives(path, words)

    def check_survives(self, path, words):
        memory = MEMORY_BYTES + MEMORY_FACTOR * os.path.getsize(path) + (INFLATED_BYTES if "deflate" in path else 0)
        done = subprocess.run(["prlimit", f"--data={memory}", *COMMAND, *words], capture_output=True, timeout=SECONDS_MAX, check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr[-400:])
        if done.returncode == 1:
            self.assertIn(os.path.basename(path).encode(), done.stderr)
            self.assertRegex(done.stderr, WHERE)


if __name__ == "__main__":
    main()
