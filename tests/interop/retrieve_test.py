# SPDX-License-Identifier: Apache-2.0
"""`move` lets archives send: dcmqrscp to storescp. `get` fetches: from dcmqrscp, from Orthanc, and from a peer that does what these never do."""

import os
import shutil
import signal
import subprocess
import time

import pydicom

import acquisitions as acq
from dimse_peer import Answer, Field, Peer
from part10 import data_set_of
from peers import Orthanc, QueryArchive, StoreScp
from product import COMMAND, InteropCase, json_lines, main, run_product, wait_until
from shelf import CANCELLED, PENDING, Shelf, meta_of

STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3"
EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"


class RetrieveCase(InteropCase):
    def made(self, *kinds):
        folder = self.new_folder(f"made-{len(os.listdir(self.folder))}")
        for acquired in kinds or (acq.raw("us", "us", frames=3), acq.raw("cine", "us-multiframe", frames=5)):
            self.check_done(run_product("encode", acquired.write(os.path.join(self.folder, "in", acquired.name)), "--output", folder))
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def study_of(self, path):
        return str(pydicom.dcmread(path).StudyInstanceUID)


class MoveTest(RetrieveCase):
    def setUp(self):
        super().setUp()
        self.receiver = StoreScp(self, aet="RECEIVER")
        self.archive = QueryArchive(self, receivers={"RECEIVER": self.receiver.port, "NOBODY": 9})
        self.sent = self.made()
        self.check_done(run_product("send", self.archive.address, *self.sent))

    def move(self, *words, code=0, to="RECEIVER"):
        return self.check_done(run_product("move", "--json", self.archive.address, "--to", to, *words), code)

    def test_a_study_is_sent_to_whom_it_is_to(self):
        studies = {self.study_of(path) for path in self.sent}
        moved = 0
        for study in studies:
            [report] = json_lines(self.move("-k", f"StudyInstanceUID={study}").stdout)
            self.assertEqual((report["status"], report["failed"]), ("0000", 0))
            moved += report["completed"]
        self.assertEqual(moved, len(self.sent))
        files = self.receiver.files()
        for path in self.sent:
            self.assertTrue(data_set_of(files[str(pydicom.dcmread(path).SOPInstanceUID)]) == data_set_of(path))

    def test_an_image_is_named_by_its_keys(self):
        data = pydicom.dcmread(self.sent[0])
        image = ["--level", "image", "-k", f"StudyInstanceUID={data.StudyInstanceUID}", "-k", f"SeriesInstanceUID={data.SeriesInstanceUID}",
                 "-k", f"SOPInstanceUID={data.SOPInstanceUID}"]
        for words in (image, ["--root", "patient", "-k", f"PatientID={data.PatientID}", *image]):
            self.move(*words)
            files = self.receiver.files()
            self.assertEqual(list(files), [str(data.SOPInstanceUID)])
            os.remove(files[str(data.SOPInstanceUID)])

    def test_what_goes_wrong_is_said(self):
        study = self.study_of(self.sent[0])
        self.assertIn("does not know the AE title", self.move("-k", f"StudyInstanceUID={study}", to="STRANGER", code=1).stderr)
        done = self.move("-k", f"StudyInstanceUID={study}", to="NOBODY", code=1)
        self.assertIn("status", done.stderr)
        nobody = run_product("move", self.receiver.address, "--to", "X", "-k", "StudyInstanceUID=1.2")
        self.assertEqual(nobody.returncode, 1)
        self.assertIn("does not take requests of this kind", nobody.stderr)
        self.assertEqual(run_product("move", self.archive.address, "--to", "A\\B", "-k", "StudyInstanceUID=1.2").returncode, 2)

    def test_enough_is_enough(self):
        cancelled = []

        def move(message):
            for done in range(1, 20):
                yield Answer(PENDING, None, Shelf.counts(done, [], 20 - done))
                time.sleep(0.1)
                if message.association.is_cancelled(message.command["MessageID"]):
                    cancelled.append(done)
                    yield Answer(CANCELLED, None, Shelf.counts(done, [], 20 - done))
                    return
            yield Answer(0, None, Shelf.counts(20, []))

        archive = Peer(self, aet="SHELF").on(Field.C_MOVE, move)
        done = self.check_done(run_product("move", "--json", archive.address, "--to", "RECEIVER", "-k", "StudyInstanceUID=1.2", "--cancel-after", "3"))
        [report] = json_lines(done.stdout)
        self.assertEqual(report["status"], "FE00")
        self.assertEqual([report["completed"]], cancelled)

    def test_an_archive_that_never_answers_is_given_up(self):
        archive = Peer(self, aet="SHELF").on(Field.C_MOVE, lambda message: time.sleep(3) or 0)
        done = run_product("move", archive.address, "--to", "RECEIVER", "-k", "StudyInstanceUID=1.2", "--timeout", "0.5")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no progress within the time allowed", done.stderr)


