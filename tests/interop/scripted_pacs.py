# SPDX-License-Identifier: Apache-2.0
"""A storage SCP of our own, byte by byte after PS3.8 and PS3.7, that misbehaves as a test tells it to. It shares nothing
with the product and counts everything that it is sent."""

import collections
import dataclasses
import enum
import socket
import struct
import threading

from peers import HOST, free_port

VERIFICATION = "1.2.840.10008.1.1"
_IMPLEMENTATION = b"2.25.329800735698586629295641978511506172918"


class Conduct(enum.Enum):
    """What the PACS does on one association."""
    NORMAL = enum.auto()
    REJECT_TRANSIENT = enum.auto()   # PS3.8 9.3.4: rejected-transient, presentation provider, local limit exceeded
    REJECT_PERMANENT = enum.auto()   # rejected-permanent, service user, called AE title not recognized
    HANG_UP = enum.auto()            # closes when the request is there
    SILENT = enum.auto()             # never answers the request
    ABORT_MID_DATA = enum.auto()     # A-ABORT while a data set arrives
    RESET_MID_DATA = enum.auto()     # TCP reset while a data set arrives
    ABORT_AFTER_DATA = enum.auto()   # A-ABORT instead of the response
    CLOSE_AFTER_DATA = enum.auto()   # end of stream instead of the response
    CLOSE_AFTER_RESPONSE = enum.auto()   # one object an association, and no release
    ANSWER_EARLY = enum.auto()       # the response to the first C-STORE goes out while its data set still arrives


@dataclasses.dataclass
class Reception:
    """One C-STORE that arrived whole."""
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    data_set: bytes | None           # None: the sink took it
    length: int = 0
    status: int | None = None        # None: it was never answered


class Gone(Exception):
    pass


class ScriptedPacs:
    """Runs in threads of the test. Scripts are consumed from the front; when they are empty it behaves."""

    def __init__(self, test, *, aet="SCRIPTED", max_pdu=16384, sink=None, start=True):
        """`max_pdu`: what we take, PS3.8 D.1; 0 is anything. `sink(reception, view)` takes data set pieces as they come
        instead of keeping them."""
        self.aet = aet
        self.port = free_port()
        self.max_pdu = max_pdu
        self.sink = sink
        self.lock = threading.Lock()
        self.conducts = collections.deque()    # of the next associations that are about storage
        self.statuses = collections.deque()    # of the next C-STORE responses
        self.refuse_next_object = None         # a status for the object that comes first from now on, each time it comes
        self.comment = ""                      # Error Comment of responses that are no success
        self.refused_classes = set()
        self.refused_syntaxes = set()
        self.break_after_bytes = 20_000        # for the conducts "mid data"
        self.receptions = []
        self.associations = 0                  # about storage; also those that were not accepted
        self.echoes = 0
        self.broken = 0                        # conducts other than NORMAL that came to pass
        self.errors = []
        self._refused_uid = None
        self._connections = set()
        self._listener = None
        test.addCleanup(self.stop)
        test.addCleanup(lambda: test.assertEqual(self.errors, []))
        if start:
            self.start()

    @property
    def address(self):
        return f"{self.aet}@{HOST}:{self.port}"

    def start(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self.port))
        listener.listen(16)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self

    def stop(self):
        if self._listener:
            # shutdown wakes the thread in accept(); close alone does not.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self.lock:
            connections, self._connections = list(self._connections), set()
        for connection in connections:
            _shut(connection)

    def stored(self):
        """SOP Instance UID -> the receptions that were answered as stored."""
        result = {}
        with self.lock:
            for reception in self.receptions:
                if reception.status is not None and (reception.status == 0 or reception.status >> 12 == 0xB):
                    result.setdefault(reception.sop_instance_uid, []).append(reception)
        return result

    def status_for(self, uid):
        if self.refuse_next_object is not None and self._refused_uid in (None, uid):
            self._refused_uid = uid
            return self.refuse_next_object
        return self.statuses.popleft() if self.statuses else 0

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Association(self, connection).run()
        except (Gone, OSError):
            pass
        except Exception as error:  # a bug of the test or of the product: shown at the end of the test
            self.errors.append(repr(error))
        finally:
            with self.lock:
                self._connections.discard(connection)
            connection.close()


