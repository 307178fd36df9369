# SPDX-License-Identifier: Apache-2.0
"""Small objects go to an unmodified storescp, and come from an unmodified storescu, without the stall of Nagle's algorithm against
delayed acknowledgement, which costs the two of them about 44 ms an object. Only the ratio of two runs is asserted."""

import os
import subprocess
import time

import acquisitions as acq
from peers import HOST, StoreScp
from product import COMMAND, PATIENCE_SECONDS, InteropCase, main, run_product
from receiver import Receiver

OBJECTS = 200
RATIO_MIN = 20
COMING_RATIO_MIN = 3    # each object is synced to the disk, whose time is not ours


class NoStallTest(InteropCase):
    def made(self):
        objects = os.path.join(self.folder, "objects")
        acquired = acq.raw("small", "us", rows=48, columns=64, frames=OBJECTS)
        self.check_done(run_product("encode", acquired.write(os.path.join(self.folder, "in")), "--output", objects))
        self.assertEqual(len(os.listdir(objects)), OBJECTS)
        return objects

    def test_small_objects_come_in_many_times_faster_than_to_storescp(self):
        objects = self.made()
        receiver, pacs = Receiver(self), StoreScp(self, "--ignore", bit_preserving=False)
        ours, theirs = (self.elapsed(["storescu", "+sd", HOST, str(port), objects]) for port in (receiver.port, pacs.port))
        self.assertEqual(len(receiver.files()), OBJECTS)
        print(f"{OBJECTS} objects of 4 KB from storescu: to scanferry receive {ours:.3f} s, to storescp {theirs:.3f} s, ratio {theirs / ours:.0f}", flush=True)
        self.assertGreaterEqual(theirs / ours, COMING_RATIO_MIN)

    def test_small_objects_go_out_many_times_faster_than_with_storescu(self):
        objects = self.made()
        pacs = StoreScp(self, "--ignore", bit_preserving=False)
        ours = self.elapsed([*COMMAND, "send", pacs.address, objects])
        theirs = self.elapsed(["storescu", "+sd", "-aec", pacs.aet, HOST, str(pacs.port), objects])
        print(f"{OBJECTS} objects of 4 KB: scanferry send {ours:.3f} s, storescu {theirs:.3f} s, ratio {theirs / ours:.0f}", flush=True)
        self.assertGreaterEqual(theirs / ours, RATIO_MIN)

    def elapsed(self, command):
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        took = time.monotonic() - begun
        self.check_done(done)
        return took


if __name__ == "__main__":
    main()
