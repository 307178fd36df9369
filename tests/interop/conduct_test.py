# SPDX-License-Identifier: Apache-2.0
"""What a peer may do to a requestor of ours, at each state of an association: fall silent, abort, close, reset; and answers that are
none. `echo`, `send`, `find`, `get` and `commit` each end in time, say what happened and who did it, and believe nothing."""

import concurrent.futures
import os
import re
import struct

import pydicom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import acquisitions as acq
from dimse_wire import (ABORT, EXPLICIT, NO_DATA_SET, P_DATA, RELEASE_RQ, RESPONSE, Field, decode_command, decode_data_set, encode_command,
                        encode_data_set, expect, make_command, pdu)
from part10 import data_set_of
from product import InteropCase, main, run_product, to_toml, write_file
from raw_peer import ABORTED, RELEASE, RELEASED, RawScp, message, pdv, response

US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
COMMITMENT = "1.2.840.10008.1.20.1"
COMMANDS = ("echo", "send", "find", "get", "commit")
PENDING = 0xFF00
PIECE_BYTES = 8192
TOLD_TO_STOP = {"silent": "no progress within the time allowed", "abort": "the peer aborted",
                "close": "closed the connection|connection reset|Connection reset|broken pipe|Broken pipe",
                "reset": "closed the connection|connection reset|Connection reset|broken pipe|Broken pipe"}


class Stop(Exception):
    """The peer has done what the test is about."""


class Peer:
    """Serves each command politely; but before what `at` names it does what `conduct` says."""

    def __init__(self, at, conduct, path, **accepting):
        """`accepting`: of RawConnection.accept."""
        self.at, self.conduct, self.data_set, self.accepting = at, conduct, data_set_of(path), accepting
        self.instance = str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID)
        self.came_to_it = False
        self.asked = None      # context and command of the last request
        self.longest = 0       # P-DATA-TF that came

    def __call__(self, connection):
        try:
            self.step("connect", connection)
            proposal = connection.read_proposal()
            self.step("associate", connection)
            connection.accept(proposal, **self.accepting)
            while self.serve(connection):
                pass
        except Stop:
            pass

    def step(self, name, connection):
        if name != self.at:
            return
        self.came_to_it = True
        if callable(self.conduct):
            if self.conduct(connection, self.asked) is True:
                return    # and goes on
        elif self.conduct == "abort":
            connection.send(ABORTED)
            connection.wait_for_end()
        elif self.conduct == "silent":
            connection.wait_for_end()
        elif self.conduct == "reset":
            connection.reset()
        raise Stop

    def serve(self, connection):
        """One request of the product; false after its release."""
        command, pieces = None, [b"", b""]    # of the data set, of the command
        while command is None or command["CommandDataSetType"] != NO_DATA_SET:
            kind, body = connection.read_pdu()
            if kind == RELEASE_RQ:
                self.step("release", connection)
                connection.send(RELEASED)
                return False
            expect(kind == P_DATA, f"a PDU of type {kind}")
            self.longest = max(self.longest, len(body))
            _, context, control = struct.unpack_from(">IBB", body)
            pieces[control & 1] += body[6:]
            if control & 3 == 3:
                command = decode_command(pieces[1])
                self.asked = (context, command)
                self.step("command", connection)
            elif control & 2:
                break
            elif not control & 1:
                self.step("data", connection)
        self.step("answer", connection)
        self.answer(connection, context, command, pieces[0])
        return True

    def answer(self, connection, context, command, data_set):
        field = command["CommandField"]
        if field == Field.C_FIND:
            match = Dataset()
            match.PatientID = "4711"
            sent = message(context, response(command, PENDING), encode_data_set(match, connection.contexts[context][1]))
            head = len(message(context, response(command, PENDING))) if self.at == "result" else len(sent)
            connection.send(sent[:head])
            self.step("result", connection)
        if field == Field.C_GET:
            number, (_, syntax) = next((n, c) for n, c in connection.contexts.items() if c[0] == US_IMAGE and c[1] == EXPLICIT)
            stored_command = make_command(Field.C_STORE, US_IMAGE, self.instance, MessageID=1)
            stored = message(number, stored_command, self.data_set, PIECE_BYTES)
            first = len(message(number, stored_command, b"")) + 12 + PIECE_BYTES    # whole PDUs
            connection.send(stored[:first])
            self.step("result", connection)
            connection.send(stored[first:])
            _, outcome, _ = connection.read_message()
            expect(outcome["Status"] == 0, f"the object was answered with {outcome['Status']:04X}")
            connection.send(message(context, response(command, NumberOfCompletedSuboperations=1, NumberOfFailedSuboperations=0,
                                                      NumberOfWarningSuboperations=0)))
            return
        connection.send(message(context, response(command)))
        if field == Field.N_ACTION:
            self.step("result", connection)
            connection.send(report_message(context, decode_data_set(data_set, connection.contexts[context][1])))
            connection.read_message()


