# SPDX-License-Identifier: Apache-2.0
"""`check`: what the product makes has no errors, what is broken by hand gets the message for it, and with SCANFERRY_CORPUS its
verdict over the folder valid is dciodvfy's but for the differences that are listed here with their reasons."""

import collections
import json
import os
import pathlib
import re
import subprocess
import unittest

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

import acquisitions as acq
from product import InteropCase, json_lines, main, run_product, write_file

CORPUS = os.environ.get("SCANFERRY_CORPUS", "")
DCIODVFY_SECONDS_MAX = 60

ENCODED = [
    acq.raw("us-mono", "us"), acq.raw("us-rgb", "us", photometric="RGB", rows=25, columns=31),
    acq.raw("usmf-rgb", "us-multiframe", photometric="RGB", frames=3),
    acq.raw("usmf-one-frame", "us-multiframe", frames=1), acq.raw("sc-mono12", "sc", bits=(16, 12)),
    acq.raw("sc-rgb", "sc", photometric="RGB"),
    acq.raw("scmf-byte", "sc-multiframe", frames=4), acq.raw("scmf-one-frame", "sc-multiframe", frames=1),
    acq.raw("scmf-word16", "sc-multiframe", frames=3, bits=(16, 16)),
    acq.raw("scmf-color", "sc-multiframe", frames=3, photometric="RGB"),
    acq.jpeg("us-gray", "us"), acq.jpeg("scmf-420", "sc-multiframe", subsampling="4:2:0", frames=3),
    acq.raw("us-rich", "us", **acq.RICH_TEXT), acq.raw("us-foreign", "us", **acq.FOREIGN_TEXT),
]


def storage_classes():
    """Those that have an IOD, from the project's registry of UIDs."""
    table = pathlib.Path(__file__).resolve().parents[2] / "core" / "dictionary" / "uids.tsv"
    lines = [line.split("\t") for line in table.read_text(encoding="ascii").splitlines() if line and not line.startswith("#")]
    rows = [dict(zip(lines[0], line)) for line in lines[1:]]
    return [row["uid"] for row in rows if row["storage"] == "Y" and row["iod"]]


def code(value="T-D1100", scheme="SRT", meaning="Head"):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def without(keyword):
    return lambda data: delattr(data, keyword)


def with_value(keyword, value):
    return lambda data: setattr(data, keyword, value)


def code_without_meaning(data):
    data.AnatomicRegionSequence = Sequence([code()])
    del data.AnatomicRegionSequence[0].CodeMeaning


# What is done to an ultrasound image, and how the line for it goes on behind the offset.
BROKEN = [
    (without("PatientID"), r"error: PatientID \(0010,0020\): type 2 of module Patient is missing"),
    (without("StudyInstanceUID"), r"error: StudyInstanceUID \(0020,000d\): type 1 of module General Study is missing"),
    (with_value("SeriesInstanceUID", ""), r"error: SeriesInstanceUID \(0020,000e\): is empty, and type 1 of module General Series"),
    (with_value("PatientSex", "W"), r"error: PatientSex \(0010,0040\): 'W' must be one of F, M, O"),
    (with_value("HighBit", 11), r"error: HighBit \(0028,0102\): '11' must be Bits Stored less 1: 7"),
    (with_value("Rows", 1000), r"error: PixelData \(7fe0,0010\): is too short: "),
    (with_value("SamplesPerPixel", 3), r"error: SamplesPerPixel \(0028,0002\): '3' must be 1: Photometric Interpretation is MONO"),
    (with_value("SOPInstanceUID", "1.2.3"),
     r"error: MediaStorageSOPInstanceUID \(0002,0003\): '\S+' is not that of the data set, 1\.2\.3"),
    (code_without_meaning, r"error: AnatomicRegionSequence\[0\]\.CodeMeaning \(0008,0104\): type 1 of module US Image is missing"),
    (with_value("NumberOfFrames", 2), r"error: NumberOfFrames \(0028,0008\): '2' must be 1 or left out"),
    (with_value("ImageType", ["DERIVED", "FIRST"]), r"error: ImageType \(0008,0008\): 'FIRST' must have PRIMARY or SECONDARY"),
    (lambda data: data.add_new(0x00100099, "LO", "x"), r"warning: \(0010,0099\): is not in the dictionary"),
    (lambda data: data.add_new(0x00291001, "LO", "x"), r"error: \(0029,1001\): is private, and its block has no creator"),
]

