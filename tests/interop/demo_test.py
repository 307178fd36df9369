# SPDX-License-Identifier: Apache-2.0
"""The demo of the README shows what it promises, with either PACS."""

import os
import subprocess

from product import COMMAND, InteropCase, main

DEMO = os.path.join(os.path.dirname(__file__), "..", "..", "firmware", "demo.sh")
DEMO_SECONDS_MAX = 120


class DemoTest(InteropCase):
    def test_both_acquisitions_arrive(self):
        for pacs in ("storescp", "orthanc"):
            with self.subTest(pacs):
                done = subprocess.run([DEMO, "--pacs", pacs], env={**os.environ, "SCANFERRY_BINARY": COMMAND[0], "TMPDIR": self.folder},
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEMO_SECONDS_MAX, check=False)
                self.check_done(done)
                self.assertIn("The PACS has the same 2 SOP Instance UIDs that were queued.", done.stdout)
                self.assertIn("Done: 2 acquired, 2 queued while the PACS was down, 2 stored.", done.stdout)
                self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("scanferry-demo")], [])


if __name__ == "__main__":
    main()
