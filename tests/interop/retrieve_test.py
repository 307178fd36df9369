# SPDX-License-Identifier: Apache-2.0
"""`move` lets archives send: dcmqrscp to storescp, and to our own `receive`; Orthanc the same."""

import os

import pydicom

import acquisitions as acq
from part10 import data_set_of
from peers import QueryArchive, StoreScp
from product import InteropCase, json_lines, main, run_product


class RetrieveTest(InteropCase):
    def made(self):
        folder = self.new_folder("made")
        for acquired in (acq.raw("us", "us", frames=3), acq.raw("cine", "us-multiframe", frames=5)):
            self.check_done(run_product("encode", acquired.write(os.path.join(self.folder, "in", acquired.name)), "--output", folder))
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def setUp(self):
        super().setUp()
        self.receiver = StoreScp(self, aet="RECEIVER")
        self.archive = QueryArchive(self, receivers={"RECEIVER": self.receiver.port, "NOBODY": 9})
        self.sent = self.made()
        self.check_done(run_product("send", self.archive.address, *self.sent))

    def study_of(self, path):
        return str(pydicom.dcmread(path).StudyInstanceUID)

    def move(self, *words, code=0, to="RECEIVER"):
        return self.check_done(run_product("move", "--json", self.archive.address, "--to", to, *words), code)

    def test_a_study_is_sent_to_whom_it_is_to(self):
        studies = {self.study_of(path) for path in self.sent}
        moved = 0
        for study in studies:
            [report] = json_lines(self.move("-k", f"StudyInstanceUID={study}").stdout)
            self.assertEqual((report["status"], report["failed"]), ("0000", 0))
            moved += report["completed"]
        self.assertEqual(moved, len(self.sent))
        files = self.receiver.files()
        for path in self.sent:
            self.assertTrue(data_set_of(files[str(pydicom.dcmread(path).SOPInstanceUID)]) == data_set_of(path))

    def test_an_image_is_named_by_its_keys(self):
        data = pydicom.dcmread(self.sent[0])
        self.move("--level", "image", "-k", f"StudyInstanceUID={data.StudyInstanceUID}", "-k", f"SeriesInstanceUID={data.SeriesInstanceUID}",
                  "-k", f"SOPInstanceUID={data.SOPInstanceUID}")
        self.assertEqual(list(self.receiver.files()), [str(data.SOPInstanceUID)])

    def test_what_goes_wrong_is_said(self):
        study = self.study_of(self.sent[0])
        self.assertIn("does not know the AE title", self.move("-k", f"StudyInstanceUID={study}", to="STRANGER", code=1).stderr)
        done = self.move("-k", f"StudyInstanceUID={study}", to="NOBODY", code=1)
        self.assertIn("status", done.stderr)
        nobody = run_product("move", self.receiver.address, "--to", "X", "-k", "StudyInstanceUID=1.2")
        self.assertEqual(nobody.returncode, 1)
        self.assertIn("does not take requests of this kind", nobody.stderr)
        self.assertEqual(run_product("move", self.archive.address, "--to", "A\\B", "-k", "StudyInstanceUID=1.2").returncode, 2)


if __name__ == "__main__":
    main()
