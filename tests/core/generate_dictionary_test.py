#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The generator of the dictionary: what it says of wrong lists, what it keeps to, and that it always gives the same."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

GENERATOR = os.environ["SCANFERRY_GENERATOR"]


class GeneratorTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def generate(self, what, *options, output="out", **environment):
        return subprocess.run(
            [sys.executable, "-B", GENERATOR, what, str(self.folder / output), *options],
            env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)

    def trimmed(self, *options, **more):
        return self.generate("tables", "--size", "trimmed", *options, **more)

    def attributes_file(self, text):
        path = self.folder / "more.txt"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def size_of(self, run):
        self.assertEqual(run.returncode, 0, run.stderr)
        return int(re.search(r"(\d+) of \d+ attributes", run.stdout).group(1))

    def test_unknown_words_are_named_with_what_is_near(self):
        path = self.attributes_file("PatientNam\n")
        for options, words in (
                (["--iods", "ultrasound-imag"], ["no IOD 'ultrasound-imag'", "ultrasound-image"]),
                (["--services", "ModalityPerformedProcedure"], ["no service 'Modality", "ModalityPerformedProcedureStep"]),
                (["--attributes", path], ["more.txt", "'PatientNam'", "PatientName"]),
                (["--attributes", str(self.folder / "none.txt")], ["none.txt"])):
            run = self.trimmed(*options)
            self.assertNotEqual(run.returncode, 0)
            self.assertFalse(any(self.folder.glob("out/*.hpp")))
            for word in words:
                self.assertIn(word, run.stderr)

    def test_the_list_of_a_user_is_added(self):
        path = self.attributes_file("# radiotherapy\n\nROIContourSequence\nContourData  # DS\nPatientName\n")
        iods = ["--iods", "secondary-capture-image"]
        self.assertEqual(self.size_of(self.trimmed(*iods, "--attributes", path)), self.size_of(self.trimmed(*iods)) + 2)

    def test_fewer_objects_and_services_make_it_smaller(self):
        commands = self.size_of(self.trimmed())
        capture = self.size_of(self.trimmed("--iods", "secondary-capture-image"))
        both = self.size_of(self.trimmed("--iods", "secondary-capture-image", "--services", "ModalityWorklistInformationModelFind"))
        self.assertLess(10, commands)
        self.assertLess(commands, capture)
        self.assertLess(capture, both)

    def test_over_its_budget_it_writes_nothing(self):
        run = self.trimmed("--iods", "enhanced-mr-image,rt-plan,ct-image")
        self.assertNotEqual(run.returncode, 0)
        self.assertRegex(run.stderr, r"\d+ bytes are over the budget of 24576")
        self.assertFalse(any(self.folder.glob("out/*.hpp")))
        self.assertEqual(self.trimmed("--iods", "enhanced-mr-image,rt-plan,ct-image", "--budget-bytes", "100000").returncode, 0)

    def test_it_always_gives_the_same(self):
        for seed in ("1", "2"):
            self.assertEqual(self.generate("tables", output=seed, PYTHONHASHSEED=seed).returncode, 0)
            self.assertEqual(self.generate("attributes", output=seed, PYTHONHASHSEED=seed).returncode, 0)
        names = sorted(path.name for path in self.folder.glob("1/*"))
        self.assertEqual(names, ["attributes.hpp", "dictionary_table.hpp", "uid_table.hpp"])
        for name in names:
            self.assertEqual((self.folder / "1" / name).read_bytes(), (self.folder / "2" / name).read_bytes())

    def test_each_attribute_has_a_constant(self):
        self.assertEqual(self.generate("attributes").returncode, 0)
        text = (self.folder / "out" / "attributes.hpp").read_text(encoding="ascii")
        self.assertIn("inline constexpr Attribute kPatientName{{0x0010, 0x0010}, Vr::pn};", text)
        self.assertIn("inline constexpr Attribute kOverlayData{{0x6000, 0x3000}, Vr::ow};", text)
        self.assertGreater(text.count("inline constexpr Attribute k"), 5300)


if __name__ == "__main__":
    unittest.main()
