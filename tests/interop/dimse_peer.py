# SPDX-License-Identifier: Apache-2.0
"""A DICOM peer for services that Debian's DCMTK and Orthanc lack: `Peer` listens and answers by handlers, one for each
operation; `Mpps`, `Commitment` and `Availability` are services that it may have. `associate` is the way to talk to a listener.
Nothing in it is the product's."""

import dataclasses
import enum
import socket
import threading

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dimse_association import HANDLERS, PATIENCE_SECONDS, Answer, Association, Ended, Exchange, Message, Refused, associate
from dimse_wire import ASSOCIATE_RJ, ASSOCIATE_RQ, EXPLICIT, IMPLICIT, Field, Identity, Proposal, UserInformation, expect, make_command, pdu
from peers import HOST, free_port
from product import wait_until

__all__ = ["AVAILABILITY", "Answer", "Association", "Availability", "COMMITMENT", "COMMITMENT_INSTANCE", "Commitment", "EXPLICIT", "Ended",
           "Exchange", "Field", "HANDLERS", "IMPLICIT", "Identity", "MPPS", "MPPS_RETRIEVE", "Message", "Mpps", "Peer", "Refused",
           "Reporting", "VERIFICATION", "associate", "make_command"]

VERIFICATION = "1.2.840.10008.1.1"
MPPS = "1.2.840.10008.3.1.2.3.3"
MPPS_RETRIEVE = "1.2.840.10008.3.1.2.3.4"
COMMITMENT = "1.2.840.10008.1.20.1"
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
AVAILABILITY = "1.2.840.10008.5.1.4.33"

# PS3.7 C: statuses of more than one service.
INVALID_VALUE, PROCESSING_FAILURE, DUPLICATE_INSTANCE, NO_SUCH_INSTANCE, NO_SUCH_ACTION = 0x0106, 0x0110, 0x0111, 0x0112, 0x0123

_EXTENDED = 0x56    # the item's type, PS3.7 D.3.3.5
_UNLIMITED = 1 << 16    # more operations than can be said; on the wire it is 0, PS3.7 D.3.3.3


