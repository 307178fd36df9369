#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generates the C++ of the data dictionary from the tables of this folder.

generate.py attributes OUTPUT       the header with a constant for each attribute
generate.py tables OUTPUT ...       the packed tables of dictionary.cpp and uid_registry.cpp, in one of two sizes
"""
import argparse
import bisect
import collections
import difflib
import pathlib
import re
import sys

from tables import Problem, read_table

LINE_WIDTH = 120
EXACT = (0xFFFF, 0xFFFF)
VRS_MAX = 3
# Of all tables together, unless the build says another one.
BUDGET_BYTES = {"trimmed": 24 * 1024, "full": 400 * 1024}
# Words that names in PS3.6 have in small letters; name_of in dictionary.cpp has the same.
SMALL_WORDS = {"Of", "For", "To", "In", "And", "With", "The", "From", "By", "On", "At", "Or", "Per", "As"}

UID_TYPES = {
    "Application Context Name": "application_context",
    "Application Hosting Model": "application_hosting_model",
    "Coding Scheme": "coding_scheme",
    "DICOM UIDs as a Coding Scheme": "coding_scheme",
    "LDAP OID": "ldap_object",
    "Mapping Resource": "mapping_resource",
    "Meta SOP Class": "meta_sop_class",
    "SOP Class": "sop_class",
    "Service Class": "service_class",
    "Synchronization Frame of Reference": "frame_of_reference",
    "Transfer Syntax": "transfer_syntax",
    "Well-known SOP Instance": "sop_instance",
    "Well-known frame of reference": "frame_of_reference",
}

Row = collections.namedtuple("Row", "text mask group element keyword name traits")
Traits = collections.namedtuple("Traits", "vrs multiplicity is_retired")


# Reading


def digits_of(text):
    """The value of hexadecimal digits, and the mask of those that are not X."""
    return int(text.replace("X", "0"), 16), int("".join("0" if digit == "X" else "F" for digit in text), 16)


def multiplicity_of(text):
    """PS3.5 6.4: "2", "1-3", "2-n", "3-3n" as min, max (0: no limit), step."""
    low, _, high = text.partition("-")
    if not high:
        return int(low), int(low), 1
    if high.endswith("n"):
        return int(low), 0, int(high[:-1] or "1")
    return int(low), int(high), 1


def vrs_of(text):
    """The VRs of "OB or OW", the one of Implicit VR Little Endian first (PS3.5 A.1)."""
    vrs = [] if text == "NONE" else text.lower().split(" or ")
    return tuple(sorted(vrs, key=lambda vr: vr != "ow"))


def attribute_of(line):
    match = re.fullmatch(r"\(([0-9A-FX]{4}),([0-9A-FX]{4})\)", line["tag"])
    if not match or line["keyword"] and not re.fullmatch("[A-Za-z][A-Za-z0-9]*", line["keyword"]):
        raise Problem(f"attributes.tsv: {line['tag']} {line['keyword']} is no tag and keyword")
    (group, group_mask), (element, element_mask) = map(digits_of, match.groups())
    if group % 2 != 0:
        raise Problem(f"attributes.tsv: {line['tag']} is private")
    traits = Traits(vrs_of(line["vr"]), multiplicity_of(line["vm"]), line["retired"] == "Y")
    return Row(line["tag"], (group_mask, element_mask), group, element, line["keyword"], line["name"], traits)


def read_attributes():
    """All attributes: first those with one tag, then family after family of repeating ones; each ascends by tag."""
    rows = sorted(map(attribute_of, read_table("attributes.tsv")), key=lambda row: (row.mask != EXACT, row.mask, row[2:4]))
    for what in ("text", "keyword"):
        counts = collections.Counter(getattr(row, what) for row in rows if getattr(row, what))
        doubles = [text for text, count in counts.items() if count > 1]
        if doubles:
            raise Problem(f"attributes.tsv: twice: {', '.join(doubles)}")
    return rows


# Choosing


def check_known(wanted, known, what):
    for word in wanted:
        if word not in known:
            near = difflib.get_close_matches(word, known, 3, 0.6)
            raise Problem(f"there is no {what} '{word}'" + (f"; did you mean {' or '.join(near)}?" if near else ""))


def tags_in(lines):
    return {tag for line in lines for tag in line["tag_path"].split(">")}


def tags_of_iods(iods):
    parts = read_table("iods.tsv")
    check_known(iods, {part["iod"] for part in parts}, "IOD")
    wanted = {(part["kind"], part["module"]) for part in parts if part["iod"] in iods}
    lines = [line for line in read_table("modules.tsv") if (line["kind"], line["module"]) in wanted]
    unknown = wanted - {(line["kind"], line["module"]) for line in lines}
    if unknown:
        print("dictionary: no attributes are known of", ", ".join(sorted(module for _, module in unknown)))
    return tags_in(lines)


def tags_of_services(services):
    lines = read_table("services.tsv")
    check_known(services, {line["service"] for line in lines}, "service")
    return tags_in(line for line in lines if line["service"] in services)


def keywords_in(path):
    if not path:
        return []
    words = (line.partition("#")[0].strip() for line in pathlib.Path(path).read_text(encoding="utf-8").split("\n"))
    return [word for word in words if word]


def trimmed_attributes(rows, options):
    """What the enabled IODs and services have, the user's list, commands (PS3.7 E) and File Meta Information (PS3.10 7.1)."""
    listed = keywords_in(options.attributes)
    check_known(listed, {row.keyword for row in rows if row.keyword}, f"attribute in {options.attributes}:")
    tags = tags_of_iods(options.iods) | tags_of_services(options.services)
    tags |= {row.text for row in rows if row.group == 0x0000 and not row.traits.is_retired or row.group == 0x0002}
    return [row for row in rows if row.text in tags or row.keyword in listed]


