# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks start, wait for and stop: the instruments, DCMTK's tools, and scanferry itself."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "interop"))

from peers import HOST, free_port, is_listening  # noqa: E402
from product import to_toml, wait_until  # noqa: E402

INSTRUMENTS = HERE / "instruments"
STOP_SECONDS = 60
NODELAY = {"TCP_NODELAY": "1"}       # DCMTK then leaves Nagle's algorithm off


def run(command, **environment):
    """Runs it to its end and returns what it said; ends the benchmark when it fails."""
    command = [str(word) for word in command]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
    return done


class Tools:
    """The instruments, built in a folder, and what is measured with them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        run(["cmake", "-S", INSTRUMENTS, "-B", self.folder, "-G", "Ninja", "-D", "CMAKE_BUILD_TYPE=Release", "-D", "CMAKE_CXX_FLAGS_RELEASE=-O2"])
        run(["cmake", "--build", self.folder, "-j", "2"])

    def metered(self, command, **environment):
        """seconds, user, system and peak_kib of a command."""
        return json.loads(run([self.folder / "run_meter", *command], **environment).stdout.splitlines()[-1])

    def raw_sender(self, port, workload, *options):
        return [str(self.folder / "raw_sender"), "--port", str(port), "--folder", workload.folder, *options]

    def load(self, port, workload, associations):
        """Sends a workload out of memory; the seconds that it took."""
        command = self.raw_sender(port, workload, "--preload", "--associations", str(associations))
        return json.loads(run(command).stdout)["seconds"]

    def aes_gcm(self, key_bits, seconds):
        """Bytes per second of the TLS library."""
        return json.loads(run([self.folder / "gcm_meter", key_bits, seconds]).stdout)["bytes_per_second"]

    @contextlib.contextmanager
    def null_scp(self, *options):
        with started([str(self.folder / "null_scp"), *options]) as process:
            yield NullScp(process)

    @contextlib.contextmanager
    def delay_proxy(self, port, one_way_ms):
        with started([str(self.folder / "delay_proxy"), "--to", str(port), "--one-way-ms", str(one_way_ms)]) as process:
            yield port_of(process)


class NullScp:
    def __init__(self, process):
        self.process = process
        self.port = port_of(process)

    def wait_for_expected(self):
        if not self.process.stdout.readline().startswith("received"):
            sys.exit("null_scp ended early")


def port_of(process):
    return int(process.stdout.readline().split()[1])


@contextlib.contextmanager
def started(command, **options):
    """A process that ends with the block, by SIGTERM."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **{"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True, **options})
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def instructions(command, **environment):
    """Of a whole process, in user space."""
    done = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], **environment)
    return collected(done.stderr)


def collected(said):
    found = re.search(r"Collected : (\d+)", said)
    if not found:
        sys.exit(f"callgrind counted nothing: {said[-500:]}")
    return int(found[1])


def peak_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


@contextlib.contextmanager
def storescp(*options):
    """DCMTK's, as it comes; its process has the port as `port`."""
    port = free_port()
    with started(["storescp", *map(str, options), str(port)], stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: is_listening(port) or process.poll() is not None, "storescp to listen")
        process.port = port
        yield process


class Agent:
    """`scanferry run` as a gateway, with a spool of its own."""

    def __init__(self, binary, folder, destination_port=1):
        self.folder = folder
        self.port = free_port()
        self.spool = os.path.join(folder, "spool")
        self.log_path = os.path.join(folder, "agent.log")
        self.config_path = os.path.join(folder, "agent.toml")
        self.command = [binary, "run", "--config", self.config_path]
        config = {
            "aet": "GATEWAY",
            "spool": {"path": self.spool, "max_mb": 1_000_000, "min_free_mb": 0},
            "listen": {"port": self.port, "address": HOST, "store": True},
            "health": {"echo_seconds": 0},
            "destination": [{"name": "pacs", "address": f"PACS@{HOST}:{destination_port}"}],
        }
        os.makedirs(os.path.join(self.spool, "objects"))
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write(to_toml(config))

    @contextlib.contextmanager
    def running(self, prefix=()):
        with open(self.log_path, "w+", encoding="utf-8") as log:
            with started([*prefix, *self.command], stdout=log, stderr=log) as process:
                wait_until(lambda: is_listening(self.port) or process.poll() is not None, "the agent to listen", 3600)
                if process.poll() is not None:
                    sys.exit(f"the agent ended: {self.said()[-1500:]}")
                yield process

    def said(self):
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()


class Certificate:
    """One that stands for itself, for 127.0.0.1."""

    def __init__(self, folder):
        self.key, self.path = os.path.join(folder, "tls.key"), os.path.join(folder, "tls.pem")
        run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=bench", "-addext", f"subjectAltName=IP:{HOST}",
             "-keyout", self.key, "-out", self.path])


def settle():
    """What was written before is on the disk, so that it is not counted to what comes."""
    os.sync()
    time.sleep(0.1)
