# SPDX-License-Identifier: Apache-2.0
"""`find` and `worklist` show what an archive and a worklist have: DCMTK's dcmqrscp and wlmscpfs, and Orthanc."""

import os
import struct

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

from dimse_peer import VERIFICATION, Answer, Field, Peer, make_command
from dimse_wire import NO_DATA_SET, P_DATA, RESPONSE, encode_command, encode_data_set, pdu
from peers import Orthanc, QueryArchive, StoreScp, WorklistScp
from product import InteropCase, json_lines, main, run_product

STUDY_ROOT_FIND = b"1.2.840.10008.5.1.4.1.2.2.1"
STUDIES = {"1.2.826.0.1.3680043.10.1": ("Doe^Jane", "4711"), "1.2.826.0.1.3680043.10.2": ("M\u00fcller^J\u00f6rg", "4712")}


def as_file(dataset):
    dataset.is_little_endian, dataset.is_implicit_VR = True, False
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    return dataset


def image(study, name, patient_id):
    made = as_file(Dataset())
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    made.SOPInstanceUID = study + ".1.1"
    made.StudyInstanceUID, made.SeriesInstanceUID = study, study + ".1"
    made.PatientName, made.PatientID = name, patient_id
    made.PatientBirthDate, made.PatientSex = "19800101", "O"
    made.StudyDate, made.StudyTime, made.StudyID, made.AccessionNumber = "20260228", "101500", "S1", "A" + patient_id
    made.Modality, made.SeriesNumber, made.InstanceNumber = "OT", "1", "1"
    return made


def worklist_entry(number, name, modality):
    entry = as_file(Dataset())
    entry.SpecificCharacterSet = "ISO_IR 192"
    entry.PatientName, entry.PatientID = name, str(number)
    entry.PatientBirthDate, entry.PatientSex = "19800101", "O"
    entry.AccessionNumber = f"ACC{number}"
    entry.StudyInstanceUID = f"1.2.826.0.1.3680043.11.{number}"
    entry.RequestedProcedureID = f"RP{number}"
    step = Dataset()
    step.Modality = modality
    step.ScheduledStationAETitle = "SCANNER"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = "20260301", "090000"
    step.ScheduledProcedureStepID = f"SPS{number}"
    entry.ScheduledProcedureStepSequence = Sequence([step])
    return entry


