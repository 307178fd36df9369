# SPDX-License-Identifier: Apache-2.0
"""What `export` writes is a File-set for DCMTK, dciodvfy and pydicom, and `dicomdir` lists what DCMTK's dcmmkdir has written. With
SCANFERRY_CORPUS also the directories in its folders valid and malformed, and an export of all of valid."""

import os
import shutil
import subprocess
import warnings

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import dcmread
from pydicom.fileset import FileSet
from pydicom.sequence import Sequence

from mounts import enter_private_mounts, mount_small
from peers import check_with
from product import InteropCase, json_lines, main, read_bytes, run_product, write_file

CORPUS = os.environ.get("SCANFERRY_CORPUS", "")

EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"
CLASSES = "1.2.840.10008.5.1.4.1.1."
CT, SC, SR, KEY_OBJECT, STRUCTURES, DOSE, PDF, RAW, PRESENTATION, WAVEFORM = (
    CLASSES + rest for rest in ("2", "7", "88.33", "88.59", "481.3", "481.2", "104.1", "66", "11.1", "9.1.1"))

CODE = {"CodeValue": "121311", "CodingSchemeDesignator": "DCM", "CodeMeaning": "Localizer"}


def dataset_of(**values):
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def code_item():
    return Sequence([dataset_of(**CODE)])


def referenced_series():
    image = dataset_of(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID="1.3.1.2")
    return Sequence([dataset_of(SeriesInstanceUID="1.2.1.1", ReferencedImageSequence=Sequence([image]))])


DATED = {"ContentDate": "20260103", "ContentTime": "101010"}
# SOP class, type of its record, what its module must have.
KINDS = [
    (CT, "IMAGE", {"Rows": 4, "Columns": 4, "BitsAllocated": 8, "PixelData": b"\0" * 16}),
    (SR, "SR DOCUMENT", {"CompletionFlag": "COMPLETE", "VerificationFlag": "UNVERIFIED", "ConceptNameCodeSequence": code_item(), **DATED}),
    (KEY_OBJECT, "KEY OBJECT DOC", {"ConceptNameCodeSequence": code_item(), **DATED}),
    (STRUCTURES, "RT STRUCTURE SET", {"StructureSetLabel": "LABEL", "StructureSetDate": "20260103", "StructureSetTime": "10"}),
    (DOSE, "RT DOSE", {"DoseSummationType": "PLAN", "Rows": 4, "Columns": 4}),
    (PDF, "ENCAP DOC", {"DocumentTitle": "Title", "MIMETypeOfEncapsulatedDocument": "application/pdf", "ConceptNameCodeSequence": code_item(),
                        "EncapsulatedDocument": b"%PDF", **DATED}),
    (RAW, "RAW DATA", DATED),
    (PRESENTATION, "PRESENTATION", {"PresentationCreationDate": "20260103", "PresentationCreationTime": "10", "ContentLabel": "LABEL",
                                    "ContentDescription": "", "ContentCreatorName": "", "ReferencedSeriesSequence": referenced_series()}),
    (WAVEFORM, "WAVEFORM", DATED),
]


def make_object(path, uid, sop_class=CT, syntax=EXPLICIT, **values):
    dataset = dataset_of(SOPClassUID=sop_class, SOPInstanceUID=uid, PatientName="Doe^Jane", PatientID="P1", StudyInstanceUID="1.2.1", StudyID="S1",
                         StudyDate="20260102", StudyTime="101112", AccessionNumber="A1", StudyDescription="Study", Modality="CT",
                         SeriesInstanceUID="1.2.1.1", SeriesNumber=1, InstanceNumber=1)
    for keyword, value in values.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.is_little_endian = True
    dataset.is_implicit_VR = syntax == IMPLICIT
    if "PixelData" in dataset:
        dataset["PixelData"].VR = "OW"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    dataset.save_as(path, write_like_original=False)
    return path


