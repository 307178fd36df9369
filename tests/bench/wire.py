#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Speed and memory of scanferry on the wire, each beside a peer in the same run, as a Markdown table: see docs/performance.md.

Needs what `toolchains/bootstrap.sh build bench` installs. Both of a pair run in turn; the figures are medians, the ratio is the median
of the pairs' ratios. Only ratios can be compared between machines, and on a busy one they are rough."""

import argparse
import os
import platform
import signal
import sys
import tempfile

import receiving
import sending
from goals import TITLE, line_of
from processes import Tools, run
from workloads import Workloads

GOALS = {"P1": sending.p1, "P2": sending.p2, "P3": sending.p3, "P4": receiving.p4, "P5": sending.p5, "P6": sending.p6, "P7": receiving.p7,
         "P8": receiving.p8, "P10": sending.p10, "P11": sending.p11}


class Bench:
    """What all rows are measured with."""

    def __init__(self, options, folder):
        self.binary = os.path.abspath(options.scanferry)
        self.runs = options.runs
        self.queued = options.queued
        self.folder = folder
        is_tiny = options.scale < 0.1
        self.meter_seconds = 0.1 if is_tiny else 1
        self.slope_objects = {"few": 10, "many": 30} if is_tiny else {"few": 200, "many": 1200}
        self.workloads = Workloads(os.path.join(folder, "workloads"), options.scale)
        self.tools = Tools(os.path.join(folder, "instruments"))

    def new_folder(self):
        return tempfile.mkdtemp(dir=self.folder)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scanferry", help="the program to measure")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(GOALS), metavar="P1,P7", help="these goals alone")
    parser.add_argument("--runs", type=int, default=5, help="pairs of each measurement (%(default)s)")
    parser.add_argument("--scale", type=float, default=0.25, help="size of the loads; 1 is that of the goals, and takes 4 GB (%(default)s)")
    parser.add_argument("--queued", type=int, default=100_000, help="objects in the queue for P4 (%(default)s)")
    parser.add_argument("--folder", help="where loads and spools go; a disk, not memory (the system's temporary folder)")
    options = parser.parse_args()
    unknown = set(options.only) - set(GOALS)
    if unknown:
        parser.error(f"there is no goal {', '.join(sorted(unknown))}; there are {', '.join(GOALS)}")
    return options


def surroundings(binary):
    """What the figures depend on."""
    def first_line(*command):
        return run(command).stdout.splitlines()[0].strip(" $")

    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
        processor = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return ", ".join([f"{os.cpu_count()} x {processor}", f"Linux {platform.release()}", first_line(binary, "version"),
                      first_line("storescu", "--version").replace("dcmtk: storescu ", "DCMTK ")])


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started ends, too
    with tempfile.TemporaryDirectory(prefix="scanferry-bench-", dir=options.folder) as folder:
        bench = Bench(options, folder)
        print(f"{surroundings(bench.binary)}; scale {options.scale:g}, {options.runs} pairs\n\n{TITLE}", flush=True)
        for name in options.only:
            for row in GOALS[name](bench):
                print(line_of(row.cells()), flush=True)


if __name__ == "__main__":
    sys.exit(main())