class GetTest(RetrieveCase):
    def setUp(self):
        super().setUp()
        self.out = os.path.join(self.folder, "fetched")

    def get(self, address, *words, code=0):
        """The lines of the objects, and the last one; and what was said."""
        done = self.check_done(run_product("get", "--json", address, self.out, *words), code)
        *objects, report = json_lines(done.stdout)
        return objects, report, done.stderr

    def shelf(self, paths=None, **options):
        shelf = Shelf(paths or self.made(), **options)
        syntaxes = {str(meta_of(path).TransferSyntaxUID) for path in shelf.paths}
        self.peer = Peer(self, aet="SHELF", syntaxes=[*syntaxes, EXPLICIT, IMPLICIT]).on(Field.C_GET, shelf.get)
        return shelf

    def orthanc(self):
        return Orthanc(self, modalities={"SCANFERRY": 9})    # it lets nobody fetch whom it does not know

    def files(self):
        return sorted(os.path.join(folder, name) for folder, _, names in os.walk(self.out) for name in names)

    def check_fetched(self, objects, paths):
        self.assertEqual(sorted(one["file"] for one in objects), self.files())
        fetched = {one["sop_instance_uid"]: one for one in objects}
        self.assertEqual(set(fetched), {str(meta_of(path).MediaStorageSOPInstanceUID) for path in paths})
        for path in paths:
            meta = meta_of(path)
            one = fetched[str(meta.MediaStorageSOPInstanceUID)]
            self.assertTrue(data_set_of(one["file"]) == data_set_of(path), path)
            self.assertEqual((one["sop_class_uid"], one["transfer_syntax_uid"]), (meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID))

    def check_archive(self, archive):
        sent = self.made()
        self.check_done(run_product("send", archive.address, *sent))
        for study in {self.study_of(path) for path in sent}:
            objects, report, _ = self.get(archive.address, "-k", f"StudyInstanceUID={study}")
            self.assertEqual((report["status"], report["failed"], report["completed"]), ("0000", 0, len(objects)))
            self.check_fetched(objects, [path for path in sent if self.study_of(path) == study])
            shutil.rmtree(self.out)
        data = pydicom.dcmread(sent[0])
        image = ["--level", "image", "-k", f"StudyInstanceUID={data.StudyInstanceUID}", "-k", f"SeriesInstanceUID={data.SeriesInstanceUID}",
                 "-k", f"SOPInstanceUID={data.SOPInstanceUID}"]
        for words in (image, ["--root", "patient", "-k", f"PatientID={data.PatientID}", *image]):
            objects, _, _ = self.get(archive.address, *words)
            self.check_fetched(objects, sent[:1])
            shutil.rmtree(self.out)

    def test_a_study_comes_from_dcmqrscp(self):
        archive = QueryArchive(self)
        self.check_archive(archive)
        objects, report, said = self.get(archive.address, "-k", "StudyInstanceUID=1.2.3.4.5.6", code=1)
        self.assertEqual((objects, report["status"]), ([], "0000"))
        self.assertIn("has nothing of that", said)

    def test_a_study_comes_from_orthanc(self):
        archive = self.orthanc()
        self.check_archive(archive)
        _, report, _ = self.get(archive.address, "-k", "StudyInstanceUID=1.2.3.4.5.6", code=1)
        self.assertEqual(report["status"], "C000")    # what it does not have it calls no query

    def test_compressed_objects_come_as_they_are_stored(self):
        sent = self.made(acq.jpeg("photo", "us", subsampling="4:2:0"))
        study = self.study_of(sent[0])
        named = ["--transfer-syntax", "JPEGBaseline8Bit"]
        # dcmqrscp sends in the first context of a SOP class, whatever the others are for; Orthanc looks for the one that fits.
        one = [named, ["--one-context"], ["--one-context", "--modality", "US"]]
        several = [named, [], ["--modality", "US"], ["--sop-class", "UltrasoundImageStorage"]]
        for archive, choices in ((QueryArchive(self, "+xy"), one), (self.orthanc(), several)):
            self.check_done(run_product("send", archive.address, *sent))
            for words in choices:
                with self.subTest(archive.aet, words=words):
                    shutil.rmtree(self.out, ignore_errors=True)
                    objects, _, _ = self.get(archive.address, "-k", f"StudyInstanceUID={study}", *words)
                    self.check_fetched(objects, sent)

    def test_files_are_named_as_asked_and_a_second_time_nothing_is_written_twice(self):
        shelf = self.shelf()
        for is_known in (False, True):
            objects, _, _ = self.get(self.peer.address, "-k", "StudyInstanceUID=1.2", "--pattern", "{modality}/{sop_instance_uid}")
            self.assertEqual({one["known"] for one in objects}, {is_known})
        self.assertEqual({os.path.relpath(path, self.out) for path in self.files()},
                         {f"US/{meta_of(path).MediaStorageSOPInstanceUID}" for path in shelf.paths})

    def test_what_the_archive_could_not_send_is_named(self):
        paths = self.made()
        lost = str(meta_of(paths[0]).MediaStorageSOPInstanceUID)
        self.shelf(paths, lost=[lost])
        objects, report, said = self.get(self.peer.address, "-k", "StudyInstanceUID=1.2", code=1)
        self.check_fetched(objects, paths[1:])
        self.assertEqual((report["status"], report["failed"], report["failed_instances"]), ("B000", 1, [lost]))
        self.assertIn(f"{lost}: not sent", said)

    def test_an_archive_is_not_believed_that_sent_more_than_came(self):
        self.shelf(claims=2)
        _, _, said = self.get(self.peer.address, "-k", "StudyInstanceUID=1.2", code=1)
        self.assertRegex(said, r"says that it sent \d+ objects, but only \d+ came")

    def test_enough_is_enough(self):
        shelf = self.shelf(self.made(acq.raw("many", "us", frames=8)), pause=lambda: time.sleep(0.2))
        objects, report, _ = self.get(self.peer.address, "-k", "StudyInstanceUID=1.2", "--cancel-after", "2")
        self.assertTrue(shelf.was_cancelled)
        self.assertEqual(report["status"], "FE00")
        self.assertGreaterEqual(len(objects), 2)
        self.assertLess(len(objects), 8)

    def test_a_signal_cancels_and_what_came_is_whole(self):
        shelf = self.shelf(self.made(acq.raw("many", "us", frames=40)), pause=lambda: time.sleep(0.2))
        getting = subprocess.Popen([*COMMAND, "get", self.peer.address, self.out, "-k", "StudyInstanceUID=1.2"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop_process, getting)
        wait_until(lambda: shelf.statuses, "the first object to come")
        getting.send_signal(signal.SIGINT)
        _, said = getting.communicate(timeout=60)
        self.assertEqual(getting.returncode, 1, said)
        self.assertIn("cancelled", said)
        self.assertTrue(shelf.was_cancelled)
        self.assertEqual(len(self.files()), len(shelf.statuses))

    def test_an_archive_that_tells_nothing_meanwhile_is_left_after_a_while(self):
        shelf = self.shelf(self.made(acq.raw("many", "us", frames=100)), is_silent=True, pause=lambda: time.sleep(0.2))
        getting = subprocess.Popen([*COMMAND, "get", self.peer.address, self.out, "-k", "StudyInstanceUID=1.2"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop_process, getting)
        wait_until(lambda: shelf.statuses, "the first object to come")
        getting.send_signal(signal.SIGTERM)
        getting.communicate(timeout=60)
        self.assertEqual(getting.returncode, 1)
        self.assertLess(len(shelf.statuses), 100)
        self.assertFalse([name for name in self.files() if name.endswith(".part")])

    def test_what_is_proposed_fits_into_one_association(self):
        self.shelf()
        for words in ([], ["--modality", "CT", "--modality", "RTPLAN"], ["--sop-class", "1.2.3.4"], ["--sop-class", "RawDataStorage"]):
            with self.subTest(words):
                self.get(self.peer.address, "-k", "StudyInstanceUID=1.2", *words, code=1 if words else 0)
                proposal = self.peer.associations[-1].proposal
                stored = {abstract for abstract, _ in proposal.contexts.values()} - {STUDY_ROOT_GET}
                self.assertEqual(proposal.user.roles, {sop_class: (0, 1) for sop_class in stored})
        self.assertEqual(len(stored), 1)
        every = len(proposal.contexts)
        self.assertGreater(every, 40)

    def test_what_does_not_fit_into_one_association_comes_on_others(self):
        paths = self.made()
        rare = ["1.2.840.10008.5.1.4.1.1.88.71", "1.2.840.10008.5.1.4.1.1.79.1"]    # Acquisition Context SR, Macular Grid
        for number, sop_class in enumerate(rare):
            data = pydicom.dcmread(paths[0])
            data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = sop_class
            data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.4.{number}"
            paths.append(os.path.join(self.folder, f"{number}.dcm"))
            data.save_as(paths[-1], write_like_original=False)
        self.shelf(paths)
        objects, report, _ = self.get(self.peer.address, "-k", "StudyInstanceUID=1.2")
        self.check_fetched(objects, paths)
        self.assertEqual((report["status"], report["completed"], report["failed_instances"]), ("0000", len(paths), []))
        self.assertGreater(len(self.peer.associations), 1)

    def test_what_no_association_brings_is_named_once(self):
        paths = self.made()
        lost = str(meta_of(paths[0]).MediaStorageSOPInstanceUID)
        self.shelf(paths, lost=[lost])
        _, report, said = self.get(self.peer.address, "-k", "StudyInstanceUID=1.2", code=1)
        self.assertEqual((report["completed"], report["failed"]), (len(paths) - 1, 1))
        self.assertEqual(said.count(f"{lost}: not sent"), 1)
        proposed = [abstract for association in self.peer.associations for abstract, _ in association.proposal.contexts.values()]
        storage = set(proposed) - {STUDY_ROOT_GET}
        self.assertGreater(len(storage), 150)    # all of the standard, PS3.4 B.5
        self.assertTrue(all(len(association.proposal.contexts) <= 128 for association in self.peer.associations))

    def test_wrong_words_are_named(self):
        for words, expected in ((["--sop-class", "Nothing"], "Nothing"), (["--modality", "XX"], "CR CT"), (["--transfer-syntax", "zip"], "zip"),
                                (["--pattern", "{patient_id}"], "same name"), (["-k", "Nothing=1"], "Nothing")):
            with self.subTest(words):
                done = run_product("get", "A@localhost:1", self.out, "-k", "StudyInstanceUID=1.2", *words)
                self.assertEqual(done.returncode, 2)
                self.assertIn(expected, done.stderr)
        nobody = run_product("get", StoreScp(self).address, self.out, "-k", "StudyInstanceUID=1.2")
        self.assertEqual(nobody.returncode, 1)
        self.assertIn("does not take requests of this kind", nobody.stderr)


if __name__ == "__main__":
    main()
