# SPDX-License-Identifier: Apache-2.0
"""Queries, retrievals and commitment with TLS, both ways with certificates: Orthanc, since the archives of Debian's DCMTK have none."""

import os

import pydicom

import acquisitions as acq
from authority import Authority
from part10 import data_set_of
from peers import HOST, Orthanc, free_port
from product import InteropCase, json_lines, main, run_product
from query_test import worklist_entry
from receiver import Receiver


class TlsServicesTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self, "hospital")
        self.key, self.certificate = self.authority.issue("device")
        self.trusting = ["--tls", "--tls-cert", self.certificate, "--tls-key", self.key, "--tls-ca", self.authority.certificate]
        self.made = self.new_folder("made")
        self.check_done(run_product("encode", acq.raw("us", "us", frames=2).write(os.path.join(self.folder, "in")), "--output", self.made))
        self.paths = {name.removesuffix(".dcm"): os.path.join(self.made, name) for name in os.listdir(self.made)}
        self.study = f"StudyInstanceUID={pydicom.dcmread(next(iter(self.paths.values()))).StudyInstanceUID}"

    def archive(self, **options):
        return Orthanc(self, secured=self.authority, **options)

    def ask(self, archive, command, *words, code=0):
        done = self.check_done(run_product(command, *self.trusting, "--json", archive.address, *words), code)
        return json_lines(done.stdout)

    def check_same(self, files):
        self.assertEqual(set(files), set(self.paths))
        for uid, path in self.paths.items():
            self.assertTrue(data_set_of(files[uid]) == data_set_of(path))

    def test_objects_are_found_fetched_and_moved(self):
        port = free_port()
        receiver = Receiver(self, "--tls", "--tls-cert", self.certificate, "--tls-key", self.key, "--tls-ca", self.authority.certificate, port=port)
        archive = self.archive(modalities={"SCANFERRY": 9, "RECEIVER": port})
        self.ask(archive, "send", self.made)
        found = self.ask(archive, "find", "--level", "image", "-k", self.study, "-k", "SOPInstanceUID")
        self.assertEqual({match["00080018"]["Value"][0] for match in found}, set(self.paths))
        *fetched, report = self.ask(archive, "get", os.path.join(self.folder, "fetched"), "-k", self.study)
        self.assertEqual((report["status"], report["completed"]), ("0000", 2))
        self.check_same({one["sop_instance_uid"]: one["file"] for one in fetched})
        [report] = self.ask(archive, "move", "--to", "RECEIVER", "-k", self.study)
        self.assertEqual((report["status"], report["completed"]), ("0000", 2))
        self.check_same(receiver.files())

    def test_a_worklist_is_asked(self):
        archive = self.archive(worklist=[worklist_entry(1, "Doe^Jane", "US")], modalities={"SCANFERRY": 9})
        [match] = self.ask(archive, "worklist")
        self.assertEqual(match["00080050"]["Value"], ["ACC1"])

    def test_a_report_of_commitment_comes_with_tls_too(self):
        port = free_port()
        archive = self.archive(modalities={"SCANFERRY": port})
        self.ask(archive, "send", self.made)
        reports = self.ask(archive, "commit", "--listen", str(port), "--address", HOST, self.made)
        self.assertEqual({report["sop_instance_uid"] for report in reports if report["committed"]}, set(self.paths))

    def test_who_is_to_be_reported_to_with_tls_needs_a_certificate(self):
        done = run_product("commit", "--tls", "--tls-ca", self.authority.certificate, "--listen", "0", f"ARCHIVE@{HOST}:1", self.made)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--tls-cert", done.stderr)

    def test_who_shows_no_certificate_or_speaks_no_tls_gets_nothing(self):
        archive = self.archive(modalities={"SCANFERRY": 9})
        for words in (["--tls", "--tls-ca", self.authority.certificate], []):
            self.check_done(run_product("find", *words, archive.address), 1)


if __name__ == "__main__":
    main()
