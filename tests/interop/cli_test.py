# SPDX-License-Identifier: Apache-2.0
"""The command line: help, exit codes, JSON, and each command against real peers."""

import os
import re
import signal
import socket
import subprocess
import threading

from pydicom.dataset import Dataset

import acquisitions as acq
from dimse_peer import Answer, Field, Peer
from peers import HOST, StoreScp, free_port
from product import COMMAND, Agent, InteropCase, json_lines, main, read_bytes, run_product, wait_until, write_file
from scripted_pacs import Conduct, ScriptedPacs

COMMANDS = ["run", "acquire", "encode", "echo", "send", "receive", "find", "worklist", "move", "get", "commit", "ian", "mpps", "mpps start", "mpps complete",
            "mpps discontinue", "mpps show", "dump", "queue", "queue list", "queue show", "queue retry", "queue hold", "queue release",
            "queue drop", "version"]


class UsageTest(InteropCase):
    def test_every_command_explains_itself(self):
        main_help = self.check_done(run_product("--help")).stdout
        for command in COMMANDS:
            with self.subTest(command):
                done = self.check_done(run_product(*command.split(), "--help"))
                self.assertIn("--help", done.stdout)
                self.assertEqual(done.stderr, "")
                self.assertIn(command.split()[0], main_help)
        self.assertIn("Exit status: 0", main_help)

    def test_wrong_usage_is_2_and_says_where_help_is(self):
        wrong = [[], ["fly"], ["run"], ["send"], ["send", "PACS@h:104"], ["echo"], ["echo", "no address"], ["echo", "PACS@h:0"],
                 ["echo", "PACS@h:104", "--aet", "A" * 17], ["echo", "PACS@h:104", "--repeat", "many"], ["echo", "PACS@h:104", "--colour"],
                 ["queue"], ["queue", "fly"], ["queue", "show", "1.2"], ["encode"], ["acquire", "--rows", "8"]]
        for arguments in wrong:
            with self.subTest(arguments):
                done = self.check_done(run_product(*arguments), 2)
                self.assertIn("scanferry: ", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_no_number_is_refused_where_a_number_is_wanted(self):
        checked = set()
        for command in [*COMMANDS, "export", "dicomdir", "check", "edit", "convert", "json", "xml"]:
            for option in re.findall(r"^  (--[a-z-]+) FLOAT", run_product(*command.split(), "--help").stdout, re.MULTILINE):
                for value in ("nan", "-NaN", "inf", "-1", "much"):
                    with self.subTest(command=command, option=option, value=value):
                        done = self.check_done(run_product(*command.split(), f"{option}={value}"), 2)
                        self.assertIn(option + ": ", done.stderr)
                checked.add(option)
        self.assertEqual(checked, {"--timeout", "--wait", "--idle-seconds", "--study-seconds", "--frame-time-ms"})

    def test_what_a_terminal_obeys_does_not_reach_it(self):
        # ESC and CSI, once as C1 and once as a byte that is no UTF-8; a name that is none of these stays.
        for raw, shown in (("a\x1b[31m", "a?[31m"), ("a\u009b31m", "a?31m"), ("a\udc9b31m", "a?31m"), ("a\x7f", "a?"), ("J\u00f6rg", "J\u00f6rg")):
            with self.subTest(shown):
                missing = os.path.join(self.folder, raw)
                self.assertIn(os.path.join(self.folder, shown), self.check_done(run_product("dump", missing), 1).stderr)
                line = self.check_done(run_product("send", f"PACS@{HOST}:{free_port()}", "--json", missing), 1).stdout
                self.assertNotRegex(line, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
                self.assertEqual(json_lines(line)[0]["file"], missing.replace("\udc9b", "\ufffd"))

    def test_what_a_terminal_obeys_does_not_come_from_a_peer(self):
        match = Dataset()
        match.SpecificCharacterSet, match.PatientID, match.PatientName = "ISO_IR 192", "a\u009b31m\x7f", "M\u00fcller"
        peer = Peer(self).on(Field.C_FIND, lambda _: iter([Answer(0xFF00, match), Answer(0)]))
        shown = self.check_done(run_product("find", peer.address)).stdout
        self.assertIn("a?31m?\n", shown)
        self.assertIn("M\u00fcller\n", shown)
        line = self.check_done(run_product("find", peer.address, "--json")).stdout
        self.assertNotRegex(line, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.assertEqual(json_lines(line)[0]["00100020"]["Value"], ["a\u009b31m\x7f"])

    def test_version_says_what_it_is(self):
        self.assertRegex(self.check_done(run_product("version")).stdout, r"^scanferry \d+\.\d+\.\d+")

    def test_acquire_names_the_option_that_is_wrong(self):
        config = Agent(self, {}).config_path
        good = {"--rows": "8", "--columns": "8", "--photometric": "MONOCHROME2"}
        for option, value in (("--rows", "0"), ("--columns", "70000"), ("--photometric", "CMYK"), ("--bits-allocated", "12"),
                              ("--object", "ct"), ("--frames", "-1"), ("--frame-time-ms", "x")):
            with self.subTest(option):
                options = [word for pair in {**good, option: value}.items() for word in pair]
                self.assertIn(option, self.check_done(run_product("acquire", "--config", config, *options), 2).stderr)
        # What the object forbids is wrong usage too.
        options = [word for pair in {**good, "--object": "us", "--bits-allocated": "16"}.items() for word in pair]
        self.assertIn("(0028,0100)", self.check_done(run_product("acquire", "--config", config, *options), 2).stderr)

    def test_acquire_tells_when_fewer_frames_came(self):
        config = Agent(self, {}).config_path
        options = ["--config", config, "--rows", "8", "--columns", "8", "--photometric", "MONOCHROME2", "--object", "us"]
        done = run_product("acquire", *options, "--frames", "3", input=b"x" * 130, text=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"expected 3 frames and got 2", done.stderr)
        self.assertEqual(done.stdout.count(b"accepted "), 2)
        done = run_product("acquire", *options, input=b"x" * 10, text=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"no whole frame", done.stderr)
        done = run_product("acquire", *options, input=b"x" * 70, text=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"6 bytes were dropped", done.stderr)
        self.assertEqual(done.stdout.count(b"accepted "), 1)


class EchoTest(InteropCase):
    def test_echo_reaches_storescp(self):
        pacs = StoreScp(self)
        self.assertIn("answers C-ECHO", self.check_done(run_product("echo", pacs.address)).stdout)
        lines = json_lines(self.check_done(run_product("echo", pacs.address, "--json", "--repeat", 3)).stdout)
        self.assertEqual([(line["ok"], line["peer"]) for line in lines], [(True, pacs.address)] * 3)

    def test_echo_tells_why_it_failed(self):
        pacs = ScriptedPacs(self, start=False)
        done = self.check_done(run_product("echo", pacs.address), 1)
        self.assertIn(str(pacs.port), done.stderr)
        self.assertIn("refused", done.stderr)
        refusing = StoreScp(self, "--refuse")
        self.assertIn("rejected", self.check_done(run_product("echo", refusing.address), 1).stderr)

    def test_an_interrupted_echo_does_not_blame_the_peer(self):
        with socket.create_server((HOST, 0)) as silent:
            echo = subprocess.Popen([*COMMAND, "echo", f"PACS@{HOST}:{silent.getsockname()[1]}"], stderr=subprocess.PIPE, text=True)
            self.addCleanup(self.stop_process, echo)
            connection, _ = silent.accept()
            with connection:
                self.assertEqual(connection.recv(1), b"\x01")
                echo.send_signal(signal.SIGINT)
                _, said = echo.communicate(timeout=30)
        self.assertEqual(echo.returncode, 1)
        self.assertTrue(said.endswith("stopped while waiting for the answer to the association request\n"), said)

    def test_the_agent_answers_echo(self):
        agent = Agent(self, {}, listen={"port": 0, "address": HOST}).start()
        port = agent.wait_for_log(r"answers C-ECHO as SCANFERRY on port (\d+)").group(1)
        self.check_done(run_product("echo", f"SCANFERRY@{HOST}:{port}", "--repeat", 5))
        done = subprocess.run(["echoscu", "-v", "-aet", "ENGINEER", "-aec", "SCANFERRY", "--repeat", "3", HOST, port], capture_output=True,
                              text=True, timeout=60, check=False)
        self.check_done(done)
        agent.wait_for_log("answered C-ECHO of ENGINEER at 127.0.0.1")
        # One that knows only a service that the device does not have.
        acq.raw("scan", "us").write(agent.inbox)
        sidecar = acq.raw("scan", "us").write(os.path.join(self.folder, "in"))
        path = self.check_done(run_product("encode", sidecar, "--output", self.folder)).stdout.strip()
        self.check_done(run_product("send", f"SCANFERRY@{HOST}:{port}", path), 1)
        self.check_done(run_product("echo", f"SCANFERRY@{HOST}:{port}"))
        self.assertEqual(agent.stop(), 0)


class SendTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.objects = os.path.join(self.folder, "objects")
        for name, frames in (("one", 3), ("two", 2)):
            acquired = acq.raw(name, "us", frames=frames)
            sidecar = acquired.write(os.path.join(self.folder, "in"))
            self.check_done(run_product("encode", sidecar, "--output", os.path.join(self.objects, name)))
        self.files = sorted(os.path.join(folder, file) for folder, _, files in os.walk(self.objects) for file in files)
        self.assertEqual(len(self.files), 5)

    def test_files_and_folders_are_sent(self):
        pacs = StoreScp(self)
        done = self.check_done(run_product("send", pacs.address, self.objects))
        self.assertIn("5 of 5 stored", done.stdout)
        self.assertEqual(len(pacs.files()), 5)
        one = StoreScp(self, name="one-file")
        lines = json_lines(self.check_done(run_product("send", one.address, self.files[0], "--json")).stdout)
        self.assertEqual([(line["file"], line["stored"], line["status"]) for line in lines], [(self.files[0], True, "0000")])
        self.assertEqual(list(one.files()), [lines[0]["sop_instance_uid"]])

    def test_all_may_be_sent_several_times(self):
        pacs = Peer(self)
        done = self.check_done(run_product("send", pacs.address, self.objects, "--repeat", 3))
        self.assertIn("15 of 15 stored", done.stdout)
        self.assertEqual([message.field for message in pacs.received], [Field.C_STORE] * 15)
        self.assertEqual(len(pacs.associations), 1)

    def test_our_ae_title_is_told(self):
        pacs = StoreScp(self, "-d")
        self.check_done(run_product("send", pacs.address, self.files[0], "--aet", "ROOM7", "--quiet"))
        with open(pacs.log_path, encoding="utf-8", errors="replace") as log:
            self.assertIn("ROOM7", log.read())

    def test_one_refused_object_fails_the_command_and_the_others_are_stored(self):
        pacs = ScriptedPacs(self)
        pacs.comment = "unknown patient"
        pacs.statuses.extend([0, 0xC000])
        done = self.check_done(run_product("send", pacs.address, self.objects, "--json"), 1)
        lines = json_lines(done.stdout)
        self.assertEqual([line["status"] for line in lines], ["0000", "C000", "0000", "0000", "0000"])
        self.assertEqual([line["stored"] for line in lines], [True, False, True, True, True])
        self.assertIn("unknown patient", lines[1]["comment"])

    def test_what_was_never_answered_has_no_status(self):
        pacs = ScriptedPacs(self)
        pacs.conducts.extend([Conduct.REJECT_PERMANENT] * 3)
        missing = os.path.join(self.folder, "missing.dcm")
        lines = json_lines(self.check_done(run_product("send", pacs.address, self.objects, missing, "--json"), 1).stdout)
        self.assertEqual([(line["stored"], line["status"]) for line in lines], [(False, None)] * 6)
        self.assertEqual({line["file"] for line in lines}, {*self.files, missing})

    def test_a_peer_that_answers_no_request_is_left_in_the_time_allowed(self):
        study = ["-k", "StudyInstanceUID=1.2"]
        with socket.create_server((HOST, 0)) as silent:
            for words in (["send", self.objects], ["get", self.folder, *study], ["move", "--to", "PACS", *study]):
                with self.subTest(words[0]):
                    command, *more = words
                    done = run_product(command, "--timeout", "0.5", f"PACS@{HOST}:{silent.getsockname()[1]}", *more, timeout=25)    # of itself 30 s
                    self.check_done(done, 1)
                    self.assertIn("no progress within the time allowed while waiting for the answer to the association request", done.stderr)

    def test_an_interrupted_send_says_what_is_missing(self):
        came, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)
        pacs = Peer(self).on(Field.C_STORE, lambda _: came.set() or go_on.wait(30) and 0)
        for words, counted in (([], lambda said: self.assertIn("0 of 5 stored", said)),
                               (["--json"], lambda said: self.assertEqual([line["comment"] for line in json_lines(said)], ["interrupted"] * 5))):
            came.clear()
            sending = subprocess.Popen([*COMMAND, "send", pacs.address, self.objects, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.addCleanup(self.stop_process, sending)
            self.assertTrue(came.wait(30))
            sending.send_signal(signal.SIGTERM)
            out, said = sending.communicate(timeout=30)
            self.assertEqual(sending.returncode, 1)
            self.assertIn("interrupted", said)
            counted(out)

    def test_results_that_cannot_be_written_are_a_failure(self):
        pacs = StoreScp(self)
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([*COMMAND, "send", pacs.address, self.objects, "--json"], stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output could not be written", done.stderr)

    def test_an_association_that_breaks_is_made_again_for_the_rest(self):
        for conduct in (Conduct.ABORT_MID_DATA, Conduct.CLOSE_AFTER_DATA, Conduct.RESET_MID_DATA):
            with self.subTest(conduct.name):
                pacs = ScriptedPacs(self)
                pacs.break_after_bytes = 100
                pacs.conducts.append(conduct)
                done = self.check_done(run_product("send", pacs.address, self.objects), 1)
                self.assertIn("4 of 5 stored", done.stdout)
                self.assertIn(self.files[0] + ": not stored", done.stderr)
                self.assertEqual(len(pacs.stored()), 4)

    def test_every_maximum_pdu_length_of_a_peer_is_kept(self):
        for max_pdu in (0, 8, 9, 127, 4096, 16384, 131072, 1 << 20):
            with self.subTest(max_pdu):
                pacs = ScriptedPacs(self, max_pdu=max_pdu)
                done = run_product("send", pacs.address, self.objects)
                if 0 < max_pdu < 16:
                    # No message fits: the peer is told off, and so is the user.
                    self.check_done(done, 1)
                    self.assertIn(f"at most {max_pdu} bytes", done.stderr)
                    continue
                self.check_done(done)
                self.assertEqual(len(pacs.stored()), 5)

    def test_what_cannot_be_sent_is_named(self):
        pacs = StoreScp(self)
        text = write_file(os.path.join(self.folder, "notes.txt"), "no DICOM in here")
        missing = os.path.join(self.folder, "missing.dcm")
        for paths, named in (([text], text), ([missing], missing), ([self.files[0], missing], missing)):
            with self.subTest(paths):
                self.assertIn(named, self.check_done(run_product("send", pacs.address, *paths), 1).stderr)
        self.assertEqual(len(pacs.files()), 1)
        down = f"PACS@{HOST}:{free_port()}"
        done = self.check_done(run_product("send", down, self.objects), 1)
        self.assertIn(down.split(":")[1], done.stderr)
        self.assertIn("0 of 5 stored", done.stdout)
        rejecting = StoreScp(self, "--refuse", name="refusing")
        self.assertIn("rejected", self.check_done(run_product("send", rejecting.address, self.objects), 1).stderr)

    def test_other_files_in_a_folder_are_passed_over(self):
        pacs = StoreScp(self)
        write_file(os.path.join(self.objects, "README.txt"), "no DICOM in here")
        done = self.check_done(run_product("send", pacs.address, self.objects))
        self.assertIn("README.txt", done.stderr)
        self.assertEqual(len(pacs.files()), 5)

    def test_a_damaged_file_in_a_folder_fails_the_command_and_the_others_are_stored(self):
        pacs = StoreScp(self)
        damaged = write_file(os.path.join(self.objects, "damaged.dcm"), read_bytes(self.files[0])[:200])
        done = self.check_done(run_product("send", pacs.address, self.objects), 1)
        self.assertIn(damaged, done.stderr)
        self.assertIn("5 of 6 stored", done.stdout)

    def test_a_refused_class_is_named(self):
        pacs = ScriptedPacs(self)
        pacs.refused_classes.add("1.2.840.10008.5.1.4.1.1.6.1")
        done = self.check_done(run_product("send", pacs.address, self.files[0]), 1)
        self.assertIn("1.2.840.10008.5.1.4.1.1.6.1", done.stderr)


class DumpTest(InteropCase):
    def test_dump_shows_what_is_in_a_file(self):
        sidecar = acq.raw("scan", "us", **acq.FOREIGN_TEXT).write(self.folder)
        path = self.check_done(run_product("encode", sidecar, "--output", self.folder)).stdout.strip()
        shown = self.check_done(run_product("dump", path)).stdout
        for words in ("(0010,0010) PN [Wang^XiaoDong=王^小东]", "PatientName", "(0028,0010) US 24", "(7fe0,0010)", "1.2.840.10008.1.2.1"):
            self.assertIn(words, shown)

    def test_dump_names_what_it_cannot_read_and_shows_the_rest(self):
        text = write_file(os.path.join(self.folder, "notes.txt"), "no DICOM in here")
        missing = os.path.join(self.folder, "missing.dcm")
        sidecar = acq.raw("scan", "us").write(self.folder)
        path = self.check_done(run_product("encode", sidecar, "--output", self.folder)).stdout.strip()
        cut = write_file(os.path.join(self.folder, "cut.dcm"), read_bytes(path)[:-100])
        done = self.check_done(run_product("dump", text, missing, cut, path), 1)
        for name in (text, missing, cut):
            self.assertIn(name + ": ", done.stderr.replace("'", ""))
        self.assertEqual(done.stdout.count("PatientName"), 2)


class RunTest(InteropCase):
    def test_sigterm_ends_the_agent_whatever_it_does(self):
        silent = ScriptedPacs(self)
        silent.conducts.extend([Conduct.SILENT] * 2)
        nobody = f"PACS@{HOST}:{free_port()}"
        for name, address, dropped in (("idle", nobody, 0), ("unreachable", nobody, 1), ("waiting", silent.address, 1)):
            for number in (signal.SIGTERM, signal.SIGINT):
                with self.subTest(name=name, signal=number.name):
                    agent = Agent(self, {"pacs": address}, name=f"{name}-{number.name}", listen={"port": 0, "address": HOST},
                                  stop_seconds=0.5).start()
                    if dropped:
                        acq.raw("scan", "us").write(agent.inbox)
                    agent.wait_for_states(dropped, "pending")
                    agent.process.send_signal(number)
                    self.assertEqual(agent.process.wait(60), 0, "the agent did not end well")
                    self.assertIn("stopped", agent.log)

    def test_the_object_in_flight_is_let_end(self):
        pacs = ScriptedPacs(self)
        agent = Agent(self, {"pacs": pacs.address}, stop_seconds=30).start()
        acq.raw("scan", "us-multiframe", rows=1000, columns=1000, frames=32, one_file=True, seed="x").write(agent.inbox)
        wait_until(lambda: pacs.associations, "the transfer to begin")
        self.assertEqual(agent.stop(), 0)
        [delivery] = agent.queue()
        # It was begun or it was not; it was not broken off.
        self.assertEqual(len(pacs.receptions), 1 if delivery["state"] == "stored" else 0)
        agent.start()
        agent.wait_for_stored(1)
        self.assertEqual(len(pacs.receptions), 1)

    def test_acquire_ends_at_a_signal_and_keeps_what_is_whole(self):
        agent = Agent(self, {})
        command = [*COMMAND, "acquire", "--config", agent.config_path, "--object", "us-multiframe", "--rows", "10", "--columns", "10",
                   "--photometric", "MONOCHROME2", "--frame-time-ms", "20", "--json"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.stop_process, process)
        process.stdin.write(b"x" * 250)
        process.stdin.flush()
        incoming = os.path.join(agent.spool, "incoming")
        wait_until(lambda: os.path.isdir(incoming) and any(os.path.getsize(os.path.join(incoming, f)) > 250 for f in os.listdir(incoming)),
                   "the frames to be in the spool")
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        [report] = json_lines(process.stdout.read().decode())
        self.assertEqual((report["frames"], len(report["accepted"])), (2, 1))
        self.assertEqual(os.listdir(incoming), [])


class QueueTest(InteropCase):
    def test_the_queue_can_be_looked_at_and_changed_with_and_without_an_agent(self):
        pacs = ScriptedPacs(self, start=False)
        agent = Agent(self, {"pacs": pacs.address, "other": f"OTHER@{HOST}:{free_port()}"},
                      retry={"first_seconds": 3600, "longest_seconds": 3600})
        self.check_done(agent.command("queue", "list"), 1)
        agent.start()
        acq.raw("scan", "us", frames=3).write(agent.inbox)
        agent.wait_for_states(6, "pending")
        self.change(agent, running=True)
        self.assertEqual(agent.stop(), 0)
        self.change(agent, running=False)
        pacs.start()
        agent.start()
        wait_until(lambda: len(pacs.stored()) == 3, "what was released to be stored")
        wait_until(lambda: len(agent.queue("--state", "stored", "--destination", "pacs")) == 3, "the ledger to say so")
        self.assertEqual(len(agent.queue("--destination", "other", "--state", "pending")), 3)

    def change(self, agent, running):
        uid, *others = sorted({d["sop_instance_uid"] for d in agent.queue()})
        listing = self.check_done(agent.command("queue", "list")).stdout
        self.assertEqual(listing.count(uid), 2)
        self.assertIn("pacs: 3 pending", listing)
        done = self.check_done(agent.command("queue", "hold", uid, "--destination", "pacs", "--reason", "not yet", "--json"))
        self.assertEqual(json_lines(done.stdout), [{"changed": 1}])
        [held] = agent.queue("--state", "held")
        self.assertEqual((held["sop_instance_uid"], held["destination"], held["comment"]), (uid, "pacs", "not yet"))
        shown = self.check_done(agent.command("queue", "show", uid)).stdout
        for words in (uid, "held", "not yet", "pacs", "other"):
            self.assertIn(words, shown)
        self.assertEqual(len(json_lines(self.check_done(agent.command("queue", "show", uid, "--json")).stdout)), 2)
        self.check_done(agent.command("queue", "release", uid))
        self.assertEqual(agent.queue("--state", "held"), [])
        self.check_done(agent.command("queue", "hold", "--all"))
        self.assertEqual(len(agent.queue("--state", "held")), 6)
        self.check_done(agent.command("queue", "release", "--all"))
        self.check_done(agent.command("queue", "retry", "--all"))
        self.check_done(agent.command("queue", "retry", others[0]))
        self.check_wrong(agent, uid)

    def check_wrong(self, agent, uid):
        self.check_done(agent.command("queue", "show", "1.2.3"), 1)
        self.check_done(agent.command("queue", "release", "1.2.3"), 1)
        self.check_done(agent.command("queue", "hold"), 2)
        self.check_done(agent.command("queue", "hold", uid, "--all"), 2)
        self.check_done(agent.command("queue", "list", "--state", "lost"), 2)

    def test_what_is_dropped_is_gone_from_the_queue_and_the_spool(self):
        pacs = ScriptedPacs(self)
        agent = Agent(self, {"pacs": pacs.address, "old": f"OLD@{HOST}:{free_port()}"}, spool={"keep_stored_hours": 0}).start()
        acq.raw("scan", "us").write(agent.inbox)
        wait_until(lambda: agent.queue("--state", "stored"), "the object to be stored by one destination")
        self.check_done(agent.command("queue", "drop", "--all", "--destination", "old"), 2)
        self.assertIn("0 dropped", self.check_done(agent.command("queue", "drop", "--all", "--reason", "no such PACS")).stdout)
        self.check_done(agent.command("queue", "hold", "--all", "--destination", "old"))
        self.check_done(agent.command("queue", "drop", "--all", "--destination", "old", "--reason", "no such PACS"))
        [dropped] = agent.queue("--state", "dropped")
        self.assertEqual((dropped["destination"], dropped["comment"]), ("old", "no such PACS"))
        self.assertEqual(agent.stop(), 0)
        agent.start()
        wait_until(lambda: agent.queue() == [], "the object to be deleted")

    def test_retry_does_not_wait_for_the_next_try(self):
        pacs = ScriptedPacs(self)
        pacs.statuses.append(0x0110)
        agent = Agent(self, {"pacs": pacs.address}, retry={"first_seconds": 3600, "longest_seconds": 3600}).start()
        acq.raw("scan", "us").write(agent.inbox)
        wait_until(lambda: [d["status"] for d in agent.queue()] == ["0110"], "the first try to be recorded")
        self.check_done(agent.command("queue", "retry", "--all"))
        agent.wait_for_stored(1)


if __name__ == "__main__":
    main()
