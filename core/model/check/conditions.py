# SPDX-License-Identifier: Apache-2.0
"""Translates the words of a condition into steps that a program can take.

A step is (operation, value number, way, group, element, text): `present`, `empty` and the comparisons push true or false, `and_`,
`or_` and `not_` combine what was pushed, `always` and `never` push what they say. The way to the attribute: 0 the same data set, n
that many data sets outwards, OUTWARDS the nearest data set outwards that has it. What is not understood has no steps.
"""
import re

OUTWARDS = 0xFF
NOT, AND, OR = (("not_", 0, 0, 0, 0, ""), ("and_", 0, 0, 0, 0, ""), ("or_", 0, 0, 0, 0, ""))
TEXT_MAX = 80  # modules.tsv has that many characters of a condition: a text of that length may lack its end

# Some tables name their conditions instead of spelling them out.
NAMED = {
    "Always": "always",
    "Never": "never",
    "ContextIdentifierIsPresent": "PRESENT 0x0008010F",
    "ExtendedCodingScheme": 'VALUE 0x0008010B = "Y"',
    "ValueTypeIsCompositeOrImage": 'VALUE 0x0040A040 = "COMPOSITE" OR VALUE 0x0040A040 = "IMAGE"',
    "ValueTypeIsNumeric": 'VALUE 0x0040A040 = "NUMERIC"',
    "ValueTypeIsCode": 'VALUE 0x0040A040 = "CODE"',
    "PhotometricInterpretationNeedsPalette": 'VALUE 0x00280004 = "PALETTE COLOR"',
    "PhotometricInterpretationIsMonochrome2": 'VALUE 0x00280004 = "MONOCHROME2"',
    "UniversalEntityIDNotPresent": "NOT PRESENT 0x00400032",
    "UniversalEntityIDPresent": "PRESENT 0x00400032",
    "LocalNamespaceEntityIDNotPresent": "NOT PRESENT 0x00400031",
    "InstitutionCodeSequenceNotPresent": "NOT PRESENT 0x00080082",
    "InstitutionNameNotPresent": "NOT PRESENT 0x00080080",
    "PupilDilatedIsYes": 'VALUE 0x0022000D = "YES"',
    "FluenceModeIsNonStandard": 'VALUE 0x30020051 = "NON_STANDARD"',
    "NumberOfBlocksNotZero": 'VALUE 0x300A00F0 > "0"',
    "NumberOfWedgesNotZero": 'VALUE 0x300A00D0 > "0"',
    "NumberOfCompensatorsNotZero": 'VALUE 0x300A00E0 > "0"',
    "NumberOfBoliNotZero": 'VALUE 0x300A00ED > "0"',
    "NumberOfBeamsNotZero": 'VALUE 0x300A0080 > "0"',
    "NumberOfBrachyApplicationSetupsNotZero": 'VALUE 0x300A00A0 > "0"',
    "RTPlanGeometryIsPatient": 'VALUE 0x300A000C = "PATIENT"',
    "ImageTypeValue1Derived": 'VALUE 0x00080008 1 = "DERIVED"',
    "ImageTypeValue1OriginalOrMixed": 'VALUE 0x00080008 1 = "ORIGINAL" OR VALUE 0x00080008 1 = "MIXED"',
    "ParallelAcquisitionIsYes": 'VALUE 0x00189077 = "YES"',
    "PhaseContrastIsYes": 'VALUE 0x00189014 = "YES"',
    "PartialFourierIsYes": 'VALUE 0x00189081 = "YES"',
    "InversionRecoveryIsYes": 'VALUE 0x00189009 = "YES"',
    "RescaleInterceptNotPresent": "NOT PRESENT 0x00281052",
    "ForPresentationAndWindowCenterNotPresent": 'VALUE 0x00080068 = "FOR PRESENTATION" AND NOT PRESENT 0x00281050',
    "ImageTypeValue3ASL": 'VALUE 0x00080008 3 = "ASL"',
    "ImageTypeValue3BiplaneAOrB": 'VALUE 0x00080008 3 = "BIPLANE A" OR VALUE 0x00080008 3 = "BIPLANE B"',
    "ImageTypeValue3StereoLOrR": 'VALUE 0x00080008 3 = "STEREO L" OR VALUE 0x00080008 3 = "STEREO R"',
    "MultiFrameIODAndNotSpecimen": "PRESENT 0x00280008 AND NOT PRESENT 0x00400560",
    "PixelComponentOrganizationIs3": 'VALUE 0x00186044 = "3"',
    "PatientEyeMovementCommandedIsYes": 'VALUE 0x00220005 = "YES"',
    "MydriaticAgentConcentrationIsPresent": "PRESENT 0x0022004E",
    "OphthalmicImageOrientationIsTransverse": 'VALUE 0x00220039 = "TRANSVERSE"',
    "FrameIncrementPointerContainsPhaseVector": 'VALUE 0x00280009 = "0x00540030"',
    "FrameIncrementPointerContainsRRIntervalVector": 'VALUE 0x00280009 = "0x00540060"',
    "DiffusionDirectionalityIsDirectional": 'VALUE 0x00189075 = "DIRECTIONAL"',
    "DiffusionDirectionalityIsBMatrix": 'VALUE 0x00189075 = "BMATRIX"',
    "TaggingIsGrid": 'VALUE 0x00189028 = "GRID"',
    "TaggingIsGridOrLine": 'VALUE 0x00189028 = "GRID" OR VALUE 0x00189028 = "LINE"',
    "ReceiveCoilTypeIsMultiCoil": 'VALUE 0x00189043 = "MULTICOIL"',
    "ASLCrusherFlagIsYes": 'VALUE 0x00189259 = "YES"',
    "ASLBolusCutoffFlagIsYes": 'VALUE 0x0018925C = "YES"',
    "Required if Rescale Intercept is present.": "PRESENT 0x00281052",
    # It goes on: or Pixel Presentation is COLOR or MIXED.
    "Required if Photometric Interpretation (0028,0004) has a value of PALETTE COLOR":
        'VALUE 0x00280004 = "PALETTE COLOR" OR VALUE 0x00089205 = "COLOR" OR VALUE 0x00089205 = "MIXED"',

    # Of modules.
    "Required if Frame Increment Pointer (0028,0009) is Frame Time (0018,1063) or Frame Time Vector (0018,1065)":
        'VALUE 0x00280009 = "0x00181063" OR VALUE 0x00280009 = "0x00181065"',
    "Required if pixel data is Multi-frame Cine Data": 'VALUE 0x00280008 > "1"',
    "Required if pixel data is Multi-frame Cine data": 'VALUE 0x00280008 > "1"',
    "Required if Number of Frames is greater than 1": 'VALUE 0x00280008 > "1"',
    "Required if Modality = IVUS": 'VALUE 0x00080060 = "IVUS"',
    "Required if Modality (0008,0060) = IVUS. May be present otherwise.": 'VALUE 0x00080060 = "IVUS"',
    "Required if Image Position (Patient) (0020,0032) or Image Orientation (Patient) (0020,0037) are present. May be present otherwise.":
        "PRESENT 0x00200032 OR PRESENT 0x00200037",
    "Required if Contrast/Bolus Agent Sequence (0018,0012) is used.": "PRESENT 0x00180012",
    "Required if Pixel Presentation (0008,9205) in the Enhanced CT Image Module equals COLOR or MIXED.":
        'VALUE 0x00089205 = "COLOR" OR VALUE 0x00089205 = "MIXED"',
    "Required if Pixel Presentation (0008,9205) in the Enhanced MR Image Module equals COLOR or MIXED.":
        'VALUE 0x00089205 = "COLOR" OR VALUE 0x00089205 = "MIXED"',
}

