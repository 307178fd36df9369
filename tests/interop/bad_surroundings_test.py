# SPDX-License-Identifier: Apache-2.0
"""No room, a read-only or damaged spool, a port in use, an unknown host: each is named, and the rest keeps working."""

import os
import socket
import threading

import acquisitions as acq
from mounts import ReadOnly, enter_private_mounts, mount_small
from peers import HOST, StoreScp, free_port
from product import Agent, InteropCase, json_lines, main, run_product, wait_until, write_file
from scripted_pacs import ScriptedPacs

UNKNOWN_HOST = "no-such-host.invalid"      # RFC 2606: never resolves


class SpoolTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.pacs = ScriptedPacs(self)

    def new_agent(self, megabytes=None, **spool):
        agent = Agent(self, {"pacs": self.pacs.address}, spool=spool)
        if megabytes:
            mount_small(self, agent.spool, megabytes)
        return agent

    def acquire(self, agent, frames, *options, rows=1000, columns=1000):
        return agent.command("acquire", "--object", "us-multiframe", "--rows", rows, "--columns", columns, "--photometric", "MONOCHROME2",
                             "--frame-time-ms", 20, *options, input=b"\x11" * (rows * columns * frames), text=False)

    def test_a_read_only_spool_is_named(self):
        agent = self.new_agent()
        os.makedirs(agent.spool)
        with ReadOnly(self, agent.spool):
            self.check_that_nothing_starts(agent)
        # With all its parts already there.
        agent.start()
        self.assertEqual(agent.stop(), 0)
        with ReadOnly(self, agent.spool):
            self.check_that_nothing_starts(agent)
        agent.start()

    def check_that_nothing_starts(self, agent):
        agent.start(wait=False)
        self.assertEqual(agent.process.wait(60), 1)
        done = self.acquire(agent, 1)
        self.assertEqual(done.returncode, 1)
        for said in (agent.log, done.stderr.decode()):
            self.assertIn(agent.spool, said)
            self.assertRegex(said, "Read-only file system|readonly database|unable to open database")

    def test_a_spool_that_turns_read_only_costs_nothing(self):
        agent = self.new_agent().start()
        acq.raw("before", "us").write(agent.inbox)
        agent.wait_for_stored(1)
        acquired = acq.raw("during", "us")
        with ReadOnly(self, os.path.join(agent.spool, "incoming")):
            acquired.write(agent.inbox)
            agent.wait_for_log("Read-only file system.*during.json' waits")
            self.assertEqual(agent.inbox_files(), sorted([*acquired.files, acquired.sidecar_name]))
        agent.wait_for_stored(2)
        self.assertEqual(agent.stop(), 0)
        self.assertEqual(os.listdir(os.path.join(agent.spool, "incoming")), [])

    def test_an_acquisition_waits_for_room_and_the_small_ones_pass(self):
        agent = self.new_agent(24, min_free_mb=4).start()
        ballast = write_file(os.path.join(agent.spool, "ballast"), b"x" * 12_000_000)
        large = acq.raw("large", "us-multiframe", rows=1000, columns=1000, frames=12, one_file=True)
        large.write(agent.inbox)
        found = agent.wait_for_log("the disk of the spool .* is full.*large.json' waits").group()
        for words in (agent.spool, "12 MB are wanted", "4 MB are to stay free", "min_free_mb"):
            self.assertIn(words, found)
        acq.raw("small", "us").write(agent.inbox)
        wait_until(lambda: len(self.pacs.stored()) == 1, "the small one to pass")
        self.assertEqual(set(agent.inbox_files()) - {large.sidecar_name}, set(large.files))
        os.remove(ballast)
        agent.wait_for_stored(2)

    def test_the_quota_is_named_and_kept(self):
        agent = self.new_agent(max_mb=2).start()
        acq.raw("large", "us-multiframe", rows=1000, columns=1000, frames=3, one_file=True).write(agent.inbox)
        found = agent.wait_for_log("the spool is full.*large.json' waits").group()
        for words in ("of 2 MB", "3 MB more are wanted", "max_mb"):
            self.assertIn(words, found)
        done = self.acquire(agent, 3, "--frames", 3)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"max_mb", done.stderr)
        self.assertEqual(os.listdir(os.path.join(agent.spool, "incoming")), [])

    def test_a_pipe_that_outgrows_the_disk_ends_with_a_message_and_a_usable_spool(self):
        agent = self.new_agent(80)
        done = self.acquire(agent, 90)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"No space left", done.stderr)
        self.assertIn(agent.spool.encode(), done.stderr)
        # What was whole before the disk was full may have been kept; what stays must be sound, and the agent must start.
        agent.start()
        wait_until(lambda: all(d["state"] == "stored" for d in agent.queue()), "what was kept to be stored")
        self.assertEqual(os.listdir(os.path.join(agent.spool, "incoming")), [])
        acq.raw("after", "us").write(agent.inbox)
        kept = len(agent.queue())
        if kept == 0:
            agent.wait_for_stored(1)

    def test_a_file_where_the_spool_should_be_is_named(self):
        agent = self.new_agent()
        write_file(agent.spool, "not a folder")
        agent.start(wait=False)
        self.assertEqual(agent.process.wait(60), 1)
        self.assertIn(agent.spool, agent.log)
        self.assertIn("[spool] path", agent.log)

    def test_a_damaged_ledger_is_set_aside_and_filled_again_from_the_objects(self):
        agent = self.new_agent().start()
        acq.raw("scan", "us", frames=3).write(agent.inbox)
        before = {d["sop_instance_uid"] for d in agent.wait_for_stored(3)}
        self.assertEqual(agent.stop(), 0)
        ledger = os.path.join(agent.spool, "ledger.sqlite")
        with open(ledger, "r+b") as file:
            file.write(b"\xA5" * 8192)
        for companion in ("-wal", "-shm"):
            if os.path.exists(ledger + companion):
                os.remove(ledger + companion)
        agent.start()
        agent.wait_for_log("found 3 objects that the ledger did not know")
        self.assertEqual({d["sop_instance_uid"] for d in agent.wait_for_stored(3)}, before)
        self.assertEqual(set(self.pacs.stored()), before, "an object came under another UID")
        self.assertTrue(os.path.exists(ledger + ".corrupt-1"))

    def test_a_second_agent_on_the_same_spool_is_refused(self):
        agent = self.new_agent().start()
        second = Agent(self, {"pacs": self.pacs.address}, name="second", spool={"path": agent.spool}).start(wait=False)
        self.assertEqual(second.process.wait(60), 1)
        self.assertRegex(second.log, f"another agent.*{agent.spool}")
        acq.raw("scan", "us").write(agent.inbox)
        agent.wait_for_stored(1)
        agent.kill()
        second.start()

    def test_an_object_that_vanished_from_the_spool_is_held_and_told(self):
        self.pacs.stop()
        agent = self.new_agent().start()
        acq.raw("scan", "us", frames=2).write(agent.inbox)
        lost, kept = [d["sop_instance_uid"] for d in agent.wait_for_states(2, "pending")]
        self.assertEqual(agent.stop(), 0)
        os.remove(agent.object_path(lost))
        agent.start()
        agent.wait_for_log("1 objects are missing from the spool")
        self.pacs.start()
        states = {d["sop_instance_uid"]: d["state"] for d in agent.wait_for_states(2, "stored", "held")}
        self.assertEqual(states, {lost: "held", kept: "stored"})


