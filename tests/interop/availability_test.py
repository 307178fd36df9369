# SPDX-License-Identifier: Apache-2.0
"""`ian` tells which objects are there, and where: a peer that keeps to PS3.4 R, since DCMTK and Orthanc have none."""

import os

import pydicom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import acquisitions as acq
from dimse_peer import AVAILABILITY, MPPS, Availability, Field, Peer
from peers import StoreScp
from product import InteropCase, json_lines, main, run_product

# PS3.4 table R.3.2-1: what the SCU must give, and with a value.
OF_INSTANCE = {"ReferencedSOPClassUID", "ReferencedSOPInstanceUID", "InstanceAvailability", "RetrieveAETitle"}


class AvailabilityTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.notices = Availability()
        self.listener = Peer(self, self.notices, aet="RIS")

    def made(self, name, kind=None):
        folder = self.new_folder(name)
        self.check_done(run_product("encode", (kind or acq.raw(name, "us", frames=3)).write(os.path.join(self.folder, "in", name)), "--output", folder))
        return folder

    def tell(self, *words, code=0):
        return self.check_done(run_product("ian", "--retrieve-aet", "ARCHIVE", self.listener.address, *words), code)

    def test_each_study_is_told_of_with_all_that_is_in_it(self):
        folders = [self.made("one"), self.made("two", acq.raw("two", "us-multiframe", frames=2))]
        expected = {}
        for folder in folders:
            for name in os.listdir(folder):
                data = pydicom.dcmread(os.path.join(folder, name))
                expected.setdefault(data.StudyInstanceUID, set()).add((data.SeriesInstanceUID, data.SOPClassUID, data.SOPInstanceUID))
        self.assertEqual(len(expected), 2)
        told = json_lines(self.tell("--json", "--availability", "NEARLINE", *folders).stdout)
        self.assertEqual({one["study_instance_uid"]: one["objects"] for one in told}, {study: len(objects) for study, objects in expected.items()})
        self.assertEqual({one["sop_instance_uid"] for one in told}, set(self.notices.notices))
        self.assertEqual(len(self.listener.associations), 1)
        for notice in self.notices.notices.values():
            self.assertEqual({element.keyword for element in notice}, {"ReferencedPerformedProcedureStepSequence", "StudyInstanceUID", "ReferencedSeriesSequence"})
            self.assertEqual(len(notice.ReferencedPerformedProcedureStepSequence), 0)
            found = set()
            for series in notice.ReferencedSeriesSequence:
                for instance in series.ReferencedSOPSequence:
                    self.assertEqual({element.keyword for element in instance}, OF_INSTANCE)
                    self.assertEqual((instance.InstanceAvailability, instance.RetrieveAETitle), ("NEARLINE", "ARCHIVE"))
                    found.add((series.SeriesInstanceUID, instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID))
            self.assertEqual(found, expected[notice.StudyInstanceUID])

    def test_the_procedure_step_is_the_one_that_the_objects_name_or_the_one_that_is_given(self):
        folder = self.made("one")
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            data, step = pydicom.dcmread(path), Dataset()
            step.ReferencedSOPClassUID, step.ReferencedSOPInstanceUID = MPPS, "1.2.3.4"
            data.ReferencedPerformedProcedureStepSequence = Sequence([step])
            data.save_as(path)
        for words, uid in (([], "1.2.3.4"), (["--step", "1.2.3.5"], "1.2.3.5")):
            with self.subTest(uid):
                self.notices.notices.clear()
                self.assertIn("3 objects ONLINE at ARCHIVE", self.tell(folder, *words).stdout)
                [notice] = self.notices.notices.values()
                [step] = notice.ReferencedPerformedProcedureStepSequence
                self.assertEqual((step.ReferencedSOPClassUID, step.ReferencedSOPInstanceUID), (MPPS, uid))
                self.assertEqual(len(step.PerformedWorkitemCodeSequence), 0)

    def test_what_is_refused_is_said_of_its_study_and_the_next_one_is_told(self):
        folders = [self.made("one"), self.made("two")]
        refused = str(pydicom.dcmread(os.path.join(folders[0], os.listdir(folders[0])[0])).StudyInstanceUID)
        self.listener.on(Field.N_CREATE, lambda message: 0x0110 if message.data_set.StudyInstanceUID == refused else 0, AVAILABILITY)
        done = self.tell("--json", *folders, code=1)
        self.assertIn(f"study {refused}: ", done.stderr)
        self.assertIn("0110H", done.stderr)
        self.assertEqual(len(json_lines(done.stdout)), 1)

    def test_wrong_words_and_peers_without_the_service_are_named(self):
        folder = self.made("one")
        self.assertIn("--retrieve-aet", run_product("ian", self.listener.address, folder).stderr)
        self.assertIn("--retrieve-aet", run_product("ian", "--retrieve-aet", "A\\B", self.listener.address, folder).stderr)
        self.assertIn("ONLINE", self.tell(folder, "--availability", "SOON", code=2).stderr)
        self.assertIn("--step", self.tell(folder, "--step", "1..2", code=2).stderr)
        self.assertIn("there is no object", self.tell(self.new_folder("empty"), code=1).stderr)
        nobody = self.check_done(run_product("ian", "--retrieve-aet", "ARCHIVE", StoreScp(self).address, folder), 1)
        self.assertIn("does not take requests of this kind", nobody.stderr)


if __name__ == "__main__":
    main()