# Attributes that dciodvfy asks for and we do not, or the other way round, by their reasons.
THEIRS_ONLY = {
    "Laterality": "asked of every image whose body part is not known to be single; we warn where Body Part Examined is paired",
    "LongCodeValue": "one of three attributes is needed; we name Code Value alone",
    "URNCodeValue": "one of three attributes is needed; we name Code Value alone",
}
OURS_ONLY = {
    "Modality": "its type is 1; dciodvfy takes it for conditional",
    "PatientOrientation": "dciodvfy does not ask for it in all IODs of one frame; a warning",
    "SourceImageEvidenceSequence": "its condition holds: Source Image Sequence is there",
    "ContrastBolusAgent": "the module is taken for used by one of its optional attributes; a warning",
    "FrameOfReferenceUID": "of a Secondary Capture Image with Image Position (Patient); the module came later than dciodvfy",
    "PositionReferenceIndicator": "of a Secondary Capture Image with Image Position (Patient); the module came later than dciodvfy",
    "SliceThickness": "Image Plane is taken for used by its own attributes, in an IOD where dciodvfy does not know it",
}
# Conditions that dciodvfy knows and the tables do not, and modules that dciodvfy takes for used and we do not: an overlay group
# with an activation layer alone, color tables beside segmented ones.
THEIR_CONDITIONS = re.compile(r"(Red|Green|Blue)PaletteColorLookupTable|Overlay(Rows|Columns|Type|Origin|BitsAllocated|BitPosition|Data)$|"
                              r"Frame\w+Date|FrameAcquisitionDuration|MeasuredValueSequence|MultipleSpinEcho|CoverageOfKSpace")
MISSING = re.compile(r"Error - <([^>]*)> - (?:Missing|Empty) attribute.*Type (\w+) ")