class NetworkTest(InteropCase):
    def test_a_port_in_use_is_named_and_the_agent_works_without_it(self):
        pacs = ScriptedPacs(self)
        with socket.socket() as squatter:
            port = free_port()
            squatter.bind((HOST, port))
            squatter.listen()
            agent = Agent(self, {"pacs": pacs.address}, listen={"port": port, "address": HOST}).start()
            found = agent.wait_for_log("cannot be pinged until .*").group()
            self.assertIn("[listen] port", found)
            self.assertRegex(agent.log, f"{port}.*[Aa]ddress already in use")
            acq.raw("scan", "us").write(agent.inbox)
            agent.wait_for_stored(1)
        self.assertEqual(agent.stop(), 0)

    def test_an_unknown_host_is_named_and_the_other_destination_gets_everything(self):
        pacs = ScriptedPacs(self)
        agent = Agent(self, {"typo": f"PACS@{UNKNOWN_HOST}:104", "pacs": pacs.address}).start()
        acq.raw("scan", "us", frames=3).write(agent.inbox)
        wait_until(lambda: len(pacs.stored()) == 3, "the good destination to have everything")
        agent.wait_for_log(f"pusher typo.*{UNKNOWN_HOST}")
        wait_until(lambda: sorted(d["state"] for d in agent.queue()) == ["pending"] * 3 + ["stored"] * 3, "the ledger to say so")
        self.assertEqual(agent.stop(), 0)

    def test_echo_and_send_name_the_host_that_nobody_knows(self):
        sidecar = acq.raw("scan", "us").write(os.path.join(self.folder, "in"))
        done = self.check_done(run_product("encode", sidecar, "--output", self.folder))
        for command in (["echo", f"PACS@{UNKNOWN_HOST}:104"], ["send", f"PACS@{UNKNOWN_HOST}:104", done.stdout.strip()]):
            with self.subTest(command[0]):
                self.assertIn(UNKNOWN_HOST, self.check_done(run_product(*command), 1).stderr)

    def test_a_peer_that_is_no_dicom_peer_is_named(self):
        with socket.socket() as server:
            server.bind((HOST, free_port()))
            server.listen()
            port = server.getsockname()[1]
            threading.Thread(target=answer_like_a_web_server, args=(server,), daemon=True).start()
            done = self.check_done(run_product("echo", f"PACS@{HOST}:{port}", "--json"), 1)
        [report] = json_lines(done.stdout)
        self.assertFalse(report["ok"])
        self.assertIn(f"{HOST}:{port}", report["error"])

    def test_a_queue_survives_a_destination_that_changed_its_name(self):
        pacs = StoreScp(self)
        agent = Agent(self, {"old": pacs.address.replace(str(pacs.port), str(free_port()))}).start()
        acq.raw("scan", "us").write(agent.inbox)
        agent.wait_for_states(1, "pending")
        self.assertEqual(agent.stop(), 0)
        agent.config["destination"] = [{"name": "new", "address": pacs.address}]
        agent.write_config()
        agent.start()
        agent.wait_for_log("1 objects wait for destination 'old'")


def answer_like_a_web_server(server):
    connection, _ = server.accept()
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    connection.close()


if __name__ == "__main__":
    enter_private_mounts()
    main()
