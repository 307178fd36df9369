# SPDX-License-Identifier: Apache-2.0
"""A multi-frame object of 1 GiB goes from standard input through the spool to a PACS in flat memory, and from one device to others."""

import functools
import hashlib
import os
import subprocess
import sys
import time

from part10 import data_set_offset
from peers import HOST
from product import COMMAND, Agent, InteropCase, json_lines, main, run_product, wait_until
from receiver import Receiver
from scripted_pacs import ScriptedPacs

ROWS, COLUMNS, FRAMES = 1024, 1024, 1024
FRAME_BYTES = ROWS * COLUMNS
OBJECT_BYTES = FRAMES * FRAME_BYTES
PEAK_KIB_MAX = 16 * 1024

# Each frame is one block of noise with its number in front.
GENERATOR = """
import hashlib, sys
noise = hashlib.shake_256(b"scanferry").digest({frame_bytes})
for n in range({frames}):
    sys.stdout.buffer.write(n.to_bytes(8, "big") + noise[8:])
""".format(frame_bytes=FRAME_BYTES, frames=FRAMES)


@functools.cache
def expected_digest():
    noise = hashlib.shake_256(b"scanferry").digest(FRAME_BYTES)
    digest = hashlib.blake2b()
    for n in range(FRAMES):
        digest.update(n.to_bytes(8, "big"))
        digest.update(memoryview(noise)[8:])
    return digest.hexdigest()


def digest_of(path):
    """Of the pixels in a file: they are its end."""
    digest = hashlib.blake2b()
    with open(path, "rb") as file:
        file.seek(-OBJECT_BYTES, os.SEEK_END)
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def peak_kib(pid):
    """VmHWM, not the rusage of a child: that one remembers the parent from before the exec."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as lines:
            return max((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), default=0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


class PixelDigest:
    """Hashes the data set behind its header, as it arrives."""

    def __init__(self, header_bytes):
        self.skip = header_bytes
        self.hash = hashlib.blake2b()

    def __call__(self, reception, piece):
        if self.skip:
            skipped = min(self.skip, len(piece))
            self.skip -= skipped
            piece = piece[skipped:]
        self.hash.update(piece)


class FlatMemoryTest(InteropCase):
    def test_one_gibibyte_takes_less_than_16_mib(self):
        pacs = ScriptedPacs(self, max_pdu=131072)
        agent = Agent(self, {"pacs": pacs.address})
        acquire_peak = self.acquire(agent)
        [delivery] = agent.queue()
        uid = delivery["sop_instance_uid"]
        with open(agent.object_path(uid), "rb") as file:
            offset = data_set_offset(file.read(4096))
        pacs.sink = PixelDigest(delivery["bytes"] - offset - OBJECT_BYTES)
        agent.start()
        agent.wait_for_stored(1)
        run_peak = peak_kib(agent.process.pid)
        self.assertEqual(agent.stop(), 0)
        self.assertEqual(pacs.sink.hash.hexdigest(), expected_digest(), "other pixels arrived")
        print(f"peak resident memory: acquire {acquire_peak} KiB, run {run_peak} KiB", flush=True)
        self.assertGreater(min(acquire_peak, run_peak), 0)
        self.assertLess(acquire_peak, PEAK_KIB_MAX)
        self.assertLess(run_peak, PEAK_KIB_MAX)
        self.check_ingest(agent.object_path(uid), uid)

    def check_ingest(self, path, uid):
        receiver = Receiver(self)
        self.check_done(run_product("send", receiver.address, path))
        self.assertEqual(digest_of(receiver.files()[uid]), expected_digest(), "receive has other pixels")
        gateway = Agent(self, {}, name="gateway", listen={"port": 0, "address": HOST, "store": True}).start()
        port = gateway.wait_for_log(r"answers C-ECHO as SCANFERRY on port (\d+)").group(1)
        self.check_done(run_product("send", f"SCANFERRY@{HOST}:{port}", path))
        self.assertEqual(digest_of(gateway.object_path(uid)), expected_digest(), "the gateway has other pixels")
        peaks = {name: peak_kib(process.pid) for name, process in (("receive", receiver.process), ("gateway", gateway.process))}
        print(f"peak resident memory: {peaks} KiB", flush=True)
        for name, peak in peaks.items():
            self.assertTrue(0 < peak < PEAK_KIB_MAX, name)

    def acquire(self, agent):
        camera = subprocess.Popen([sys.executable, "-c", GENERATOR], stdout=subprocess.PIPE)
        self.addCleanup(self.stop_process, camera)
        command = [*COMMAND, "acquire", "--config", agent.config_path, "--object", "us-multiframe", "--rows", str(ROWS), "--columns",
                   str(COLUMNS), "--photometric", "MONOCHROME2", "--frame-time-ms", "20", "--frames", str(FRAMES), "--json"]
        with open(os.path.join(self.folder, "acquire.json"), "w+", encoding="utf-8") as out:
            process = subprocess.Popen(command, stdin=camera.stdout, stdout=out)
            self.addCleanup(self.stop_process, process)
            camera.stdout.close()
            peak = 0
            while process.poll() is None:
                peak = max(peak, peak_kib(process.pid))
                time.sleep(0.01)
            wait_until(lambda: camera.poll() is not None, "the camera to end")
            self.assertEqual(process.returncode, 0)
            out.seek(0)
            self.assertEqual(json_lines(out.read())[0]["frames"], FRAMES)
        return peak


if __name__ == "__main__":
    main()
