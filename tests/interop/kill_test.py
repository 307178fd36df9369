# SPDX-License-Identifier: Apache-2.0
"""The agent is killed with SIGKILL again and again while it acquires and pushes. Nothing that was accepted is lost, nothing is
sent under two UIDs, no object is damaged, no temporary file stays."""

import collections
import os
import random
import subprocess
import threading
import time

import pydicom

import acquisitions as acq
from part10 import data_set_of
from peers import StoreScp
from product import COMMAND, Agent, InteropCase, json_lines, main, wait_until

KILLS = 50
SEED = int(os.environ.get("SCANFERRY_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
LONGEST_LIFE_SECONDS = 0.25
# An acquirer runs beside every so many agents, and is killed now and then as well.
ACQUIRE_EVERY = 3
# Every so many agents the acquirer is slow, and killed when the first of its frames are safe against a power cut.
SLOW_ACQUIRE_EVERY = 15
SLOW_ACQUIRE_SECONDS = 6
CHUNK_BYTES = 10_000


class KillTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.pacs = StoreScp(self)
        self.agent = Agent(self, {"pacs": self.pacs.address}, retry={"first_seconds": 0.05, "longest_seconds": 0.3},
                           health={"echo_seconds": 0.1})
        self.agent.config["watch"][0].update({"settle_seconds": 0.05, "incomplete_seconds": 30})
        self.agent.write_config()
        self.sources = {}            # patient id -> Acquired, of the watched folder
        self.piped = {}              # patient id -> Acquired, of standard input
        self.accepted = {}           # SOP Instance UID -> patient id, told by acquirers
        self.seen = set()            # SOP Instance UIDs that the ledger had at any time
        self.cut = []                # patient ids of slow acquirers
        self.acquirers = []

    def new_source(self, kinds, sizes=((16, 16), (60, 64), (240, 320))):
        name = f"K{len(self.sources) + len(self.piped):04}"
        kind, options = self.random.choice(kinds)
        size = self.random.choice(sizes)
        return acq.raw(name, kind, rows=size[0], columns=size[1], patient={"id": name}, **options)

    def drop(self):
        kinds = [("us", {}), ("us", {"frames": 3}), ("us-multiframe", {"frames": 6}), ("sc-multiframe", {"frames": 2, "photometric": "RGB"}),
                 ("sc", {"bits": (16, 12)})]
        acquired = self.new_source(kinds)
        self.sources[acquired.name] = acquired
        acquired.write(os.path.join(self.agent.inbox, acquired.name) if self.random.random() < 0.3 else self.agent.inbox)

    def begin_acquire(self, slowly):
        if slowly:
            acquired = self.new_source([("us-multiframe", {"frames": 30})], sizes=[(240, 320)])
            self.cut.append(acquired.name)
        else:
            acquired = self.new_source([("us-multiframe", {"frames": 30}), ("us", {"frames": 4})])
        self.piped[acquired.name] = acquired
        command = [*COMMAND, "acquire", "--config", self.agent.config_path, *acq.acquire_options(acquired),
                   "--frames", str(len(acquired.frames)), "--json"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.stop_process, process)
        pixels = b"".join(acquired.frames)
        pause = SLOW_ACQUIRE_SECONDS * CHUNK_BYTES / len(pixels) if slowly else 0
        pipe, process.stdin = process.stdin, None
        feeder = threading.Thread(target=feed, args=(pipe, pixels, pause), daemon=True)
        feeder.start()
        self.acquirers.append((acquired.name, process, feeder))

    def end_acquirers(self, kill):
        for name, process, feeder in self.acquirers:
            if kill:
                process.kill()
            feeder.join()
            said, complaints = process.communicate()
            if process.returncode == 0:
                for entry in json_lines(said.decode())[0]["accepted"]:
                    self.accepted[entry["sop_instance_uid"]] = name
            elif not kill:
                self.fail(f"acquire failed: {complaints.decode()}")
        self.acquirers = []

    def test_nothing_accepted_is_lost(self):
        print(f"seed {SEED} (replay with SCANFERRY_KILL_SEED)", flush=True)
        for round_number in range(1, KILLS + 1):
            self.one_life(round_number)
        self.end_acquirers(kill=False)
        self.agent.start()
        self.wait_until_drained()
        self.assertEqual(self.agent.stop(), 0)
        self.check_the_end()

    def one_life(self, round_number):
        for _ in range(self.random.randrange(3)):
            self.drop()
        self.agent.start(wait=False)
        slow = round_number % SLOW_ACQUIRE_EVERY == 0
        if round_number % ACQUIRE_EVERY == 0:
            self.begin_acquire(slow)
        moment = self.random.uniform(0, LONGEST_LIFE_SECONDS)
        time.sleep(moment / 2)
        self.drop()
        time.sleep(moment / 2)
        if slow:
            wait_until(self.frames_are_safe, "frames of the slow acquirer to be safe")
        self.agent.kill()
        self.assertEqual(self.agent.process.returncode, -9, "the agent ended by itself")
        if slow or self.random.random() < 0.5:
            self.end_acquirers(kill=True)
        if os.path.exists(os.path.join(self.agent.spool, "ledger.sqlite")):
            self.seen.update(d["sop_instance_uid"] for d in self.agent.queue())

    def frames_are_safe(self):
        """An object under construction says in its preamble how to close it."""
        incoming = os.path.join(self.agent.spool, "incoming")
        for name in os.listdir(incoming):
            try:
                with open(os.path.join(incoming, name), "rb") as file:
                    if file.read(1) == b"S":
                        return True
            except FileNotFoundError:
                pass  # it became an object
        return False

    def wait_until_drained(self):
        wait_until(lambda: not self.agent.inbox_files(), "every source to be taken")
        wait_until(lambda: all(d["state"] == "stored" for d in self.agent.queue()), "every delivery to be stored")

    def check_the_end(self):
        deliveries = self.agent.queue()
        uids = [d["sop_instance_uid"] for d in deliveries]
        self.assertEqual(len(uids), len(set(uids)))
        self.assertEqual(self.seen - set(uids), set(), "the ledger forgot objects that it had")
        self.assertEqual(os.listdir(os.path.join(self.agent.spool, "incoming")), [], "temporary files stay behind")
        files = self.pacs.files()
        self.assertEqual(set(files), set(uids), "ledger and PACS differ")
        objects = {name.removesuffix(".dcm") for name in os.listdir(os.path.join(self.agent.spool, "objects"))}
        self.assertEqual(objects, set(uids), "ledger and spool differ")
        for uid in uids:
            self.assertTrue(data_set_of(files[uid]) == data_set_of(self.agent.object_path(uid)), uid)
        self.check_pixels(files)
        tested = subprocess.run(["dcmftest", *files.values()], capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(tested.stdout.count("yes:"), len(files))
        print(f"{KILLS} kills, {len(self.sources)} sources in the folder, {len(self.piped)} pipes of which {len(self.accepted)} objects were"
              f" accepted and {len(self.cut)} were cut, {len(files)} objects stored", flush=True)

    def check_pixels(self, files):
        arrived = collections.defaultdict(list)
        for uid, path in files.items():
            data = pydicom.dcmread(path)
            arrived[data.PatientID].append((data.InstanceNumber, uid, data.PixelData, int(data.get("NumberOfFrames", 1))))
        self.assertEqual(set(self.sources) - set(arrived), set(), "sources were lost")
        for name, acquired in self.sources.items():
            pixels = [entry[2] for entry in sorted(arrived[name])]
            self.assertEqual(len(pixels), acquired.objects, f"{name} became {len(pixels)} objects")
            self.assertTrue(pixels == [acquired.expected_pixels(n) for n in range(acquired.objects)], f"{name} has other pixels")
        for uid, name in self.accepted.items():
            self.assertIn(uid, [entry[1] for entry in arrived[name]], f"{name}: an accepted object is lost")
        for name, acquired in self.piped.items():
            for number, uid, pixels, frames in arrived[name]:
                # What a killed acquirer left is cut, but only between frames.
                expected = b"".join(acquired.frames[:frames]) if acquired.is_multi_frame else acquired.frames[number - 1]
                self.assertTrue(pixels == expected + b"\0" * (len(expected) % 2), f"{name} {uid} has other pixels")
                if uid in self.accepted and acquired.is_multi_frame:
                    self.assertEqual(frames, len(acquired.frames))
        for name in self.cut:
            [(_, _, _, frames)] = arrived[name]
            self.assertTrue(0 < frames < len(self.piped[name].frames), f"{name} was closed with {frames} frames")


def feed(pipe, pixels, pause):
    try:
        with pipe:
            for at in range(0, len(pixels), CHUNK_BYTES):
                pipe.write(pixels[at:at + CHUNK_BYTES])
                pipe.flush()
                time.sleep(pause)
    except OSError:
        pass  # the acquirer was killed


if __name__ == "__main__":
    main()
