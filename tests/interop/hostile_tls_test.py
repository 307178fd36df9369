# SPDX-License-Identifier: Apache-2.0
"""What comes to a port that speaks TLS, and what answers where TLS is asked for: garbage, handshakes cut anywhere, silence behind one,
renegotiation, huge records; plain on TLS and TLS on plain."""

import contextlib
import os
import random
import select
import ssl
import struct
import subprocess

import pydicom

from dimse_wire import ABORT
from hostile_test import HostileCase
from part10 import data_set_of
from peers import HOST
from product import main, run_product, wait_until
from raw_peer import RawScp, RawScu, associate_request
from tls_test import Authority

CUTS = 60    # of a ClientHello; each length of the first record header is among them


def client_hello():
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="pacs.example").do_handshake()
    return outgoing.read()


def record(kind, content, length=None):
    """RFC 5246 6.2.1: type 1, version 2, length 2."""
    return struct.pack(">BHH", kind, 0x0303, len(content) if length is None else length) + content


class ListenerTest(HostileCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self, "hospital")
        self.key, self.certificate = self.authority.issue("archive")
        self.receive("--tls", "--tls-cert", self.certificate, "--tls-key", self.key)
        self.trusting = ["--tls", "--tls-ca", self.authority.certificate]
        self.paths = self.made()

    def check_well(self):
        """As HostileCase says, but with TLS; an object is sent, and kept."""
        self.assertIsNone(self.process.poll(), self.log)
        self.check_done(run_product("send", self.address, *self.paths, *self.trusting))
        for path in self.paths:
            kept = os.path.join(self.out, str(pydicom.dcmread(path).SOPInstanceUID) + ".dcm")
            self.assertTrue(data_set_of(kept) == data_set_of(path))
        self.check_bounds()

    def secure(self, **options):
        """A connection of Python's ssl with its handshake done."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        for name, value in options.items():
            setattr(context, name, value)
        peer = RawScu(self.port)
        peer.plain = peer.socket
        peer.socket = context.wrap_socket(peer.socket, server_hostname=HOST)
        return peer

    def check_named(self, name, words):
        wait_until(lambda: [line for line in self.log.splitlines() if name in line and words in line], f"{name} and '{words}' in the log")

    def test_garbage_is_refused_and_named(self):
        chance = random.Random(3)
        cases = {
            "random bytes": (chance.randbytes(3000), ""),
            "PDUs": (associate_request(), "plain"),
            "HTTP": (b"GET / HTTP/1.1\r\n\r\n", ""),
            "a huge record": (record(0x16, b"\1" + chance.randbytes(20000), 0xFFFF), ""),
            "a record a byte too long": (record(0x16, b"\1" + bytes(16384 + 2048)), ""),
            "an empty record": (record(0x16, b"") * 40, ""),
            "application data first": (record(0x17, bytes(100)), ""),
            "an alert": (record(0x15, b"\2\x28"), ""),
            "a handshake message of 16 MB": (record(0x16, b"\1\xff\xff\xff" + bytes(1000)) * 20, ""),
            "a hello that is none": (record(0x16, b"\1\0\0\x64" + chance.randbytes(100)), ""),
        }
        for what, (data, words) in cases.items():
            with self.subTest(what):
                peer = RawScu(self.port)
                name = peer.name
                with contextlib.suppress(ConnectionError):
                    peer.send(data)
                peer.wait_for_end()
                peer.close()
                self.check_named(name, words)
        self.check_well()

    def test_a_hello_that_is_cut_anywhere_does_no_harm(self):
        hello = client_hello()
        lengths = sorted({*range(1, 12), *range(12, len(hello), max(1, len(hello) // CUTS)), len(hello) - 1})
        silent = []
        for length in lengths:
            ended, quiet = RawScu(self.port), RawScu(self.port)
            ended.send(hello[:length])
            ended.close()
            with contextlib.suppress(ConnectionError):    # others may have pushed it out
                quiet.send(hello[:length])
            silent.append(quiet)
        self.assertGreater(len(silent), 60)
        self.check_well()
        for one in silent:
            one.close()
        self.check_well()

    def test_who_says_a_byte_now_and_then_or_renegotiates_is_left_like_who_says_nothing(self):
        secure_port, renegotiating = self.port, self.renegotiating()
        self.receive()
        hello, request = client_hello(), associate_request()
        peers = [(RawScu(port), words) for port, words in ((self.port, b""), (self.port, request), (secure_port, hello))]
        slow_name = peers[1][0].name
        said, waiting = 0, peers
        while waiting:
            for peer, words in waiting:
                with contextlib.suppress(ConnectionError):
                    peer.send(words[said:said + 1])
            said += 1
            self.assertLess(said, len(request) - 1, "a byte now and then keeps the connection")    # nothing is said to its end
            select.select([peer.socket for peer, _ in waiting], [], [], 0.4)
            waiting = [(peer, words) for peer, words in waiting if not peer.is_closed()]
        wait_until(lambda: f"{slow_name} asked for no association within the time allowed" in self.log, "the slow one to be named")
        for peer, _ in peers:
            peer.close()
        heard = renegotiating.communicate("Q\n", timeout=60)[0]
        self.assertIn("RENEGOTIATING", heard)
        self.assertRegex(heard, "no renegotiation|handshake failure|unexpected|error")

    def test_silence_behind_a_handshake_keeps_nobody_out(self):
        silent = [self.secure() for _ in range(40)]
        for one in silent[::2]:
            with contextlib.suppress(OSError):
                one.send(associate_request()[:30])
        self.check_well()
        for one in silent:
            one.close()

    def test_garbage_behind_a_handshake_is_named(self):
        peer = self.secure()
        name = peer.name
        peer.send(b"\xff" * 6)
        self.assertEqual(peer.read_pdu()[0], ABORT)
        peer.close()
        self.check_named(name, "broke the protocol at byte 6: unknown PDU type 255")
        peer = self.secure()
        name = peer.name
        os.write(peer.plain.detach() if peer.plain.fileno() >= 0 else peer.socket.fileno(), record(0x17, bytes(200)))
        with contextlib.suppress(ssl.SSLError):
            peer.wait_for_end()
        peer.close()
        self.check_named(name, "damaged")
        self.check_well()

    def renegotiating(self):
        """openssl's client on the TLS port, which wants to renegotiate and says nothing else."""
        client = subprocess.Popen(["openssl", "s_client", "-tls1_2", "-CAfile", self.authority.certificate, "-connect", f"{HOST}:{self.port}"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(self.stop_process, client)
        client.stdin.write("R\n")
        client.stdin.flush()
        return client

    def test_plain_is_told_from_tls_on_both_sides(self):
        done = run_product("echo", self.address)
        self.check_done(done, 1)
        self.assertRegex(done.stderr, "with TLS as we speak to it|TLS")
        wait_until(lambda: "plain" in self.log, "plain DICOM to be named in the log")
        self.receive()
        peer = RawScu(self.port)
        name = peer.name
        peer.send(client_hello())
        self.assertEqual(peer.read_pdu()[0], ABORT)
        peer.close()
        self.check_named(name, "broke the protocol at byte 6: the peer speaks TLS on this port")
        self.check_done(run_product("echo", f"SCANFERRY@{HOST}:{self.port}"))


class DialTest(HostileCase):
    """Servers that lie, to one who dials with TLS."""

    def test_what_answers_without_being_tls_is_named(self):
        authority = Authority(self, "hospital")
        trusting = ["--tls", "--tls-ca", authority.certificate]

        def saying(data, stays=False):
            def script(connection):
                connection.socket.recv(1)
                connection.send(data)
                if stays:
                    connection.wait_for_end()
            return script
        chance = random.Random(5)
        hello = b"\2\0\0\x4a\3\3" + chance.randbytes(32) + b"\x20" + chance.randbytes(32) + b"\xc0\x2f\0\0\2\xff\1\0"
        cases = {
            "random bytes": saying(chance.randbytes(5000)), "plain DICOM": saying(b"\3\0\0\0\0\4\0\1\1\7"), "nothing": saying(b""),
            "silence": saying(b"", stays=True), "half a hello": saying(record(0x16, hello)[:40], stays=True), "a hello and no more": saying(record(0x16, hello)),
            "a hello again and again": saying(record(0x16, hello) * 50), "a huge record": saying(record(0x16, b"\2" + bytes(20000), 0xFFFF)),
            "an alert": saying(record(0x15, b"\2\x28")), "data before anything": saying(record(0x17, bytes(50))),
        }
        for what, script in cases.items():
            scp = RawScp(self, script)
            with self.subTest(what):
                done = run_product("echo", scp.address, *trusting, "--timeout", "1", timeout=30)
                self.check_done(done, 1)
                self.assertIn(f"{HOST}:{scp.port}", done.stderr)
                self.assertRegex(done.stderr, "TLS|secure")
            scp.stop()


if __name__ == "__main__":
    main()
