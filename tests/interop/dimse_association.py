# SPDX-License-Identifier: Apache-2.0
"""One side of a DICOM association, for `dimse_peer`: messages of PS3.7 over PS3.8, for a requestor and for an acceptor."""

import collections
import dataclasses
import select
import socket
import struct
import threading
import time

from pydicom.dataset import Dataset

from dimse_wire import (ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, EXPLICIT, IMPLICIT, NO_DATA_SET, P_DATA, RELEASE_RP,
                        RELEASE_RQ, RESPONSE, Field, Proposal, UserInformation, decode_accept, decode_command, decode_data_set,
                        encode_command, encode_data_set, expect, pdu)

PATIENCE_SECONDS = 10
_QUIET_SECONDS = 1    # so long does a peer that holds its answers back wait for one more request

Context = collections.namedtuple("Context", "id abstract syntax")


class Ended(Exception):
    """The association is over, and this side still wanted something."""


class Refused(Exception):
    """A-ASSOCIATE-RJ; `why` is (result, source, reason), PS3.8 9.3.4."""

    def __init__(self, why):
        super().__init__("the association was rejected: result %d, source %d, reason %d" % why)
        self.why = why


class Message:
    """What came: a command, a data set as bytes or None, and the association and presentation context that it came in."""

    def __init__(self, association, context, command):
        self.association, self.context, self.command, self.data = association, context, command, None
        self.is_response = bool(command["CommandField"] & RESPONSE)
        self.field = Field(command["CommandField"] & ~RESPONSE)
        self.status = command.get("Status")
        self.sop_class = command.get("AffectedSOPClassUID") or command.get("RequestedSOPClassUID")
        self.instance = command.get("AffectedSOPInstanceUID") or command.get("RequestedSOPInstanceUID")

    @property
    def data_set(self):
        return None if self.data is None else decode_data_set(self.data, self.context.syntax)

    def is_cancelled(self):
        """For handlers with many answers: whether C-CANCEL has come by now."""
        return self.association.is_cancelled(self.command["MessageID"])


@dataclasses.dataclass
class Answer:
    """`elements`: of the response's command, besides those that every response has."""
    status: int = 0
    data_set: Dataset | bytes | None = None
    elements: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Exchange:
    """A request that this side sent, and the Messages that came back."""
    command: dict
    responses: list = dataclasses.field(default_factory=list)

    @property
    def final(self):
        """The response after which no other comes, or None."""
        return next((response for response in self.responses if response.status not in (0xFF00, 0xFF01)), None)


def succeed(_message):
    return 0


HANDLERS = {Field.C_ECHO: succeed, Field.C_STORE: succeed, Field.N_EVENT_REPORT: succeed}


