# SPDX-License-Identifier: Apache-2.0
"""`xml` writes what DCMTK's dcm2xml --native-format writes, but for what is listed at `Differences`."""

import base64
import math
import os
import re
import subprocess
import xml.etree.ElementTree

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

from product import InteropCase, main, read_bytes, run_product

NAMESPACE = "{http://dicom.nema.org/PS3.19/models/NativeDICOM}"

# Differences between what we write and what DCMTK 3.6.7 writes, by their reasons:
# - DCMTK names no namespace unless it is told to, and leaves the keyword out where its dictionary is older.
# - Bytes: DCMTK makes up a UUID for BulkData that nobody can resolve, or writes them in line; we refer into the file by a URI.
# - An empty name among others: DCMTK 3.6.7 repeats the one before; we write an empty PersonName.
# - Numbers: DCMTK writes 9 or 17 digits and "inf", "nan"; we write as many digits as it takes, and "INF", "NaN" as XML Schema has it.
# - Control characters that XML forbids: DCMTK writes them, and its XML is not well formed then.
FLOATS = ("FL", "FD")
BYTES = ("OB", "OD", "OF", "OL", "OV", "OW", "UN")


def dataset_of(**values):
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def save(dataset, path, syntax="1.2.840.10008.1.2.1"):
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.SOPInstanceUID = "1.2.3"
    dataset.is_little_endian = True
    dataset.is_implicit_VR = syntax == "1.2.840.10008.1.2"
    dataset.save_as(path, write_like_original=False)
    return path


def rich_object():
    inner = dataset_of(CodeValue="1", CodeMeaning="größer", FrameIncrementPointer=[0x00181063, 0x00181065])
    dataset = dataset_of(
        SpecificCharacterSet="ISO_IR 192", ImageType=["ORIGINAL", "", "OTHER"], StudyDate="", PatientName="Wang^XiaoDong^^Dr^Jr=王^小东=", PatientID="a<b>&\"c'",
        OtherPatientNames=["A^B", "C"], PatientComments="  line 1\r\nline 2\ttab ", Rows=3, WindowCenter=["1.50", "+2"], PixelSpacing=["0.5", "1e-3"],
        ConceptNameCodeSequence=Sequence([inner, Dataset()]), ReferencedImageSequence=Sequence([]), URNCodeValue="urn:x?a=1&b=2",
        SmallestImagePixelValue=0, ReferencedFrameNumber=[1, 2, 3])
    dataset["SmallestImagePixelValue"].VR = "US"
    block = dataset.private_block(0x0009, "ACME 1", create=True)
    block.add_new(1, "LO", ["x", "y"])
    block.add_new(2, "UN", b"\1\2\3\4")
    block.add_new(3, "SQ", Sequence([dataset_of(CodeValue="2")]))
    dataset.add_new(0x00189313, "FD", [1.5, math.inf, -math.inf, math.nan, 0.1, 1e300])
    dataset.add_new(0x00189073, "FD", 1 / 3)
    dataset.add_new(0x00720046, "FL", 0.1)
    dataset.add_new(0x00720052, "AT", 0x00100010)
    dataset.add_new(0x0072007C, "SL", [-1, 2**31 - 1])
    dataset.add_new(0x0072007E, "SS", [-2, 32767])
    dataset.add_new(0x00720082, "SV", [-2**63])
    dataset.add_new(0x00720083, "UV", [2**64 - 1])
    dataset.add_new(0x7FE00010, "OW", b"\0\1" * 2000)
    return dataset


def foreign_object(term, name):
    return dataset_of(SpecificCharacterSet=term, PatientName=name, PatientID="P1")