class QueryTest(InteropCase):
    def stored(self, archive):
        for study, (name, patient_id) in STUDIES.items():
            path = os.path.join(self.folder, f"{patient_id}.dcm")
            image(study, name, patient_id).save_as(path, write_like_original=False)
            self.check_done(run_product("send", archive.address, path))
        return archive

    def find(self, archive, *words, code=0):
        done = self.check_done(run_product("find", archive.address, "--json", *words), code)
        return json_lines(done.stdout)

    def check_finds(self, archive):
        found = self.find(archive, "-k", "PatientName", "-k", "StudyInstanceUID", "-k", "PatientID")
        self.assertEqual({match["0020000D"]["Value"][0]: (match["00100010"]["Value"][0]["Alphabetic"], match["00100020"]["Value"][0])
                          for match in found}, STUDIES)
        found = self.find(archive, "--level", "series", "-k", "StudyInstanceUID=1.2.826.0.1.3680043.10.1", "-k", "SeriesInstanceUID")
        self.assertEqual([match["0020000E"]["Value"] for match in found], [["1.2.826.0.1.3680043.10.1.1"]])
        self.assertEqual(self.find(archive, "-k", "PatientID=nobody"), [])
        found = self.find(archive, "--root", "patient", "--level", "patient", "-k", "PatientID=4712", "-k", "PatientName")
        self.assertEqual([match["00100010"]["Value"][0]["Alphabetic"] for match in found], ["M\u00fcller^J\u00f6rg"])
        uids = [f"{word}=1.2.826.0.1.3680043.10.1{end}" for word, end in (("StudyInstanceUID", ""), ("SeriesInstanceUID", ".1"))]
        found = self.find(archive, "--root", "patient", "--level", "image", "-k", "PatientID=4711", "-k", uids[0], "-k", uids[1], "-k", "SOPInstanceUID")
        self.assertEqual([match["00080018"]["Value"] for match in found], [["1.2.826.0.1.3680043.10.1.1.1"]])

    def test_find_in_dcmqrscp(self):
        archive = self.stored(QueryArchive(self))
        self.check_finds(archive)
        self.assertEqual(len(self.find(archive, "--limit", "1")), 1)
        shown = self.check_done(run_product("find", archive.address, "-k", "PatientName=M*", "-k", "StudyInstanceUID")).stdout
        self.assertRegex(shown, r"match 1\n(  .*\n)*  PatientName +M\u00fcller\^J\u00f6rg\n(  .*\n)*\n1 match\n")

    def test_find_in_orthanc(self):
        self.check_finds(self.stored(Orthanc(self)))

    def test_a_worklist_shows_its_procedure_steps(self):
        entries = [worklist_entry(1, "Doe^Jane", "US"), worklist_entry(2, "Wang^Li", "CT")]
        for worklist in (WorklistScp(self, entries), Orthanc(self, worklist=entries, modalities={"SCANFERRY": 9})):
            with self.subTest(worklist.aet):
                self.check_worklist(worklist)

    def check_worklist(self, worklist):
        found = json_lines(self.check_done(run_product("worklist", worklist.address, "--json")).stdout)
        self.assertEqual(sorted(match["00080050"]["Value"][0] for match in found), ["ACC1", "ACC2"])
        shown = self.check_done(run_product("worklist", worklist.address, "-k", "ScheduledProcedureStepSequence[0].Modality=US")).stdout
        for words in ("Doe\\^Jane", "ScheduledProcedureStepSequence\\[0\\].ScheduledProcedureStepStartDate +20260301", "1 match"):
            self.assertRegex(shown, words)
        self.assertNotIn("Wang", shown)

    def test_a_query_may_be_asked_several_times(self):
        archive = QueryArchive(self)
        self.stored(archive)
        done = self.check_done(run_product("find", archive.address, "-k", "PatientID=4711", "--repeat", 3))
        self.assertEqual(done.stdout.count("1 match\n"), 3)

    def test_what_cannot_be_asked_is_said(self):
        for words, said in ((["-k", "PatientNam"], "PatientNam"), (["-k", "StudyDate=soon"], "StudyDate"), (["--level", "frame"], "--level")):
            done = self.check_done(run_product("find", "PACS@127.0.0.1:1", *words), 2)
            self.assertIn(said, done.stderr)
        done = self.check_done(run_product("find", "PACS@127.0.0.1:1"), 1)
        self.assertIn("127.0.0.1:1: Connection refused", done.stderr)

    def test_a_peer_that_does_not_know_queries_is_named(self):
        done = self.check_done(run_product("find", StoreScp(self).address), 1)
        self.assertIn("does not take requests of this kind", done.stderr)

    def test_what_an_archive_has_to_agree_to_is_negotiated(self):
        proposed = []

        def agree_to(mask):
            def answer(value):
                proposed.append(value)
                return value[:-3] + bytes(ours & theirs for ours, theirs in zip(mask, value[-3:]))
            return answer

        match = Dataset()
        match.PatientID = "4711"
        words = ("-k", "PatientID", "--relational", "--combined-times", "--fuzzy")
        agreeing = Peer(self, extended=agree_to(b"\1\1\1")).on(Field.C_FIND, lambda message: iter((Answer(0xFF00, match), Answer(0))))
        self.assertEqual(len(self.find(agreeing, *words)), 1)
        self.assertEqual(proposed, [b"\0\x1b" + STUDY_ROOT_FIND + b"\1\1\1"])
        self.assertEqual(len(self.find(agreeing, "-k", "PatientID", "--fuzzy")), 1)
        self.assertEqual(proposed[1][-3:], b"\0\0\1")
        for mask, named in ((b"\0\1\1", "--relational"), (b"\1\0\1", "--combined-times"), (b"\1\1\0", "--fuzzy")):
            done = self.check_done(run_product("find", Peer(self, extended=agree_to(mask)).address, *words), 1)
            self.assertIn(named, done.stderr)
        self.assertIn("does not agree", self.check_done(run_product("find", QueryArchive(self).address, "--relational"), 1).stderr)
        self.assertEqual(len(self.find(agreeing, "-k", "PatientID")), 1)
        self.assertEqual(len(proposed), 5)

    def test_echoes_between_a_match_and_its_data_set_do_not_end_the_query(self):
        match = Dataset()
        match.PatientID = "4711"

        def pdv(context, control, content):
            return pdu(P_DATA, struct.pack(">IBB", len(content) + 2, context.id, control) + content)

        def find(message):
            association, context = message.association, message.context
            echoes = [{**make_command(Field.C_ECHO, VERIFICATION), "MessageID": number, "CommandDataSetType": NO_DATA_SET} for number in (1, 2)]
            pending = {"CommandField": RESPONSE | Field.C_FIND, "MessageIDBeingRespondedTo": message.command["MessageID"],
                       "AffectedSOPClassUID": message.sop_class, "Status": 0xFF00, "CommandDataSetType": 1}
            association.send_bytes(b"".join(pdv(context, 3, encode_command(command)) for command in (*echoes, pending)))
            for _ in echoes:
                association.read_pdu()
            association.send_bytes(pdv(context, 2, encode_data_set(match, context.syntax)))
            yield Answer(0)

        peer = Peer(self).on(Field.C_FIND, find)
        self.assertEqual([found["00100020"]["Value"] for found in self.find(peer, "-k", "PatientID")], [["4711"]])


if __name__ == "__main__":
    main()
