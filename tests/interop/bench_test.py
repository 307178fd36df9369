# SPDX-License-Identifier: Apache-2.0
"""The benchmark of the wire runs from end to end on tiny loads, and has a number in every row. Which numbers, nobody asks here."""

import os
import re
import subprocess
import sys

from product import BINARY, InteropCase, main

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench", "wire.py")
ROWS = {"P1": 1, "P2": 3, "P3": 4, "P4": 3, "P5": 2, "P6": 1, "P7": 8, "P8": 2, "P10": 3, "P11": 2}
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?(e[+-]\d+)?")


class BenchTest(InteropCase):
    def run_bench(self, *options):
        return subprocess.run([sys.executable, "-B", SCRIPT, BINARY, *options, "--folder", self.folder], capture_output=True, text=True, timeout=280,
                              check=False)

    def test_every_row_has_numbers(self):
        done = self.check_done(self.run_bench("--scale", "0.005", "--runs", "1", "--queued", "100"))
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines() if line.startswith("| P")]
        self.assertEqual({name: sum(row[0] == name for row in rows) for name in ROWS}, ROWS)
        self.assertEqual(len(rows), sum(ROWS.values()))
        for name, figure, ours, peer, theirs, ratio, bound, verdict in rows:
            with self.subTest(name, figure=figure):
                self.assertTrue(NUMBER.fullmatch(ours), ours)
                for number in (theirs, ratio) if peer else ():
                    self.assertTrue(NUMBER.fullmatch(number), number)
                self.assertIn(verdict, ("met", "missed") if bound else ("",))
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("scanferry-bench")], [])

    def test_an_unknown_goal_is_refused(self):
        done = self.check_done(self.run_bench("--only", "P1,P99"), 2)
        self.assertIn("P99", done.stderr)


if __name__ == "__main__":
    main()
