# SPDX-License-Identifier: Apache-2.0
"""The tests' own DICOM peer speaks DICOM: DCMTK's programs take it for one of theirs, in both roles; where DCMTK has no program,
its two roles meet each other."""

import os
import subprocess
import threading

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

from dimse_peer import (AVAILABILITY, COMMITMENT, COMMITMENT_INSTANCE, EXPLICIT, IMPLICIT, MPPS, MPPS_RETRIEVE, VERIFICATION, Answer,
                        Availability, Commitment, Ended, Field, Identity, Mpps, Peer, Refused, Reporting, associate, make_command)
from dimse_wire import encode_data_set
from peers import HOST, QueryArchive, StoreScp, free_port
from product import InteropCase, main, read_bytes

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
STUDY_FIND, STUDY_MOVE, STUDY_GET = ("1.2.840.10008.5.1.4.1.2.2." + end for end in "123")
PENDING, CANCELLED = 0xFF00, 0xFE00


def image(number):
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 100"
    made.SOPClassUID, made.SOPInstanceUID = SECONDARY_CAPTURE, f"1.2.826.0.1.3680043.20.{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.826.0.1.3680043.20", "1.2.826.0.1.3680043.20.0"
    made.PatientName, made.PatientID = "M\u00fcller^J\u00f6rg", "4711"
    made.StudyDate = made.StudyTime = made.AccessionNumber = made.StudyID = made.ReferringPhysicianName = ""
    made.SamplesPerPixel, made.PhotometricInterpretation, made.Rows, made.Columns = 1, "MONOCHROME2", 200, 300
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.PixelData = bytes(range(200)) * 300
    return made


def step(status="IN PROGRESS", **values):
    made = Dataset()
    made.PerformedProcedureStepStatus = status
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def commitment_of(*instances, transaction="1.2.3.99"):
    asked = Dataset()
    asked.TransactionUID = transaction
    asked.ReferencedSOPSequence = Sequence([])
    for instance in instances:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = SECONDARY_CAPTURE, instance
        asked.ReferencedSOPSequence.append(item)
    return asked


ECHO = make_command(Field.C_ECHO, VERIFICATION)
COMMIT = make_command(Field.N_ACTION, COMMITMENT, COMMITMENT_INSTANCE, ActionTypeID=1)