def trimmed_uids(lines, options):
    """Transfer syntaxes, and the SOP Classes of the enabled IODs and services with their well-known instances."""
    always = {"Verification", "DICOMApplicationContext"}

    def is_wanted(line):
        is_instance = line["type"] == "Well-known SOP Instance" and line["keyword"].startswith(tuple(options.services))
        return (line["type"] == "Transfer Syntax" or line["keyword"] in always or line["iod"] in options.iods
                or line["keyword"] in options.services or is_instance)

    return [line for line in lines if is_wanted(line)]


# Packing


def name_from(keyword):
    """The keyword with blanks: what most names are. name_of in dictionary.cpp does the same."""
    starts = [0] + [i for i in range(1, len(keyword))
                    if keyword[i].isupper() and (not keyword[i - 1].isupper() or keyword[i + 1:i + 2].islower())]
    words = [keyword[start:end] for start, end in zip(starts, starts[1:] + [len(keyword)])]
    name = words[0]
    for before, word in zip(words, words[1:]):
        if before == "Date" and word == "Time":
            name += word
        else:
            name += " " + (word.lower() if word in SMALL_WORDS else word)
    return name


def join(chains, size):
    """Appends to chains what begins as they end: `size` characters are then there only once."""
    beginnings = collections.defaultdict(list)
    for chain in reversed(chains):
        beginnings[chain[:size]].append(chain)
    taken, joined = set(), []
    for chain in chains:
        if chain in taken:
            continue
        taken.add(chain)
        while True:
            others = beginnings[chain[-size:]]
            while others and others[-1] in taken:
                others.pop()
            if not others:
                break
            taken.add(others[-1])
            chain += others.pop()[size:]
        joined.append(chain)
    return joined


def merge(texts):
    """One string that has all of `texts` in it, overlapping where they can."""
    chains, seen = [], ""
    for text in sorted(set(texts), key=lambda text: (-len(text), text)):
        if text not in seen:
            chains.append(text)
            seen += "\n" + text
    for size in range(max(map(len, chains), default=0) - 1, 0, -1):
        chains = join(chains, size)
    return "".join(chains)


def header_of(namespace, lines):
    return "\n".join([
        "// SPDX-License-Identifier: Apache-2.0", "// Generated by core/dictionary/generate.py", "#pragma once", "",
        f"namespace scanferry::core::{namespace} {{", "", *lines, "", f"}}  // namespace scanferry::core::{namespace}", ""])


