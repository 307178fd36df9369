# SPDX-License-Identifier: Apache-2.0
"""The wire by hand, for tests of what nobody does politely: `RawScp` and `RawScu` say what a test tells them to, byte by byte, and
`Relay` hands on what others say in single bytes. What they understand they understand by `dimse_wire`."""

import contextlib
import select
import socket
import struct
import threading

from dimse_wire import (ABORT, ASSOCIATE_RQ, IMPLICIT, NO_DATA_SET, P_DATA, RELEASE_RP, RELEASE_RQ, RESPONSE, Field, Proposal,
                        UserInformation, decode_accept, decode_command, encode_command, expect, pdu)
from peers import HOST, free_port

PATIENCE_SECONDS = 60
VERIFICATION = "1.2.840.10008.1.1"


class Gone(Exception):
    """The other side has closed the connection."""


def pdv(context, control, content):
    """PS3.8 9.3.5.1: length 4, context id 1, control header 1 (E.2: bit 0 command, bit 1 last)."""
    return struct.pack(">IBB", len(content) + 2, context, control) + content


def message(context, command, data_set=None, piece=8192):
    """P-DATA-TF PDUs of one PDV each."""
    full = {"CommandDataSetType": NO_DATA_SET if data_set is None else 1, **command}
    encoded = pdu(P_DATA, pdv(context, 3, encode_command(full)))
    for at in range(0, len(data_set or b""), piece):
        encoded += pdu(P_DATA, pdv(context, 2 if at + piece >= len(data_set) else 0, data_set[at:at + piece]))
    return encoded


def response(request, status=0, **elements):
    """The command of a response to the command `request`, PS3.7 9.3 and 10.3."""
    command = {"CommandField": RESPONSE | request["CommandField"], "MessageIDBeingRespondedTo": request["MessageID"], "Status": status}
    for word in ("SOPClassUID", "SOPInstanceUID"):
        value = request.get("Affected" + word) or request.get("Requested" + word)
        if value:
            command["Affected" + word] = value
    command.update({word: request[word] for word in ("EventTypeID", "ActionTypeID") if word in request})
    return {**command, **elements}


RELEASE = pdu(RELEASE_RQ, bytes(4))
RELEASED = pdu(RELEASE_RP, bytes(4))
ABORTED = pdu(ABORT, bytes(4))