# Operands in the form of the first kind of text: VALUE ../0x00080060 2 = "US", PRESENT 0x00400032, EMPTY 0x00400032 (or not there).
# A value "0x00181063" is a tag.
OPERAND = re.compile(r'(VALUE|PRESENT|EMPTY)\s+((?:\.\./)*)0x([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})(?:\s+(\d))?(?:\s*(!=|=|>|<)\s*"([^"]*)"?)?')
TOKEN = re.compile(r'\s*(?:(?P<word>\(|\)|AND\b|OR\b|NOT\b|WEAK\b|TRUE\b|FALSE\b|,)|(?P<operand>' + OPERAND.pattern + "))")
COMPARISONS = {"=": "equals", ">": "greater"}
TAG_VALUE = re.compile(r"0x([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})")


class NotUnderstood(Exception):
    pass


class Formula:
    """Recursive descent: OR binds less than AND, AND less than NOT."""

    def __init__(self, text):
        self.tokens, at = [], 0
        while text[at:].strip():
            match = TOKEN.match(text, at)
            if not match:
                raise NotUnderstood
            self.tokens.append(OPERAND.match(match["operand"]) if match["operand"] else match["word"])
            at = match.end()
        self.is_weak = False

    def take(self, word=None):
        if not self.tokens or word is not None and self.tokens[0] != word:
            raise NotUnderstood
        return self.tokens.pop(0)

    def chain(self, word, operation, inner):
        steps = inner()
        while self.tokens and self.tokens[0] == word:
            self.take()
            steps = steps + inner() + [operation]
        return steps

    def any_of(self):
        return self.chain("OR", OR, self.all_of)

    def all_of(self):
        return self.chain("AND", AND, self.one)

    def one(self):
        token = self.take()
        if token == "NOT":
            return self.one() + [NOT]
        if token == "(":
            steps = self.any_of()
            self.take(")")
            return steps
        if token == "WEAK":
            self.is_weak = True
            self.take("(")
            steps = self.any_of()
            self.take(",")
            self.take()
            self.take(")")
            return steps
        if isinstance(token, str):
            raise NotUnderstood
        kind, way, group, element, number, comparison, text = token.groups()
        way = way.count("/")
        place = (way, int(group, 16), int(element, 16))
        if kind != "VALUE":
            return [(kind.lower(), 0, *place, "")]
        tag = TAG_VALUE.fullmatch(text or "")
        if comparison not in COMPARISONS or not text or text.startswith("0x") and not tag:
            raise NotUnderstood
        # A tag as the program writes it.
        return [(COMPARISONS[comparison], int(number or 0), *place, f"({tag[1]},{tag[2]})".lower() if tag else text.strip())]

    def steps(self):
        steps = self.any_of()
        if self.tokens:
            raise NotUnderstood
        return steps, self.is_weak


