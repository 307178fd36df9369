# SPDX-License-Identifier: Apache-2.0
"""What comes to an open port: floods of connections, PDUs that are none, peers that stop anywhere or say a byte now and then. The
agent and `receive` stay within their memory and descriptors, name who did what, and serve the others all the while."""

import contextlib
import os
import random
import re
import resource
import select
import socket
import struct
import subprocess
import threading

import pydicom

import acquisitions as acq
from dimse_wire import ABORT, EXPLICIT, IMPLICIT, P_DATA, Field, make_command, pdu
from part10 import data_set_of
from peers import HOST, StoreScp, free_port
from product import COMMAND, Agent, InteropCase, main, read_text, run_product, wait_until
from raw_peer import ABORTED, RELEASE, VERIFICATION, RawScu, Relay, associate_request, message, pdv

US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
STORAGE = (VERIFICATION, [IMPLICIT]), (US_IMAGE, [EXPLICIT])
RECEIVE_PDU_BYTES = 128 * 1024    # what `receive` announces
FLOOD, BURST, UNDER_WAY = 10_000, 2000, 60
# Measured: 10 MiB at most. 16 associations may have 100 KiB each, and 512 KiB for an object under way.
PEAK_KIB_MAX = 24 * 1024
DESCRIPTORS_MAX = 64


def status_of(pid, key):
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key + ":"))