class _Association:
    def __init__(self, pacs, connection):
        self.pacs = pacs
        self.connection = connection
        self.buffer = bytearray(1 << 20)
        self.contexts = {}       # id -> (abstract syntax, transfer syntax)
        self.conduct = Conduct.NORMAL
        self.command = b""
        self.request = None      # the C-STORE-RQ whose data set is awaited
        self.reception = None
        self.pieces = []

    def run(self):
        kind, body = self._read_pdu()
        expect(kind == 1, f"the first PDU has type {kind}")
        if not self._negotiate(bytes(body)):
            return
        while True:
            kind, body = self._read_pdu()
            if kind == 5:                                   # A-RELEASE-RQ
                expect(self.request is None, "release in the middle of a message")
                self._send(b"\x06\x00" + struct.pack(">II", 4, 0))
                raise Gone
            if kind == 7:                                   # A-ABORT
                raise Gone
            expect(kind == 4, f"PDU type {kind} on an association")
            expect(len(body) <= self.pacs.max_pdu or self.pacs.max_pdu == 0, f"a PDU of {len(body)} bytes, more than was allowed")
            self._take_p_data(body)

    # PS3.8 9.3.1: type 1, reserved 1, length 4.
    def _read_pdu(self):
        self._fill(memoryview(self.buffer)[:6])
        kind, length = struct.unpack_from(">BxI", self.buffer)
        expect(length <= len(self.buffer), f"a PDU of {length} bytes")
        body = memoryview(self.buffer)[:length]
        self._fill(body)
        return kind, body

    def _fill(self, view):
        while view:
            got = self.connection.recv_into(view)
            if got == 0:
                raise Gone
            view = view[got:]

    def _send(self, data):
        self.connection.sendall(data)

    def _negotiate(self, body):
        proposed = dict(_proposed_contexts(body))
        if any(abstract != VERIFICATION for abstract, _ in proposed.values()):
            with self.pacs.lock:
                self.pacs.associations += 1
                if self.pacs.conducts:
                    self.conduct = self.pacs.conducts.popleft()
        if self.conduct in (Conduct.REJECT_TRANSIENT, Conduct.REJECT_PERMANENT):
            self._note_broken()
            transient = self.conduct is Conduct.REJECT_TRANSIENT
            self._send(b"\x03\x00" + struct.pack(">IBBBB", 4, 0, 2 if transient else 1, 3 if transient else 1, 2 if transient else 7))
            return self._wait_for_end()
        if self.conduct is Conduct.HANG_UP:
            self._note_broken()
            return False
        if self.conduct is Conduct.SILENT:
            self._note_broken()
            return self._wait_for_end()
        self._send(_associate_accept(body, self._answers(proposed), self.pacs.max_pdu))
        return True

    def _answers(self, proposed):
        for context, (abstract, syntaxes) in proposed.items():
            allowed = [s for s in syntaxes if s not in self.pacs.refused_syntaxes]
            if abstract in self.pacs.refused_classes:
                yield context, 3, syntaxes[0]               # abstract-syntax-not-supported
            elif not allowed:
                yield context, 4, syntaxes[0]               # transfer-syntaxes-not-supported
            else:
                self.contexts[context] = (abstract, allowed[0])
                yield context, 0, allowed[0]

    def _wait_for_end(self):
        while self.connection.recv(4096):
            pass
        return False

    def _note_broken(self):
        with self.pacs.lock:
            self.pacs.broken += 1

    # PS3.8 9.3.5.1: length 4, context id 1, control header 1 (PS3.8 E.2: bit 0 command, bit 1 last).
    def _take_p_data(self, body):
        at = 0
        while at < len(body):
            length, context, control = struct.unpack_from(">IBB", body, at)
            expect(context in self.contexts, f"presentation context {context} was not accepted")
            piece = body[at + 6:at + 4 + length]
            at += 4 + length
            if control & 1:
                self.command += bytes(piece)
                if control & 2:
                    self._take_command(context, self.command)
                    self.command = b""
            else:
                self._take_data(piece, bool(control & 2))

    def _take_command(self, context, command):
        expect(self.request is None, "a command in the middle of a data set")
        elements = dict(_command_elements(command))
        field = int.from_bytes(elements[0x0100], "little")
        if field == 0x0030:                                 # C-ECHO-RQ
            with self.pacs.lock:
                self.pacs.echoes += 1
            self._respond(context, elements, 0x8030, 0)
            return
        expect(field == 0x0001, f"command {field:04X}")
        abstract, syntax = self.contexts[context]
        sop_class = _uid(elements[0x0002])
        expect(sop_class == abstract, f"SOP class {sop_class} in a context for {abstract}")
        self.request = (context, elements)
        self.reception = Reception(sop_class, _uid(elements[0x1000]), syntax, None)
        self.pieces = []

    def _take_data(self, piece, last):
        expect(self.request is not None, "a data set without a command")
        reception = self.reception
        reception.length += len(piece)
        if self.pacs.sink:
            self.pacs.sink(reception, piece)
        else:
            self.pieces.append(bytes(piece))
        mid_data = (Conduct.ABORT_MID_DATA, Conduct.RESET_MID_DATA)
        if self.conduct in mid_data and (last or reception.length >= self.pacs.break_after_bytes):
            self._break_off()
        if self.conduct is Conduct.ANSWER_EARLY and not last:
            self._note_broken()
            self.conduct = Conduct.NORMAL
            self._answer_store()
        if last:
            self._finish_store()

    def _finish_store(self):
        reception = self.reception
        reception.data_set = None if self.pacs.sink else b"".join(self.pieces)
        if self.conduct in (Conduct.ABORT_AFTER_DATA, Conduct.CLOSE_AFTER_DATA):
            with self.pacs.lock:
                self.pacs.receptions.append(reception)
            self._break_off()
        if reception.status is None:
            self._answer_store()
        self.request = None
        with self.pacs.lock:
            self.pacs.receptions.append(reception)
        if self.conduct is Conduct.CLOSE_AFTER_RESPONSE:
            self._break_off()

    def _answer_store(self):
        with self.pacs.lock:
            self.reception.status = self.pacs.status_for(self.reception.sop_instance_uid)
        context, elements = self.request
        self._respond(context, elements, 0x8001, self.reception.status)

    def _break_off(self):
        self._note_broken()
        if self.conduct in (Conduct.ABORT_MID_DATA, Conduct.ABORT_AFTER_DATA):
            self._send(b"\x07\x00" + struct.pack(">IBBBB", 4, 0, 0, 0, 0))    # PS3.8 9.3.8: service-user
            self._wait_for_end()
        if self.conduct is Conduct.RESET_MID_DATA:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone

    # PS3.7 9.3.1.2 and 9.3.5.2, in Implicit VR Little Endian (PS3.7 6.3.1).
    def _respond(self, context, request, field, status):
        elements = [(0x0002, request[0x0002]), (0x0100, struct.pack("<H", field)), (0x0120, request[0x0110]),
                    (0x0800, b"\x01\x01"), (0x0900, struct.pack("<H", status))]
        if status and self.pacs.comment:
            comment = self.pacs.comment.encode()
            elements.append((0x0902, comment + b" " * (len(comment) % 2)))
        if 0x1000 in request:
            elements.append((0x1000, request[0x1000]))
        encoded = b"".join(struct.pack("<HHI", 0, element, len(value)) + value for element, value in elements)
        encoded = struct.pack("<HHII", 0, 0, 4, len(encoded)) + encoded
        self._send(struct.pack(">BxI", 4, len(encoded) + 6) + struct.pack(">IBB", len(encoded) + 2, context, 3) + encoded)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def _shut(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is gone already


def _uid(value):
    return value.rstrip(b"\0").decode("ascii")


def _items(body):
    """PS3.8 9.3.2.1: type 1, reserved 1, length 2."""
    at = 0
    while at < len(body):
        kind, length = struct.unpack_from(">BxH", body, at)
        yield kind, body[at + 4:at + 4 + length]
        at += 4 + length


def _proposed_contexts(body):
    for kind, item in _items(body[68:]):
        if kind != 0x20:
            continue
        inner = list(_items(item[4:]))
        yield item[0], (_uid(inner[0][1]), [_uid(value) for sub, value in inner if sub == 0x40])


def _item(kind, value):
    return struct.pack(">BxH", kind, len(value)) + value


def _associate_accept(request, answers, max_pdu):
    """PS3.8 9.3.3; the AE titles come back as they were sent."""
    items = _item(0x10, b"1.2.840.10008.3.1.1.1")
    for context, result, syntax in answers:
        items += _item(0x21, struct.pack(">BxBx", context, result) + _item(0x40, syntax.encode()))
    items += _item(0x50, _item(0x51, struct.pack(">I", max_pdu)) + _item(0x52, _IMPLEMENTATION))
    body = b"\x00\x01\x00\x00" + request[4:68] + items
    return struct.pack(">BxI", 2, len(body)) + body


def _command_elements(command):
    at = 0
    while at < len(command):
        group, element, length = struct.unpack_from("<HHI", command, at)
        expect(group == 0, f"group {group:04X} in a command set")
        yield element, command[at + 8:at + 8 + length]
        at += 8 + length