class Writer:
    """Collects the C++ of one header and counts the bytes of its tables."""

    WIDTHS = {"std::uint8_t": 1, "std::uint16_t": 2, "std::uint32_t": 4, "Group": 4, "Family": 8, "Traits": VRS_MAX + 4}

    def __init__(self, namespace):
        self.namespace = namespace
        self.lines = []
        self.bytes = 0

    def array(self, kind, name, values):
        self.bytes += self.WIDTHS[kind] * len(values)
        self.lines.append(f"inline constexpr std::array<{kind}, {len(values)}> {name}{{{{")
        line = " "
        for value in values:
            if len(line) + len(str(value)) + 2 > LINE_WIDTH:
                self.lines.append(line)
                line = " "
            line += f" {value},"
        self.lines += [line] * (line != " ") + ["}};"]

    def characters(self, text):
        self.bytes += len(text) + 1
        self.lines.append("inline constexpr char kCharacters[] =")
        pieces = [text[i:i + LINE_WIDTH - 10] for i in range(0, len(text), LINE_WIDTH - 10)]
        self.lines += [f'  "{piece}"' for piece in pieces or [""]]
        self.lines[-1] += ";"

    def texts(self, what, texts, characters):
        """Where each text is in the characters, and how long it is."""
        offsets = [characters.index(text) for text in texts]
        self.array("std::uint16_t" if len(characters) < 0x10000 else "std::uint32_t", f"k{what}Offsets", offsets)
        self.array("std::uint8_t", f"k{what}Sizes", [len(text) for text in texts])

    def text(self):
        return header_of(self.namespace, self.lines + [f"inline constexpr std::size_t kBytes = {self.bytes};"])


def traits_text(traits):
    vrs = [f"Vr::{vr}" for vr in traits.vrs] + ["Vr::unknown"] * (VRS_MAX - len(traits.vrs))
    return "Traits{{" + ", ".join(vrs) + "}, " + ", ".join(map(str, traits.multiplicity)) + f", {int(traits.is_retired)}}}"


def families_of(rows):
    """The groups of each mask, each with its first row, and which of them belong to which mask. The exact ones come first."""
    groups, families = [], []
    masks = list(dict.fromkeys([EXACT] + [row.mask for row in rows]))
    for mask in masks:
        first = len(groups)
        for index, row in enumerate(rows):
            if row.mask == mask and (len(groups) == first or groups[-1][0] != row.group):
                groups.append((row.group, index))
        families.append((mask, first, len(groups)))
    return groups + [(0, len(rows))], families


def dictionary_table(rows, has_names):
    writer = Writer("dictionary_table")
    groups, families = families_of(rows)
    kinds = sorted({row.traits for row in rows})
    names = [(i, row.name) for i, row in enumerate(rows) if has_names and row.name not in ("", name_from(row.keyword))]
    characters = merge([row.keyword for row in rows] + [name for _, name in names])
    by_keyword = sorted((i for i, row in enumerate(rows) if row.keyword), key=lambda i: rows[i].keyword)
    if len(kinds) > 0xFF or len(rows) > 0xFFFF:
        raise Problem("the dictionary outgrew its packing")

    writer.array("Family", "kFamilies",
                 [f"Family{{{{0x{m[0]:04X}, 0x{m[1]:04X}}}, {first}, {last}}}" for m, first, last in families])
    exact = [group for group, _ in groups[:families[0][2]]]
    writer.array("std::uint8_t", "kLowGroups", [max(bisect.bisect_right(exact, low) - 1, 0) for low in range(0, 0x100, 2)])
    writer.array("Group", "kGroups", [f"Group{{0x{group:04X}, {row}}}" for group, row in groups])
    writer.array("Traits", "kTraits", [traits_text(kind) for kind in kinds])
    writer.array("std::uint16_t", "kElements", [f"0x{row.element:04X}" for row in rows])
    writer.array("std::uint8_t", "kTraitsOf", [kinds.index(row.traits) for row in rows])
    writer.texts("Keyword", [row.keyword for row in rows], characters)
    writer.array("std::uint16_t", "kByKeyword", by_keyword)
    writer.array("std::uint16_t", "kNamed", [i for i, _ in names])
    writer.texts("Name", [name for _, name in names], characters)
    writer.characters(characters)
    return writer