def descriptors_of(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class HostileCase(InteropCase):
    def receive(self, *options):
        """`receive` on self.port, with its process, log and folder."""
        self.port = free_port()
        self.out = self.new_folder(f"received-{self.port}")
        self.log_path = self.new_log(f"receive-{self.port}")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([*COMMAND, "receive", "--address", HOST, "--port", str(self.port), "--json", *options, self.out],
                                            stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(self.stop_process, self.process)
        wait_until(lambda: '"port"' in self.log, "receive to listen")

    def agent(self):
        """The agent as a gateway, likewise; it forwards to self.pacs."""
        self.pacs = StoreScp(self)
        self.port = free_port()
        agent = Agent(self, {"pacs": self.pacs.address}, listen={"port": self.port, "address": HOST, "store": True}).start()
        agent.wait_for_log("answers C-ECHO")
        self.log_path, self.process = agent.log_path, agent.process
        self.out = os.path.join(agent.spool, "incoming")
        return agent

    @property
    def log(self):
        return read_text(self.log_path)

    @property
    def address(self):
        return f"SCANFERRY@{HOST}:{self.port}"

    def made(self, **options):
        sidecar = acq.raw("us", "us", **{"rows": 160, "columns": 400, **options}).write(os.path.join(self.folder, "in"))
        folder = self.new_folder(f"made-{len(os.listdir(self.folder))}")
        self.check_done(run_product("encode", sidecar, "--output", folder))
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def check_well(self):
        """It lives, serves, and is within its bounds."""
        self.assertIsNone(self.process.poll(), self.log)
        self.check_done(run_product("echo", self.address))
        self.check_bounds()

    def check_bounds(self):
        self.assertLess(status_of(self.process.pid, "VmHWM"), PEAK_KIB_MAX)
        self.assertLess(descriptors_of(self.process.pid), DESCRIPTORS_MAX)

    def for_each_listener(self, check):
        """Calls `check(name)` against `receive` and against the agent."""
        for start in (self.receive, self.agent):
            with self.subTest(start.__name__):
                start()
                check(start.__name__)
                self.check_well()
                self.process.terminate()
                self.assertEqual(self.process.wait(30), 0)


class PduTest(HostileCase):
    @staticmethod
    def first_pdus():
        """name -> (bytes instead of an A-ASSOCIATE-RQ, words)"""
        good = associate_request()
        head, items = good[6:74], good[74:]

        def rq(more, fixed=head):
            return pdu(1, fixed + more)
        return {
            "type FF": (b"\xff" * 6, "unknown PDU type 255"),
            "type 0": (bytes(6), "unknown PDU type 0"),
            "garbage": (bytes(random.Random(1).randrange(8, 256) for _ in range(5000)), "unknown PDU type|speaks"),
            "of 0 bytes": (pdu(1, b""), "A-ASSOCIATE-RQ"),
            "of 67 bytes": (pdu(1, head[:67]), "A-ASSOCIATE-RQ"),
            "of 4 GiB": (b"\x01\0\xff\xff\xff\xff" + head, "4294967295 bytes; we take at most 65536"),
            "one byte too long": (struct.pack(">BxI", 1, 65537), "65537 bytes; we take at most 65536"),
            "an item that overruns": (rq(items + struct.pack(">BxH", 0x20, 60000)), "60000 bytes, where 0 are left"),
            "a context that overruns": (rq(b"\x10\0\0\1x" + struct.pack(">BxH", 0x20, 8) + b"\1\0\0\0" + struct.pack(">BxH", 0x30, 500)), "500 bytes"),
            "half an item header": (rq(items + b"\x20\0"), "2 bytes that are no item"),
            "a sub-item that overruns": (rq(b"\x10\0\0\1x" + struct.pack(">BxH", 0x50, 4) + struct.pack(">BxH", 0x51, 4)), "4 bytes, where 0 are left"),
            "a maximum length of 3 bytes": (rq(b"\x10\0\0\1x" + struct.pack(">BxH", 0x50, 7) + struct.pack(">BxH", 0x51, 3) + b"abc"), "of 3 bytes"),
            "data": (pdu(P_DATA, pdv(1, 3, bytes(20))), "P-DATA-TF"),
            "data of 4 GiB": (struct.pack(">BxI", P_DATA, 0xFFFFFFFF), "4294967295"),
            "an acceptance": (pdu(2, head + items), "A-ASSOCIATE-AC"),
            "a release": (RELEASE, "A-RELEASE-RQ"),
            "a release of 4 GiB": (b"\x05\0\xff\xff\xff\xff", "A-RELEASE-RQ of 4294967295 bytes"),
            "HTTP": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "speaks HTTP"),
            "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "speaks TLS"),
        }

    @staticmethod
    def later_pdus(pdu_bytes):
        """The same on an association."""
        store = make_command(Field.C_STORE, US_IMAGE, "1.2.3", MessageID=1)
        begun = message(3, store, b"")    # announces a data set
        return {
            "type FF": (b"\xff" * 6, "unknown PDU type 255"),
            "data of 0 bytes": (pdu(P_DATA, b""), "holds no PDV"),
            "data of 4 GiB": (struct.pack(">BxI", P_DATA, 0xFFFFFFFF), f"we announced at most {pdu_bytes}"),
            "data a byte too long": (struct.pack(">BxI", P_DATA, pdu_bytes + 1), f"{pdu_bytes + 1} bytes; we announced at most {pdu_bytes}"),
            "a PDV that overruns": (pdu(P_DATA, struct.pack(">IBB", 500, 1, 3) + bytes(20)), "PDV of 500 bytes in the last"),
            "a PDV of 0 bytes": (pdu(P_DATA, struct.pack(">I", 0) + bytes(20)), "PDV of 0 bytes"),
            "a PDV that ends early": (pdu(P_DATA, pdv(1, 3, bytes(20)) + bytes(3)), "3 bytes behind the last PDV"),
            "a context that is none": (pdu(P_DATA, pdv(99, 3, bytes(20))), "presentation context 99, which was not accepted"),
            "a command that is none": (pdu(P_DATA, pdv(1, 3, b"\xff" * 20)), "group|element|bytes"),
            "a command without an end": (pdu(P_DATA, pdv(1, 1, bytes(4090))) * 2, "a command set of more than"),
            "a data set without a command": (pdu(P_DATA, pdv(3, 2, bytes(20))), "a data set came where a command was due"),
            "a command inside an object": (begun + pdu(P_DATA, pdv(3, 0, bytes(20))) + message(3, store), "a command came where a data set was due"),
            "an object that changes its context": (begun + pdu(P_DATA, pdv(1, 0, bytes(20))), "changed from presentation context 3 to 1"),
            "a response": (message(1, {"CommandField": 0x8030, "MessageIDBeingRespondedTo": 1, "Status": 0}), "to nothing that was asked"),
            "a request without a message id": (message(1, {"CommandField": 0x0030, "AffectedSOPClassUID": VERIFICATION}), "without a Message ID"),
            "a second request for an association": (associate_request(), "an A-ASSOCIATE-RQ where none is allowed"),
            "a rejection": (pdu(3, bytes(4)), "an A-ASSOCIATE-RJ where none is allowed"),
            "the end of a release": (pdu(6, bytes(4)), "an A-RELEASE-RP where none is allowed"),
            "a release of 0 bytes": (pdu(5, b""), "A-RELEASE-RQ of 0 bytes"),
            "an abort of 5 bytes": (pdu(7, bytes(5)), "A-ABORT of 5 bytes"),
        }

    def check_named(self, peer, name, before, words):
        found = wait_until(lambda: re.search(re.escape(name) + r" broke the protocol at byte (\d+): (.*)", self.log), f"{name} in the log")
        self.assertRegex(found.group(2), words)
        self.assertTrue(before < int(found.group(1)) <= peer.sent, (before, found.group(1), peer.sent))

    def test_what_is_no_pdu_is_answered_with_an_abort_and_named_with_its_place(self):
        def check(kind):
            pdu_bytes = 0
            for what, (data, words) in self.first_pdus().items():
                with self.subTest(f"{kind}, first: {what}"):
                    peer = RawScu(self.port)
                    name = peer.name
                    peer.send(data)
                    self.assertEqual(peer.read_pdu()[0], ABORT)
                    self.check_named(peer, name, 0, words)
                    peer.close()
            with contextlib.closing(RawScu(self.port)) as peer:
                pdu_bytes = peer.associate().max_pdu
            for what, (data, words) in self.later_pdus(pdu_bytes).items():
                with self.subTest(f"{kind}, later: {what}"):
                    peer = RawScu(self.port)
                    peer.associate(*STORAGE)
                    before, name = peer.sent, peer.name
                    peer.send(data)
                    self.assertEqual(peer.read_pdu()[0], ABORT)
                    self.check_named(peer, name, before, words)
                    peer.close()
            self.assertEqual([name for name in os.listdir(self.out) if name.endswith(".part")], [])
        self.for_each_listener(check)

    def test_the_longest_pdus_and_unknown_items_are_taken(self):
        def check(_):
            unknown = b"\x7e\0\0\3abc\xfe\0\xf0\0" + bytes(0xF000)    # behind the others
            for data in (pdu(1, associate_request()[6:] + unknown), associate_request(others=[(0x5F, bytes(60000)), (0x00, b"")])):
                peer = RawScu(self.port)
                peer.send(data)
                self.assertEqual(peer.read_pdu()[0], 2)
                peer.contexts = {1: (VERIFICATION, IMPLICIT)}
                self.assertEqual(peer.echo(), 0)
                peer.close()
            # P-DATA-TF exactly as long as announced.
            [path] = self.made(rows=512, columns=600)
            peer = RawScu(self.port)
            piece = peer.associate(*STORAGE).max_pdu - 6
            command = make_command(Field.C_STORE, US_IMAGE, str(pydicom.dcmread(path).SOPInstanceUID), MessageID=1)
            peer.send(message(3, command, data_set_of(path), piece))
            self.assertEqual(peer.read_message()[1]["Status"], 0)
            peer.close()
        self.for_each_listener(check)

    def test_small_and_odd_maximum_lengths_of_requestors(self):
        def check(_):
            for max_pdu in (14, 15, 17, 127, 0, 0xFFFFFFFF):
                with contextlib.closing(RawScu(self.port)) as peer:
                    peer.associate(max_pdu=max_pdu)
                    peer.send(message(1, make_command(Field.C_ECHO, VERIFICATION, MessageID=1)))
                    said = b""
                    while not said.endswith(b"\0\0\x00\x09\x02\0\0\0\0\0"):    # Status, the last element: success
                        kind, body = peer.read_pdu()
                        self.assertEqual(kind, P_DATA)
                        self.assertLessEqual(len(body), max_pdu or 1 << 20)
                        said += body[6:]
            for max_pdu in (1, 7, 13):
                with contextlib.closing(RawScu(self.port)) as peer:
                    name = peer.name
                    peer.send(associate_request(max_pdu=max_pdu))
                    self.assertEqual(peer.read_pdu()[0], ABORT)
                    self.check_named(peer, name, 0, f"at most {max_pdu} bytes, too few")
        self.for_each_listener(check)

    def test_peers_that_stop_anywhere_leave_nothing_behind(self):
        """Aborts, ends and resets at each state of a C-STORE."""
        [path] = self.made()
        instance, data_set = str(pydicom.dcmread(path).SOPInstanceUID), data_set_of(path)
        whole = message(3, make_command(Field.C_STORE, US_IMAGE, instance, MessageID=1), data_set)
        request = associate_request(STORAGE)
        heads = {"connect": 0, "half a request": 50, "request": len(request)}
        later = {"half a command": 40, "command": len(whole) - len(message(3, {}, data_set)), "half a header": -len(data_set) - 9,
                 "half an object": len(whole) // 2, "an object but for a byte": -1, "an object": len(whole)}
        endings = {"abort": lambda peer: peer.send(ABORTED), "end": lambda peer: None, "reset": lambda peer: peer.reset()}
        def check(kind):
            for how, end in endings.items():
                for length in heads.values():
                    peer = RawScu(self.port)
                    peer.send(request[:length])
                    with contextlib.suppress(ConnectionError):
                        end(peer)
                    peer.close()
                for at, length in later.items():
                    with self.subTest(f"{kind}, {how} after {at}"):
                        peer = RawScu(self.port)
                        peer.associate(*STORAGE)
                        peer.send(whole[:length])
                        with contextlib.suppress(ConnectionError):
                            end(peer)
                        peer.close()
                with contextlib.closing(RawScu(self.port)) as peer:    # and at the release
                    peer.associate(*STORAGE)
                    peer.send(RELEASE[:5])
                    with contextlib.suppress(ConnectionError):
                        end(peer)
            wait_until(lambda: not [name for name in os.listdir(self.out) if name.endswith(".part")], "what is not whole to be removed")
        self.for_each_listener(check)



class RelayTest(HostileCase):
    def test_an_object_and_its_answers_go_through_in_single_bytes(self):
        [path] = self.made(rows=40, columns=100)
        instance = str(pydicom.dcmread(path).SOPInstanceUID)
        pacs = StoreScp(self)
        for program in (["storescu", "-xe"], [*COMMAND, "send"]):
            self.receive()
            relay = Relay(self, self.port)
            where = [f"SCANFERRY@{HOST}:{relay.port}"] if "send" in program else [HOST, str(relay.port)]
            done = subprocess.run([*program, *where, path], capture_output=True, text=True, timeout=60, check=False)
            self.check_done(done)
            self.assertTrue(data_set_of(os.path.join(self.out, instance + ".dcm")) == data_set_of(path))
            self.assertGreater(min(relay.bytes), 200)
        relay = Relay(self, pacs.port)
        self.check_done(run_product("send", f"{pacs.aet}@{HOST}:{relay.port}", path))
        self.assertTrue(data_set_of(pacs.files()[instance]) == data_set_of(path))


class FloodTest(HostileCase):
    def setUp(self):
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FLOOD + 200
        if hard != resource.RLIM_INFINITY and hard < wanted:
            self.fail(f"this test needs {wanted} descriptors, and may have {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def flood(self, held):
        """Connections from four addresses: first a burst, for which the kernel has no room, then as fast as they are taken; each second
        one says half of an A-ASSOCIATE-RQ. They stay open on this side."""
        half = associate_request()[:60]
        not_closed = select.poll()
        for number in range(FLOOD):
            one = socket.socket()
            held.append(one)
            one.setblocking(number >= BURST)
            one.bind((f"127.0.0.{2 + number % 4}", 0))
            one.connect_ex((HOST, self.port))
            if number % 2:
                with contextlib.suppress(OSError):    # it may be closed already, or not open yet
                    one.send(half)
            if number >= BURST:
                not_closed.register(one, select.POLLIN)
                while number - BURST - self.closed >= UNDER_WAY:
                    for gone, _ in not_closed.poll():
                        not_closed.unregister(gone)
                        self.closed += 1

    def test_ten_thousand_half_open_connections_keep_nobody_out(self):
        paths = self.made(frames=20, rows=64, columns=64)

        def check(kind):
            held, acknowledged, most, rounds, self.closed = [], set(), 0, 0, 0
            flood = threading.Thread(target=self.flood, args=(held,), daemon=True)
            flood.start()
            while flood.is_alive() or rounds < len(paths):
                path = paths[rounds % len(paths)]
                for words in (["storescu", "-xe"], ["echoscu"]):
                    more = [path] if words[0] == "storescu" else []
                    done = subprocess.run([*words, HOST, str(self.port), *more], capture_output=True, text=True, timeout=60, check=False)
                    self.check_done(done)
                acknowledged.add(path)
                most = max(most, descriptors_of(self.process.pid))
                rounds += 1
            self.assertEqual(len(held), FLOOD)
            self.assertLess(most, DESCRIPTORS_MAX)
            peak = status_of(self.process.pid, "VmHWM")
            print(f"{kind}: {rounds} rounds of others in between, at most {most} descriptors, {peak} KiB", flush=True)
            self.check_well()
            for one in held:
                one.close()
            self.check_kept(kind, acknowledged)
        self.for_each_listener(check)

    def check_kept(self, kind, acknowledged):
        """Nothing that was answered with success is lost."""
        for path in acknowledged:
            instance = str(pydicom.dcmread(path).SOPInstanceUID)
            if kind == "agent":
                wait_until(lambda: instance in self.pacs.files(), f"{instance} to arrive at the PACS")
            kept = self.pacs.files()[instance] if kind == "agent" else os.path.join(self.out, instance + ".dcm")
            self.assertTrue(data_set_of(kept) == data_set_of(path))


if __name__ == "__main__":
    main()
