# SPDX-License-Identifier: Apache-2.0
"""What DIMSE looks like on the wire, for `dimse_peer`: PDUs of PS3.8 9.3, command sets of PS3.7 E.1, data sets by pydicom. It
shares nothing with the product, and is strict with what comes: tests show with it what the product sends."""

import collections
import dataclasses
import enum
import io
import struct

from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
_NOT_READ_HERE = ("1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99")     # Explicit VR Big Endian, Deflated
_IMPLEMENTATION = "2.25.329800735698586629295641978511506172918"

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
RESPONSE = 0x8000
NO_DATA_SET = 0x0101


class Field(enum.IntEnum):
    """Command Field of a request, PS3.7 E.1; that of its response has 8000H more."""
    C_STORE, C_GET, C_FIND, C_MOVE, C_ECHO, C_CANCEL = 0x0001, 0x0010, 0x0020, 0x0021, 0x0030, 0x0FFF
    N_EVENT_REPORT, N_GET, N_SET, N_ACTION, N_CREATE, N_DELETE = 0x0100, 0x0110, 0x0120, 0x0130, 0x0140, 0x0150


_ELEMENTS = {
    0x0002: ("AffectedSOPClassUID", "UI"), 0x0003: ("RequestedSOPClassUID", "UI"), 0x0100: ("CommandField", "US"),
    0x0110: ("MessageID", "US"), 0x0120: ("MessageIDBeingRespondedTo", "US"), 0x0600: ("MoveDestination", "AE"),
    0x0700: ("Priority", "US"), 0x0800: ("CommandDataSetType", "US"), 0x0900: ("Status", "US"),
    0x0901: ("OffendingElement", "AT"), 0x0902: ("ErrorComment", "LO"), 0x0903: ("ErrorID", "US"),
    0x1000: ("AffectedSOPInstanceUID", "UI"), 0x1001: ("RequestedSOPInstanceUID", "UI"), 0x1002: ("EventTypeID", "US"),
    0x1005: ("AttributeIdentifierList", "AT"), 0x1008: ("ActionTypeID", "US"),
    0x1020: ("NumberOfRemainingSuboperations", "US"), 0x1021: ("NumberOfCompletedSuboperations", "US"),
    0x1022: ("NumberOfFailedSuboperations", "US"), 0x1023: ("NumberOfWarningSuboperations", "US"),
    0x1030: ("MoveOriginatorApplicationEntityTitle", "AE"), 0x1031: ("MoveOriginatorMessageID", "US"),
}
_NUMBERS = {keyword: (number, vr) for number, (keyword, vr) in _ELEMENTS.items()}


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def make_command(field, sop_class, instance=None, **elements):
    """A request but for its Message ID: the requested class and instance where PS3.7 10.1 says so, else the affected ones."""
    what = "Requested" if field in (Field.N_GET, Field.N_SET, Field.N_ACTION, Field.N_DELETE) else "Affected"
    command = {"CommandField": field, f"{what}SOPClassUID": sop_class}
    if instance:
        command[f"{what}SOPInstanceUID"] = instance
    if field in (Field.C_STORE, Field.C_FIND, Field.C_GET, Field.C_MOVE):
        command["Priority"] = 0
    return {**command, **elements}