def report_message(context, asked, number=1):
    report = Dataset()
    report.TransactionUID = asked.TransactionUID
    report.ReferencedSOPSequence = Sequence(list(asked.ReferencedSOPSequence))
    command = make_command(Field.N_EVENT_REPORT, COMMITMENT, "1.2.840.10008.1.20.1.1", EventTypeID=1, MessageID=number)
    return message(context, command, encode_data_set(report, EXPLICIT))


class ConductCase(InteropCase):
    def setUp(self):
        super().setUp()
        sidecar = acq.raw("us", "us", rows=160, columns=400).write(os.path.join(self.folder, "in"))
        self.path = self.check_done(run_product("encode", sidecar, "--output", self.new_folder("made"))).stdout.strip()
        self.cells = 0

    def command(self, name, scp):
        """The words of a command that asks `scp` and has little patience; and the folder for what it fetches."""
        self.cells += 1
        out = os.path.join(self.folder, f"out-{self.cells}")
        config = {"aet": "SCANFERRY", "spool": {"path": os.path.join(self.folder, "spool")}, "destination": [
            {"name": "peer", "address": scp.address, "connect_seconds": 2, "associate_seconds": 1, "response_seconds": 1, "transfer_seconds": 1}]}
        path = write_file(os.path.join(self.folder, f"peer-{self.cells}.toml"), to_toml(config))
        words = [name, "--config", path, "--timeout", "1", "peer"]
        return {"echo": words, "send": [*words, self.path], "find": [*words, "-k", "PatientID", "-k", "QueryRetrieveLevel=STUDY"],
                "get": [*words, out, "-k", "StudyInstanceUID=1.2", "--sop-class", US_IMAGE],
                "commit": [*words, self.path, "--wait", "1"]}[name], out

    def run_all(self, cells):
        """`cells`: (name, command, Peer) -> list of (name, command, Peer, address, done, folder); they wait side by side."""
        def run(cell):
            name, command, peer = cell
            scp = RawScp(self, peer)
            words, out = self.command(command, scp)
            done = run_product(*words)
            scp.stop()
            return name, command, peer, scp.address, done, out
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            return list(pool.map(run, cells))

    def fetched(self, folder):
        return os.listdir(folder) if os.path.isdir(folder) else []


class StateTest(ConductCase):
    STATES = {"echo": ("connect", "associate", "command", "release"),
              "send": ("connect", "associate", "command", "data", "answer", "release"),
              "find": ("connect", "associate", "command", "answer", "result", "release"),
              "get": ("connect", "associate", "command", "answer", "result", "release"),
              "commit": ("connect", "associate", "command", "answer", "result", "release")}

    def test_silence_aborts_and_ends_at_each_state(self):
        cells = [(f"{command}, {conduct} at {at}", command, Peer(at, conduct, self.path))
                 for command in COMMANDS for at in self.STATES[command] for conduct in TOLD_TO_STOP]
        for name, command, peer, address, done, out in self.run_all(cells):
            with self.subTest(name):
                self.assertTrue(peer.came_to_it, done.stderr)
                if peer.at == "release":
                    self.check_done(done)    # what was asked for is done
                    self.assertEqual(len(self.fetched(out)), command == "get")
                    continue
                self.check_done(done, 1)
                if command == "commit" and peer.at == "result":
                    self.assertIn("the archive has not reported", done.stderr)    # it may still do so
                else:
                    self.assertIn(address.split("@")[1], done.stderr)
                    self.assertRegex(done.stderr, TOLD_TO_STOP[peer.conduct])
                self.assertEqual(self.fetched(out), [], "half an object was kept")