class Peer:
    """An SCP in threads of the test, with a port of its own. `accept`: abstract syntaxes, or None for any. `syntaxes`: what it
    takes, the best first. `window`: operations to invoke and to perform that it grants at most, 0 without limit, when asked.
    `roles`: SOP class -> (SCU, SCP) that it grants of what is proposed, or None for all of it. `reject`: a function of the
    Proposal that returns None or (result, source, reason). `extended`: a function of the value of a SOP class extended negotiation
    item that returns the answer's, or None: they are not answered. `options` are those of Association, among them `hold`."""

    def __init__(self, test, *services, aet="PEER", accept=None, syntaxes=(EXPLICIT, IMPLICIT), window=None, roles=None,
                 identity_response=b"", reject=None, extended=None, start=True, **options):
        self.aet = aet
        self.port = free_port()
        self.services = services
        self.accept, self.syntaxes, self.window, self.roles = accept, syntaxes, window, roles
        self.identity_response, self.reject, self.extended, self.options = identity_response, reject, extended, options
        self.handlers = dict(HANDLERS)
        self.associations = []    # Association of each that was asked for, also those that were rejected
        self.errors = []          # what the other side did against the standard, and bugs here
        self._listener = None
        for service in services:
            service.peer = self
            self.handlers.update(service.handlers)
        test.addCleanup(lambda: test.assertEqual(self.errors, []))
        test.addCleanup(self.stop)
        if start:
            self.start()

    @property
    def address(self):
        return f"{self.aet}@{HOST}:{self.port}"

    @property
    def received(self):
        """The requests of all associations, as Messages."""
        return [message for association in list(self.associations) for message in list(association.received)]

    @property
    def stored(self):
        """SOP Instance UID -> Message of the last C-STORE; `data` is the data set as it came."""
        return {message.instance: message for message in self.received if message.field is Field.C_STORE}

    def on(self, field, handler, sop_class=None):
        """`handler` as Association says; for this operation of all SOP classes, or of one."""
        self.handlers[(field, sop_class) if sop_class else field] = handler
        return self

    def wait_for(self, condition, what):
        return wait_until(condition, what, PATIENCE_SECONDS)

    def start(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self.port))
        listener.listen(16)
        self._listener = listener
        threading.Thread(target=self._listen, args=(listener,), daemon=True).start()
        return self

    def stop(self):
        """Ends the associations too; `start` listens on the same port again."""
        if self._listener:
            # shutdown wakes the thread in accept(); close alone does not.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for association in list(self.associations):
            association.interrupt("stopped")

    def run(self, work, *arguments):
        """In a thread of its own; an exception is shown at the end of the test."""
        def guarded():
            try:
                work(*arguments)
            except Exception as error:
                self.errors.append(repr(error))
        threading.Thread(target=guarded, daemon=True).start()

    def _listen(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.run(self._serve, connection)

    def _serve(self, connection):
        association = Association(connection, handlers=self.handlers, **self.options)
        try:
            if not self._negotiate(association):
                return
            for service in self.services:
                service.established(association)
            association.serve()
        except Ended:
            pass  # the association says how
        except Exception:
            if association.ended == "stopped":
                return
            association.abort(2, 6)
            raise
        finally:
            association.close()

    def _negotiate(self, association):
        kind, body = association.read_pdu()
        expect(kind == ASSOCIATE_RQ, f"the first PDU has type {kind}")
        proposal = association.proposal = Proposal.decode(body)
        association.theirs = proposal.user
        self.associations.append(association)
        why = self.reject(proposal) if self.reject else None
        if why:
            association.send_bytes(pdu(ASSOCIATE_RJ, bytes((0, *why))))
            association.ended = "rejected"
            return False
        results = {number: self._choose(*context) for number, context in proposal.contexts.items()}
        association.agreed = self._agree(proposal.user, association.max_pdu)
        association.note_results(results)
        association.send_bytes(proposal.encode_accept(results, association.agreed))
        return True

    # PS3.8 9.3.3.2: acceptance, abstract-syntax-not-supported, transfer-syntaxes-not-supported.
    def _choose(self, abstract, proposed):
        if self.accept is not None and abstract not in self.accept:
            return 3, proposed[0]
        for syntax in self.syntaxes:
            if syntax in proposed:
                return 0, syntax
        return 4, proposed[0]

    # PS3.7 D.3.3.3, D.3.3.4 and D.3.3.7: nothing is answered that was not asked, and never more than was asked.
    def _agree(self, asked, max_pdu):
        agreed = UserInformation(max_pdu=max_pdu)
        if asked.window and self.window:
            agreed.window = tuple(min(ours or _UNLIMITED, theirs or _UNLIMITED) % _UNLIMITED
                                  for ours, theirs in zip(self.window, asked.window))
        for sop_class, proposed in asked.roles.items():
            granted = proposed if self.roles is None else self.roles.get(sop_class)
            if granted:
                agreed.roles[sop_class] = tuple(ours & theirs for ours, theirs in zip(granted, proposed))
        if self.extended:
            agreed.others = [(kind, self.extended(value)) for kind, value in asked.others if kind == _EXTENDED]
        if asked.identity and asked.identity.wants_response:
            agreed.identity_response = self.identity_response
        return agreed


class Service:
    """Has `handlers` for its SOP classes, and knows the Peer that it belongs to."""
    peer = None
    handlers = {}

    def established(self, association):
        """A new association was accepted, and nothing came on it yet."""


class Mpps(Service):
    """Modality Performed Procedure Step and its Retrieve, as an information system offers them: PS3.4 F.7 and F.8."""

    def __init__(self):
        self.steps = {}    # SOP Instance UID -> Dataset as it is now
        self.handlers = {(Field.N_CREATE, MPPS): self.create, (Field.N_SET, MPPS): self.set,
                         (Field.N_GET, MPPS): self.get, (Field.N_GET, MPPS_RETRIEVE): self.get}

    def create(self, message):
        if message.instance in self.steps:
            return DUPLICATE_INSTANCE
        step = message.data_set
        if step.get("PerformedProcedureStepStatus") != "IN PROGRESS":
            return INVALID_VALUE
        self.steps[message.instance] = step
        return 0

    def set(self, message):
        step = self.steps.get(message.instance)
        if step is None:
            return NO_SUCH_INSTANCE
        if step.PerformedProcedureStepStatus != "IN PROGRESS":
            return Answer(PROCESSING_FAILURE, elements={
                "ErrorComment": "Performed Procedure Step Object may no longer be updated", "ErrorID": 0xA710})
        changes = message.data_set
        if changes.get("SpecificCharacterSet") != step.get("SpecificCharacterSet"):
            changes.SpecificCharacterSet = "ISO_IR 192"    # whatever either of them could say
        step.update(changes)
        return 0

    def get(self, message):
        step = self.steps.get(message.instance)
        if step is None:
            return NO_SUCH_INSTANCE
        asked = message.command.get("AttributeIdentifierList") or list(step.keys())
        found = Dataset()
        for tag in [0x00080005, *asked]:
            if tag in step:
                found.add(step[tag])
        # PS3.4 F.8.2.1: a warning, requested optional attributes are not supported.
        return Answer(0 if all(tag in step for tag in asked) else 0x0001, found)


class Availability(Service):
    """Instance Availability Notification, PS3.4 R."""

    def __init__(self):
        self.notices = {}    # SOP Instance UID -> Dataset
        self.handlers = {(Field.N_CREATE, AVAILABILITY): self.create}

    def create(self, message):
        if message.instance in self.notices:
            return DUPLICATE_INSTANCE
        self.notices[message.instance] = message.data_set
        return 0


class Reporting(enum.Enum):
    """How the outcome of a commitment goes back, PS3.4 J.3.3."""
    SAME = enum.auto()     # on the association of the request, right after the response to it
    NEXT = enum.auto()     # on the next association of that requestor that has a context for it, as soon as it is there
    NEW = enum.auto()      # on an association that the peer opens, as SCP by role selection
    NEVER = enum.auto()    # only when the test calls `report` or `call_back`


@dataclasses.dataclass
class Transaction:
    uid: str
    requestor: str         # AE title
    asked: list            # (SOP class, SOP instance)
    reports: list = dataclasses.field(default_factory=list)    # Exchange of each N-EVENT-REPORT that went out

    @property
    def is_reported(self):
        """Whether the requestor took a report as success."""
        return any(report.final and report.final.status == 0 for report in self.reports)


class Commitment(Service):
    """Storage Commitment Push Model, PS3.4 J.3. `failed`: a function of SOP class and instance that returns None or the Failure
    Reason. `requestor`: host, port and AE title to open associations to. `refuse`: a status for N-ACTION, or 0."""

    def __init__(self, reporting=Reporting.SAME, failed=lambda sop_class, instance: None, requestor=None, refuse=0):
        self.reporting, self.failed, self.requestor, self.refuse = reporting, failed, requestor, refuse
        self.transactions = {}    # Transaction UID -> Transaction
        self._waiting = []        # of them, for the next association
        self.handlers = {(Field.N_ACTION, COMMITMENT): self.action}

    def action(self, message):
        if message.instance != COMMITMENT_INSTANCE or message.command["ActionTypeID"] != 1 or self.refuse:
            yield self.refuse or (NO_SUCH_INSTANCE if message.instance != COMMITMENT_INSTANCE else NO_SUCH_ACTION)
            return
        asked = message.data_set
        transaction = Transaction(asked.TransactionUID, message.association.proposal.calling, [
            (item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) for item in asked.ReferencedSOPSequence])
        if self.reporting is Reporting.NEXT:
            self._waiting.append(transaction)
        self.transactions[transaction.uid] = transaction
        yield 0
        if self.reporting is Reporting.SAME:
            self.report(transaction, message.association)
        elif self.reporting is Reporting.NEW:
            self.peer.run(self.call_back, transaction)

    def established(self, association):
        if not association.context_for(COMMITMENT):
            return
        for transaction in [waiting for waiting in self._waiting if waiting.requestor == association.proposal.calling]:
            self._waiting.remove(transaction)
            self.report(transaction, association)

    def report(self, transaction, association):
        """Sends the N-EVENT-REPORT and does not wait for the response; returns the Exchange."""
        outcome = self._outcome(transaction)
        kind = 2 if "FailedSOPSequence" in outcome else 1
        exchange = association.post(make_command(Field.N_EVENT_REPORT, COMMITMENT, COMMITMENT_INSTANCE, EventTypeID=kind), outcome)
        transaction.reports.append(exchange)
        return exchange

    def call_back(self, transaction):
        """Reports on a new association to `requestor`; returns it, released."""
        host, port, aet = self.requestor
        association = associate(host, port, aet, self.peer.aet, [COMMITMENT], roles={COMMITMENT: (0, 1)})
        expect(association.agreed.roles.get(COMMITMENT) == (0, 1), f"the SCP role was not granted: {association.agreed.roles}")
        association.wait(self.report(transaction, association))
        association.release()
        return association

    def _outcome(self, transaction):
        outcome = Dataset()
        outcome.TransactionUID = transaction.uid
        outcome.RetrieveAETitle = self.peer.aet
        for sop_class, instance in transaction.asked:
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
            reason = self.failed(sop_class, instance)
            if reason is not None:
                item.FailureReason = reason
            keyword = "ReferencedSOPSequence" if reason is None else "FailedSOPSequence"
            outcome.setdefault(keyword, Sequence([])).value.append(item)
        return outcome