def uid_table(lines, has_names):
    writer = Writer("uid_table")
    lines = sorted(lines, key=lambda line: line["uid"])
    columns = ["uid", "keyword"] + (["name"] if has_names else [])
    characters = merge(line[column] for line in lines for column in columns)
    for line in lines:
        if line["type"] not in UID_TYPES:
            raise Problem(f"uids.tsv: {line['uid']} has the type '{line['type']}', which generate.py does not know")
    by_keyword = sorted((i for i, line in enumerate(lines) if line["keyword"]), key=lambda i: lines[i]["keyword"])

    for column in ("uid", "keyword", "name"):
        writer.texts(column.capitalize(), [line[column] for line in lines if column in columns], characters)
    flags = [f"flags(UidType::{UID_TYPES[line['type']]}, {int(line['retired'] == 'Y')}, {int(line['storage'] == 'Y')})"
             for line in lines]
    writer.array("std::uint8_t", "kFlags", flags)
    writer.array("std::uint16_t", "kByKeyword", by_keyword)
    writer.characters(characters)
    return writer


# Writing


def attributes_header(rows):
    lines = []
    for row in sorted((row for row in rows if row.keyword), key=lambda row: row.text):
        vr = row.traits.vrs[0] if row.traits.vrs else "unknown"
        name = row.keyword[0].upper() + row.keyword[1:]
        lines.append(f"inline constexpr Attribute k{name}{{{{0x{row.group:04X}, 0x{row.element:04X}}}, Vr::{vr}}};")
    return header_of("attribute", lines)


def write_attributes(rows, options):
    (options.output / "attributes.hpp").write_text(attributes_header(rows), encoding="ascii")


def write_tables(rows, options):
    uids = read_table("uids.tsv")
    is_full = options.size == "full"
    attributes = rows if is_full else trimmed_attributes(rows, options)
    chosen_uids = uids if is_full else trimmed_uids(uids, options)
    tables = {"dictionary_table.hpp": dictionary_table(attributes, is_full), "uid_table.hpp": uid_table(chosen_uids, is_full)}
    sizes = [table.bytes for table in tables.values()]
    budget = options.budget_bytes or BUDGET_BYTES[options.size]
    print(f"dictionary: {options.size}, {len(attributes)} of {len(rows)} attributes in {sizes[0]} bytes,",
          f"{len(chosen_uids)} of {len(uids)} UIDs in {sizes[1]} bytes: {sum(sizes)} of at most {budget} bytes")
    if sum(sizes) > budget:
        raise Problem(f"{sum(sizes)} bytes are over the budget of {budget}: have fewer IODs, services or attributes, or a "
                      "larger SCANFERRY_DICTIONARY_BYTES_MAX")
    for name, table in tables.items():
        (options.output / name).write_text(table.text(), encoding="ascii")


def words_of(text):
    return [word for word in re.split("[;,]", text) if word]


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("attributes", "tables"))
    parser.add_argument("output", type=pathlib.Path, help="folder of the generated headers")
    parser.add_argument("--size", choices=tuple(BUDGET_BYTES), default="full")
    parser.add_argument("--iods", type=words_of, default=[], help="IODs of iods.tsv, with commas between them")
    parser.add_argument("--services", type=words_of, default=[], help="services of services.tsv, with commas between them")
    parser.add_argument("--budget-bytes", type=int, default=0, help="of all tables; 0: what the size has")
    parser.add_argument("--attributes", default="", help="file with further keywords, one a line")
    return parser.parse_args()


def main():
    options = read_options()
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        rows = read_attributes()
        (write_attributes if options.what == "attributes" else write_tables)(rows, options)
    except (Problem, OSError) as problem:
        sys.exit(f"dictionary: {problem}")


if __name__ == "__main__":
    main()
