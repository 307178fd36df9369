# SPDX-License-Identifier: Apache-2.0
"""Translates the words of a condition into steps that a program can take.

A step is (operation, value number, way, group, element, text): `present` and the comparisons push true or false, `and_`, `or_` and
`not_` combine what was pushed, `always` and `never` push what they say. The way to the attribute: 0 the same data set, n that many
data sets outwards, OUTWARDS the nearest data set outwards that has it. What is not understood has no steps.
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
    "Required if Rescale Intercept is present.": "PRESENT 0x00281052",
    # It goes on: or Pixel Presentation is COLOR or MIXED.
    "Required if Photometric Interpretation (0028,0004) has a value of PALETTE COLOR":
        'VALUE 0x00280004 = "PALETTE COLOR" OR VALUE 0x00089205 = "COLOR" OR VALUE 0x00089205 = "MIXED"',
}

# Operands in the form of the first kind of text: VALUE ../0x00080060 2 = "US", PRESENT 0x00400032.
OPERAND = re.compile(r'(VALUE|PRESENT)\s+((?:\.\./)*)0x([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})(?:\s+(\d))?(?:\s*(!=|=|>|<)\s*"([^"]*)"?)?')
TOKEN = re.compile(r'\s*(?:(?P<word>\(|\)|AND\b|OR\b|NOT\b|WEAK\b|TRUE\b|FALSE\b|,)|(?P<operand>' + OPERAND.pattern + "))")
COMPARISONS = {"=": "equals", ">": "greater"}


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
        if kind == "PRESENT":
            return [("present", 0, *place, "")]
        if comparison not in COMPARISONS or not text or text.startswith("0x"):
            raise NotUnderstood
        return [(COMPARISONS[comparison], int(number or 0), *place, text.strip())]

    def steps(self):
        steps = self.any_of()
        if self.tokens:
            raise NotUnderstood
        return steps, self.is_weak


TAIL = re.compile(r"[;,.]?\s*(May be present otherwise.*|may be present otherwise.*|Shall not be present otherwise.*)?[.)\s]*$")
NAME = r"[A-Z](?:[A-Za-z/'()-]|\s(?!or |if |and |is |are ))*?"
SUBJECT = r"(?:the )?(?:value of )?" + NAME + r"\s*\((?P<group>[0-9A-F]{4}),(?P<element>[0-9A-F]{4})\)"
VALUE_NUMBER = r"(?:,? Value (?P<number>\d))?(?: of this frame)?"
PRESENT = re.compile(SUBJECT + r" (?:is|are) (?P<what>present|not present|absent)(?: and has a value)?$")
VALUE = re.compile(SUBJECT + VALUE_NUMBER + r" (?:is |equals |has a value of |has the value |is present and )*"
                   r"(?P<other>not |other than )?(?P<values>\"?[A-Z0-9][A-Z0-9_ .]*\"?(?:,? or \"?[A-Z0-9][A-Z0-9_ .]*\"?)*)$")
GREATER = re.compile(SUBJECT + r" (?:has a value |is )greater than (?P<value>\d+)$")


def english_clause(text):
    match = PRESENT.match(text)
    if match:
        place = (OUTWARDS, int(match["group"], 16), int(match["element"], 16))
        return [("present", 0, *place, "")] + ([] if match["what"] == "present" else [NOT])
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
        return f"{name} is present" if kind == "PRESENT" else f"{name}{relation}{(value or '').strip()}"

    words = re.sub(r"WEAK\s*\((.*),\s*(?:TRUE|FALSE)\s*\)?$", r"\1", formula)
    words = OPERAND.sub(operand, words.replace("AND", "and").replace("OR ", "or "))
    words = re.sub(r"NOT ([^()]*?) is present", r"\1 is not present", words).replace("NOT", "not")
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
