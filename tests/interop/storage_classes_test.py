# SPDX-License-Identifier: Apache-2.0
"""Every storage SOP class in several transfer syntaxes: more presentation contexts than one association has (PS3.8 9.3.2.2: 128). What
is a storage SOP class pydicom says, not the product."""

import os

import pydicom
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset, FileMetaDataset

from dimse_peer import EXPLICIT, IMPLICIT, Field, Peer
from part10 import data_set_of
from peers import StoreScp
from product import InteropCase, json_lines, main, run_product
from receiver import Receiver
from shelf import Shelf

JPEG, RLE = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.5"
STUDY = "1.2.826.0.1.3680043.10.7"

# The names of these say storage too: directories, print and commitment.
OTHER_NAMES = ("Directory", "Print", "Hardcopy", "Commitment")
# Of the Non-Patient Object Storage Service Class, PS3.4 GG: DCMTK's storescp takes none of them, whatever it is told.
OF_NO_PATIENT = [f"1.2.840.10008.5.1.4.{end}" for end in ("1.1.200.1", "1.1.200.3", "1.1.200.7", "38.1", "39.1", "43.1", "44.1", "45.1")]


def storage_classes():
    return [uid for uid, (name, kind, _, retired, _) in sorted(UID_dictionary.items())
            if kind == "SOP Class" and "Storage" in name and not retired and not any(other in name for other in OTHER_NAMES)]


def write_object(folder, sop_class, syntax, number):
    """Small, and of its kind by name alone: nobody on the way may care for what is in it."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = sop_class, f"{STUDY}.{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID = STUDY, f"{STUDY}.0"
    made.PatientName, made.PatientID, made.StudyID = "Doe^Jane", "4711", "S1"
    made.Modality, made.InstanceNumber = "OT", str(number)
    made.is_little_endian, made.is_implicit_VR = True, syntax == IMPLICIT
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    path = os.path.join(folder, f"{number:04}.dcm")
    made.save_as(path, write_like_original=False)
    return path


class StorageClassesTest(InteropCase):
    def made(self, classes, syntaxes=(EXPLICIT, IMPLICIT, JPEG, RLE)):
        """The folder, and SOP Instance UID -> file. A class comes again after all others have: the worst for who plans in order."""
        folder = self.new_folder("made")
        pairs = [(sop_class, syntax) for syntax in syntaxes for sop_class in classes]
        return folder, {f"{STUDY}.{number}": write_object(folder, *pair, number) for number, pair in enumerate(pairs, 1)}

    def send(self, address, folder, *words):
        done = self.check_done(run_product("send", "--json", *words, address, folder))
        self.assertTrue(all(line["stored"] for line in json_lines(done.stdout)))

    def check_same(self, files, paths):
        self.assertEqual(set(files), set(paths))
        for uid, path in paths.items():
            self.assertTrue(data_set_of(files[uid]) == data_set_of(path), path)

    def test_all_arrive_at_storescp_over_one_association_after_the_other_and_over_several_at_once(self):
        folder, paths = self.made(sorted(set(storage_classes()) - set(OF_NO_PATIENT)))
        for name, words in (("one", []), ("several", ["--parallel", "4"])):
            with self.subTest(name):
                pacs = StoreScp(self, "--promiscuous", "--fork", name=f"storescp-{name}")
                self.send(pacs.address, folder, *words)
                self.check_same(pacs.files(), paths)

    def test_our_own_receiver_takes_all(self):
        folder, paths = self.made(storage_classes())
        receiver = Receiver(self)
        self.send(receiver.address, folder)
        self.check_same(receiver.files(), paths)

    def test_no_association_proposes_too_much_and_all_propose_what_they_can(self):
        folder, paths = self.made(storage_classes())
        peer = Peer(self, syntaxes=[EXPLICIT, IMPLICIT, JPEG, RLE])
        self.send(peer.address, folder)
        self.assertEqual(len(peer.stored), len(paths))
        counts = [len(association.proposal.contexts) for association in peer.associations]
        self.assertGreater(len(counts), 4)
        self.assertTrue(all(125 < count <= 128 for count in counts[:-1]), counts)    # three are for one object and its fall-backs
        self.assertLessEqual(counts[-1], 128)

    def test_all_are_fetched_without_a_word_about_their_classes(self):
        _, paths = self.made(storage_classes(), [EXPLICIT])
        shelf = Shelf(list(paths.values()))
        peer = Peer(self).on(Field.C_GET, shelf.get)
        out = os.path.join(self.folder, "fetched")
        *objects, report = json_lines(self.check_done(run_product("get", "--json", peer.address, out, "-k", f"StudyInstanceUID={STUDY}")).stdout)
        self.assertEqual((report["status"], report["completed"], report["failed"]), ("0000", len(paths), 0))
        self.assertEqual(len(objects), len(paths))
        self.check_same({one["sop_instance_uid"]: one["file"] for one in objects}, paths)


if __name__ == "__main__":
    main()