class AnswerTest(ConductCase):
    """Responses that are none. Each ends in a line that names the peer, the byte and what was wrong."""

    def wrong(self):
        """name -> (what is sent instead of the response to the command of this context, the words for it)"""
        def changed(**elements):
            return lambda context, command: message(context, {**response(command), **elements})

        def cut(context, command):
            whole = encode_command({"CommandDataSetType": 0x0101, **response(command)})
            return pdu(P_DATA, pdv(context, 3, whole[:-3]))

        def late(count):
            return lambda context, command: pdu(P_DATA, pdv(context, 3, encode_command({"CommandDataSetType": 0x0101, **response(command)})) + bytes(count))

        def of_pdv(length):
            return lambda context, command: pdu(P_DATA, struct.pack(">IBB", length, context, 3) + bytes(20))

        return {
            "another message id": (changed(MessageIDBeingRespondedTo=77), "response to message 77"),
            "no message id": (lambda context, command: message(context, {k: v for k, v in response(command).items() if k != "MessageIDBeingRespondedTo"}),
                              "response to message 0"),
            "another operation": (changed(CommandField=RESPONSE | Field.N_GET), "8110H? where|where"),
            "no status": (lambda context, command: message(context, {k: v for k, v in response(command).items() if k != "Status"}), "without a Status"),
            "another context": (lambda context, command: message(context + 2, response(command)), "presentation context"),
            "a context that is none": (lambda context, command: message(201, response(command)), "presentation context 201, which was not accepted"),
            "a command set that ends early": (cut, "ends|overruns|bytes"),
            "a PDV that ends early": (late(5), "5 bytes behind the last PDV"),
            "a PDV that ends a byte early": (late(1), "1 bytes behind the last PDV"),
            "a PDV longer than its PDU": (of_pdv(23), "PDV of 23 bytes"),
            "a PDV of 4 GiB": (of_pdv(0xFFFFFFFF), "PDV of 4294967295 bytes"),
            "a PDV without its header": (of_pdv(1), "PDV of 1 bytes"),
            "a PDU of no PDV": (lambda *_: pdu(P_DATA, b""), "of 0 bytes holds no PDV"),
            "a PDU of half a PDV header": (lambda *_: pdu(P_DATA, bytes(5)), "of 5 bytes holds no PDV"),
            "a PDU of 4 GiB": (lambda *_: struct.pack(">BxI", P_DATA, 0xFFFFFFFF), "of 4294967295 bytes; we announced"),
            "a PDU of type FF": (lambda *_: b"\xff" * 6, "unknown PDU type 255"),
            "a PDU of type 0": (lambda *_: bytes(6), "unknown PDU type 0"),
            "an association request": (lambda *_: pdu(1, bytes(68)), "A-ASSOCIATE-RQ"),
            "a second acceptance": (lambda *_: pdu(2, bytes(68)), "A-ASSOCIATE-AC"),
            "a rejection": (lambda *_: pdu(3, bytes((0, 1, 1, 7))), "A-ASSOCIATE-RJ"),
            "a release of 5 bytes": (lambda *_: pdu(5, bytes(5)), "A-RELEASE-RQ of 5 bytes"),
            "the end of a release": (lambda *_: RELEASED, "A-RELEASE-RP"),
            "an abort of 0 bytes": (lambda *_: pdu(7, b""), "A-ABORT of 0 bytes"),
            "a data set that belongs to nothing": (lambda context, _: pdu(P_DATA, pdv(context, 2, bytes(8))), "data set"),
        }

    def test_an_answer_that_is_none_is_named_with_its_place(self):
        def saying(make, note):
            def conduct(connection, asked):
                note["start"] = connection.sent
                connection.send(make(*asked))
                note["end"] = connection.sent
                note["said"], _ = connection.read_pdu()
            return conduct
        cells, notes = [], {}
        for what, (make, _) in self.wrong().items():
            for command in COMMANDS:
                note = notes[f"{command}: {what}"] = {}
                cells.append((f"{command}: {what}", command, Peer("command" if command == "echo" else "answer", saying(make, note), self.path)))
        for name, command, peer, address, done, out in self.run_all(cells):
            with self.subTest(name):
                self.check_done(done, 1)
                note, (_, words) = notes[name], self.wrong()[name.split(": ", 1)[1]]
                found = re.search(re.escape(address) + r": the peer broke the protocol at byte (\d+): (.*)", done.stderr)
                self.assertTrue(found, done.stderr)
                self.assertRegex(found.group(2), words)
                self.assertTrue(note["start"] < int(found.group(1)) <= note["end"], (note, found.group(1)))
                self.assertEqual(note["said"], ABORT, "the peer was not told")
                self.assertEqual(self.fetched(out), [])

    def test_acceptances_that_are_none(self):
        def accept(change, note):
            def conduct(connection, _):
                proposal = connection.read_proposal()
                sender = connection.send
                connection.send = lambda data: sender(change(data))
                connection.accept(proposal)
                note["sent"] = connection.sent
                connection.read_pdu()
            return conduct

        def with_user_item(item):
            def change(data):
                at = data.rindex(b"\x50\x00")    # user information is the last item
                user = data[at + 4:] + item
                return pdu(2, data[6:at] + struct.pack(">BxH", 0x50, len(user)) + user)
            return change
        overrun = struct.pack(">BxH", 0x54, 200) + b"\0\5"
        wrong = {"of no bytes": (lambda data: pdu(2, b""), "A-ASSOCIATE-AC"), "of 67 bytes": (lambda data: pdu(2, data[6:73]), "A-ASSOCIATE-AC"),
                 "of 4 GiB": (lambda data: b"\x02\0\xff\xff\xff\xff" + data[6:], "4294967295"),
                 "an item that overruns": (lambda data: pdu(2, data[6:] + b"\x21\0\xff\xff\1"), "65535"),
                 "a sub-item that overruns": (with_user_item(overrun), "200 bytes"),
                 "of type FF": (lambda data: b"\xff" + data[1:], "type 255"), "garbage": (lambda data: bytes(range(8, 200)), "type 8")}
        cells, notes = [], {}
        for command in ("echo", "send", "get"):
            for what, (change, _) in wrong.items():
                note = notes[what, command] = {}
                cells.append((what, command, Peer("connect", accept(change, note), self.path)))
        for what, command, _, address, done, _ in self.run_all(cells):
            with self.subTest(f"{command}: {what}"):
                self.check_done(done, 1)
                found = re.search(re.escape(address) + r": the peer broke the protocol at byte (\d+): (.*)", done.stderr)
                self.assertTrue(found, done.stderr)
                self.assertIn(wrong[what][1], found.group(2))
                self.assertTrue(0 < int(found.group(1)) <= notes[what, command]["sent"])


