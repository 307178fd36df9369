# SPDX-License-Identifier: Apache-2.0
"""`mpps` tells an information system what is being done: a peer that keeps to PS3.4 F, since DCMTK and Orthanc have none."""

import json
import os

import acquisitions as acq
from dimse_peer import Mpps, Peer
from product import InteropCase, main, run_product, write_file

WORKLIST_ITEM = {
    "00080050": {"vr": "SH", "Value": ["A7"]},
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "M\u00fcller^J\u00f6rg"}]},
    "00100020": {"vr": "LO", "Value": ["4711"]},
    "0020000D": {"vr": "UI", "Value": ["1.2.3.4"]},
    "00400100": {"vr": "SQ", "Value": [{"00080060": {"vr": "CS", "Value": ["US"]}, "00400009": {"vr": "SH", "Value": ["S1"]}}]},
    "00401001": {"vr": "SH", "Value": ["R1"]},
}


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
