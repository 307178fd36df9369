# SPDX-License-Identifier: Apache-2.0
"""`commit` takes an archive's report in each way that PS3.4 J.3.3 has for it, and says of each object what it says."""

import os

import acquisitions as acq
from dimse_peer import COMMITMENT, EXPLICIT, Commitment, Field, Peer, Reporting, associate
from peers import HOST, Orthanc, StoreScp, free_port
from product import InteropCase, json_lines, main, run_product
from storage_classes_test import write_object

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


class Hasty(Commitment):
    """Reports before it answers the request."""

    def action(self, message):
        for answer in super().action(message):
            [*_, transaction] = self.transactions.values()
            self.report(transaction, message.association)
            yield answer


class Confused(Commitment):
    """Reports first of a transaction that nobody began, and of the right one twice."""

    def report(self, transaction, association):
        uid, transaction.uid = transaction.uid, "1.2.3.4"
        super().report(transaction, association)
        transaction.uid = uid
        super().report(transaction, association)
        return super().report(transaction, association)


class Forgetful(Commitment):
    """Leaves the first object out of its report."""

    def _outcome(self, transaction):
        outcome = super()._outcome(transaction)
        outcome.ReferencedSOPSequence = outcome.ReferencedSOPSequence[1:]
        return outcome


class Slow(Commitment):
    """After its report on an association of its own it thinks a while before it releases."""

    ends = ()    # how the associations ended

    def call_back(self, transaction):
        host, port, aet = self.requestor
        association = associate(host, port, aet, self.peer.aet, [COMMITMENT], roles={COMMITMENT: (0, 1)})
        association.wait(self.report(transaction, association))
        try:
            association.pump(lambda: association.ended, "nothing", timeout=0.5)
        except TimeoutError:
            association.release()
        self.ends += (association.ended,)


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

    def many(self):
        """A folder with more objects than are asked for in one transaction."""
        folder = self.new_folder("many")
        for number in range(1, 1002):
            write_object(folder, SECONDARY_CAPTURE, EXPLICIT, number)
        return folder

    def test_several_transactions_are_reported_in_each_way(self):
        folder = self.many()
        for kind, reporting in ((Commitment, Reporting.SAME), (Hasty, Reporting.NEVER), (Commitment, Reporting.NEXT), (Commitment, Reporting.NEW)):
            with self.subTest(f"{kind.__name__} {reporting}"):
                port = free_port()
                commitment = kind(reporting, requestor=(HOST, port, "CART1"))
                archive = Peer(self, commitment, aet="ARCHIVE")
                words = ["--listen", str(port), "--address", HOST] if reporting is Reporting.NEW else []
                done = self.check_done(run_product("commit", "--aet", "CART1", archive.address, folder, *words))
                self.assertEqual(done.stdout, "1001 of 1001 committed\n")
                self.assertEqual([len(transaction.asked) for transaction in commitment.transactions.values()], [500, 500, 1])
                self.assertTrue(all(transaction.is_reported for transaction in commitment.transactions.values()))

    def test_a_report_of_an_unknown_transaction_is_refused_and_one_that_comes_again_is_taken(self):
        commitment = Confused()
        self.commit(commitment)
        [transaction] = commitment.transactions.values()
        commitment.peer.wait_for(lambda: transaction.reports[0].final, "an answer to the first report")
        self.assertEqual([report.final and report.final.status for report in transaction.reports[:2]], [0x0110, 0])
        self.assertIn(transaction.reports[2].final and transaction.reports[2].final.status, (0, None))    # it may come as we go

    def test_what_a_report_does_not_name_is_not_waited_for(self):
        reports = self.commit(Forgetful(), "--wait", "3600", code=1)
        [lost] = [report for report in reports.values() if not report["committed"]]
        self.assertIn("does not name it", lost["comment"])

    def test_an_archive_may_take_its_time_to_release_the_association_that_it_reported_on(self):
        port = free_port()
        commitment = Slow(Reporting.NEW, requestor=(HOST, port, "CART1"))
        self.commit(commitment, "--listen", str(port), "--address", HOST)
        commitment.peer.wait_for(lambda: commitment.ends, "the association to end")
        self.assertEqual(commitment.ends, ("released",))

    def test_an_object_that_is_there_twice_is_asked_for_once(self):
        archive = Peer(self, Commitment(), aet="ARCHIVE")
        done = self.check_done(run_product("commit", archive.address, self.made, self.made))
        self.assertEqual(done.stdout, "3 of 3 committed\n")

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
        for address, said in ((archive.address, "0110H"), (StoreScp(self).address, "does not take requests of this kind"), ("A@127.0.0.1:1", "refused")):
            with self.subTest(said):
                self.assertIn(said, self.check_done(run_product("commit", address, self.made), 1).stderr)
                reports = json_lines(self.check_done(run_product("commit", "--json", address, self.made), 1).stdout)
                self.assertEqual({report["sop_instance_uid"] for report in reports}, self.uids)
                self.assertTrue(all(said in report["comment"] for report in reports), reports)

    def test_what_was_taken_before_a_refusal_is_waited_for(self):
        commitment = Commitment(Reporting.NEXT)
        archive = Peer(self, commitment, aet="ARCHIVE")
        action = commitment.action

        def once(message):
            return 0x0213 if commitment.transactions else action(message)

        archive.on(Field.N_ACTION, once, COMMITMENT)
        done = self.check_done(run_product("commit", archive.address, self.many()), 1)
        self.assertEqual(done.stdout, "500 of 1001 committed\n")
        self.assertEqual(done.stderr.count("0213H"), 501)

    def test_nothing_to_ask_for_is_said(self):
        self.assertIn("there is no object", self.check_done(run_product("commit", "A@127.0.0.1:1", self.new_folder("empty")), 1).stderr)


if __name__ == "__main__":
    main()