class PoliteEnoughTest(ConductCase):
    """What is odd and allowed."""

    def check_all(self, cells):
        for name, command, peer, _, done, out in self.run_all(cells):
            with self.subTest(name):
                self.check_done(done)
                self.assertTrue(peer.came_to_it)
                self.assertEqual(len(self.fetched(out)), command == "get")

    def test_items_that_nobody_knows_are_skipped(self):
        def with_more_items(connection, _):
            sender = connection.send

            def send(data):
                connection.send = sender
                sender(pdu(2, data[6:] + b"\x7e\0\0\5hello\xff\0\0\0"))
            connection.send = send
            return True
        unknown = [(0x5A, b"x" * 300), (0x00, b"")]    # sub-items
        self.check_all([(command, command, Peer("associate", with_more_items, self.path, others=unknown)) for command in COMMANDS])

    def test_both_sides_release_at_once(self):
        def conduct(connection, _):
            connection.send(RELEASE)
            self.assertEqual(connection.read_pdu()[0], 6)    # Sta11: our half first, PS3.8 9.2.3
            connection.send(RELEASED)
            self.assertEqual(connection.wait_for_end(), b"")
        self.check_all([(command, command, Peer("release", conduct, self.path)) for command in COMMANDS])

    def test_reports_that_nobody_asked_for_come_in_between(self):
        """N-EVENT-REPORT while an object is sent, and before its response: refused, and nothing of ours is disturbed."""
        def report(connection, asked):
            context, _ = asked
            connection.send(message(context, make_command(Field.N_EVENT_REPORT, US_IMAGE, "1.2.3", EventTypeID=1, MessageID=9), b"\0" * 8))
            _, command, _ = connection.read_message()
            expect((command["CommandField"], command["MessageIDBeingRespondedTo"], command["Status"]) == (0x8100, 9, 0x0211), command)
            return True
        self.check_all([(command, command, Peer("answer" if command != "echo" else "command", report, self.path))
                        for command in ("echo", "send", "find", "get")])

    def test_a_commitment_report_comes_before_the_response_to_its_request(self):
        class Hasty(Peer):
            def answer(self, connection, context, command, data_set):
                self.came_to_it = True
                connection.send(report_message(context, decode_data_set(data_set, connection.contexts[context][1]), 5))
                _, answered, _ = connection.read_message()
                expect((answered["CommandField"], answered["Status"]) == (0x8100, 0), answered)
                connection.send(message(context, response(command)))
        self.check_all([("commit", "commit", Hasty("nowhere", None, self.path))])

    def test_small_and_odd_maximum_lengths(self):
        cells = [(f"{command}, at most {max_pdu}", command, Peer("release", lambda *_: True, self.path, max_pdu=max_pdu))
                 for max_pdu in (14, 15, 17, 19, 127, 0) for command in COMMANDS]
        self.check_all(cells)
        for name, _, peer in cells:
            self.assertLessEqual(peer.longest, peer.accepting["max_pdu"] or 1 << 20, name)


if __name__ == "__main__":
    main()
