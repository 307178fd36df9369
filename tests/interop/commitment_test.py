# SPDX-License-Identifier: Apache-2.0
"""`commit` takes an archive's report in each way that PS3.4 J.3.3 has for it, and says of each object what it says."""

import os

import acquisitions as acq
from dimse_peer import Commitment, Peer, Reporting
from peers import HOST, Orthanc, StoreScp, free_port
from product import InteropCase, json_lines, main, run_product


class CommitmentTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.made = self.new_folder("made")
        self.check_done(run_product("encode", acq.raw("us", "us", frames=3).write(os.path.join(self.folder, "in")), "--output", self.made))
        self.uids = {name.removesuffix(".dcm") for name in os.listdir(self.made)}

    def commit(self, commitment, *words, code=0):
        archive = Peer(self, commitment, aet="ARCHIVE")
        done = self.check_done(run_product("commit", "--json", "--aet", "CART1", archive.address, self.made, *words), code)
        [transaction] = commitment.transactions.values()
        self.assertEqual({instance for _, instance in transaction.asked}, self.uids)
        return {report["sop_instance_uid"]: report for report in json_lines(done.stdout)}

    def test_a_report_comes_on_the_same_association_on_the_next_or_on_the_archives_own(self):
        for reporting in (Reporting.SAME, Reporting.NEXT, Reporting.NEW):
            with self.subTest(reporting):
                port = free_port()
                commitment = Commitment(reporting, requestor=(HOST, port, "CART1"))
                words = ["--listen", str(port), "--address", HOST] if reporting is Reporting.NEW else []
                reports = self.commit(commitment, *words)
                self.assertEqual({uid for uid, report in reports.items() if report["committed"]}, self.uids)
                self.assertTrue(all(transaction.is_reported for transaction in commitment.transactions.values()))

    def test_orthanc_reports_on_an_association_of_its_own(self):
        port = free_port()
        orthanc = Orthanc(self, modalities={"CART1": port})
        kept, *_, lost = [os.path.join(self.made, name) for name in sorted(os.listdir(self.made))]
        self.check_done(run_product("send", orthanc.address, kept))
        done = self.check_done(run_product("commit", "--json", "--aet", "CART1", "--listen", str(port), "--address", HOST, orthanc.address, kept, lost), 1)
        reports = {report["sop_instance_uid"] + ".dcm": report for report in json_lines(done.stdout)}
        self.assertTrue(reports[os.path.basename(kept)]["committed"])
        self.assertEqual(reports[os.path.basename(lost)]["reason"], 0x0112)

    def test_what_is_not_committed_is_named_with_its_reason(self):
        lost = sorted(self.uids)[0]
        reports = self.commit(Commitment(failed=lambda _, uid: 0x0112 if uid == lost else None), code=1)
        self.assertEqual({uid for uid, report in reports.items() if not report["committed"]}, {lost})
        self.assertEqual(reports[lost]["reason"], 0x0112)
        self.assertIn("send it again", reports[lost]["comment"])

    def test_an_archive_that_never_reports_is_not_believed(self):
        reports = self.commit(Commitment(Reporting.NEVER), "--wait", "1", code=1)
        self.assertTrue(all(not report["committed"] for report in reports.values()))

    def test_an_archive_that_refuses_is_named(self):
        archive = Peer(self, Commitment(refuse=0x0110), aet="ARCHIVE")
        done = self.check_done(run_product("commit", archive.address, self.made), 1)
        self.assertIn("0110H", done.stderr)
        storescp = StoreScp(self)
        self.assertIn("does not take requests of this kind", run_product("commit", storescp.address, self.made).stderr)


if __name__ == "__main__":
    main()
