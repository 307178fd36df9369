# SPDX-License-Identifier: Apache-2.0
"""A peer that does not take objects as they are stored gets them in what it takes, with the same content."""

import os
import zlib

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset

import acquisitions as acq
from part10 import data_set_of
from peers import StoreScp
from product import Agent, InteropCase, json_lines, main, read_bytes, run_product, write_file

CORPUS = os.environ.get("SCANFERRY_CORPUS", "")
IMPLICIT = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
TRANSCODED = (IMPLICIT, "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", BIG_ENDIAN, RLE)
# SOP classes that DCMTK does not know, and pixels that nobody takes apart.
NOT_TAKEN = "does not accept SOP class .* at all|pixels of 1 bits"


def content(data_set):
    """All but what is of the encoding."""
    return {element.tag for element in data_set
            if element.tag != 0xFFFCFFFC and not element.tag.is_private and element.tag.element != 0}


def odd_deflated(path):
    """A deflated file without the byte that makes its length even."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.11", "1.2.826.0.1.3680043.10.8.1"
    made.StudyInstanceUID, made.SeriesInstanceUID, made.Modality = "1.2.826.0.1.3680043.10.8.2", "1.2.826.0.1.3680043.10.8.3", "SR"
    made.is_little_endian, made.is_implicit_VR = True, False
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    for length in range(1, 64):
        made.PatientComments = "".join(chr(32 + number * number % 90) for number in range(length))
        made.save_as(path, write_like_original=False)
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        stream.decompress(data_set_of(path))
        if stream.unused_data:    # pydicom's padding
            write_file(path, read_bytes(path)[:-1])
            return path
    raise AssertionError("no length gives an odd one")


class FallBackTest(InteropCase):
    def check_same(self, sent, arrived):
        """`arrived` is `sent` in Implicit VR Little Endian."""
        before, after = pydicom.dcmread(sent), pydicom.dcmread(arrived)
        self.assertEqual(after.file_meta.TransferSyntaxUID, IMPLICIT)
        self.assertEqual(content(after), content(before))
        for tag in content(before) - {0x7FE00010}:
            if before[tag].VR not in ("OB", "OW", "UN", "SQ", "OF", "OD"):  # whose bytes turn
                self.assertEqual(after[tag].value or None, before[tag].value or None, tag)
        # Of 8-bit pixels in words pydicom reads the big endian ones without their order.
        is_misread = before.file_meta.TransferSyntaxUID == BIG_ENDIAN and before.get("BitsAllocated") == 8
        if "PixelData" in before and before.get("BitsAllocated", 0) >= 8 and not is_misread:
            self.assertTrue((before.pixel_array == after.pixel_array).all())

    def test_the_agent_transcodes_for_a_peer_that_takes_implicit_only(self):
        pacs = StoreScp(self, "--implicit")
        agent = Agent(self, {"pacs": pacs.address}).start()
        kinds = [acq.raw("us", "us", frames=3), acq.raw("cine", "us-multiframe", frames=20, rows=120, columns=160),
                 acq.raw("word", "sc-multiframe", frames=4, bits=(16, 10)), acq.raw("rgb", "sc", photometric="RGB", **acq.FOREIGN_TEXT)]
        for acquired in kinds:
            acquired.write(agent.inbox)
        deliveries = agent.wait_for_stored(sum(acquired.objects for acquired in kinds))
        files = pacs.files()
        for delivery in deliveries:
            uid = delivery["sop_instance_uid"]
            self.check_same(agent.object_path(uid), files[uid])
        self.assertEqual(os.listdir(os.path.join(agent.spool, "incoming")), [])

    def test_what_has_no_codec_is_held_and_says_why(self):
        pacs = StoreScp(self, "--implicit")
        camera = acq.jpeg("us", "us")
        path = self.check_done(run_product("encode", camera.write(os.path.join(self.folder, "in")), "--output", self.folder)).stdout.strip()
        done = self.check_done(run_product("send", pacs.address, path), 1)
        self.assertIn("with transfer syntax 1.2.840.10008.1.2.4.50", done.stderr)

    def test_what_the_peer_takes_is_sent_as_it_is(self):
        pacs = StoreScp(self)
        cine = acq.raw("cine", "us-multiframe", frames=3)
        path = self.check_done(run_product("encode", cine.write(os.path.join(self.folder, "in")), "--output", self.folder)).stdout.strip()
        self.check_done(run_product("send", pacs.address, path))
        [arrived] = pacs.files().values()
        self.assertEqual(pydicom.dcmread(arrived).file_meta.TransferSyntaxUID, pydicom.dcmread(path).file_meta.TransferSyntaxUID)

    def test_a_deflated_data_set_of_odd_length_is_padded(self):
        pacs = StoreScp(self)
        path = odd_deflated(os.path.join(self.folder, "odd.dcm"))
        self.assertEqual(len(data_set_of(path)) % 2, 1)
        self.check_done(run_product("send", pacs.address, path))
        [arrived] = pacs.files().values()
        self.assertTrue(data_set_of(arrived) == data_set_of(path) + b"\0")    # PS3.5 A.5

    def test_corpus(self):
        if not CORPUS:
            self.skipTest("SCANFERRY_CORPUS does not name a corpus")
        pacs = StoreScp(self, "--implicit")
        sent = {}
        for folder, _, names in os.walk(os.path.join(CORPUS, "valid")):
            for name in names:
                path = os.path.join(folder, name)
                try:
                    meta = pydicom.filereader.read_file_meta_info(path)
                    if meta.TransferSyntaxUID in TRANSCODED and meta.MediaStorageSOPClassUID != "1.2.840.10008.1.3.10":
                        sent[path] = str(meta.MediaStorageSOPInstanceUID)
                except Exception:  # pydicom throws what it likes
                    pass
        compared = 0
        for path, uid in sorted(sent.items()):
            with self.subTest(os.path.basename(path)):
                done = run_product("send", "--json", pacs.address, path)
                [report] = json_lines(done.stdout) or [{"stored": False, "comment": done.stderr}]
                if not report["stored"]:
                    self.assertRegex(report["comment"], NOT_TAKEN)
                    continue
                self.check_same(path, pacs.files()[uid])
                os.remove(pacs.files()[uid])
                compared += 1
        self.assertGreater(compared, 0)


if __name__ == "__main__":
    main()
