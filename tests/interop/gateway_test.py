# SPDX-License-Identifier: Apache-2.0
"""The agent takes the objects of other devices and brings them to every PACS: what it answered with success is never lost."""

import os
import random
import struct
import subprocess
import time

import pydicom

import acquisitions as acq
from dimse_association import Ended, associate
from dimse_wire import ABORT, P_DATA, Field, decode_command, encode_command, make_command, pdu
from part10 import data_set_of
from peers import HOST, StoreScp, free_port
from product import COMMAND, Agent, InteropCase, json_lines, main, run_product, wait_until

KILLS = 15


class GatewayTest(InteropCase):
    def gateway(self, destinations, **listen):
        agent = Agent(self, destinations, retry={"first_seconds": 0.05, "longest_seconds": 0.3})
        self.port = free_port()
        agent.config["listen"] = {"port": self.port, "address": HOST, "store": True, **listen}
        agent.write_config()
        self.address = f"AGENT@{HOST}:{self.port}"
        return agent

    def made(self, *kinds):
        folder = self.new_folder(f"made-{len(os.listdir(self.folder))}")
        for acquired in kinds:
            self.check_done(run_product("encode", acquired.write(os.path.join(self.folder, "in", acquired.name)), "--output", folder))
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def check_arrived(self, pacs, sent):
        files = pacs.files()
        self.assertEqual(len(files), len(sent))
        for path in sent:
            self.assertTrue(data_set_of(files[str(pydicom.dcmread(path).SOPInstanceUID)]) == data_set_of(path), path)

    def test_what_a_modality_sends_arrives_at_every_pacs(self):
        first, second = StoreScp(self, name="first"), StoreScp(self, name="second")
        agent = self.gateway({"first": first.address, "second": second.address}).start()
        sent = self.made(acq.raw("us", "us", frames=4), acq.raw("cine", "us-multiframe", frames=30, rows=120, columns=160), acq.jpeg("jpeg", "us"))
        wait_until(lambda: run_product("echo", self.address).returncode == 0, "the agent to listen")
        self.check_done(run_product("send", self.address, *sent))
        agent.wait_for_stored(2 * len(sent))
        self.check_arrived(first, sent)
        self.check_arrived(second, sent)
        # Once more: it is known, and goes nowhere a second time.
        native = next(path for path in sent if pydicom.dcmread(path).file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian)
        done = subprocess.run(["storescu", "-xe", HOST, str(self.port), native], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(agent.queue()), 2 * len(sent))
        other = os.path.join(self.folder, "other.dcm")
        self.check_done(run_product("edit", native, "--output", other, "-m", "PatientID=4711"))
        [report] = json_lines(run_product("send", "--json", self.address, other).stdout)
        self.assertEqual(report["status"], "C001")
        self.assertEqual(os.listdir(os.path.join(agent.spool, "incoming")), [])

    def test_nothing_that_was_answered_with_success_is_lost_when_the_agent_is_killed(self):
        pacs = StoreScp(self)
        agent = self.gateway({"pacs": pacs.address})
        chance = random.Random(7)
        sizes = ((16, 16), (240, 320), (480, 640))
        sent = self.made(*(acq.raw(f"o{n}", "us-multiframe", frames=10, rows=rows, columns=columns)
                           for n, (rows, columns) in enumerate(chance.choice(sizes) for _ in range(3 * KILLS))))
        acknowledged = set()
        whole = 0.1  # seconds that it takes to send three objects; measured by the first, which is let end
        for number in range(KILLS):
            agent.start()
            began = time.monotonic()
            sender = subprocess.Popen([*COMMAND, "send", "--json", self.address, *sent[3 * number:3 * number + 3]], stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
            self.addCleanup(self.stop_process, sender)
            try:
                sender.wait(chance.uniform(0, 1.5 * whole) if number > 0 else 60)
            except subprocess.TimeoutExpired:
                pass
            whole = whole if number > 0 else time.monotonic() - began
            agent.kill()
            said, _ = sender.communicate(timeout=60)
            acknowledged |= {report["sop_instance_uid"] for report in json_lines(said) if report["stored"]}
        agent.start()
        wait_until(lambda: acknowledged <= set(pacs.files()), "all that was acknowledged to arrive")
        wait_until(lambda: all(d["state"] == "stored" for d in agent.queue()), "every delivery to be stored")
        self.assertEqual(os.listdir(os.path.join(agent.spool, "incoming")), [])
        by_uid = {str(pydicom.dcmread(path).SOPInstanceUID): path for path in sent}
        for uid, path in pacs.files().items():
            self.assertTrue(data_set_of(path) == data_set_of(by_uid[uid]), uid)
        print(f"{len(acknowledged)} of {len(sent)} objects were acknowledged in {KILLS} lives, {len(pacs.files())} arrived", flush=True)
        self.assertGreaterEqual(len(acknowledged), 3)

    def test_no_room_is_told_and_who_may_not_gets_nothing(self):
        pacs = StoreScp(self, start=False)
        agent = self.gateway({"pacs": pacs.address}, callers=["CART"])
        agent.config["spool"]["max_mb"] = 10
        agent.write_config()
        agent.start()
        small, large = self.made(acq.raw("us", "us")), self.made(acq.raw("cine", "us-multiframe", frames=40, rows=480, columns=640))
        [path] = large
        wait_until(lambda: run_product("echo", "--aet", "CART", self.address).returncode == 0, "the agent to listen")
        self.assertIn("AE title", run_product("send", "--aet", "OTHER", self.address, path).stderr)
        done = self.check_done(run_product("send", "--aet", "CART", self.address, path), 1)
        self.assertIn("A700", done.stderr)
        self.assertEqual(agent.queue(), [])
        self.assertEqual(os.listdir(os.path.join(agent.spool, "incoming")), [])
        self.check_done(run_product("send", "--aet", "CART", self.address, *small))
        self.assertEqual(len(agent.queue()), 1)

    def test_what_was_dropped_goes_when_it_is_sent_again(self):
        pacs = StoreScp(self, start=False)
        agent = self.gateway({"pacs": pacs.address}).start()
        sent = self.made(acq.raw("us", "us"))
        wait_until(lambda: run_product("echo", self.address).returncode == 0, "the agent to listen")
        self.check_done(run_product("send", self.address, *sent))
        [delivery] = agent.queue()
        self.check_done(agent.command("queue", "hold", delivery["sop_instance_uid"]))
        self.check_done(agent.command("queue", "drop", delivery["sop_instance_uid"], "--reason", "a mistake"))
        agent.wait_for_states(1, "dropped")
        self.check_done(run_product("send", self.address, *sent))
        agent.wait_for_states(1, "pending")
        pacs.start()
        agent.wait_for_stored(1)
        self.check_arrived(pacs, sent)

    def test_one_object_over_two_associations_is_one_object(self):
        pacs = StoreScp(self)
        agent = self.gateway({"pacs": pacs.address}).start()
        sent = self.made(acq.raw("cine", "us-multiframe", frames=2, rows=480, columns=640))
        file = pydicom.dcmread(sent[0])
        sop_class, uid = str(file.SOPClassUID), str(file.SOPInstanceUID)
        wait_until(lambda: run_product("echo", self.address).returncode == 0, "the agent to listen")
        slow, broken, quick = (associate(HOST, self.port, "AGENT", contexts=[(sop_class, [str(file.file_meta.TransferSyntaxUID)])]) for _ in range(3))
        whole = data_set_of(sent[0])
        pieces = [whole[at:at + 8_000] for at in range(0, len(whole), 8_000)]
        half = len(pieces) // 2
        command = make_command(Field.C_STORE, sop_class, uid, MessageID=1)
        for begun in (slow, broken):
            self.begin(begun, command, pieces[:half])
        wait_until(lambda: len(os.listdir(os.path.join(agent.spool, "incoming"))) == 2, "two objects to come")
        broken.close()
        self.assertEqual(quick.request(command, whole)[0]["Status"], 0)
        self.assertEqual(self.end(slow, pieces[half:]), 0)
        agent.wait_for_stored(1)
        self.check_arrived(pacs, sent)
        wait_until(lambda: os.listdir(os.path.join(agent.spool, "incoming")) == [], "what broke off to be removed")

    def test_who_is_in_the_middle_of_an_object_may_end_it_when_the_agent_stops(self):
        pacs = StoreScp(self)
        agent = self.gateway({"pacs": pacs.address})
        agent.config["stop_seconds"] = 60
        agent.write_config()
        agent.start()
        sent = self.made(acq.raw("cine", "us-multiframe", frames=2, rows=480, columns=640))
        file = pydicom.dcmread(sent[0])
        sop_class = str(file.SOPClassUID)
        wait_until(lambda: run_product("echo", self.address).returncode == 0, "the agent to listen")
        idle, busy = (associate(HOST, self.port, "AGENT", contexts=[(sop_class, [str(file.file_meta.TransferSyntaxUID)])]) for _ in range(2))
        whole = data_set_of(sent[0])
        pieces = [whole[at:at + 8_000] for at in range(0, len(whole), 8_000)]
        half = len(pieces) // 2
        self.begin(busy, make_command(Field.C_STORE, sop_class, str(file.SOPInstanceUID), MessageID=1), pieces[:half])
        wait_until(lambda: os.listdir(os.path.join(agent.spool, "incoming")), "an object to come")
        agent.process.terminate()
        with self.assertRaises(Ended):
            idle.read_pdu()
        self.assertEqual(self.end(busy, pieces[half:]), 0)
        self.assertEqual(busy.read_pdu()[0], ABORT)
        self.assertEqual(agent.process.wait(60), 0)
        agent.start().wait_for_stored(1)
        self.check_arrived(pacs, sent)

    def begin(self, association, command, pieces):
        """PS3.8 9.3.5: a PDV with the whole command, others with some of the data set."""
        association.send_bytes(self.p_data(3, encode_command({**command, "CommandDataSetType": 1})))
        association.send_bytes(b"".join(self.p_data(0, piece) for piece in pieces))

    def end(self, association, pieces):
        """Sends the rest; returns the status of the answer."""
        association.send_bytes(b"".join(self.p_data(0, piece) for piece in pieces[:-1]) + self.p_data(2, pieces[-1]))
        kind, response = association.read_pdu()
        self.assertEqual(kind, P_DATA)
        return decode_command(response[6:])["Status"]

    @staticmethod
    def p_data(control, content):
        return pdu(P_DATA, struct.pack(">IBB", len(content) + 2, 1, control) + content)

    def test_callers_are_those_who_may_store_and_everybody_may_ping(self):
        pacs = StoreScp(self)
        agent = self.gateway({"pacs": pacs.address}, callers=["CART"]).start()
        wait_until(lambda: run_product("echo", self.address, "--aet", "ANYBODY").returncode == 0, "the agent to listen")
        [path] = self.made(acq.raw("us", "us"))
        self.assertIn("does not know our AE title", self.check_done(run_product("send", self.address, path, "--aet", "ANYBODY"), 1).stderr)
        self.check_done(run_product("send", self.address, path, "--aet", "CART"))
        agent.wait_for_stored(1)


if __name__ == "__main__":
    main()