def make_study(folder):
    """SOP Instance UID -> (path, type of record): two patients, three series, objects of all kinds, in names that no medium has."""
    made = {}

    def put(name, uid, kind, **values):
        made[uid] = (make_object(os.path.join(folder, name), uid, **values), kind)

    for number in (10, 9, 2):
        put(f"slice {number}.dcm", f"1.3.1.{number}", "IMAGE", InstanceNumber=number, **KINDS[0][2])
    for number, (sop_class, kind, values) in enumerate(KINDS, 1):
        put(f"kinds/{number}", f"1.3.2.{number}", kind, sop_class=sop_class, SeriesInstanceUID=f"1.2.1.{number + 1}", SeriesNumber=number + 1, **values)
    put("other/latin.dcm", "1.3.3.1", "IMAGE", syntax=IMPLICIT, SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jürgen", PatientID="P0",
        StudyInstanceUID="1.2.2", SeriesInstanceUID="1.2.2.1", **KINDS[0][2])
    put("other/chinese.dcm", "1.3.4.1", "IMAGE", SpecificCharacterSet="GB18030", PatientName="Wang^XiaoDong=王^小东", PatientID="P2",
        StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.1", **KINDS[0][2])
    return made


def records_of(path):
    """Each record as pydicom finds it."""
    return list(dcmread(path).DirectoryRecordSequence)


def corpus_directories():
    paths = [os.path.join(CORPUS, part, name) for part in ("valid", "malformed") if CORPUS for name in os.listdir(os.path.join(CORPUS, part))]
    return sorted(path for path in paths if is_directory(path))


def is_directory(path):
    return b"1.2.840.10008.1.3.10\0" in read_bytes(path)[:1024] or "DICOMDIR" in path


class ExportTest(InteropCase):
    def setUp(self):
        super().setUp()
        warnings.simplefilter("ignore")  # pydicom's, of values that a test makes wrong
        self.input = self.new_folder("in")
        self.output = os.path.join(self.folder, "usb")

    def export(self, *arguments, code=0):
        return self.check_done(run_product("export", *arguments), code)

    def test_foreign_readers_find_every_object(self):
        made = make_study(self.input)
        lines = json_lines(self.export(self.input, "--output", self.output, "--file-set-id", "MY STICK", "--json").stdout)
        self.assertEqual({line["sop_instance_uid"] for line in lines}, set(made))
        for line in lines:
            self.assertEqual(read_bytes(line["exported_as"]), read_bytes(line["file"]))
            self.assertEqual(line["file"], made[line["sop_instance_uid"]][0])
        self.check_with_pydicom(made)
        self.check_with_dcmtk(made)
        self.check_with_dciodvfy()

    def check_with_pydicom(self, made):
        found = FileSet(os.path.join(self.output, "DICOMDIR"))
        self.assertEqual(found.ID, "MY STICK")
        self.assertEqual({str(instance.SOPInstanceUID) for instance in found}, set(made))
        for instance in found:
            self.assertEqual(read_bytes(instance.path), read_bytes(made[instance.SOPInstanceUID][0]))
            self.assertEqual(instance.node.record_type, made[instance.SOPInstanceUID][1])
        self.assertEqual(sorted(found.find_values("PatientID")), ["P0", "P1", "P2"])
        names = {record.PatientID: str(record.PatientName) for record in records_of(os.path.join(self.output, "DICOMDIR")) if "PatientID" in record}
        self.assertEqual(names, {"P0": "Müller^Jürgen", "P1": "Doe^Jane", "P2": "Wang^XiaoDong=王^小东"})
        slices = [int(instance.InstanceNumber) for instance in found.find(SeriesInstanceUID="1.2.1.1")]
        self.assertEqual(slices, [2, 9, 10])

    def check_with_dcmtk(self, made):
        done, said = check_with(self, ["dcmdump"], os.path.join(self.output, "DICOMDIR"))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(said.count("refFileID="), len(made))
        # dcmdump resolves offsets to records and says "up"; one that leads nowhere it shows as the UL that it is.
        self.assertNotIn("UL", "".join(line for line in said.splitlines() if line.lstrip().startswith("(0004,14")))

    def check_with_dciodvfy(self):
        _, said = check_with(self, ["dciodvfy", "-new"], os.path.join(self.output, "DICOMDIR"))
        self.assertIn("BasicDirectory", said)
        self.assertEqual([line for line in said.splitlines() if "Error - " in line], [])

    def test_the_same_objects_make_the_same_directory(self):
        make_study(self.input)
        for name in ("a", "b"):
            self.export(self.input, "--output", os.path.join(self.folder, name))
        first, second = (read_bytes(os.path.join(self.folder, name, "DICOMDIR")) for name in ("a", "b"))
        self.assertEqual(first, second)

    def test_what_a_directory_needs_and_an_object_lacks_is_made_up(self):
        lacking = {"PatientID": None, "StudyDate": None, "StudyTime": None, "StudyID": None, "Modality": None, "SeriesNumber": None, "InstanceNumber": None}
        path = make_object(os.path.join(self.input, "a"), "1.3.1", **lacking, **KINDS[0][2])
        done = self.export(path, "--output", self.output)
        for keyword in lacking:
            self.assertIn(keyword, done.stderr)
        self.assertEqual(len(FileSet(os.path.join(self.output, "DICOMDIR"))), 1)
        self.check_with_dciodvfy()
        exported = dcmread(os.path.join(self.output, "DICOM/PA000001/ST000001/SE000001/IN000001"))
        self.assertNotIn("PatientID", exported)

    def test_an_object_comes_once(self):
        path = make_object(os.path.join(self.input, "a"), "1.3.1")
        shutil.copy(path, os.path.join(self.input, "b"))
        done = self.export(self.input, path, "--output", self.output)
        self.assertEqual(done.stderr.count("skipped"), 2)
        self.assertEqual(len(FileSet(os.path.join(self.output, "DICOMDIR"))), 1)

    def test_what_cannot_be_exported_is_named_and_the_rest_is_exported(self):
        good = make_object(os.path.join(self.input, "good"), "1.3.1")
        text = write_file(os.path.join(self.input, "notes.txt"), "no DICOM in here")
        bare = write_file(os.path.join(self.input, "bare"), read_bytes(good)[read_bytes(good).index(b"\x08\0\x16\0UI"):])
        cut = write_file(os.path.join(self.input, "cut"), read_bytes(make_object(os.path.join(self.folder, "x"), "1.3.2"))[:-5])
        done = self.export(good, text, bare, cut, os.path.join(self.input, "missing"), "--output", self.output, code=1)
        for name in ("notes.txt", "bare", "cut", "missing"):
            self.assertIn(name, done.stderr)
        self.assertEqual([str(instance.SOPInstanceUID) for instance in FileSet(os.path.join(self.output, "DICOMDIR"))], ["1.3.1"])

    def test_objects_of_many_makers_are_exported(self):
        if not CORPUS:
            return
        done = run_product("export", os.path.join(CORPUS, "valid"), "--output", self.output, "--json")
        exported = {line["sop_instance_uid"]: line["exported_as"] for line in json_lines(done.stdout)}
        self.assertGreater(len(exported), 100)
        found = FileSet(os.path.join(self.output, "DICOMDIR"))
        self.assertEqual({str(instance.SOPInstanceUID): str(instance.path) for instance in found}, exported)
        done, _ = check_with(self, ["dcmdump"], os.path.join(self.output, "DICOMDIR"))
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_another_file_set_is_left_alone(self):
        path = make_object(os.path.join(self.input, "a"), "1.3.1")
        self.export(path, "--output", self.output)
        before = read_bytes(os.path.join(self.output, "DICOMDIR"))
        other = make_object(os.path.join(self.input, "b"), "1.3.2")
        self.assertIn("choose another folder", self.export(other, "--output", self.output, code=1).stderr)
        self.assertEqual(read_bytes(os.path.join(self.output, "DICOMDIR")), before)
        os.remove(os.path.join(self.output, "DICOMDIR"))
        self.assertIn("broken off", self.export(other, "--output", self.output, code=1).stderr)
        self.assertFalse(os.path.exists(os.path.join(self.output, "DICOMDIR")))

    def test_nothing_to_export_and_wrong_usage_leave_nothing(self):
        text = write_file(os.path.join(self.input, "notes.txt"), "no DICOM in here")
        self.export(text, "--output", self.output, code=1)
        self.export(text, "--output", self.output, "--file-set-id", "small letters", code=2)
        self.assertFalse(os.path.exists(self.output))

    def test_a_medium_that_is_too_small_stays_empty(self):
        for number in range(3):
            make_object(os.path.join(self.input, str(number)), f"1.3.{number}", **{**KINDS[0][2], "PixelData": b"\0" * 600_000})
        mount_small(self, self.output, 1)
        self.assertIn("room for", self.export(self.input, "--output", self.output, code=1).stderr)
        self.assertEqual(os.listdir(self.output), [])

    def test_a_medium_that_fills_up_while_it_is_written_stays_empty(self):
        # The objects fit by their bytes, but a file takes whole pages.
        for number in range(400):
            make_object(os.path.join(self.input, str(number)), f"1.3.{number}")
        mount_small(self, self.output, 1)
        self.assertIn("nothing was exported", self.export(self.input, "--output", self.output, code=1).stderr)
        self.assertEqual(os.listdir(self.output), [])


class ListTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.medium = self.new_folder("medium")

    def make_with_dcmtk(self):
        """DCMTK's own directory of files with legal names; UID -> path below the medium."""
        paths = {}
        for uid, (path, _) in make_study(self.new_folder("in")).items():
            name = f"OBJECTS/F{len(paths)}"
            os.makedirs(os.path.join(self.medium, "OBJECTS"), exist_ok=True)
            shutil.copy(path, os.path.join(self.medium, name))
            paths[uid] = name
        done = subprocess.run(["dcmmkdir", "--invent", "--recurse", "--no-xfer-check", "--fileset-id", "DCMTK", "--input-directory", self.medium,
                               "--output-file", os.path.join(self.medium, "DICOMDIR"), "OBJECTS"],
                              cwd=self.medium, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return paths

    def test_what_dcmmkdir_has_written_is_listed(self):
        paths = self.make_with_dcmtk()
        for argument in (self.medium, os.path.join(self.medium, "DICOMDIR")):
            lines = json_lines(self.check_done(run_product("dicomdir", argument, "--json")).stdout)
            self.assertEqual({line["sop_instance_uid"]: line["file"] for line in lines}, paths)
            self.assertFalse(any(line["missing"] for line in lines))
        wanted = {(str(instance.SOPInstanceUID), str(instance.PatientID), str(instance.StudyInstanceUID), str(instance.SeriesInstanceUID))
                  for instance in FileSet(os.path.join(self.medium, "DICOMDIR"))}
        self.assertEqual({(line["sop_instance_uid"], line["patient_id"], line["study_instance_uid"], line["series_instance_uid"]) for line in lines}, wanted)
        shown = self.check_done(run_product("dicomdir", self.medium)).stdout
        for words in ("FILE-SET  DCMTK", "PATIENT  Wang^XiaoDong=王^小东  P2", "PATIENT  Müller^Jürgen  P0", f"{len(paths)} files"):
            self.assertIn(words, shown)

    def test_missing_files_are_marked(self):
        paths = self.make_with_dcmtk()
        os.remove(os.path.join(self.medium, paths["1.3.3.1"]))
        done = self.check_done(run_product("dicomdir", self.medium), 1)
        marked = [line for line in done.stdout.splitlines() if line.endswith("  MISSING")]
        self.assertEqual(len(marked), 1)
        self.assertIn(paths["1.3.3.1"], marked[0])
        self.assertIn("1 MISSING", done.stdout.splitlines()[-1])
        lines = json_lines(self.check_done(run_product("dicomdir", self.medium, "--json"), 1).stdout)
        self.assertEqual([line["sop_instance_uid"] for line in lines if line["missing"]], ["1.3.3.1"])

    def test_names_in_small_letters_are_found(self):
        self.make_with_dcmtk()
        for name in os.listdir(os.path.join(self.medium, "OBJECTS")):
            os.rename(os.path.join(self.medium, "OBJECTS", name), os.path.join(self.medium, "OBJECTS", name.lower()))
        os.rename(os.path.join(self.medium, "OBJECTS"), os.path.join(self.medium, "objects"))
        os.rename(os.path.join(self.medium, "DICOMDIR"), os.path.join(self.medium, "dicomdir"))
        self.check_done(run_product("dicomdir", self.medium))

    def test_directories_of_other_makers_are_listed(self):
        for path in corpus_directories():
            with self.subTest(os.path.basename(path)):
                done = run_product("dicomdir", path, "--json")
                self.assertIn(done.returncode, (0, 1), done.stderr)
                if "malformed" in path:
                    continue
                wanted = sorted(str(record.ReferencedSOPInstanceUIDInFile) for record in records_of(path) if "ReferencedFileID" in record)
                self.assertEqual(sorted(line["sop_instance_uid"] for line in json_lines(done.stdout)), wanted)

    def test_what_is_no_directory_is_said_to_be_none(self):
        path = make_object(os.path.join(self.medium, "a"), "1.3.1")
        self.assertIn("no DICOMDIR", self.check_done(run_product("dicomdir", path), 1).stderr)
        self.assertIn("DICOMDIR", self.check_done(run_product("dicomdir", self.medium), 1).stderr)


if __name__ == "__main__":
    enter_private_mounts()
    main()
