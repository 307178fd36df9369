# SPDX-License-Identifier: Apache-2.0
"""`mpps` tells an information system what is being done: a peer that keeps to PS3.4 F, since DCMTK and Orthanc have none."""

import json
import os

import pydicom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import acquisitions as acq
from dimse_peer import Mpps, Peer
from peers import WorklistScp
from product import InteropCase, main, run_product, write_file
from query_test import worklist_entry

WORKLIST_ITEM = {
    "00080050": {"vr": "SH", "Value": ["A7"]},
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "M\u00fcller^J\u00f6rg"}]},
    "00100020": {"vr": "LO", "Value": ["4711"]},
    "0020000D": {"vr": "UI", "Value": ["1.2.3.4"]},
    "00400100": {"vr": "SQ", "Value": [{"00080060": {"vr": "CS", "Value": ["US"]}, "00400009": {"vr": "SH", "Value": ["S1"]}}]},
    "00401001": {"vr": "SH", "Value": ["R1"]},
}


def reference(sop_class, instance):
    made = Dataset()
    made.ReferencedSOPClassUID, made.ReferencedSOPInstanceUID = sop_class, instance
    return made


def code(value, scheme, meaning):
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made


class ProcedureStepTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.mpps = Mpps()
        self.ris = Peer(self, self.mpps, aet="RIS")

    def tell(self, *words, code=0):
        return self.check_done(run_product("mpps", words[0], self.ris.address, *words[1:]), code)

    def start(self, *words):
        return self.tell("start", *words).stdout.strip()

    def test_a_step_begins_and_ends_with_what_was_made(self):
        item = write_file(os.path.join(self.folder, "item.json"), json.dumps(WORKLIST_ITEM))
        uid = self.start("--aet", "CART1", "--worklist", item, "-k", "PerformedLocation=Room 3")
        step = self.mpps.steps[uid]
        self.assertEqual((step.PerformedProcedureStepStatus, step.PerformedStationAETitle, step.Modality), ("IN PROGRESS", "CART1", "US"))
        self.assertEqual((str(step.PatientName), step.PatientID, step.PerformedLocation), ("M\u00fcller^J\u00f6rg", "4711", "Room 3"))
        scheduled = step.ScheduledStepAttributesSequence[0]
        self.assertEqual((scheduled.StudyInstanceUID, scheduled.AccessionNumber, scheduled.RequestedProcedureID, scheduled.ScheduledProcedureStepID),
                         ("1.2.3.4", "A7", "R1", "S1"))
        made = self.new_folder("made")
        self.check_done(run_product("encode", acq.raw("us", "us", frames=3).write(os.path.join(self.folder, "in")), "--output", made))
        self.tell("complete", uid, made)
        self.assertEqual(step.PerformedProcedureStepStatus, "COMPLETED")
        [series] = step.PerformedSeriesSequence
        self.assertEqual({image.ReferencedSOPInstanceUID + ".dcm" for image in series.ReferencedImageSequence}, set(os.listdir(made)))
        shown = json.loads(self.tell("show", uid, "--json").stdout)
        self.assertEqual(shown["00400252"]["Value"], ["COMPLETED"])
        done = self.tell("discontinue", uid, code=1)
        self.assertIn("may no longer be updated", done.stderr)

    def test_all_that_was_scheduled_is_carried_over(self):
        entry = worklist_entry(7, "M\u00fcller^J\u00f6rg", "CT")
        entry.ReferencedStudySequence = Sequence([reference("1.2.840.10008.3.1.2.3.1", "1.2.3.4.5")])
        entry.ReferencedPatientSequence = Sequence([reference("1.2.840.10008.3.1.2.1.1", "1.2.3.4.6")])
        entry.RequestedProcedureCodeSequence = Sequence([code("CTH", "99LOCAL", "Sch\u00e4del")])
        entry.ScheduledProcedureStepSequence[0].ScheduledProtocolCodeSequence = Sequence([code("P1", "99LOCAL", "Nativ"), code("P2", "99LOCAL", "Kontrast")])
        worklist = WorklistScp(self, [entry])
        line = self.check_done(run_product("worklist", worklist.address, "--json")).stdout
        told = write_file(os.path.join(self.folder, "item.json"), line)
        entry.save_as(os.path.join(self.folder, "item.dcm"))
        for item in (told, os.path.join(self.folder, "item.dcm")):
            with self.subTest(item):
                step = self.mpps.steps[self.start("--worklist", item)]
                self.assertEqual((str(step.PatientName), step.Modality), ("M\u00fcller^J\u00f6rg", "CT"))
                self.assertEqual(step.ReferencedPatientSequence, entry.ReferencedPatientSequence)
                [scheduled] = step.ScheduledStepAttributesSequence
                self.assertEqual(scheduled.ReferencedStudySequence, entry.ReferencedStudySequence)
                self.assertEqual(scheduled.RequestedProcedureCodeSequence, entry.RequestedProcedureCodeSequence)
                self.assertEqual(scheduled.ScheduledProtocolCodeSequence, entry.ScheduledProcedureStepSequence[0].ScheduledProtocolCodeSequence)
                self.assertEqual((scheduled.AccessionNumber, scheduled.ScheduledProcedureStepID), ("ACC7", "SPS7"))

    def test_what_is_no_image_is_listed_apart_and_each_object_once(self):
        made = self.new_folder("made")
        self.check_done(run_product("encode", acq.raw("us", "us").write(os.path.join(self.folder, "in")), "--output", made))
        [name] = os.listdir(made)
        report = pydicom.dcmread(os.path.join(made, name))
        report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
        report.SOPInstanceUID = report.file_meta.MediaStorageSOPInstanceUID = "1.2.3.9"
        report.SeriesInstanceUID, report.ProtocolName, report.OperatorsName = "1.2.3.8", "Bericht", "M\u00fcller^A"
        report.SpecificCharacterSet = "ISO_IR 100"
        del report.PixelData, report.Rows, report.Columns
        report.save_as(os.path.join(made, "report.dcm"))
        uid = self.start()
        self.tell("complete", uid, made, os.path.join(made, "report.dcm"))
        series = {one.SeriesInstanceUID: one for one in self.mpps.steps[uid].PerformedSeriesSequence}
        self.assertEqual(len(series), 2)
        other = series.pop("1.2.3.8")
        self.assertEqual((len(other.ReferencedImageSequence), other.ProtocolName, str(other.OperatorsName)), (0, "Bericht", "M\u00fcller^A"))
        self.assertEqual([one.ReferencedSOPInstanceUID for one in other.ReferencedNonImageCompositeSOPInstanceSequence], ["1.2.3.9"])
        [images] = series.values()
        self.assertEqual((len(images.ReferencedImageSequence), len(images.ReferencedNonImageCompositeSOPInstanceSequence)), (1, 0))

    def test_files_without_an_object_complete_nothing(self):
        uid = self.start()
        done = self.tell("complete", uid, self.new_folder("empty"), code=2)
        self.assertIn("there is no object", done.stderr)
        self.assertEqual(self.mpps.steps[uid].PerformedProcedureStepStatus, "IN PROGRESS")

    def test_a_step_is_given_up_for_a_reason(self):
        for reason, expected in (("110505", ("110505", "DCM", "Patient refused to continue procedure")), ("X1:99LOCAL:Sonstiges: Feueralarm", ("X1", "99LOCAL", "Sonstiges: Feueralarm"))):
            with self.subTest(reason):
                uid = self.start()
                self.tell("discontinue", uid, "--reason", reason)
                [why] = self.mpps.steps[uid].PerformedProcedureStepDiscontinuationReasonCodeSequence
                self.assertEqual((why.CodeValue, why.CodingSchemeDesignator, why.CodeMeaning), expected)
        for wrong in ("110599", "a:b", "a::b", ":b:c", "a:b:"):
            done = self.tell("discontinue", uid, "--reason", wrong, code=2)
            self.assertIn("110505  Patient refused", done.stderr)

    def test_a_step_is_given_up(self):
        uid = self.start()
        self.tell("discontinue", uid)
        self.assertEqual(self.mpps.steps[uid].PerformedProcedureStepStatus, "DISCONTINUED")
        self.assertEqual(len(self.mpps.steps[uid].PerformedSeriesSequence), 0)

    def test_what_the_information_system_refuses_is_said(self):
        uid = self.start("--uid", "1.2.3.5")
        self.assertEqual(uid, "1.2.3.5")
        self.assertIn("has an instance with this UID already", self.tell("start", "--uid", uid, code=1).stderr)
        self.assertIn("does not know the instance", self.tell("complete", "1.2.3.6", code=1).stderr)
        self.assertEqual(run_product("mpps", "complete", self.ris.address, "no-uid").returncode, 2)
        self.assertEqual(run_product("mpps", "start", self.ris.address, "-k", "Nothing=1").returncode, 2)


if __name__ == "__main__":
    main()
