# SPDX-License-Identifier: Apache-2.0
"""Part 10 files as bytes: just enough to find the data set without asking the product or a toolkit."""

from product import read_bytes


def data_set_offset(content):
    """PS3.10 7.1: 128 bytes, "DICM", then group 0002, whose first element (12 bytes) says how much of it follows."""
    if content[128:132] != b"DICM" or content[132:140] != b"\x02\x00\x00\x00UL\x04\x00":
        raise AssertionError("no Part 10 file with a group length")
    return 144 + int.from_bytes(content[140:144], "little")


def data_set_of(path):
    """The bytes that a C-STORE of this file sends."""
    content = read_bytes(path)
    return content[data_set_offset(content):]