class RawConnection:
    """One end of a connection. `sent`: how many bytes went out."""

    def __init__(self, connection):
        self.socket = connection
        self.sent = 0
        self.contexts = {}    # id -> (abstract syntax, transfer syntax)
        connection.settimeout(PATIENCE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def name(self):
        """As the other side sees it: "127.0.0.1:50123"."""
        return "%s:%d" % self.socket.getsockname()[:2]

    def send(self, data):
        self.sent += len(data)
        self.socket.sendall(data)

    def read(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                piece = self.socket.recv(size - len(data))
            except ConnectionError:
                piece = b""
            if not piece:
                raise Gone
            data += piece
        return bytes(data)

    def read_pdu(self):
        kind, length = struct.unpack(">BxI", self.read(6))
        expect(length <= 1 << 20, f"a PDU of type {kind} with {length} bytes")
        return kind, self.read(length)

    def read_pdv(self):
        """(context id, control, content); any other PDU but one P-DATA-TF with one PDV is an error."""
        kind, body = self.read_pdu()
        expect(kind == P_DATA, f"a PDU of type {kind} where a P-DATA-TF was due")
        length, context, control = struct.unpack_from(">IBB", body)
        expect(len(body) == 4 + length, "several PDVs in a PDU")
        return context, control, body[6:]

    def read_message(self):
        """(context id, command, data set or None)."""
        parts = [bytearray(), bytearray()]
        command = None
        while True:
            context, control, content = self.read_pdv()
            parts[control & 1] += content
            if not control & 2:
                continue
            if control & 1:
                command = decode_command(bytes(parts[1]))
                if command["CommandDataSetType"] == NO_DATA_SET:
                    return context, command, None
            else:
                return context, command, bytes(parts[0])

    def wait_for_end(self):
        """Whatever still comes, until the other side closes; returns it."""
        said = bytearray()
        with contextlib.suppress(ConnectionError):
            while piece := self.socket.recv(65536):
                said += piece
        return bytes(said)

    def is_closed(self):
        """Whether the other side has closed by now; reads what it has said."""
        while select.select([self.socket], [], [], 0)[0]:
            try:
                if not self.socket.recv(65536):
                    return True
            except ConnectionError:
                return True
        return False

    def close(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # --- the acceptor's part

    def read_proposal(self):
        kind, body = self.read_pdu()
        expect(kind == ASSOCIATE_RQ, f"the first PDU has type {kind}")
        return Proposal.decode(body)

    def accept(self, proposal, max_pdu=16384, others=()):
        """Takes each context in the first transfer syntax, and each role."""
        self.contexts = {number: (abstract, syntaxes[0]) for number, (abstract, syntaxes) in proposal.contexts.items()}
        agreed = UserInformation(max_pdu=max_pdu, roles=proposal.user.roles, others=list(others))
        self.send(proposal.encode_accept({number: (0, syntax) for number, (_, syntax) in self.contexts.items()}, agreed))

    def accept_whatever(self, **options):
        self.accept(self.read_proposal(), **options)


class RawScp:
    """Plays `script(connection)` in a thread for each connection that comes."""

    def __init__(self, test, script, aet="PEER"):
        self.script, self.aet, self.port = script, aet, free_port()
        self.connections, self.errors = 0, []
        self._listener = socket.create_server((HOST, self.port), backlog=64)
        threading.Thread(target=self._listen, daemon=True).start()
        test.addCleanup(lambda: test.assertEqual(self.errors, []))
        test.addCleanup(self.stop)

    @property
    def address(self):
        return f"{self.aet}@{HOST}:{self.port}"

    def stop(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._play, args=(connection,), daemon=True).start()

    def _play(self, connection):
        try:
            self.script(RawConnection(connection))
        except (Gone, ConnectionError):
            pass
        except Exception as error:  # shown at the end of the test
            self.errors.append(repr(error))
        finally:
            connection.close()


def associate_request(contexts=((VERIFICATION, [IMPLICIT]),), called="SCANFERRY", calling="RAW", **user):
    return Proposal(called, calling, dict(zip(range(1, 256, 2), contexts)), UserInformation(**user)).encode()


class RawScu(RawConnection):
    """`source`: the numeric address to connect from."""

    def __init__(self, port, source=HOST):
        super().__init__(socket.create_connection((HOST, port), PATIENCE_SECONDS, (source, 0)))

    def associate(self, *contexts, **user):
        contexts = contexts or ((VERIFICATION, [IMPLICIT]),)
        self.send(associate_request(contexts, **user))
        kind, body = self.read_pdu()
        expect(kind == 2, f"a PDU of type {kind} instead of A-ASSOCIATE-AC")
        results, agreed = decode_accept(body)
        self.contexts = {number: (contexts[number // 2][0], syntax) for number, (result, syntax) in results.items() if result == 0}
        return agreed

    def echo(self, number=1):
        self.send(message(1, {"CommandField": Field.C_ECHO, "MessageID": number, "AffectedSOPClassUID": VERIFICATION}))
        _, command, _ = self.read_message()
        return command["Status"]


class Relay:
    """Hands on each connection to `port`, in both directions, one byte at a time: each is a write of its own."""

    def __init__(self, test, port):
        self.target, self.port = port, free_port()
        self.bytes = [0, 0]    # to the target, and back
        self._listener = socket.create_server((HOST, self.port))
        threading.Thread(target=self._listen, daemon=True).start()
        test.addCleanup(self._listener.close)

    def _listen(self):
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            there = socket.create_connection((HOST, self.target), PATIENCE_SECONDS)
            for direction, (source, sink) in enumerate(((here, there), (there, here))):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._hand_on, args=(direction, source, sink), daemon=True).start()

    def _hand_on(self, direction, source, sink):
        with contextlib.suppress(OSError):
            while byte := source.recv(1):
                sink.sendall(byte)
                self.bytes[direction] += 1
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