TAIL = re.compile(r"[;,.]?\s*(May be present otherwise.*|may be present otherwise.*|Shall not be present otherwise.*)?[.)\s]*$")
NAME = r"[A-Z](?:[A-Za-z/'()-]|\s(?!or |if |and |is |are ))*?"
SUBJECT = r"(?:the )?(?:value of )?" + NAME + r"\s*\((?P<group>[0-9A-F]{4}),(?P<element>[0-9A-F]{4})\)"
VALUE_NUMBER = r"(?:,? Value (?P<number>\d))?(?: of this frame)?"
PRESENT = re.compile(SUBJECT + r" (?:is|are) (?P<is_not>not )?(?P<what>present and has a value|present|sent|absent|empty)$")
# What is meant is (operation, whether that is denied).
PRESENCES = {"present": ("present", False), "sent": ("present", False), "absent": ("present", True), "empty": ("empty", False),
             "present and has a value": ("empty", True)}
VALUE = re.compile(SUBJECT + VALUE_NUMBER + r" (?:is |equals |has a value of |has the value |is present and )*"
                   r"(?P<other>not |other than )?(?P<values>\"?[A-Z0-9][A-Z0-9_ .]*\"?(?:,? or \"?[A-Z0-9][A-Z0-9_ .]*\"?)*)$")
GREATER = re.compile(SUBJECT + r" (?:has a value |is )greater than (?P<value>\d+)$")