def encode_command(command):
    """Keyword -> value, in Implicit VR Little Endian with its length in front: PS3.7 6.3.1."""
    encoded = b""
    for (number, vr), value in sorted((_NUMBERS[keyword], value) for keyword, value in command.items()):
        if vr == "US":
            value = struct.pack("<H", value)
        elif vr == "AT":
            value = b"".join(struct.pack("<HH", tag >> 16, tag & 0xFFFF) for tag in value)
        else:
            value = value.encode("ascii")
            value += (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
        encoded += struct.pack("<HHI", 0, number, len(value)) + value
    return struct.pack("<HHII", 0, 0, 4, len(encoded)) + encoded


def decode_command(encoded):
    """Keyword -> value. Elements, orders and lengths other than the standard's are an error."""
    expect(encoded[:8] == struct.pack("<HHI", 0, 0, 4), "a command set without Command Group Length in front")
    expect(encoded[8:12] == struct.pack("<I", len(encoded) - 12), "Command Group Length is not the length of the command set")
    command, at, last = {}, 12, 0
    while at < len(encoded):
        group, number, length = struct.unpack_from("<HHI", encoded, at)
        value = encoded[at + 8:at + 8 + length]
        expect(group == 0 and number in _ELEMENTS, f"({group:04X},{number:04X}) in a command set")
        expect(number > last, f"(0000,{number:04X}) after (0000,{last:04X}) in a command set")
        expect(len(value) == length and length % 2 == 0, f"(0000,{number:04X}) with a length of {length}")
        keyword, vr = _ELEMENTS[number]
        if vr == "US":
            command[keyword], = struct.unpack("<H", value)
        elif vr == "AT":
            command[keyword] = [group << 16 | element for group, element in struct.iter_unpack("<HH", value)]
        else:
            command[keyword] = value.decode("ascii").rstrip("\0" if vr == "UI" else " ")
        at, last = at + 8 + length, number
    return command


def encode_data_set(data_set, syntax):
    """Bytes are taken to be encoded already."""
    if isinstance(data_set, bytes):
        return data_set
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, syntax == IMPLICIT
    write_dataset(buffer, data_set)
    return buffer.getvalue()


def decode_data_set(encoded, syntax):
    expect(syntax not in _NOT_READ_HERE, f"a data set in {syntax} is kept here, not read")
    data_set = read_dataset(io.BytesIO(encoded), syntax == IMPLICIT, True)
    data_set.decode()    # all of it now: what pydicom leaves for later it cannot write in another syntax
    return data_set


def pdu(kind, body):
    """PS3.8 9.3.1: type 1, reserved 1, length 4."""
    return struct.pack(">BxI", kind, len(body)) + body


def _item(kind, value):
    """PS3.8 9.3.2.1: type 1, reserved 1, length 2."""
    return struct.pack(">BxH", kind, len(value)) + value


def _items(body):
    at = 0
    while at < len(body):
        kind, length = struct.unpack_from(">BxH", body, at)
        expect(at + 4 + length <= len(body), f"item {kind:02X}H ends after what contains it")
        yield kind, body[at + 4:at + 4 + length]
        at += 4 + length


def _counted(value):
    return struct.pack(">H", len(value)) + value


def _take_counted(value):
    length, = struct.unpack_from(">H", value)
    expect(2 + length <= len(value), "a counted field ends after its item")
    return value[2:2 + length], value[2 + length:]


def _text(value):
    return value.decode("ascii").strip(" \0")


Identity = collections.namedtuple("Identity", "kind primary secondary wants_response", defaults=(b"", False))    # PS3.7 D.3.3.7


@dataclasses.dataclass
class UserInformation:
    """What either side says of itself, PS3.8 D.1 and PS3.7 D.3.3."""
    max_pdu: int = 16384
    implementation: str = _IMPLEMENTATION
    version: str = ""
    window: tuple | None = None    # operations that the requestor may invoke and perform; 0: without limit
    roles: dict = dataclasses.field(default_factory=dict)    # SOP class -> (SCU, SCP), of the requestor
    identity: Identity | None = None
    identity_response: bytes | None = None
    others: list = dataclasses.field(default_factory=list)   # (item type, value) of all other items

    def encode(self):
        items = _item(0x51, struct.pack(">I", self.max_pdu)) + _item(0x52, self.implementation.encode())
        if self.window is not None:
            items += _item(0x53, struct.pack(">HH", *self.window))
        for uid, roles in self.roles.items():
            items += _item(0x54, _counted(uid.encode()) + bytes(roles))
        if self.version:
            items += _item(0x55, self.version.encode())
        if self.identity:
            kind, primary, secondary, wants_response = self.identity
            items += _item(0x58, bytes((kind, wants_response)) + _counted(primary) + _counted(secondary))
        if self.identity_response is not None:
            items += _item(0x59, _counted(self.identity_response))
        return _item(0x50, items + b"".join(_item(*other) for other in self.others))

    @classmethod
    def decode(cls, encoded):
        self = cls(max_pdu=0, implementation="")
        for kind, value in _items(encoded):
            if kind == 0x51:
                self.max_pdu, = struct.unpack(">I", value)
            elif kind == 0x52:
                self.implementation = _text(value)
            elif kind == 0x53:
                self.window = struct.unpack(">HH", value)
            elif kind == 0x54:
                uid, roles = _take_counted(value)
                expect(len(roles) == 2, f"role selection of {len(roles)} roles")
                self.roles[_text(uid)] = tuple(roles)
            elif kind == 0x55:
                self.version = _text(value)
            elif kind == 0x58:
                primary, rest = _take_counted(value[2:])
                secondary, rest = _take_counted(rest)
                expect(rest == b"", "more in the user identity than its fields")
                self.identity = Identity(value[0], primary, secondary, bool(value[1]))
            elif kind == 0x59:
                self.identity_response, _ = _take_counted(value)
            else:
                self.others.append((kind, value))
        return self


@dataclasses.dataclass
class Proposal:
    """A-ASSOCIATE-RQ, PS3.8 9.3.2."""
    called: str
    calling: str
    contexts: dict                 # id -> (abstract syntax, [transfer syntax])
    user: UserInformation = dataclasses.field(default_factory=UserInformation)

    def encode(self):
        items = b""
        for number, (abstract, syntaxes) in self.contexts.items():
            inner = _item(0x30, abstract.encode()) + b"".join(_item(0x40, syntax.encode()) for syntax in syntaxes)
            items += _item(0x20, struct.pack("Bxxx", number) + inner)
        return self._encode(ASSOCIATE_RQ, items + self.user.encode())

    def encode_accept(self, results, agreed):
        """`results`: context id -> (result, transfer syntax). The AE titles go back as they came."""
        items = b"".join(_item(0x21, struct.pack("BxBx", number, result) + _item(0x40, syntax.encode()))
                         for number, (result, syntax) in results.items())
        return self._encode(ASSOCIATE_AC, items + agreed.encode())

    def _encode(self, kind, items):
        titles = b"".join(title.encode("ascii").ljust(16) for title in (self.called, self.calling))
        return pdu(kind, b"\x00\x01\x00\x00" + titles + bytes(32) + _item(0x10, b"1.2.840.10008.3.1.1.1") + items)

    @classmethod
    def decode(cls, body):
        expect(len(body) >= 68 and body[1] & 1, "an A-ASSOCIATE-RQ too short, or of another protocol version")
        self = cls(_text(body[4:20]), _text(body[20:36]), {})
        for kind, value in _items(body[68:]):
            if kind == 0x20:
                (first, abstract), *others = _items(value[4:])
                expect(first == 0x30 and others and all(sub == 0x40 for sub, _ in others), "a presentation context of other items")
                expect(value[0] % 2 == 1 and value[0] not in self.contexts, f"presentation context id {value[0]}")
                self.contexts[value[0]] = (_text(abstract), [_text(syntax) for _, syntax in others])
            elif kind == 0x50:
                self.user = UserInformation.decode(value)
        return self


def decode_accept(body):
    """Context id -> (result, transfer syntax or None), and the acceptor's UserInformation: A-ASSOCIATE-AC, PS3.8 9.3.3."""
    results, agreed = {}, UserInformation(max_pdu=0, implementation="")
    for kind, value in _items(body[68:]):
        if kind == 0x21:
            # The transfer syntax means nothing unless the result is acceptance; some leave it out then.
            syntaxes = [_text(syntax) for _, syntax in _items(value[4:])]
            results[value[0]] = (value[2], syntaxes[0] if syntaxes and not value[2] else None)
        elif kind == 0x50:
            agreed = UserInformation.decode(value)
    return results, agreed