# DCMTK with the C library's iconv has no ISO 2022 IR 87.
OBJECTS = [
    ("explicit", rich_object(), "1.2.840.10008.1.2.1"),
    ("implicit", rich_object(), "1.2.840.10008.1.2"),
    ("latin", foreign_object("ISO_IR 100", "Müller^Jürgen"), "1.2.840.10008.1.2.1"),
    ("korean", foreign_object(["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"), "1.2.840.10008.1.2.1"),
    ("chinese", foreign_object("GB18030", "Wang^XiaoDong=王^小东"), "1.2.840.10008.1.2.1"),
]


def number(text):
    return float(text.replace("INF", "inf").replace("NaN", "nan"))


def same_numbers(ours, theirs, vr):
    """Equal in the precision of the VR."""
    digits = 7 if vr == "FL" else 15
    return len(ours) == len(theirs) and all(
        (math.isnan(a) and math.isnan(b)) or a == b or abs(a - b) <= abs(b) * 10**-digits for a, b in zip(map(number, ours), map(number, theirs)))


class Attribute:
    def __init__(self, node):
        self.names = {key: value for key, value in node.attrib.items() if key != "keyword"}
        self.keyword = node.get("keyword")
        self.values = [child.text or "" for child in node if child.tag == "Value"]
        self.names_of_persons = [[(group.tag, [(part.tag, part.text) for part in group]) for group in child] for child in node if child.tag == "PersonName"]
        self.items = [attributes_of(child) for child in node if child.tag == "Item"]
        self.bulk = [child for child in node if child.tag in ("BulkData", "InlineBinary")]


def attributes_of(node):
    return [Attribute(child) for child in node]


def parse(text):
    """Without namespace; text that is only indentation is of no account."""
    root = xml.etree.ElementTree.fromstring(text.replace(' xmlns="' + NAMESPACE[1:-1] + '"', ""))
    assert root.tag == "NativeDicomModel"
    return attributes_of(root)


class XmlTest(InteropCase):
    def test_dcm2xml_writes_the_same(self):
        for name, dataset, syntax in OBJECTS:
            with self.subTest(name):
                path = save(dataset, os.path.join(self.folder, name), syntax)
                ours = self.check_done(run_product("xml", path)).stdout
                done = subprocess.run(["dcm2xml", "--native-format", "--convert-to-utf8", path], capture_output=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.compare(parse(ours), parse(done.stdout.decode()))

    def compare(self, ours, theirs):
        self.assertEqual([attribute.names for attribute in ours], [attribute.names for attribute in theirs])
        for our, their in zip(ours, theirs):
            if their.keyword:
                self.assertEqual(our.keyword, their.keyword)
            vr = our.names["vr"]
            if vr in BYTES:
                self.assertEqual(len(our.bulk), len(their.bulk))
            elif vr in FLOATS:
                self.assertTrue(same_numbers(our.values, their.values, vr), (our.values, their.values))
            else:
                self.assertEqual((our.values, our.names_of_persons), (their.values, their.names_of_persons), our.names)
            self.assertEqual(len(our.items), len(their.items))
            for our_item, their_item in zip(our.items, their.items):
                self.compare(our_item, their_item)

    def test_bytes_are_where_the_xml_says(self):
        path = save(rich_object(), os.path.join(self.folder, "a"))
        reference = re.search(r'<BulkData uri="file://([^?]*)\?offset=(\d+)&amp;length=(\d+)"', self.check_done(run_product("xml", path)).stdout)
        self.assertEqual(reference[1], path)
        offset, length = int(reference[2]), int(reference[3])
        self.assertEqual(read_bytes(path)[offset:offset + length], b"\0\1" * 2000)
        inline = self.check_done(run_product("xml", path, "--bulk", "inline")).stdout
        self.assertIn(base64.b64encode(b"\0\1" * 2000).decode(), inline)
        omitted = self.check_done(run_product("xml", path, "--bulk", "omit")).stdout
        self.assertNotIn("BulkData", omitted)
        self.assertNotIn("InlineBinary", omitted)

    def test_any_text_is_well_formed_xml(self):
        path = save(dataset_of(SpecificCharacterSet="ISO_IR 192", PatientComments="".join(map(chr, range(1, 128))).replace("\x1b", "")),
                    os.path.join(self.folder, "a"))
        comments = [attribute for attribute in parse(self.check_done(run_product("xml", path)).stdout) if attribute.keyword == "PatientComments"]
        text = comments[0].values[0]
        self.assertIn("\t\n\ufffd0B\ufffd0C\r\ufffd0E", text)
        self.assertIn("".join(map(chr, range(32, 128))), text)


if __name__ == "__main__":
    main()
