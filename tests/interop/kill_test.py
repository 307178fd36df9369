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
from product import COMMAND, Agent, InteropCase, json_lines, main, read_text, wait_until

KILLS = 50
SEED = int(os.environ.get("SCANFERRY_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
LONGEST_LIFE_SECONDS = 0.25
# Every so often the acquirer is killed as well, and one of these runs for so long that it has made frames safe.
ACQUIRE_EVERY = 3
LONG_ACQUIRE_EVERY = 15
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
        self.acquirers = []

    def new_source(self, kinds):
        name = f"K{len(self.sources) + len(self.piped):04}"
        kind, options = self.random.choice(kinds)
        size = self.random.choice([(16, 16), (60, 64), (240, 320)])
        return acq.raw(name, kind, rows=size[0], columns=size[1], patient={"id": name}, **options)

    def drop(self):
        kinds = [("us", {}), ("us", {"frames": 3}), ("us-multiframe", {"frames": 6}), ("sc-multiframe", {"frames": 2, "photometric": "RGB"}),
                 ("sc", {"bits": (16, 12)})]
        acquired = self.new_source(kinds)
        self.sources[acquired.name] = acquired
        acquired.write(os.path.join(self.agent.inbox, acquired.name) if self.random.random() < 0.3 else self.agent.inbox)

    def begin_acquire(self, slowly):
        acquired = self.new_source([("us-multiframe", {"frames": 30}), ("us", {"frames": 4})])
        self.piped[acquired.name] = acquired
        command = [*COMMAND, "acquire", "--config", self.agent.config_path, *acq.acquire_options(acquired),
                   "--frames", str(len(acquired.frames)), "--json"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.stop_process, process)
        pixels = b"".join(acquired.frames)
        pause = 0 if not slowly else 2.0 * CHUNK_BYTES / len(pixels)
        feeder = threading.Thread(target=feed, args=(process.stdin, pixels, pause), daemon=True)
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
        if round_number % ACQUIRE_EVERY == 0:
            self.begin_acquire(slowly=round_number % LONG_ACQUIRE_EVERY == 0)
        moment = self.random.uniform(0, LONGEST_LIFE_SECONDS)
        time.sleep(moment / 2)
        self.drop()
        time.sleep(moment / 2)
        if round_number % LONG_ACQUIRE_EVERY == 0:
            time.sleep(1.2)
        self.agent.kill()
        self.assertEqual(self.agent.process.returncode, -9, "the agent ended by itself")
        if self.random.random() < 0.5 or round_number % LONG_ACQUIRE_EVERY == 0:
            self.end_acquirers(kill=True)
        if os.path.exists(os.path.join(self.agent.spool, "ledger.sqlite")):
            self.seen.update(d["sop_instance_uid"] for d in self.agent.queue())

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
        closed = read_text(self.agent.log_path).count("interrupted acquisitions")
        print(f"{KILLS} kills, {len(self.sources)} sources in the folder, {len(self.piped)} pipes of which {len(self.accepted)} objects were"
              f" accepted, {closed} closed after a crash, {len(files)} objects stored", flush=True)

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
            whole = [uid for uid, source in self.accepted.items() if source == name]
            for number, uid, pixels, frames in arrived[name]:
                # What a killed acquirer left is cut, but only between frames.
                expected = b"".join(acquired.frames[:frames]) if acquired.is_multi_frame else acquired.frames[number - 1]
                self.assertTrue(pixels == expected + b"\0" * (len(expected) % 2), f"{name} {uid} has other pixels")
                if uid in whole and acquired.is_multi_frame:
                    self.assertEqual(frames, len(acquired.frames))


def feed(pipe, pixels, pause):
    try:
        for at in range(0, len(pixels), CHUNK_BYTES):
            pipe.write(pixels[at:at + CHUNK_BYTES])
            pipe.flush()
            if pause:
                time.sleep(pause)
        pipe.close()
    except OSError:
        pass  # the acquirer was killed


if __name__ == "__main__":
    main()