class Association:
    """One side of an association. `handlers`: Field, or (Field, SOP class), -> a function of a Message that returns a status or
    an Answer, or yields them one by one; what a generator does after a yield it does when that answer was sent. `fragment`:
    content of a PDV in bytes, at most, even. `together`: the PDVs of a message share PDUs as they fit (DCMTK 3.6.7 dies of more
    than two). `hold`: so many requests are collected, or fewer when no more come, and then answered in reverse order."""

    def __init__(self, connection, *, handlers=None, max_pdu=16384, timeout=PATIENCE_SECONDS, fragment=None, together=False, hold=1):
        self.handlers = {**HANDLERS, **(handlers or {})}
        self.max_pdu, self.timeout, self.fragment, self.together, self.hold = max_pdu, timeout, fragment, together, hold
        self.proposal = None       # Proposal
        self.agreed = None         # UserInformation of the acceptor
        self.theirs = None         # UserInformation of the other side
        self.results = {}          # context id -> result, PS3.8 9.3.3.2
        self.contexts = {}         # context id -> Context, when it was accepted
        self.received = []         # requests, in the order in which they came
        self.answered = []         # Message IDs, in the order in which their final answers went out
        self.most_held = 0         # requests that waited for an answer at once
        self.ended = None          # how, in words
        self._connection = connection
        self._sending = threading.RLock()
        self._last_id = 0
        self._exchanges = {}       # Message ID -> Exchange that is not finished
        self._cancelled = set()
        self._pieces = []          # of the command or data set that is arriving
        self._partial = None       # the Message whose data set is arriving
        self._messages = collections.deque()
        self._held = []
        self._release_sent = False
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def note_results(self, results):
        """What the acceptor said to each proposed context: id -> (result, transfer syntax)."""
        for number, (result, syntax) in results.items():
            self.results[number] = result
            if result == 0:
                self.contexts[number] = Context(number, self.proposal.contexts[number][0], syntax)

    def context_for(self, abstract):
        """The first accepted context, or None."""
        return next((context for context in self.contexts.values() if context.abstract == abstract), None)

    def post(self, command, data_set=None, context=None):
        """Sends a request and does not wait. Message ID, data set type and context (by SOP class) are filled in."""
        sop_class = command.get("AffectedSOPClassUID") or command.get("RequestedSOPClassUID")
        context = context or self.context_for(sop_class)
        expect(context, f"no presentation context was accepted for {sop_class}")
        with self._sending:
            self._last_id += 1
            exchange = Exchange({"MessageID": self._last_id, **command})
            self._exchanges[exchange.command["MessageID"]] = exchange
            self.send_message(context, exchange.command, data_set)
        return exchange

    def wait(self, exchange):
        """The final response. Not while another thread serves this association."""
        self.pump(lambda: exchange.final, f"the response to {Field(exchange.command['CommandField']).name}")
        return exchange.final

    def request(self, command, data_set=None, context=None):
        """The final response's command, and its data set or None."""
        final = self.wait(self.post(command, data_set, context))
        return final.command, final.data_set

    def cancel(self, exchange):
        self.send_message(self.context_for(exchange.command["AffectedSOPClassUID"]), {
            "CommandField": Field.C_CANCEL, "MessageIDBeingRespondedTo": exchange.command["MessageID"]})

    def pump(self, condition, what, timeout=None):
        """Takes, and answers, what comes until `condition()` is true."""
        end = time.monotonic() + (timeout or self.timeout)
        while not condition():
            if self.ended:
                raise Ended(f"{self.ended}, while waiting for {what}")
            if not self._is_readable(end - time.monotonic()):
                raise TimeoutError(f"waited {timeout or self.timeout} s in vain for {what}")
            self._take()

    def serve(self):
        """Takes and answers what comes until the association ends."""
        while not self.ended:
            if self._held and not self._is_readable(_QUIET_SECONDS):
                self._answer_held()
            else:
                self._is_readable(None)
                self._take()

    def release(self):
        self._release_sent = True
        self.send_bytes(pdu(RELEASE_RQ, bytes(4)))
        self.pump(lambda: self.ended, "A-RELEASE-RP")
        self.close()

    def abort(self, source=0, reason=0):
        try:
            self.send_bytes(pdu(ABORT, bytes((0, 0, source, reason))))
        except Ended:
            pass  # nobody is left to be told
        self.close("aborted by this side")

    def close(self, how="closed by this side"):
        self.interrupt(how)
        self._connection.close()

    def interrupt(self, how):
        """Ends it, from any thread; the one that serves it will notice."""
        self.ended = self.ended or how
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is gone already

    def send_bytes(self, data):
        with self._sending:
            try:
                self._connection.sendall(data)
            except ConnectionError as error:
                self.ended = self.ended or f"closed by the peer while it was sent to: {error}"
                raise Ended(self.ended) from error

    def send_message(self, context, command, data_set=None):
        """The command as it is, except that its data set type is filled in."""
        pdvs = self._pdvs(context, 1, encode_command({"CommandDataSetType": NO_DATA_SET if data_set is None else 1, **command}))
        if data_set is not None:
            pdvs += self._pdvs(context, 0, encode_data_set(data_set, context.syntax))
        with self._sending:
            body = b""
            for pdv in pdvs:
                if body and not (self.together and len(body) + len(pdv) <= self._room()):
                    self.send_bytes(pdu(P_DATA, body))
                    body = b""
                body += pdv
            self.send_bytes(pdu(P_DATA, body))

    def _room(self):
        return self.theirs.max_pdu or 1 << 17

    # PS3.8 9.3.5.1 and E.2: length 4, context id 1, control header 1 (bit 0 command, bit 1 last); E.1: fragments are even.
    def _pdvs(self, context, kind, content):
        most = (self._room() - 6) & ~1
        size = min(self.fragment or most, most)
        pieces = [content[at:at + size] for at in range(0, max(len(content), 1), size)]
        return [struct.pack(">IBB", len(piece) + 2, context.id, kind | (number == len(pieces)) << 1) + piece
                for number, piece in enumerate(pieces, 1)]

    def _is_readable(self, timeout):
        return bool(self._messages) or bool(select.select([self._connection], [], [], timeout and max(timeout, 0))[0])

    def read_pdu(self):
        kind, length = struct.unpack(">BxI", self._read(6))
        expect(length <= (self.max_pdu if kind == P_DATA and self.max_pdu else 1 << 24), f"a PDU of type {kind} with {length} bytes")
        return kind, self._read(length)

    def _read(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                piece = self._connection.recv(size - len(data))
            except ConnectionError:
                piece = b""
            except TimeoutError:
                raise TimeoutError(f"waited {self.timeout} s in vain for a PDU, or for the rest of one") from None
            if not piece:
                self.ended = self.ended or "closed by the peer"
                raise Ended(self.ended)
            data += piece
        return bytes(data)

    def _take(self):
        if not self._messages:
            kind, body = self.read_pdu()
            if kind == P_DATA:
                self._take_p_data(body)
            elif kind == RELEASE_RQ:
                expect(not self._partial and not self._held, "A-RELEASE-RQ while an operation has no response")
                self.send_bytes(pdu(RELEASE_RP, bytes(4)))
                self.ended = None if self._release_sent else "released by the peer"    # both at once: the response still comes
            elif kind == RELEASE_RP:
                expect(self._release_sent, "A-RELEASE-RP without a request")
                self.ended = "released"
            else:
                expect(kind == ABORT, f"a PDU of type {kind} on an association")
                self.ended = "aborted by the peer: source %d, reason %d" % (body[2], body[3])
                raise Ended(self.ended)
        if self._messages:
            self._dispatch(self._messages.popleft())

    def _take_p_data(self, body):
        at = 0
        while at < len(body):
            expect(not self._messages, "PDVs of two messages in one PDU")
            length, number, control = struct.unpack_from(">IBB", body, at)
            expect(length >= 2 and at + 4 + length <= len(body), "a PDV that ends after its PDU")
            expect(length % 2 == 0, f"a fragment of {length - 2} bytes, which is odd")
            expect(number in self.contexts, f"presentation context {number} was not accepted")
            self._take_pdv(self.contexts[number], control, body[at + 6:at + 4 + length])
            at += 4 + length

    def _take_pdv(self, context, control, piece):
        expect(bool(control & 1) == (self._partial is None), "a command where a data set should go on, or the reverse")
        self._pieces.append(piece)
        if not control & 2:
            return
        content, self._pieces = b"".join(self._pieces), []
        message = self._partial or Message(self, context, decode_command(content))
        expect(message.context == context, "command and data set in different presentation contexts")
        if self._partial:
            message.data = content
        if self._partial or message.command["CommandDataSetType"] == NO_DATA_SET:
            self._partial = None
            self._messages.append(message)
        else:
            self._partial = message

    def _dispatch(self, message):
        if message.is_response:
            number = message.command["MessageIDBeingRespondedTo"]
            expect(number in self._exchanges, f"a response to request {number}, which was not sent or is finished")
            self._exchanges[number].responses.append(message)
            if self._exchanges[number].final:
                del self._exchanges[number]
        elif message.field is Field.C_CANCEL:
            self._cancelled.add(message.command["MessageIDBeingRespondedTo"])
        else:
            expect(message.sop_class == message.context.abstract, f"{message.sop_class} in a context for {message.context.abstract}")
            self.received.append(message)
            self._held.append(message)
            self.most_held = max(self.most_held, len(self._held))
            if len(self._held) >= self.hold:
                self._answer_held()

    def is_cancelled(self, message_id):
        while not self.ended and self._is_readable(0):
            self._take()
        return message_id in self._cancelled

    def _answer_held(self):
        held, self._held = self._held, []
        for message in reversed(held):
            handler = self.handlers.get((message.field, message.sop_class)) or self.handlers.get(message.field)
            answers = handler(message) if handler else 0x0211                          # unrecognized operation
            for answer in [answers] if isinstance(answers, (int, Answer)) else answers:
                self._respond(message, answer if isinstance(answer, Answer) else Answer(answer))

    # PS3.7 9.3 and 10.3: a response names the affected class and instance, whichever the request names.
    def _respond(self, message, answer):
        command = {"CommandField": RESPONSE | message.field, "MessageIDBeingRespondedTo": message.command["MessageID"],
                   "AffectedSOPClassUID": message.sop_class, "Status": answer.status}
        if message.instance:
            command["AffectedSOPInstanceUID"] = message.instance
        command.update({word: message.command[word] for word in ("EventTypeID", "ActionTypeID") if word in message.command})
        if answer.status not in (0xFF00, 0xFF01):
            self.answered.append(message.command["MessageID"])    # before it goes out: who has the answer may look
        self.send_message(message.context, {**command, **answer.elements}, answer.data_set)


def associate(host, port, called, calling="PEER", contexts=("1.2.840.10008.1.1",), *, roles=None, identity=None, window=None, others=(),
              timeout=PATIENCE_SECONDS, **options):
    """Opens an Association or raises Refused. `contexts`: abstract syntaxes, or (abstract syntax, [transfer syntax]); `roles`:
    SOP class -> (SCU, SCP); `others`: more user information items, (type, value). `options` are those of Association."""
    association = Association(socket.create_connection((host, port), timeout), timeout=timeout, **options)
    pairs = [(context, [EXPLICIT, IMPLICIT]) if isinstance(context, str) else context for context in contexts]
    association.proposal = Proposal(called, calling, dict(zip(range(1, 256, 2), pairs)), UserInformation(
        max_pdu=association.max_pdu, roles=roles or {}, identity=identity, window=window, others=list(others)))
    try:
        association.send_bytes(association.proposal.encode())
        kind, body = association.read_pdu()
        if kind == ASSOCIATE_RJ:
            raise Refused(tuple(body[1:4]))
        if kind == ABORT:
            raise Ended("aborted by the peer instead of accepted: source %d, reason %d" % (body[2], body[3]))
        expect(kind == ASSOCIATE_AC, f"a PDU of type {kind} instead of A-ASSOCIATE-AC")
    except BaseException:
        association.close()
        raise
    results, association.agreed = decode_accept(body)
    association.theirs = association.agreed
    association.note_results(results)
    return association
