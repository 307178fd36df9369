# SPDX-License-Identifier: Apache-2.0
"""The product under test: its command line, and the agent as a process that tests start, stop and kill."""

import json
import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
import unittest

BINARY = os.environ.get("SCANFERRY_BINARY", "")
EMULATOR = shlex.split(os.environ.get("SCANFERRY_EMULATOR", ""))
COMMAND = EMULATOR + [BINARY]

# How long a test waits for something that must come. Never an assertion about speed: only an end for a broken run.
PATIENCE_SECONDS = 90
LOG_TAIL_CHARACTERS = 6000
NOBODY = {"nobody": "NOBODY@127.0.0.1:1"}


def wait_until(condition, what, patience=PATIENCE_SECONDS):
    """Returns the first true value of `condition()`; fails with `what` when none comes."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience} s in vain: {what}")
        time.sleep(0.02)


def run_product(*arguments, timeout=PATIENCE_SECONDS, **options):
    """Runs one command to its end. Text in and out unless `text=False` is given."""
    options.setdefault("text", True)
    options.setdefault("stdin", subprocess.DEVNULL if "input" not in options else None)
    if options["stdin"] is None:
        del options["stdin"]
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, timeout=timeout, check=False, **options)


def json_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def to_toml(config):
    """A dictionary of values, tables and lists of tables as TOML; JSON's strings, numbers and lists of them are TOML's too."""
    def tables(value):
        listed = value if isinstance(value, list) else [value]
        return [one for one in listed if isinstance(one, dict)]

    def assignments(table):
        return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items() if not tables(value)]

    lines = assignments(config)
    for key, value in config.items():
        for table in tables(value):
            lines += ["", f"[[{key}]]" if isinstance(value, list) else f"[{key}]", *assignments(table)]
    return "\n".join(lines) + "\n"


class InteropCase(unittest.TestCase):
    """A test with a folder of its own; the ends of the logs of what it started are shown when it fails."""

    maxDiff = 4000

    def setUp(self):
        if not BINARY:
            self.fail("SCANFERRY_BINARY does not name the program under test")
        folder = tempfile.TemporaryDirectory(prefix="scanferry-interop-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.logs = []

    def new_folder(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(path)
        return path

    def new_log(self, name):
        path = os.path.join(self.folder, name + ".log")
        self.logs.append(path)
        return path

    def evidence(self):
        parts = []
        for path in getattr(self, "logs", []):
            if os.path.exists(path):
                parts.append(f"--- end of {os.path.basename(path)}\n{read_text(path)[-LOG_TAIL_CHARACTERS:]}")
        return "\n".join(parts)

    def stop_process(self, process):
        """Ends a process that this test started, by its own handle, and closes its pipes."""
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()

    def check_done(self, done, code=0):
        self.assertEqual(done.returncode, code, f"{shlex.join(map(str, done.args))}\n{done.stdout}\n{done.stderr}")
        return done


def read_text(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def write_file(path, content):
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


class Agent:
    """`scanferry run` with a config, a spool and a watched folder of its own."""

    def __init__(self, test, destinations, name="agent", prefix=(), **changes):
        """`destinations`: name -> "AET@host:port"; none: one that is never up. `changes` replace or, as tables, extend what the
        config says."""
        self.test = test
        self.name = name
        self.prefix = list(prefix)
        self.folder = test.new_folder(name)
        self.inbox = os.path.join(self.folder, "inbox")
        os.makedirs(self.inbox)
        self.log_path = test.new_log(name)
        self.config = {
            "aet": "SCANFERRY",
            "stop_seconds": 5,
            "spool": {"path": os.path.join(self.folder, "spool"), "min_free_mb": 0},
            "retry": {"first_seconds": 0.1, "longest_seconds": 1},
            "health": {"echo_seconds": 0},
            "destination": [{"name": name, "address": address} for name, address in (destinations or NOBODY).items()],
            "watch": [{"path": self.inbox, "poll_seconds": 0.05, "settle_seconds": 0.1, "incomplete_seconds": 1}],
        }
        for key, value in changes.items():
            if isinstance(value, dict):
                self.config.setdefault(key, {}).update(value)
            else:
                self.config[key] = value
        self.config_path = os.path.join(self.folder, "agent.toml")
        self.write_config()
        self.process = None
        self.read_from = 0

    @property
    def spool(self):
        return self.config["spool"]["path"]

    @property
    def log(self):
        """What this agent said since it was last started."""
        return read_text(self.log_path)[self.read_from:] if os.path.exists(self.log_path) else ""

    def write_config(self):
        write_file(self.config_path, to_toml(self.config))

    def start(self, wait=True):
        self.read_from = len(read_text(self.log_path)) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([*self.prefix, *COMMAND, "run", "--config", self.config_path, "--verbose"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.test.addCleanup(self.test.stop_process, self.process)
        if wait:
            self.wait_for_log("running as")
        return self

    def wait_for_log(self, pattern):
        def seen():
            found = re.search(pattern, self.log)
            if not found and self.process.poll() is not None:
                raise AssertionError(f"the agent ended with {self.process.returncode} before it said '{pattern}'")
            return found
        return wait_until(seen, f"'{pattern}' in the log of {self.name}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def command(self, *words, **options):
        """A command that takes --config: `command("queue", "list")`."""
        return run_product(*words, "--config", self.config_path, **options)

    def queue(self, *filters):
        """The deliveries, one dictionary each."""
        done = self.test.check_done(self.command("queue", "list", "--json", *filters))
        return json_lines(done.stdout)

    def wait_for_states(self, count, *states):
        """Waits until there are `count` deliveries and all are in one of `states`; returns them."""
        def reached():
            deliveries = self.queue()
            return (deliveries,) if len(deliveries) == count and all(d["state"] in states for d in deliveries) else None
        return wait_until(reached, f"{count} deliveries of {self.name} to be {' or '.join(states)}")[0]

    def wait_for_stored(self, count):
        return self.wait_for_states(count, "stored")

    def object_path(self, uid):
        return os.path.join(self.spool, "objects", uid + ".dcm")

    def inbox_files(self):
        """Everything below the watched folder, as paths relative to it."""
        return sorted(os.path.relpath(os.path.join(folder, file), self.inbox)
                      for folder, _, files in os.walk(self.inbox) for file in files)


class _TellingResult(unittest.TextTestResult):
    def _tell(self, test):
        evidence = getattr(test, "evidence", str)()
        if evidence:
            self.stream.writeln(evidence)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._tell(test)

    def addError(self, test, err):
        super().addError(test, err)
        self._tell(test)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._tell(test)


def main():
    """Runs the tests of the calling module. Skips are told with their reasons and end with code 77."""
    runner = unittest.TextTestRunner(verbosity=2, resultclass=_TellingResult)
    program = unittest.main(module="__main__", testRunner=runner, exit=False)
    for test, reason in program.result.skipped:
        print(f"SKIPPED {test}: {reason}")
    raise SystemExit(1 if not program.result.wasSuccessful() else 77 if program.result.skipped else 0)
