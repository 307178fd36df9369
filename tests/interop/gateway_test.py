# SPDX-License-Identifier: Apache-2.0
"""The agent takes the objects of other devices and brings them to every PACS: what it answered with success is never lost."""

import os
import random
import subprocess
import time

import pydicom

import acquisitions as acq
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
        self.assertEqual(report["status"], "0111")
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


if __name__ == "__main__":
    main()