class CheckTest(InteropCase):
    def encoded(self, acquired):
        sidecar = acquired.write(os.path.join(self.folder, "in", acquired.name))
        done = self.check_done(run_product("encode", sidecar, "--output", os.path.join(self.folder, "out"), "--json"))
        return [file["file"] for file in json_lines(done.stdout)]

    def test_what_encode_makes_has_no_findings(self):
        for acquired in ENCODED:
            for path in self.encoded(acquired):
                with self.subTest(acquired.name):
                    done = self.check_done(run_product("check", path, "--warnings-as-errors"))
                    self.assertRegex(done.stdout, r"\A0 errors, 0 warnings in \S+ \(.*Storage\)")
                    self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_what_is_broken_gets_its_message(self):
        good = self.encoded(ENCODED[0])[0]
        for number, (spoil, expected) in enumerate(BROKEN):
            with self.subTest(expected):
                data = pydicom.dcmread(good)
                spoil(data)
                path = os.path.join(self.folder, f"broken-{number}.dcm")
                data.save_as(path)
                done = run_product("check", path)
                self.assertEqual(done.returncode, 1 if expected.startswith("error") else 0, done.stdout)
                self.assertRegex(done.stdout, rf"(?m)^{re.escape(path)}:\d+: {expected}")
                # What follows from it, and the summary.
                self.assertLessEqual(len(done.stdout.splitlines()), 4, done.stdout)

    def test_options_and_exit_codes(self):
        good = self.encoded(ENCODED[0])[0]
        data = pydicom.dcmread(good)
        data.add_new(0x00100099, "LO", "x")
        odd = os.path.join(self.folder, "odd.dcm")
        data.save_as(odd)
        self.check_done(run_product("check", odd))
        self.check_done(run_product("check", odd, "--warnings-as-errors"), 1)
        self.assertEqual(len(self.check_done(run_product("check", odd, "--quiet")).stdout.splitlines()), 1)
        self.assertIn("note: ", self.check_done(run_product("check", good, "--verbose")).stdout)
        self.assertIn("\033[1;35mwarning:", self.check_done(run_product("check", odd, "--color", "always")).stdout)
        report = json.loads(self.check_done(run_product("check", odd, "--json")).stdout)
        self.assertEqual((report["file"], report["errors"], report["warnings"]), (odd, 0, 1))
        self.assertEqual(report["findings"][0]["tag"], "(0010,0099)")
        self.check_done(run_product("check"), 2)
        self.check_done(run_product("check", odd, "--nonsense"), 2)
        self.check_done(run_product("check", os.path.join(self.folder, "none.dcm")), 1)

    def test_a_folder_is_walked_and_other_files_are_passed_over(self):
        good = self.encoded(ENCODED[0])[0]
        write_file(os.path.join(os.path.dirname(good), "notes.txt"), "not DICOM\n")
        self.encoded(ENCODED[4])
        done = self.check_done(run_product("check", os.path.dirname(good)))
        self.assertIn("2 files: 0 with errors", done.stdout)
        self.assertIn("notes.txt", done.stderr)
        self.check_done(run_product("check", os.path.join(os.path.dirname(good), "notes.txt")), 1)

    @unittest.skipUnless(CORPUS, "SCANFERRY_CORPUS does not name a corpus")
    def test_malformed_files_are_checked_without_harm(self):
        for part in ("malformed", "charset", "rt"):
            done = run_product("check", os.path.join(CORPUS, part), "--json", "--verbose")
            self.assertIn(done.returncode, (0, 1), done.stderr[-400:])
            self.assertGreater(len(json_lines(done.stdout)), 10)

    @unittest.skipUnless(CORPUS, "SCANFERRY_CORPUS does not name a corpus")
    def test_dciodvfy_agrees_but_for_known_differences(self):
        done = run_product("check", os.path.join(CORPUS, "valid"), "--json")
        sums, differences, unexplained = collections.Counter(), collections.Counter(), []
        for report in json_lines(done.stdout):
            said = self.dciodvfy(report["file"])
            if said is None:
                sums["not read by dciodvfy"] += 1
                continue
            errors = [line for line in said if line.startswith("Error")]
            sums[f"dciodvfy {'errors' if errors else 'none'}, we {'errors' if report['errors'] else 'none'}"] += 1
            theirs = {self.last_name(match[1]) for match in map(MISSING.match, errors) if match and "(0002," not in match[1]}
            ours = {re.sub(r"\[\d+\]", "", finding["path"]).split(".")[-1] for finding in report["findings"]
                    if re.search(r"type \d.* (is missing|needs a value)", finding["text"]) and "File Meta" not in finding["text"]}
            sums["missing or empty attributes: both"] += len(theirs & ours)
            for name in theirs - ours:
                reason = THEIRS_ONLY.get(name) or (THEIR_CONDITIONS.match(name) and "a condition or module that we see otherwise")
                differences[f"dciodvfy only: {name}: {reason}"] += 1
                if not reason:
                    unexplained.append((report["file"], name))
            for name in ours - theirs:
                differences[f"we only: {name}: {OURS_ONLY.get(name, 'see the message')}"] += 1
        for what, count in (*sorted(sums.items()), *differences.most_common()):
            print(f"{count:5} {what}")
        self.assertEqual(unexplained, [])
        self.assertGreater(sums["missing or empty attributes: both"], 400)

    def test_nearly_all_that_dciodvfy_requires_of_empty_objects_is_required(self):
        folder = self.new_folder("empty")
        for uid in storage_classes():
            data = Dataset()
            data.SOPClassUID, data.SOPInstanceUID = uid, "1.2.3"
            data.file_meta = FileMetaDataset()
            data.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
            data.is_little_endian, data.is_implicit_VR = True, False
            pydicom.dcmwrite(os.path.join(folder, uid), data, write_like_original=False)
        both, theirs_only, classes = 0, collections.Counter(), 0
        for report in json_lines(run_product("check", folder, "--json").stdout):
            said = map(MISSING.match, self.dciodvfy(report["file"]) or [])
            required = {self.last_name(match[1]) for match in said if match and match[2] in "12"}
            ours = {finding["path"] for finding in report["findings"]}
            classes += 1 if required else 0
            both += len(required & ours)
            theirs_only.update(required - ours)
        print(f"of {classes} SOP Classes: {both} attributes are required by both, {sum(theirs_only.values())} by dciodvfy alone:",
              ", ".join(f"{name} ({count})" for name, count in theirs_only.most_common(12)))
        self.assertGreater(both, 25 * sum(theirs_only.values()))

    @staticmethod
    def dciodvfy(path):
        """Its lines; None where it cannot read the file or does not know the object."""
        done = subprocess.run(["dciodvfy", "-new", path], capture_output=True, timeout=DCIODVFY_SECONDS_MAX, check=False)
        lines = (done.stderr + done.stdout).decode("latin-1").splitlines()
        return None if any("Information Object Not found" in line or "read failed" in line for line in lines) else lines

    @staticmethod
    def last_name(path):
        return re.sub(r"\(.*?\)", "", re.sub(r"\[\d+\]", "", path)).strip("/").split("/")[-1]


if __name__ == "__main__":
    main()
