# SPDX-License-Identifier: Apache-2.0
"""Whatever the PACS does, in the end everything is stored, exactly once per SOP Instance UID, in the ledger and in the PACS."""

import os
import shutil
import threading

import acquisitions as acq
from part10 import data_set_of
from peers import StoreScp, check_valid
from product import Agent, InteropCase, main, wait_until
from scripted_pacs import Conduct, ScriptedPacs

US_CLASS = "1.2.840.10008.5.1.4.1.1.6.1"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
BIG_FRAME = dict(rows=1024, columns=1024, frames=64)       # 64 MiB


class OutageTest(InteropCase):
    def drop(self, agent, count, **options):
        for n in range(count):
            acq.raw(f"scan{n:02}", "us", rows=160, columns=200, **options).write(agent.inbox)
        return count

    def check_scripted(self, agent, pacs, count, receptions_max=1):
        """Every object is in the ledger as stored and in the PACS with the spooled bytes; success was answered once."""
        deliveries = agent.wait_for_stored(count)
        uids = {d["sop_instance_uid"] for d in deliveries}
        self.assertEqual(len(uids), count)
        stored = pacs.stored()
        self.assertEqual(set(stored), uids)
        for uid, receptions in stored.items():
            self.assertEqual(len(receptions), 1, f"{uid} was stored {len(receptions)} times")
            self.assertTrue(receptions[0].data_set == data_set_of(agent.object_path(uid)), uid)
        for uid in uids:
            arrived = [r for r in pacs.receptions if r.sop_instance_uid == uid]
            self.assertLessEqual(len(arrived), receptions_max, f"{uid} arrived {len(arrived)} times")

    def check_storescp(self, agent, pacs, count):
        deliveries = agent.wait_for_stored(count)
        files = pacs.files()
        self.assertEqual(set(files), {d["sop_instance_uid"] for d in deliveries})
        for uid, path in files.items():
            self.assertTrue(data_set_of(path) == data_set_of(agent.object_path(uid)), uid)
            check_valid(self, path)

    def test_the_pacs_is_down_when_the_agent_starts(self):
        pacs = StoreScp(self, start=False)
        agent = Agent(self, {"pacs": pacs.address}).start()
        count = self.drop(agent, 5)
        agent.wait_for_states(count, "pending")
        agent.wait_for_log(r"refused.*next try in")
        self.assertEqual([d["attempts"] for d in agent.queue()], [0] * count, "a dead link was counted against the objects")
        pacs.start()
        self.check_storescp(agent, pacs, count)

    def test_the_pacs_comes_back_between_long_retries_and_the_echo_notices(self):
        pacs = StoreScp(self, start=False)
        agent = Agent(self, {"pacs": pacs.address}, retry={"first_seconds": 3600, "longest_seconds": 3600},
                      health={"echo_seconds": 0.2}).start()
        count = self.drop(agent, 3)
        agent.wait_for_log(r"refused.*next try in")
        pacs.start()
        self.check_storescp(agent, pacs, count)

    def test_the_pacs_is_killed_in_the_middle_of_a_transfer(self):
        pacs = StoreScp(self)
        agent = Agent(self, {"pacs": pacs.address}).start()
        acquired = acq.raw("big", "us-multiframe", **BIG_FRAME, seed="big", one_file=True)
        whole = len(acquired.frames[0]) * len(acquired.frames)
        acquired.write(agent.inbox)
        wait_until(pacs.files, "the transfer to begin")
        pacs.pause()
        [(uid, path)] = pacs.files().items()
        self.assertLess(os.path.getsize(path), whole, "the transfer was over before the PACS could be stopped")
        pacs.kill()
        agent.wait_for_log("not stored yet " + uid)
        self.assertEqual([d["state"] for d in agent.queue()], ["pending"])
        pacs.start()
        self.check_storescp(agent, pacs, 1)

    def test_storescp_has_no_room_for_a_while(self):
        pacs = StoreScp(self)
        agent = Agent(self, {"pacs": pacs.address}).start()
        shutil.rmtree(pacs.folder)
        count = self.drop(agent, 4)
        agent.wait_for_log("A700H")
        self.assertEqual({d["state"] for d in agent.wait_for_states(count, "pending")}, {"pending"})
        os.makedirs(pacs.folder)
        self.check_storescp(agent, pacs, count)

    def test_storescp_refuses_and_aborts_for_a_while(self):
        for option in ("--refuse", "--abort-during", "--abort-after"):
            with self.subTest(option):
                name = option.strip("-")
                pacs = StoreScp(self, name="storescp-" + name, start=False).start(option)
                agent = Agent(self, {"pacs": pacs.address}, name="agent-" + name).start()
                count = self.drop(agent, 3)
                agent.wait_for_log("rejected" if option == "--refuse" else "not stored yet")
                self.assertEqual({d["state"] for d in agent.wait_for_states(count, "pending")}, {"pending"})
                pacs.kill()
                pacs.start()
                self.check_storescp(agent, pacs, count)
                self.assertEqual(agent.stop(), 0)

    def test_every_way_to_break_an_association_ends_in_one_stored_object(self):
        # Where the response was lost, only the PACS knows that it has the object: it comes again, under the same UID.
        comes_again = {Conduct.ABORT_AFTER_DATA: 3, Conduct.CLOSE_AFTER_DATA: 3, Conduct.ANSWER_EARLY: 3}
        for conduct in Conduct:
            if conduct in (Conduct.NORMAL, Conduct.SILENT):
                continue
            with self.subTest(conduct.name):
                pacs = ScriptedPacs(self)
                pacs.conducts.extend([conduct, conduct])
                pacs.statuses.extend([0xA700, 0xA700] if conduct is Conduct.ANSWER_EARLY else [])
                agent = Agent(self, {"pacs": pacs.address}, name="agent-" + conduct.name.lower()).start()
                count = self.drop(agent, 3)
                self.check_scripted(agent, pacs, count, comes_again.get(conduct, 1))
                self.assertEqual(pacs.broken, 2)
                self.assertEqual(agent.stop(), 0)

    def test_a_pacs_that_stops_reading_is_left_when_the_time_allowed_is_over(self):
        pacs = StoreScp(self)
        agent = Agent(self, {})
        agent.config["destination"] = [{"name": "pacs", "address": pacs.address, "associate_seconds": 1, "transfer_seconds": 1}]
        agent.write_config()
        agent.start()
        acq.raw("big", "us-multiframe", **BIG_FRAME, seed="big", one_file=True).write(agent.inbox)
        wait_until(pacs.files, "the transfer to begin")
        pacs.pause()
        agent.wait_for_log("not stored yet.*time.*while the object was being sent")
        pacs.go_on()
        self.check_storescp(agent, pacs, 1)

    def test_a_silent_pacs_is_left_when_the_time_allowed_is_over(self):
        pacs = ScriptedPacs(self)
        pacs.conducts.append(Conduct.SILENT)
        agent = Agent(self, {})
        agent.config["destination"] = [{"name": "pacs", "address": pacs.address, "associate_seconds": 0.5}]
        agent.write_config()
        agent.start()
        count = self.drop(agent, 2)
        agent.wait_for_log("no progress within the time allowed")
        self.check_scripted(agent, pacs, count)

    def test_out_of_resources_for_a_while(self):
        pacs = ScriptedPacs(self)
        pacs.comment = "cache is full"
        # More often than an object of its own fault may fail: a full PACS is no object's fault.
        pacs.statuses.extend([0xA700, 0xA701] * 5)
        agent = Agent(self, {"pacs": pacs.address}).start()
        count = self.drop(agent, 3)
        agent.wait_for_log("A700H")
        wait_until(lambda: any("cache is full" in d["comment"] for d in agent.queue()), "what the PACS says to be in the queue")
        self.assertNotIn("cache is full", agent.log, "what a peer says may name a patient")
        agent.wait_for_stored(count)
        self.check_scripted(agent, pacs, count, receptions_max=11)
        self.assertFalse(pacs.statuses)

    def test_a_refusal_that_comes_before_the_data_is_through_counts(self):
        for status, state in ((0xA700, "pending"), (0xC000, "held")):
            with self.subTest(f"{status:04X}"):
                pacs = ScriptedPacs(self)
                pacs.conducts.append(Conduct.ANSWER_EARLY)
                pacs.statuses.append(status)
                agent = Agent(self, {"pacs": pacs.address}, name=f"agent-early-{status:04x}").start()
                count = self.drop(agent, 2)
                agent.wait_for_log(f"{status:04X}H")
                if state == "held":
                    [held] = [d for d in agent.wait_for_states(count, "stored", "held") if d["state"] == "held"]
                    self.check_done(agent.command("queue", "release", held["sop_instance_uid"]))
                self.check_scripted(agent, pacs, count, receptions_max=2)
                self.assertEqual(pacs.broken, 1)
                self.assertEqual(agent.stop(), 0)

    def test_an_object_that_fails_again_and_again_is_held_and_the_others_are_stored(self):
        pacs = ScriptedPacs(self)
        pacs.refuse_next_object = 0x0110
        agent = Agent(self, {"pacs": pacs.address}, retry={"first_seconds": 0.01, "longest_seconds": 0.05}).start()
        count = self.drop(agent, 3)
        [held] = [d for d in agent.wait_for_states(count, "stored", "held") if d["state"] == "held"]
        self.assertEqual((held["status"], held["attempts"]), ("0110", 8))
        pacs.refuse_next_object = None
        self.check_done(agent.command("queue", "release", "--all"))
        self.check_scripted(agent, pacs, count, receptions_max=9)

    def test_a_processing_failure_is_tried_again_while_the_others_go_on(self):
        pacs = ScriptedPacs(self)
        pacs.statuses.extend([0x0110, 0x0110])
        agent = Agent(self, {"pacs": pacs.address}).start()
        count = self.drop(agent, 3)
        self.check_scripted(agent, pacs, count, receptions_max=3)

    def test_a_refused_object_is_held_and_the_others_go_on(self):
        for status in (0xA900, 0xC000, 0x0122):
            with self.subTest(f"{status:04X}"):
                pacs = ScriptedPacs(self)
                pacs.comment = "Patient unknown"
                pacs.statuses.append(status)
                agent = Agent(self, {"pacs": pacs.address}, name=f"agent-{status:04x}").start()
                count = self.drop(agent, 3)
                deliveries = agent.wait_for_states(count, "stored", "held")
                [held] = [d for d in deliveries if d["state"] == "held"]
                self.assertEqual(held["status"], f"{status:04X}")
                self.assertIn("Patient unknown", held["comment"])
                uid = held["sop_instance_uid"]
                self.assertEqual(len([r for r in pacs.receptions if r.sop_instance_uid == uid]), 1, "held, yet sent again")
                self.check_done(agent.command("queue", "release", uid))
                self.check_scripted(agent, pacs, count, receptions_max=2)
                self.assertEqual(agent.stop(), 0)

    def test_stored_with_warning_is_stored_and_the_warning_is_kept(self):
        pacs = ScriptedPacs(self)
        pacs.comment = "coerced the name"
        pacs.statuses.append(0xB000)
        agent = Agent(self, {"pacs": pacs.address}).start()
        count = self.drop(agent, 2)
        deliveries = agent.wait_for_states(count, "stored", "stored with warning")
        [warned] = [d for d in deliveries if d["state"] == "stored with warning"]
        self.assertEqual(warned["status"], "B000")
        self.assertIn("coerced the name", warned["comment"])
        self.assertEqual(len(pacs.receptions), count)

    def test_a_refused_sop_class_is_held_until_the_pacs_allows_it(self):
        pacs = ScriptedPacs(self)
        pacs.refused_classes.add(US_CLASS)
        agent = Agent(self, {"pacs": pacs.address}).start()
        count = self.drop(agent, 2)
        acq.raw("capture", "sc").write(agent.inbox)
        deliveries = agent.wait_for_states(count + 1, "stored", "held")
        held = [d for d in deliveries if d["state"] == "held"]
        self.assertEqual([d["sop_class_uid"] for d in held], [US_CLASS] * count)
        self.assertIn(US_CLASS, held[0]["comment"])
        self.assertEqual({r.sop_class_uid for r in pacs.receptions}, {"1.2.840.10008.5.1.4.1.1.7"})
        pacs.refused_classes.clear()
        self.check_done(agent.command("queue", "release", "--all"))
        self.check_scripted(agent, pacs, count + 1)

    def test_a_refused_transfer_syntax_is_held_until_the_pacs_allows_it(self):
        pacs = ScriptedPacs(self)
        pacs.refused_syntaxes.add(JPEG_BASELINE)
        agent = Agent(self, {"pacs": pacs.address}).start()
        acq.jpeg("photo", "us", subsampling="4:2:0").write(agent.inbox)
        acq.raw("plain", "us").write(agent.inbox)
        [held] = [d for d in agent.wait_for_states(2, "stored", "held") if d["state"] == "held"]
        self.assertEqual(held["transfer_syntax_uid"], JPEG_BASELINE)
        self.assertIn(JPEG_BASELINE, held["comment"])
        pacs.refused_syntaxes.clear()
        self.check_done(agent.command("queue", "release", held["sop_instance_uid"]))
        self.check_scripted(agent, pacs, 2)

    def test_one_dead_destination_does_not_stop_the_other(self):
        pacs, dead = ScriptedPacs(self), ScriptedPacs(self, start=False)
        agent = Agent(self, {"dead": dead.address, "pacs": pacs.address}).start()
        count = self.drop(agent, 4)
        wait_until(lambda: len(pacs.stored()) == count, "the living PACS to have everything")
        wait_until(lambda: sorted(d["state"] for d in agent.queue()) == ["pending"] * count + ["stored"] * count, "the ledger to say so")
        dead.start()
        agent.wait_for_stored(2 * count)
        self.assertEqual({uid: len(r) for uid, r in dead.stored().items()}, {uid: len(r) for uid, r in pacs.stored().items()})

    def test_the_agent_resumes_after_a_restart_while_the_pacs_is_down(self):
        pacs = ScriptedPacs(self, start=False)
        agent = Agent(self, {"pacs": pacs.address}).start()
        count = self.drop(agent, 4)
        before = {d["sop_instance_uid"] for d in agent.wait_for_states(count, "pending")}
        self.assertEqual(agent.stop(), 0)
        agent.start()
        agent.kill()
        pacs.start()
        agent.start()
        self.check_scripted(agent, pacs, count)
        self.assertEqual(before, set(pacs.stored()))

    def test_what_our_own_disk_does_not_give_is_not_the_destinations_fault(self):
        began, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def sink(_, __):
            began.set()
            go_on.wait(30)

        pacs = ScriptedPacs(self, sink=sink)
        agent = Agent(self, {"pacs": pacs.address}).start()
        acq.raw("large", "us-multiframe", frames=80, rows=500, columns=500).write(agent.inbox)
        self.assertTrue(began.wait(30))
        [delivery] = agent.queue()
        os.truncate(agent.object_path(delivery["sop_instance_uid"]), 1_000_000)
        go_on.set()
        agent.wait_for_log("not stored yet .*: cannot send a file that has become shorter meanwhile")
        [held] = agent.wait_for_states(1, "held")
        self.assertIn("has 1000000 bytes", held["comment"])
        acq.raw("next", "us").write(agent.inbox)
        agent.wait_for_states(2, "held", "stored")
        self.assertNotIn("next try in", agent.log)


if __name__ == "__main__":
    main()