def english_clause(text):
    match = PRESENT.match(text)
    if match:
        place = (OUTWARDS, int(match["group"], 16), int(match["element"], 16))
        operation, is_denied = PRESENCES[match["what"]]
        return [(operation, 0, *place, "")] + [NOT] * (is_denied != bool(match["is_not"]))
    match = GREATER.match(text)
    if match:
        return [("greater", 0, OUTWARDS, int(match["group"], 16), int(match["element"], 16), match["value"])]
    match = VALUE.match(text)
    # A UID in a sentence is cut at its first dot.
    if not match or match["group"] + match["element"] == "00080016":
        raise NotUnderstood
    place = (int(match["number"] or 0), OUTWARDS, int(match["group"], 16), int(match["element"], 16))
    values = [value.strip(' ".') for value in re.split(",? or ", match["values"])]
    steps = [("equals", *place, values[0])]
    for value in values[1:]:
        steps += [("equals", *place, value), OR]
    if match["other"]:
        steps.append(NOT)
        # "other than NONE" speaks of a value that is there.
        if match["other"] == "other than ":
            steps += [("present", 0, *place[1:], ""), AND]
    return steps


def english(text):
    text = re.sub(r"^Required if\s+", "", text)
    text = TAIL.sub("", text)
    steps = []
    for clause in re.split(r" and (?:if )?(?=(?:the value of )?[A-Z][A-Za-z/'() -]*\([0-9A-F]{4},)", text):
        steps += english_clause(clause.strip()) + ([AND] if steps else [])
    return steps, False


def what_is_left(text):
    """Of a text that was cut off: what stands before an exception, or the first of several cases; nothing when that is not sure."""
    end = re.search(r"[;,.] ?[Mm]ay be", text)
    if end:
        return text[:end.start()]
    cases = text.split(" OR ")
    if len(cases) < 2 or any(word in text for word in ("AND", "NOT", "WEAK", "Required")):
        return ""
    return " OR ".join(cases[:-1])


def formula_of(text, is_cut):
    formula = NAMED.get(text, text)
    is_maybe_cut = is_cut and TEXT_MAX - 1 <= len(text) <= TEXT_MAX and not text.endswith(".")
    return what_is_left(text) if is_maybe_cut and formula == text else formula


def words_of(text, is_cut, names):
    """The condition for people; a formula with the names of its attributes. Empty where there is nothing to be said."""
    formula = text if text.startswith("Required") else formula_of(text, is_cut)
    if not OPERAND.search(formula):
        return text if " " in text else ""

    def operand(match):
        kind, _, group, element, number, comparison, value = match.groups()
        name = names.get((int(group, 16), int(element, 16)), f"({group},{element})") + (f" Value {number}" if number else "")
        relation = {"=": " is ", ">": " is greater than ", "<": " is less than ", "!=": " is not ", None: ""}[comparison]
        tag = TAG_VALUE.fullmatch(value or "")
        value = names.get((int(tag[1], 16), int(tag[2], 16)), value) if tag else (value or "").strip()
        return f"{name}{relation}{value}" if kind == "VALUE" else f"{name} is {kind.lower()}"

    words = re.sub(r"WEAK\s*\((.*),\s*(?:TRUE|FALSE)\s*\)?$", r"\1", formula)
    words = OPERAND.sub(operand, re.sub(r"\b(?:AND|OR)\b", lambda word: word[0].lower(), words))
    words = re.sub(r"\bNOT ([^()]*?) is ", r"\1 is not ", words)
    words = re.sub(r"\bNOT\b", "not", words)
    return "Required if " + words


def steps_of(text, is_cut):
    """(steps, whether the condition is only a guess) of a condition; no steps where it is not understood. `is_cut`: a text of
    TEXT_MAX characters may go on."""
    text = text.strip()
    formula = formula_of(text, is_cut)
    if formula in ("always", "never"):
        return [(formula, 0, 0, 0, 0, "")], False
    try:
        return english(formula) if formula.startswith("Required if") else Formula(formula).steps()
    except NotUnderstood:
        return [], False
