#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What conditions.py makes of the words of a condition: steps where it is sure, and nothing where it is not."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.environ["SCANFERRY_CONDITIONS"])
import conditions  # noqa: E402

OUT = conditions.OUTWARDS
PALETTE = ("equals", 0, 0, 0x0028, 0x0004, "PALETTE COLOR")

UNDERSTOOD = [
    ("Required if Pixel Data (7FE0,0010) is present.", [("present", 0, OUT, 0x7FE0, 0x0010, "")]),
    ("Required if Institution Name (0008,0080) is not present.", [("present", 0, OUT, 0x0008, 0x0080, ""), conditions.NOT]),
    ("Required if Samples per Pixel (0028,0002) has a value greater than 1.", [("greater", 0, OUT, 0x0028, 0x0002, "1")]),
    ("Required if Image Type (0008,0008) Value 1 is ORIGINAL or MIXED. May be present otherwise.",
     [("equals", 1, OUT, 0x0008, 0x0008, "ORIGINAL"), ("equals", 1, OUT, 0x0008, 0x0008, "MIXED"), conditions.OR]),
    ("Required if Phase Contrast (0018,9014) equals YES and Image Type (0008,0008) Value 1 is ORIGINAL.",
     [("equals", 0, OUT, 0x0018, 0x9014, "YES"), ("equals", 1, OUT, 0x0008, 0x0008, "ORIGINAL"), conditions.AND]),
    ("Required if Dimension Organization Type (0020,9311) is not TILED_FULL.",
     [("equals", 0, OUT, 0x0020, 0x9311, "TILED_FULL"), conditions.NOT]),
    ("Required if Cardiac Synchronization Technique (0018,9037) equals other than NONE.",
     [("equals", 0, OUT, 0x0018, 0x9037, "NONE"), conditions.NOT, ("present", 0, OUT, 0x0018, 0x9037, ""), conditions.AND]),
    ('VALUE ../0x00080008 1 = "A" OR NOT PRESENT 0x00100010 AND PRESENT 0x00280002',
     [("equals", 1, 1, 0x0008, 0x0008, "A"), ("present", 0, 0, 0x0010, 0x0010, ""), conditions.NOT,
      ("present", 0, 0, 0x0028, 0x0002, ""), conditions.AND, conditions.OR]),
    ('VALUE 0x00280009 = "0x00181065"', [("equals", 0, 0, 0x0028, 0x0009, "(0018,1065)")]),
    ("Never", [("never", 0, 0, 0, 0, "")]),
]

NOT_UNDERSTOOD = [
    "", "Required if the patient is an animal.", "Required if Reference Image available or if Flag (0022,1622) is YES.",
    'Required if the value of SOP Class UID (0008,0016) equals "1.', "VALUE 0x00280009 = 0x00181065", "SomeNameThatNobodyExplained",
    'PRESENT 0x00100010 AND (PRESENT 0x00100020', "PRESENT 0x00100010 PRESENT 0x00100020",
]


class ConditionsTest(unittest.TestCase):
    def test_what_is_plain_is_understood(self):
        for text, steps in UNDERSTOOD:
            with self.subTest(text):
                self.assertEqual(conditions.steps_of(text, True), (steps, False))

    def test_what_is_not_has_no_steps(self):
        for text in NOT_UNDERSTOOD:
            with self.subTest(text):
                self.assertEqual(conditions.steps_of(text, True)[0], [])

    def test_a_guess_is_marked(self):
        self.assertEqual(conditions.steps_of('WEAK(VALUE 0x00280004 = "PALETTE COLOR",TRUE)', True), ([PALETTE], True))

    def test_a_formula_is_told_in_words(self):
        names = {(0x0008, 0x0008): "Image Type", (0x0010, 0x0010): "Patient's Name"}
        for text, words in (
                ('WEAK(VALUE 0x00080008 1 = "A" AND NOT PRESENT 0x00100010,TRUE)',
                 "Required if Image Type Value 1 is A and Patient's Name is not present"),
                ('VALUE 0x00280002 > "1', "Required if (0028,0002) is greater than 1"),
                ("Required if the patient is an animal.", "Required if the patient is an animal."),
                ("SomeNameThatNobodyExplained", "")):
            with self.subTest(text):
                self.assertEqual(conditions.words_of(text, True, names), words)

    def test_of_a_text_that_is_cut_only_what_is_sure_is_taken(self):
        tail = 'VALUE 0x00280004 = "PALETTE COLOR" OR VALUE 0x00089205 = "COLOR" {} VALUE 0x0008'
        self.assertEqual(len(tail.format("OR")), conditions.TEXT_MAX)
        self.assertEqual(conditions.steps_of(tail.format("OR"), True)[0][0], PALETTE)
        self.assertEqual(conditions.steps_of(tail.format("AND"), True)[0], [])
        words = "Required if Universal Entity ID (0040,0032) is not present; may be present other"
        self.assertEqual(conditions.steps_of(words, True)[0], [("present", 0, OUT, 0x0040, 0x0032, ""), conditions.NOT])
        words = "Required if Acquisition Type Of Something Or Other (0018,9302) is CONSTANT_ANGLE"
        self.assertEqual((len(words), conditions.steps_of(words, True)[0]), (conditions.TEXT_MAX, []))


if __name__ == "__main__":
    unittest.main()
