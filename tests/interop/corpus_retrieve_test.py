# SPDX-License-Identifier: Apache-2.0
"""Files of many makers go to storescp, dcmqrscp and Orthanc and come back, by C-GET and by C-MOVE to our own `receive`. SCANFERRY_CORPUS
names the folder that has them below "valid"."""

import os
import shutil

import pydicom

from dimse_peer import EXPLICIT, IMPLICIT, Field, Peer
from part10 import data_set_of, sent_data_set_of
from peers import Orthanc, QueryArchive, StoreScp, free_port
from product import InteropCase, json_lines, main, run_product
from receiver import Receiver
from shelf import Shelf, meta_of

CORPUS = os.environ.get("SCANFERRY_CORPUS", "")
LEVELS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
# What the peers of Debian 12 do not know. dcmqrscp sends only what is in DCMTK's short list of SOP classes.
NOT_TAKEN = "does not accept SOP class"
NOT_MOVED_BY_DCMQRSCP = ["1.2.840.10008.5.1.4.1.1.30"]    # Parametric Map


def elements(data_set):
    """All but what is of the encoding: group lengths and Data Set Trailing Padding."""
    for element in data_set:
        if element.tag.element != 0 and element.tag != 0xFFFCFFFC:
            yield element.tag, ([list(elements(item)) for item in element.value] if element.VR == "SQ" else element.value)


class CorpusRetrieveTest(InteropCase):
    def setUp(self):
        super().setUp()
        if not CORPUS:
            self.skipTest("SCANFERRY_CORPUS does not name a corpus")
        self.out = os.path.join(self.folder, "fetched")

    def corpus(self, is_wanted=lambda data_set: True):
        """Path and data set of each object that can be asked for: one of each UID, since an archive keeps one."""
        seen = set()
        for name in sorted(os.listdir(os.path.join(CORPUS, "valid"))):
            path = os.path.join(CORPUS, "valid", name)
            data_set = pydicom.dcmread(path, stop_before_pixels=True, force=True)
            named = [data_set.get(word) for word in LEVELS]
            meta = data_set.file_meta
            is_whole = all(uid and uid.is_valid for uid in named) and "MediaStorageSOPClassUID" in meta
            if is_whole and named[2] == meta.get("MediaStorageSOPInstanceUID") and named[2] not in seen and is_wanted(data_set):
                seen.add(named[2])
                yield path, data_set

    def check_says_the_same(self, fetched, path):
        self.assertEqual(list(elements(pydicom.dcmread(fetched))), list(elements(pydicom.dcmread(path))))

    def test_storescp_has_each_byte_for_byte(self):
        pacs = StoreScp(self, "--promiscuous")
        paths = {str(data_set.SOPInstanceUID): path for path, data_set in self.corpus()}
        same = 0
        for one in json_lines(run_product("send", "--json", pacs.address, *paths.values()).stdout):
            path = one["file"]
            with self.subTest(os.path.basename(path)):
                if not one["stored"]:
                    self.assertIn(NOT_TAKEN, one["comment"])
                    continue
                self.assertTrue(data_set_of(pacs.files()[one["sop_instance_uid"]]) == sent_data_set_of(path))
                same += 1
        self.assertGreater(same, 140)

    def test_get_brings_each_byte_for_byte(self):
        fetched = 0
        for path, data_set in self.corpus():
            with self.subTest(os.path.basename(path)):
                shelf = Shelf([path])
                syntax = str(meta_of(path).TransferSyntaxUID)
                peer = Peer(self, syntaxes=[syntax, EXPLICIT, IMPLICIT]).on(Field.C_GET, shelf.get)
                done = run_product("get", "--json", peer.address, self.out, "-k", "StudyInstanceUID=1.2", "--sop-class", data_set.SOPClassUID)
                peer.stop()
                if shelf.statuses != [0]:
                    self.assertEqual(done.returncode, 1)
                    # What it says of itself is no UID, or not what its File Meta Information says.
                    self.assertIn(shelf.statuses, ([0x0117], [0xA900], [0xC000]), syntax)
                    continue
                self.check_done(done)
                [one, _] = json_lines(done.stdout)
                self.assertTrue(data_set_of(one["file"]) == data_set_of(path))
                self.assertEqual(one["transfer_syntax_uid"], syntax)
                fetched += 1
        self.assertGreater(fetched, 150)

    def get(self, archive, data_set, words):
        shutil.rmtree(self.out, ignore_errors=True)
        done = self.check_done(run_product("get", "--json", archive.address, self.out, *words, "--sop-class", data_set.SOPClassUID))
        *objects, report = json_lines(done.stdout)
        self.assertEqual((report["completed"], len(objects)), (1, 1))
        return objects[0]

    def move(self, archive, data_set, words):
        self.receiver.empty()
        is_moved = not (isinstance(archive, QueryArchive) and data_set.SOPClassUID in NOT_MOVED_BY_DCMQRSCP)
        done = self.check_done(run_product("move", "--json", archive.address, "--to", self.receiver.aet, *words), 0 if is_moved else 1)
        [report] = json_lines(done.stdout)
        self.assertEqual((report["completed"], report["failed"]), (1, 0) if is_moved else (0, 1))
        return self.receiver.objects()[str(data_set.SOPInstanceUID)] if is_moved else None

    def check_comes_back(self, archive, is_wanted=lambda data_set: True):
        """Both write anew what they send: group lengths go, and lengths become undefined or the reverse. What it says stays. Gives how
        many the archive has, and of how many it changed the transfer syntax."""
        stored = transcoded = 0
        for number, (path, data_set) in enumerate(self.corpus(is_wanted)):
            with self.subTest(f"{archive.aet} {os.path.basename(path)}"):
                [sent] = json_lines(run_product("send", "--json", archive.address, path).stdout)
                if not sent["stored"]:
                    self.assertIn(NOT_TAKEN, sent["comment"])
                    continue
                stored += 1
                # Each information model with both operations, turn by turn; by patient only what has one.
                roots = ["patient", "study"][::(-1) ** number] if data_set.get("PatientID") else ["study", "study"]
                for root, fetch in zip(roots, (self.get, self.move)):
                    keys = [*(["PatientID"] if root == "patient" else []), *LEVELS]
                    words = [word for key in keys for word in ("-k", f"{key}={data_set[key].value}")]
                    one = fetch(archive, data_set, ["--root", root, "--level", "image", *words])
                    if one:
                        self.check_says_the_same(one["file"], path)
                        transcoded += one["transfer_syntax_uid"] != data_set.file_meta.TransferSyntaxUID
        return stored, transcoded

    def receive(self):
        port = free_port()
        self.receiver = Receiver(self, "--sop-class", "any", port=port)
        return port

    def test_all_come_back_from_dcmqrscp(self):
        archive = QueryArchive(self, receivers={"RECEIVER": self.receive()})
        stored, transcoded = self.check_comes_back(archive, lambda data_set: data_set.file_meta.TransferSyntaxUID in (EXPLICIT, IMPLICIT))
        self.assertGreater(stored, 60)
        self.assertGreater(transcoded, 0)    # it sends in Explicit VR what it has in Implicit

    def test_all_come_back_from_orthanc(self):
        archive = Orthanc(self, modalities={"SCANFERRY": 9, "RECEIVER": self.receive()})
        stored, transcoded = self.check_comes_back(archive)
        self.assertGreater(stored, 140)
        self.assertEqual(transcoded, 0)


if __name__ == "__main__":
    main()
