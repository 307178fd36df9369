# SPDX-License-Identifier: Apache-2.0
"""The goals of who receives and keeps: P4, P7 and P8."""

import os
import shutil
import tempfile
import time

from goals import AT_LEAST, AT_MOST, Goal, Row, in_turn
from processes import Agent, peak_kib, settle, storescp
from sending import send
from workloads import size_text, write_small

MEMORY_DISK = "/dev/shm"
QUEUED_BYTES_MAX = 8192              # on the disk, with its share of the ledger


def p4(bench):
    load = bench.workloads["W2"]
    with bench.tools.null_scp() as pacs:
        dcmsend = ["dcmsend", "+sd", "127.0.0.1", str(pacs.port), load.folder]
        ours, theirs = in_turn(1, lambda: bench.tools.metered(send(bench, pacs.port, load))["peak_kib"],
                               lambda: bench.tools.metered(dcmsend, TCP_NODELAY="1")["peak_kib"])
    yield Row("P4", f"`send` of {load}, peak KiB", ours, "dcmsend", theirs, [Goal(AT_MOST, 6 * 1024)])
    few, many = bench.queued // 10, bench.queued
    less, more = (memory_of_queue(bench, objects) for objects in (few, many))
    yield Row("P4", f"agent, {many:,} objects queued, peak KiB", [more], "", [], [Goal(AT_MOST, 16 * 1024)])
    yield Row("P4", "agent, bytes for one more queued", [(more - less) * 1024 / (many - few)], "", [], [Goal(AT_MOST, 64)])


def memory_of_queue(bench, objects):
    """A spool with so many objects is found at the start, and brought to a PACS."""
    folder = tempfile.mkdtemp(prefix="scanferry-bench-", dir=place_in_memory(objects) or bench.folder)
    try:
        with bench.tools.null_scp("--expect", str(objects)) as pacs:
            agent = Agent(bench.binary, folder, pacs.port)
            write_small(os.path.join(agent.spool, "objects"), objects, lambda uid: uid + ".dcm")
            with agent.running() as process:
                pacs.wait_for_expected()
                return peak_kib(process.pid)
    finally:
        shutil.rmtree(folder)


def place_in_memory(objects):
    """Where syncing costs nothing, if there is room: only memory is measured."""
    there = os.path.isdir(MEMORY_DISK) and shutil.disk_usage(MEMORY_DISK).free > objects * QUEUED_BYTES_MAX
    return MEMORY_DISK if there else None


def p7(bench):
    for name, associations, bound in (("W3", 1, 1500), ("W3", 8, 5000)):
        load = bench.workloads[name]
        yield from rows_of_p7(bench, load, associations, "objects/s", load.objects, bound)
    load = bench.workloads["W1"]
    for associations in (1, 8):
        yield from rows_of_p7(bench, load, associations, "MB/s", load.bytes / 1e6, 600)


def rows_of_p7(bench, load, associations, unit, amount, bound):
    ours, theirs, disk = in_turn(bench.runs, lambda: amount / ingest(bench, load, associations), lambda: amount / store(bench, load, associations),
                                 lambda: amount / write_safely(bench, load))
    figure = f"{load} received durably, {associations} association{'s' if associations > 1 else ''}, {unit}"
    yield Row("P7", figure, ours, "storescp, which syncs nothing", theirs, [Goal(AT_LEAST, bound), Goal(AT_LEAST, 1, is_ratio=True)])
    yield Row("P7", "the same", ours, "one by one: written, synced, renamed, folder synced", disk, [])


def ingest(bench, load, associations):
    """Seconds that the agent takes for a load; each time with an empty spool, and a PACS that is down."""
    folder = bench.new_folder()
    agent = Agent(bench.binary, folder)
    settle()
    with agent.running():
        took = bench.tools.load(agent.port, load, associations)
    shutil.rmtree(folder)
    return took


def store(bench, load, associations):
    folder = bench.new_folder()
    settle()
    fork = ["--fork"] if associations > 1 else []
    with storescp("--bit-preserving", *fork, "--output-directory", folder) as pacs:
        took = bench.tools.load(pacs.port, load, associations)
    shutil.rmtree(folder)
    return took


def write_safely(bench, load):
    """Seconds for as many files of that size, each on the disk under its name before the next: what a receiver of one object at a time
    can reach that keeps files, and has no ledger."""
    folder = bench.new_folder()
    content = os.urandom(load.bytes // load.objects)
    settle()
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    began = time.monotonic()
    for number in range(load.objects):
        path = os.path.join(folder, str(number))
        file = os.open(path + ".part", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.write(file, content)
        os.fsync(file)
        os.close(file)
        os.rename(path + ".part", path)
        os.fsync(directory)
    took = time.monotonic() - began
    os.close(directory)
    shutil.rmtree(folder)
    return took


def p8(bench):
    load = bench.workloads["W2"]
    folder = bench.new_folder()
    agent = Agent(bench.binary, folder)
    with agent.running() as process:
        bench.tools.load(agent.port, load, 1)
        ours = peak_kib(process.pid)
    shutil.rmtree(folder)
    yield Row("P8", f"one object of {size_text(load.bytes)} received, peak KiB", [ours], "storescp +B", [memory_of_storescp(bench, load, "--bit-preserving")],
              [Goal(AT_MOST, 8 * 1024)])
    yield Row("P8", "the same", [ours], "storescp", [memory_of_storescp(bench, load)], [])


def memory_of_storescp(bench, load, *options):
    folder = bench.new_folder()
    with storescp(*options, "--output-directory", folder) as pacs:
        bench.tools.load(pacs.port, load, 1)
        peak = peak_kib(pacs.pid)
    shutil.rmtree(folder)
    return peak
