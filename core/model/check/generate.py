#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of check_tables.hpp as a C++ source, from attributes.tsv, iods.tsv, modules.tsv and uids.tsv of core/dictionary.

usage: generate.py OUTPUT.cpp

Modules repeat each other: codes, references and digital signatures are written out wherever they are nested. Equal lists of
attributes are there once.
"""
import collections
import pathlib
import re
import sys

import conditions

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "dictionary"))
from tables import Problem, read_table  # noqa: E402, its folder is known only now

BUDGET_BYTES = 400 * 1024
LINE_WIDTH = 120
NONE = 0xFFFF
WORDS_MAX = 200  # of a condition

TYPES = {"1": "one", "1C": "one_conditional", "2": "two", "2C": "two_conditional", "3": "three", "3C": "three"}
# Of a module with such rows nothing else is known.
REQUIRED_ONLY = "required"

# Words of module names that are not written as other words are.
WORDS = {
    **{word: word.upper() for word in (
        "2d 3d cad cda cr ct dvh dx ecg eeg emg eog fov icc iod iol ivus lut mpr mr mtl nm obj oct pdf pet rf roi rt sc sop sr "
        "stl us uv vl voi xa xrf").split()},
    **{word: word for word in "and for from in of on or the to with".split()},
}
JOINED = {"X Ray": "X-Ray", "Multi Frame": "Multi-frame", "Multi Energy": "Multi-energy", "XA XRF": "XA/XRF", "NM PET": "NM/PET",
          "Contrast Bolus": "Contrast/Bolus", "C Arm Photon Electron": "C-Arm Photon-Electron", "Per Frame": "Per-frame"}

# The lists of enumerated values are those of 2010. Some were wrong or of one condition only: these are not used. A list that is
# in LASTING, or of an attribute in LASTING_OF, is the same in every edition: other values are errors. For the rest they are
# warnings.
NOT_ENUMERATED = {
    "PatientOrientation", "ImageType", "FrameIncrementPointer", "CodeValue", "PixelPresentation", "PresentationIntentType",
    "FluenceMode", "HighBit", "BitsStored", "SeriesType",
}
NOT_ENUMERATED_IN = {
    ("image-pixel", "BitsAllocated"), ("x-ray-image", "BitsAllocated"), ("rt-series", "Modality"),
    ("vl-image", "PhotometricInterpretation"), ("enhanced-ct-image", "BurnedInAnnotation"),
    ("enhanced-mr-image", "BurnedInAnnotation"), ("ophthalmic-tomography-image", "BurnedInAnnotation"),
    ("nm-image", "WholeBodyTechnique"), ("sc-multi-frame-image", "RescaleType"),
}
LASTING = {"NO|YES", "N|Y", "00|01", "0|1"}
LASTING_OF = {"PatientSex", "Laterality", "ImageLaterality", "Modality", "SamplesPerPixel", "OverlayType", "ApprovalStatus",
              "PixelRepresentation", "PhotometricInterpretation", "MRAcquisitionType", "DoseUnits", "BitsAllocated"}

# One of three attributes names a code, PS3.3 8.8; the tables leave it open which.
CODE_CONDITIONS = {
    "CodeValue": "NOT PRESENT 0x00080119 AND NOT PRESENT 0x00080120",
    "CodingSchemeDesignator": "PRESENT 0x00080100 OR PRESENT 0x00080119",
}

Node = collections.namedtuple("Node", "group element kind doubted repeating condition terms children")
Part = collections.namedtuple("Part", "module usage condition is_macro")


def name_of(identifier):
    name = " ".join(WORDS.get(word, word.capitalize()) for word in identifier.split("-") if word)
    for apart, joined in JOINED.items():
        name = name.replace(apart, joined)
    return name


def terms_of(row):
    """(severity, "A|B"): `error` and `warning` for values that must be one of them, `note` for defined terms."""
    if not row["terms"]:
        return None
    kind, _, text = row["terms"].partition(":")
    values = [value.strip() for value in dict.fromkeys(text.split("|")) if len(value) <= 16 and "(" not in value]
    values = [str(int(value, 16)) if re.fullmatch("0x[0-9A-F]{4}", value) else value for value in values if value]
    if row["vr"] not in ("CS", "US", "IS", "SS") or len(values) != len(dict.fromkeys(text.split("|"))):
        return None
    if kind == "D":
        # Codes and units are no defined terms of an attribute.
        return ("note", "|".join(values)) if row["vr"] == "CS" and len(values) > 1 else None
    if row["keyword"] in NOT_ENUMERATED or (row["module"], row["keyword"]) in NOT_ENUMERATED_IN:
        return None
    text = "|".join(values)
    return ("error" if text in LASTING or row["keyword"] in LASTING_OF else "warning", text)


# Building


class Tables:
    def __init__(self, names):
        self.names = names  # (group, element) -> name
        self.texts = {"": 0}
        self.terms = {}
        self.conditions = {("", (), False): 0}
        self.lists = {(): 0}

    def text(self, text):
        return self.texts.setdefault(text, len(self.texts))

    def term(self, pair):
        return NONE if pair is None else self.terms.setdefault((pair[0], self.text(pair[1])), len(self.terms))

    def condition(self, text, is_cut, siblings=frozenset()):
        """Its index; 0 when there is none. An attribute among the `siblings` is meant before one of the same tag outside."""
        steps, is_weak = conditions.steps_of(text, is_cut)
        steps = tuple((*step[:2], 0 if step[2] == conditions.OUTWARDS and step[3:5] in siblings else step[2], *step[3:])
                      for step in steps)
        words = conditions.words_of(text, is_cut, self.names) if text else ""
        words = words if len(words) <= WORDS_MAX else words[:WORDS_MAX] + "..."
        return self.conditions.setdefault((words, steps, is_weak), len(self.conditions))

    def list_of(self, nodes):
        return self.lists.setdefault(tuple(nodes), len(self.lists))


def tree_of(rows):
    """tag -> [row, tree] for the rows of one module; a parent that has no row of its own has None."""
    tree = {}
    for row in rows:
        level = tree
        *parents, tag = row["tag_path"].split(">")
        for parent in parents:
            level = level.setdefault(parent, [None, {}])[1]
        entry = level.setdefault(tag, [None, {}])
        if entry[0] is None or row["terms"] and not entry[0]["terms"]:
            entry[0] = row
    return tree


def tag_of(text):
    match = re.fullmatch(r"\(([0-9A-F]{2})([0-9A-FX]{2}),([0-9A-F]{4})\)", text)
    if not match:
        raise Problem(f"modules.tsv: {text} is no tag")
    return int(match[1] + match[2].replace("XX", "00"), 16), int(match[3], 16), match[2] == "XX"


def pack(tables, tree):
    siblings = frozenset(tag_of(text)[:2] for text in tree)
    nodes = []
    for text, (row, children) in tree.items():
        group, element, is_repeating = tag_of(text)
        row = row or {"type": "3", "differs": "N", "condition": "", "terms": "", "keyword": ""}
        is_code = row["type"] == "1C" and row["keyword"] in CODE_CONDITIONS
        words = CODE_CONDITIONS[row["keyword"]] if is_code else row["condition"]
        condition = tables.condition(words, True, siblings) if "C" in row["type"] else 0
        nodes.append(Node(group, element, TYPES[row["type"]], row["differs"] == "Y" and not is_code, is_repeating, condition,
                          tables.term(terms_of(row)), pack(tables, children)))
    return tables.list_of(sorted(nodes))


def read_names():
    return {tag_of(row["tag"])[:2]: row["name"] for row in read_table("attributes.tsv") if re.fullmatch(r"\([0-9A-F,]+\)", row["tag"])}


def read_modules(tables):
    """(is macro, identifier) -> index of its list, and whether that is all of it."""
    rows = collections.defaultdict(list)
    for row in read_table("modules.tsv"):
        rows[(row["kind"] == "fgmacro", row["module"])].append(row)
    return {key: (pack(tables, tree_of(of_module)), all(row["editions"] != REQUIRED_ONLY for row in of_module))
            for key, of_module in sorted(rows.items())}


def read_iods(tables, names):
    """IOD -> its parts; `names` collects (is macro, identifier) in the order of their indices."""
    iods = collections.defaultdict(list)
    for row in read_table("iods.tsv"):
        key = (row["kind"] == "fgmacro", row["module"])
        condition = tables.condition(row["condition"], False)
        iods[row["iod"]].append(Part(names.setdefault(key, len(names)), row["usage"][:1], condition, key[0]))
    return iods


# Writing


class Writer:
    WIDTHS = {"std::uint8_t": 1, "std::uint16_t": 2, "std::uint32_t": 4}

    def __init__(self):
        self.lines = []
        self.bytes = 0

    def array(self, kind, name, values, width=0):
        if len(values) >= NONE:
            raise Problem("the tables outgrew their packing")
        self.bytes += len(values) * (width or self.WIDTHS[kind])
        self.lines.append(f"const {kind} {name}[{len(values)}] = {{")
        line = " "
        for value in values:
            if len(line) + len(str(value)) + 2 > LINE_WIDTH:
                self.lines.append(line)
                line = " "
            line += f" {value},"
        self.lines += [line] * (line != " ") + ["};"]

    def characters(self, texts):
        joined = "".join(texts)
        self.bytes += len(joined) + 1
        self.lines.append(f"const char kCharacters[{len(joined) + 1}] =")
        pieces = [joined[i:i + LINE_WIDTH - 12] for i in range(0, len(joined), LINE_WIDTH - 12)]
        quoted = [piece.replace("\\", "\\\\").replace('"', '\\"') for piece in pieces]
        self.lines += [f'  "{piece}"' for piece in quoted]
        self.lines[-1] += ";"


def write_attributes(tables, writer):
    firsts, rows = [0], []
    for nodes in tables.lists:
        rows += [f"{{0x{n.group:04X}, 0x{n.element:04X}, {n.children}, {n.condition}, {n.terms}, Type::{n.kind}, {int(n.doubted)}, "
                 f"{int(n.repeating)}}}" for n in nodes]
        firsts.append(len(rows))
    writer.array("std::uint16_t", "kLists", firsts)
    writer.array("Attribute", "kAttributes", rows, 14)
    writer.array("Terms", "kTerms", [f"{{{text}, TermKind::{kind}}}" for kind, text in tables.terms], 4)


def write_conditions(tables, writer):
    steps, rows = [], []
    for words, program, is_weak in tables.conditions:
        rows.append(f"{{{tables.text(words)}, {len(steps)}, {len(program)}, {int(is_weak)}}}")
        steps += [f"{{Operation::{operation}, {number}, {way}, 0x{group:04X}, 0x{element:04X}, {tables.text(text)}}}"
                  for operation, number, way, group, element, text in program]
    writer.array("Condition", "kConditions", rows, 6)
    writer.array("Step", "kSteps", steps, 10)


def write_iods(tables, modules, iods, names, writer):
    rows = []
    for key in names:
        of_module, is_complete = modules.get(key, (NONE, False))
        rows.append(f"{{{tables.text(name_of(key[1]))}, {of_module}, {int(is_complete)}}}")
    writer.array("Module", "kModules", rows, 6)
    parts, rows = [], []
    for iod in iods:
        rows.append(f"{{{tables.text(name_of(iod))}, {len(parts)}, {len(iods[iod])}}}")
        parts += [f"{{{part.module}, {part.condition}, '{part.usage}', {int(part.is_macro)}}}" for part in iods[iod]]
    writer.array("Part", "kParts", parts, 6)
    writer.array("Iod", "kIods", rows, 6)
    order = list(iods)
    classes = sorted((row["uid"], order.index(row["iod"])) for row in read_table("uids.tsv") if row["iod"] in iods)
    writer.array("SopClass", "kSopClasses", [f"{{{tables.text(uid)}, {iod}}}" for uid, iod in classes], 4)
    writer.lines.append(f"const std::size_t kSopClassesCount = {len(classes)};")


def write_texts(tables, writer):
    offsets = [0]
    for text in tables.texts:
        offsets.append(offsets[-1] + len(text))
    writer.array("std::uint32_t", "kTexts", offsets)
    writer.characters(tables.texts)
    if len(tables.texts) >= NONE:
        raise Problem("the tables outgrew their packing")


def main():
    try:
        tables, names, writer = Tables(read_names()), {}, Writer()
        modules = read_modules(tables)
        iods = read_iods(tables, names)
        write_attributes(tables, writer)
        write_conditions(tables, writer)
        write_iods(tables, modules, iods, names, writer)
        write_texts(tables, writer)
    except (Problem, OSError) as problem:
        sys.exit(f"check tables: {problem}")
    known = [modules[key] for key in names if key in modules]
    required_only = sum(not is_complete for _, is_complete in known)
    print(f"check tables: {len(iods)} IODs, {len(names)} modules and macros, {len(known)} of them with attributes, of {required_only}",
          "the required ones only:",
          f"{writer.bytes} of at most {BUDGET_BYTES} bytes")
    if writer.bytes > BUDGET_BYTES:
        sys.exit("check tables: they are over their budget")
    with open(sys.argv[1], "w", encoding="ascii") as output:
        output.write("\n".join([
            "// SPDX-License-Identifier: Apache-2.0", "// Written by generate.py.", '#include "check_tables.hpp"', "",
            "namespace scanferry::model::check_tables {", "", *writer.lines, "", "}  // namespace scanferry::model::check_tables", ""]))


if __name__ == "__main__":
    main()