class DcmtkAsRequestorTest(InteropCase):
    def run_scu(self, program, peer, *options, path=(), code=0):
        done = subprocess.run([program, "--debug", "-aec", peer.aet, "-aet", "TOOL", *options, HOST, str(peer.port), *path],
                              capture_output=True, timeout=60, check=False, text=True, errors="replace")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def files(self, count=2):
        folder = self.new_folder("images")
        for number in range(count):
            made = image(number)
            made.is_little_endian, made.is_implicit_VR = True, False
            made.file_meta = FileMetaDataset()
            made.file_meta.TransferSyntaxUID = EXPLICIT
            made.save_as(os.path.join(folder, f"{number}.dcm"), write_like_original=False)
        return folder

    def test_echoscu_is_answered_and_what_it_proposed_is_known(self):
        peer = Peer(self)
        self.run_scu("echoscu", peer, "--repeat", "3", "--max-pdu", "8192")
        association = peer.associations[0]
        self.assertEqual((association.proposal.called, association.proposal.calling), ("PEER", "TOOL"))
        self.assertEqual(association.proposal.contexts, {1: (VERIFICATION, [IMPLICIT])})
        self.assertEqual(association.proposal.user.max_pdu, 8192)
        self.assertEqual([message.field for message in peer.received], [Field.C_ECHO] * 3)
        peer.wait_for(lambda: association.ended == "released by the peer", "the release")

    def test_a_peer_that_does_not_take_the_class_or_the_caller_is_understood(self):
        said = self.run_scu("echoscu", Peer(self, accept={MPPS}), code=1)
        self.assertIn("No Acceptable Presentation Contexts", said)
        said = self.run_scu("echoscu", Peer(self, reject=lambda proposal: (1, 1, 3) if proposal.calling == "TOOL" else None), code=1)
        self.assertIn("Calling AE Title Not Recognized", said)

    def test_storescu_stores_in_the_preferred_syntax_with_a_user_identity(self):
        folder = self.files()
        for syntaxes, options in (((EXPLICIT, IMPLICIT), []), ((IMPLICIT,), ["--propose-implicit"])):
            with self.subTest(syntaxes):
                peer = Peer(self, syntaxes=syntaxes, identity_response=b"token")
                said = self.run_scu("storescu", peer, *options, "--user", "service", "--password", "secret", "--pos-response",
                                    "--scan-directories", path=[folder])
                self.assertIn("User Identity", said)
                self.assertEqual(peer.associations[0].proposal.user.identity, Identity(2, b"service", b"secret", True))
                self.assertEqual(len(peer.stored), 2)
                for number in range(2):
                    message = peer.stored[image(number).SOPInstanceUID]
                    self.assertEqual(message.context.syntax, syntaxes[0])
                    self.assertEqual(encode_data_set(message.data_set, EXPLICIT), encode_data_set(image(number), EXPLICIT))
                    if syntaxes[0] == EXPLICIT:
                        self.assertTrue(read_bytes(os.path.join(folder, f"{number}.dcm")).endswith(message.data))

    def find(self, message):
        for number in range(5):
            if message.is_cancelled():
                yield CANCELLED
                return
            match = Dataset()
            match.QueryRetrieveLevel = message.data_set.QueryRetrieveLevel
            match.SpecificCharacterSet = "ISO_IR 192"
            match.PatientName, match.StudyInstanceUID = f"Wang{number}^\u5c0f\u6771", f"1.2.3.{number}"
            yield Answer(PENDING, match)
        yield 0

    def test_findscu_gets_matches_in_fragments_of_any_size(self):
        for options in ({}, {"fragment": 6}, {"together": True}):
            with self.subTest(options):
                peer = Peer(self, **options).on(Field.C_FIND, self.find)
                said = self.run_scu("findscu", peer, "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName", "-k", "StudyInstanceUID")
                self.assertEqual([said.count(f"Wang{number}") for number in range(6)], [1] * 5 + [0])

    def test_findscu_cancels(self):
        def find(message):
            while not message.is_cancelled():
                yield Answer(PENDING, message.data_set)
            yield CANCELLED
        peer = Peer(self).on(Field.C_FIND, find)
        said = self.run_scu("findscu", peer, "-S", "--cancel", "2", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName")
        self.assertIn("0xfe00", said)

    def test_movescu_gets_what_the_handler_sends_to_it(self):
        port = free_port()

        def move(message):
            self.assertEqual(message.command["MoveDestination"], "MOVER")
            association = associate(HOST, port, "MOVER", peer.aet, [SECONDARY_CAPTURE], fragment=1000)
            command, _ = association.request(make_command(Field.C_STORE, SECONDARY_CAPTURE, image(1).SOPInstanceUID), image(1))
            association.release()
            yield Answer(command["Status"], elements={
                "NumberOfCompletedSuboperations": 1, "NumberOfFailedSuboperations": 0, "NumberOfWarningSuboperations": 0})
        peer = Peer(self).on(Field.C_MOVE, move)
        folder = self.new_folder("moved")
        self.run_scu("movescu", peer, "-S", "--port", str(port), "--move", "MOVER", "-od", folder, "-k", "QueryRetrieveLevel=STUDY",
                     "-k", "StudyInstanceUID=1.2.3")
        (moved,) = os.listdir(folder)
        self.assertEqual(pydicom.dcmread(os.path.join(folder, moved)).PixelData, image(1).PixelData)

    def test_getscu_gets_what_the_handler_sends_on_its_association(self):
        def get(message):
            for number in range(2):
                made = image(number)
                store = make_command(Field.C_STORE, SECONDARY_CAPTURE, made.SOPInstanceUID)
                command, _ = message.association.request(store, made)
                self.assertEqual(command["Status"], 0)
                yield Answer(PENDING, elements={"NumberOfRemainingSuboperations": 1 - number, "NumberOfCompletedSuboperations": number + 1,
                                                "NumberOfFailedSuboperations": 0, "NumberOfWarningSuboperations": 0})
            yield Answer(0, elements={"NumberOfCompletedSuboperations": 2, "NumberOfFailedSuboperations": 0,
                                      "NumberOfWarningSuboperations": 0})
        peer = Peer(self).on(Field.C_GET, get)
        folder = self.new_folder("got")
        self.run_scu("getscu", peer, "-S", "-od", folder, "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3")
        self.assertEqual(len(os.listdir(folder)), 2)
        self.assertEqual(peer.associations[0].agreed.roles[SECONDARY_CAPTURE], (0, 1))


class DcmtkAsAcceptorTest(InteropCase):
    def test_storescp_takes_objects_in_fragments_of_any_size(self):
        for options in ({}, {"fragment": 12}, {"together": True}):
            with self.subTest(options):
                scp = StoreScp(self, name=f"storescp-{len(self.logs)}")
                association = associate(HOST, scp.port, scp.aet, contexts=[VERIFICATION, (SECONDARY_CAPTURE, [EXPLICIT])],
                                        identity=Identity(1, b"somebody"), window=(8, 1), roles={SECONDARY_CAPTURE: (1, 0)}, **options)
                self.assertEqual(association.results, {1: 0, 3: 0})
                self.assertIsNone(association.agreed.window)    # DCMTK works one by one
                self.assertEqual(association.request(ECHO)[0]["Status"], 0)
                made = image(1)
                command, data_set = association.request(make_command(Field.C_STORE, SECONDARY_CAPTURE, made.SOPInstanceUID), made)
                self.assertEqual((command["Status"], data_set), (0, None))
                association.release()
                self.assertEqual(association.ended, "released")
                self.assertEqual(pydicom.dcmread(scp.files()[made.SOPInstanceUID]), made)

    def test_dcmqrscp_is_asked_and_gives_objects_on_the_same_association(self):
        archive = QueryArchive(self)
        archived = image(1)
        association = associate(HOST, archive.port, archive.aet, contexts=[SECONDARY_CAPTURE, STUDY_FIND, STUDY_GET],
                                roles={SECONDARY_CAPTURE: (1, 1)})
        self.addCleanup(association.close)
        self.assertEqual(association.agreed.roles, {SECONDARY_CAPTURE: (1, 1)})
        association.request(make_command(Field.C_STORE, SECONDARY_CAPTURE, archived.SOPInstanceUID), archived)
        asked = Dataset()
        asked.QueryRetrieveLevel, asked.StudyInstanceUID, asked.PatientID = "STUDY", archived.StudyInstanceUID, ""
        exchange = association.post(make_command(Field.C_FIND, STUDY_FIND), asked)
        association.wait(exchange)
        self.assertEqual([response.status for response in exchange.responses], [PENDING, 0])
        self.assertEqual(exchange.responses[0].data_set.PatientID, archived.PatientID)
        del asked.PatientID
        command, _ = association.request(make_command(Field.C_GET, STUDY_GET), asked)
        self.assertEqual((command["Status"], command["NumberOfCompletedSuboperations"]), (0, 1))
        self.assertEqual([message.data_set for message in association.received], [archived])
        association.release()

    def test_who_is_not_there_or_ends_it_is_told(self):
        with self.assertRaises(OSError):
            associate(HOST, free_port(), "NOBODY")
        with self.assertRaisesRegex(Refused, "result 1, source 1, reason 1"):
            associate(HOST, StoreScp(self, "--refuse", name="refuses").port, "STORESCP")
        association = associate(HOST, StoreScp(self, "--abort-after", name="aborts").port, "STORESCP", contexts=[SECONDARY_CAPTURE])
        self.addCleanup(association.close)
        with self.assertRaisesRegex(Ended, "aborted by the peer"):
            association.request(make_command(Field.C_STORE, SECONDARY_CAPTURE, image(1).SOPInstanceUID), image(1))


class BothRolesTest(InteropCase):
    def open(self, peer, *contexts, calling="DEVICE", **options):
        association = associate(HOST, peer.port, peer.aet, calling, contexts, **options)
        self.addCleanup(association.close)
        return association

    def status(self, association, *request):
        return association.request(*request)[0]["Status"]

    def test_a_procedure_step_is_made_changed_finished_and_read(self):
        service = Mpps()
        association = self.open(Peer(self, service), MPPS, MPPS_RETRIEVE)
        make, change = (make_command(field, MPPS, "1.2.3") for field in (Field.N_CREATE, Field.N_SET))
        self.assertEqual(self.status(association, change, step()), 0x0112)
        self.assertEqual(self.status(association, make, step("COMPLETED")), 0x0106)
        self.assertEqual(self.status(association, make, step(PatientID="4711", SpecificCharacterSet="ISO_IR 100")), 0)
        self.assertEqual(self.status(association, make, step()), 0x0111)
        self.assertEqual(self.status(association, change, step(PatientName="\u738b^\u6771", SpecificCharacterSet="ISO_IR 192")), 0)
        self.assertEqual(self.status(association, change, step("COMPLETED")), 0)
        command, _ = association.request(change, step("DISCONTINUED"))
        self.assertEqual((command["Status"], command["ErrorID"]), (0x0110, 0xA710))
        read = make_command(Field.N_GET, MPPS_RETRIEVE, "1.2.3", AttributeIdentifierList=[0x00100010, 0x00400252])
        command, found = association.request(read)
        self.assertEqual((command["Status"], command["AffectedSOPInstanceUID"]), (0, "1.2.3"))
        self.assertEqual((found.PatientName, found.PerformedProcedureStepStatus), ("\u738b^\u6771", "COMPLETED"))
        self.assertNotIn("PatientID", found)
        command, found = association.request({**read, "AttributeIdentifierList": [0x00100020, 0x00101030]})
        self.assertEqual((command["Status"], found.PatientID), (0x0001, "4711"))
        self.assertEqual(self.status(association, make_command(Field.N_DELETE, MPPS, "1.2.3")), 0x0211)
        association.release()

    def test_availability_is_noted_once(self):
        service = Availability()
        association = self.open(Peer(self, service), AVAILABILITY)
        notice = make_command(Field.N_CREATE, AVAILABILITY, "1.2.3.4")
        self.assertEqual([self.status(association, notice, commitment_of("1.2.3")) for _ in range(2)], [0, 0x0111])
        self.assertIn("1.2.3.4", service.notices)

    def check_report(self, message, failed=()):
        self.assertEqual((message.field, message.instance), (Field.N_EVENT_REPORT, COMMITMENT_INSTANCE))
        self.assertEqual(message.command["EventTypeID"], 2 if failed else 1)
        self.assertEqual(message.data_set.TransactionUID, "1.2.3.99")
        found = [(item.ReferencedSOPInstanceUID, item.FailureReason) for item in message.data_set.get("FailedSOPSequence", [])]
        self.assertEqual(found, list(failed))

    def commit(self, association):
        self.assertEqual(self.status(association, COMMIT, commitment_of("1.1", "1.2")), 0)

    def test_a_commitment_is_reported_on_the_same_association(self):
        service = Commitment(failed=lambda _, instance: 0x0112 if instance == "1.2" else None)
        peer = Peer(self, service)
        association = self.open(peer, COMMITMENT)
        self.commit(association)
        association.pump(lambda: association.received, "the report")
        self.check_report(association.received[0], [("1.2", 0x0112)])
        peer.wait_for(lambda: service.transactions["1.2.3.99"].is_reported, "the response to the report")
        association.release()

    def test_a_commitment_is_reported_on_the_next_association_for_it(self):
        service = Commitment(Reporting.NEXT)
        peer = Peer(self, service)
        self.commit(self.open(peer, COMMITMENT))
        for options in ({"contexts": [VERIFICATION]}, {"contexts": [COMMITMENT], "calling": "ANOTHER"}):
            other = self.open(peer, *options.pop("contexts"), **options)
            other.release()
            self.assertEqual(other.received, [])
        association = self.open(peer, COMMITMENT)
        association.pump(lambda: association.received, "the report")
        self.check_report(association.received[0])
        association.release()
        self.assertTrue(service.transactions["1.2.3.99"].is_reported)

    def test_a_commitment_is_reported_on_an_association_that_the_peer_opens(self):
        device = Peer(self, aet="DEVICE")
        service = Commitment(Reporting.NEW, requestor=(HOST, device.port, "DEVICE"))
        peer = Peer(self, service)
        self.commit(self.open(peer, COMMITMENT))
        peer.wait_for(lambda: service.transactions["1.2.3.99"].is_reported, "the report")
        self.check_report(device.received[0])
        self.assertEqual(device.associations[0].proposal.user.roles, {COMMITMENT: (0, 1)})

    def test_many_operations_at_once_are_answered_in_reverse_order(self):
        peer = Peer(self, window=(3, 1), hold=3)
        association = self.open(peer, VERIFICATION, window=(0, 1))
        self.assertEqual(association.agreed.window, (3, 1))
        exchanges = [association.post(ECHO) for _ in range(3)]
        for exchange in exchanges:
            self.assertEqual(association.wait(exchange).command["MessageIDBeingRespondedTo"], exchange.command["MessageID"])
        self.assertEqual((peer.associations[0].answered, peer.associations[0].most_held), ([3, 2, 1], 3))
        association.release()

    def test_a_message_may_come_in_pieces_of_any_even_size(self):
        for size in (2, 10, 100, 10_000):
            for together in (False, True):
                options = {"fragment": size, "together": together, "max_pdu": 12_000}
                service = Availability()
                association = self.open(Peer(self, service, **options), AVAILABILITY, **options)
                notice = commitment_of(*(f"1.2.{number}" for number in range(100)))
                self.assertEqual(self.status(association, make_command(Field.N_CREATE, AVAILABILITY, "1.2.3.4"), notice), 0)
                self.assertEqual(service.notices["1.2.3.4"], notice)

    def test_a_window_and_roles_are_granted_only_as_told(self):
        for granted, asked, agreed in ((None, (5, 5), None), ((0, 0), (0, 7), (0, 7)), ((4, 1), (9, 1), (4, 1)), ((4, 1), None, None)):
            self.assertEqual(self.open(Peer(self, window=granted), MPPS, window=asked).agreed.window, agreed)
        for granted, agreed in ((None, {MPPS: (1, 1)}), ({}, {}), ({MPPS: (0, 1)}, {MPPS: (0, 1)})):
            self.assertEqual(self.open(Peer(self, roles=granted), MPPS, roles={MPPS: (1, 1)}).agreed.roles, agreed)

    def test_what_breaks_the_rules_is_told(self):
        peer = Peer(self)
        for data, said in ((b"\x09\0\0\0\0\0", "PDU of type 9"), (b"\x04\0\0\0\0\6\0\0\0\2\5\3", "presentation context 5 was not accepted"),
                           (b"\x04\0\0\0\0\6\0\0\0\2\1\2", "a command where a data set"),
                           (b"\x04\0\0\0\0\7\0\0\0\3\1\1\0", "a fragment of 1 bytes, which is odd")):
            association = self.open(peer, VERIFICATION)
            association.send_bytes(data)
            with self.assertRaisesRegex(Ended, "aborted by the peer: source 2"):
                association.request(ECHO)
            peer.wait_for(lambda: peer.errors, said)
            self.assertIn(said, peer.errors.pop())

    def test_fewer_operations_than_the_peer_collects_are_answered_too(self):
        peer = Peer(self, hold=5)
        self.assertEqual(self.status(self.open(peer, VERIFICATION), ECHO), 0)
        self.assertEqual(peer.associations[0].most_held, 1)

    def test_silence_ends_with_words(self):
        late = threading.Event()
        self.addCleanup(late.set)
        association = self.open(Peer(self).on(Field.C_ECHO, lambda _: 0 if late.wait() else 1), VERIFICATION)
        association.timeout = 0.1
        with self.assertRaisesRegex(TimeoutError, "in vain for the response to C_ECHO"):
            association.request(ECHO)
        association.abort()


if __name__ == "__main__":
    main()
