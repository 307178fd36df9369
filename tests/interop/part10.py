# SPDX-License-Identifier: Apache-2.0
"""Part 10 files as bytes: just enough to find the data set without asking the product or a toolkit."""

from product import read_bytes


_LONG_FORM = (b"OB", b"OW", b"SQ", b"UN", b"UT")


def data_set_offset(content):
    """PS3.10 7.1: 128 bytes, "DICM", then group 0002 in Explicit VR Little Endian (PS3.5 7.1.2)."""
    if content[128:132] != b"DICM":
        raise AssertionError("no Part 10 file")
    at = 132
    while content[at:at + 2] == b"\x02\x00":
        if content[at + 4:at + 6] in _LONG_FORM:
            at += 12 + int.from_bytes(content[at + 8:at + 12], "little")
        else:
            at += 8 + int.from_bytes(content[at + 6:at + 8], "little")
    return at


def data_set_of(path):
    """The bytes of the data set as they lie in the file."""
    content = read_bytes(path)
    return content[data_set_offset(content):]


def sent_data_set_of(path):
    """The bytes that a C-STORE of this file sends: a deflated data set has an even length (PS3.5 A.5), in whatever way it lies in the file."""
    content = read_bytes(path)
    at = data_set_offset(content)
    is_deflated = b"1.2.840.10008.1.2.1.99" in content[132:at]
    return content[at:] + b"\0" * (is_deflated and len(content[at:]) % 2)
