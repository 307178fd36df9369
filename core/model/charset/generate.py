#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of character_tables.hpp as a C++ source, from Python's own codecs.

usage: generate.py OUTPUT.cpp

The digest of each table is asserted: a Python whose codecs say something else stops the build instead of changing
what text in a file means.
"""
import hashlib
import struct
import sys

# In the order of CodeSet::latin_1 to CodeSet::thai.
SINGLE_BYTE = ("iso8859_1", "iso8859_2", "iso8859_3", "iso8859_4", "iso8859_5", "iso8859_6",
               "iso8859_7", "iso8859_8", "iso8859_9", "iso8859_15", "iso8859_11")

# SHA-256 of each table as little-endian 16-bit numbers.
DIGESTS = {
    "kSingleByte":
        "39137d5b9414daaf48f882eb58ad15996fe67e88f8b8aa5e00d23ba192b60994",
    "kJisX0208":
        "8912fd0fc12c9c8f255b3155b095a047517a9053351a76ff05ce4c12d235e9ab",
    "kJisX0212":
        "adfa2e1d1c45344c7dec7a1cc36325b866a74ae6fd267c9ac699448a46fa623b",
    "kKsX1001":
        "7e6b7f3699368bf4632a25b3651b05ff0db2d8a269c6d89551d19d879c6d1fff",
    "kGb18030":
        "7fb763c6255ab66308a25be9e05a37e5c94acf8863b533a15499ca8dad2710f5",
    "kGb18030Ranges":
        "0148a6d49cbb5e35b42b8a5cc1f0384b4e3d38dd39099cf6d5ddd498a8108e85",
    "kGb2312Runs":
        "5adbc0a45887e73149fadb40f453fb8e828d55362caf67f782d503afbac2888d",
}

COLUMNS = 94
GB_LEADS = range(0x81, 0xFF)
GB_TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFF))


def character(data, codec):
    """The one character of the Basic Multilingual Plane that `data` is, 0 for none."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return 0
    return ord(text) if len(text) == 1 and text != "\ufffd" else 0


def single_byte():
    return [character(bytes([byte]), codec) for codec in SINGLE_BYTE for byte in range(0xA0, 0x100)]


def square(codec, shift=b""):
    """A set of 94 x 94 characters: the rows down to the last that has any."""
    high = range(0xA1, 0xFF)
    cells = [character(shift + bytes([row, column]), codec) for row in high for column in high]
    while not any(cells[-COLUMNS:]):
        del cells[-COLUMNS:]
    return cells


def gb18030_pairs():
    return [character(bytes([lead, trail]), "gb18030") for lead in GB_LEADS for trail in GB_TRAILS]


def gb18030_ranges():
    """The four-byte characters of the Basic Multilingual Plane: pairs of first character, first index.
    The indices have no holes: where one range ends, the next begins."""
    ranges = []
    expected, character_before = 0, -1
    for code in (*range(0x80, 0xD800), *range(0xE000, 0x10000)):
        data = chr(code).encode("gb18030")
        if len(data) != 4:
            continue
        index = (((data[0] - 0x81) * 10 + data[1] - 0x30) * 126 + data[2] - 0x81) * 10 + data[3] - 0x30
        assert index == expected
        if code != character_before + 1:
            ranges += [code, index]
        expected, character_before = index + 1, code
    return ranges + [0xFFFF, expected]


def gb2312_runs():
    """Which cells of 94 x 94 GB 2312 has: pairs of first and last. What they mean is what they mean in GB 18030."""
    runs = []
    for cell in range(94 * 94):
        if not character(bytes([0xA1 + cell // 94, 0xA1 + cell % 94]), "gb2312"):
            continue
        if runs and runs[-1] == cell - 1:
            runs[-1] = cell
        else:
            runs += [cell, cell]
    return runs


def tables():
    jis_x_0212 = square("euc_jp", b"\x8f")
    # Row 2, column 23 is a tilde as wide as a kanji; as U+007E it would come back as another byte.
    jis_x_0212[1 * COLUMNS + 22] = 0xFF5E
    return {
        "kSingleByte": single_byte(),
        "kJisX0208": square("euc_jp"),
        "kJisX0212": jis_x_0212,
        "kKsX1001": square("euc_kr"),
        "kGb18030": gb18030_pairs(),
        "kGb18030Ranges": gb18030_ranges(),
        "kGb2312Runs": gb2312_runs(),
    }


def check(name, numbers):
    # A character of several bytes must never read as a delimiter or a control character.
    if name in ("kJisX0208", "kJisX0212", "kKsX1001", "kGb18030"):
        assert all(number == 0 or number > 0xA0 for number in numbers), name
        present = [number for number in numbers if number]
        assert len(set(present)) == len(present), name
    digest = hashlib.sha256(struct.pack(f"<{len(numbers)}H", *numbers)).hexdigest()
    if DIGESTS.get(name) != digest:
        sys.exit(f"generate.py: {name}: Python {sys.version.split()[0]} gives the digest\n  {digest}\n"
                 f"and not\n  {DIGESTS.get(name)}\n"
                 "Use another Python (3.6 to 3.13 agree), or review what its codecs changed.")


def definition(name, numbers):
    lines = [f"const std::uint16_t {name}[{len(numbers)}] = {{"]
    for at in range(0, len(numbers), 16):
        lines.append("  " + " ".join(f"{number}," for number in numbers[at:at + 16]))
    return "\n".join(lines + ["};", ""])


def main():
    parts = ["// SPDX-License-Identifier: Apache-2.0\n// Written by generate.py.\n"
             '#include "character_tables.hpp"\n\nnamespace scanferry::model::tables {\n']
    for name, numbers in tables().items():
        check(name, numbers)
        parts.append(definition(name, numbers))
    parts.append("}  // namespace scanferry::model::tables\n")
    with open(sys.argv[1], "w", encoding="ascii") as output:
        output.write("\n".join(parts))


if __name__ == "__main__":
    main()
