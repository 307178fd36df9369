# SPDX-License-Identifier: Apache-2.0
"""Small and read-only file systems for tests, mounted where nobody else sees them."""

import os
import subprocess
import sys

_MARK = "SCANFERRY_PRIVATE_MOUNTS"


def enter_private_mounts():
    """Starts this program again in a mount namespace of its own; without the right to, goes on as it is."""
    if _MARK in os.environ:
        return
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/mnt"]
    probe = subprocess.run([*unshare, *mount], capture_output=True, text=True, check=False)
    os.environ[_MARK] = "yes" if probe.returncode == 0 else probe.stderr.strip() or "unshare failed"
    if probe.returncode == 0:
        os.execvp(unshare[0], [*unshare, sys.executable, "-B", *sys.argv])


def _need_mounts(test):
    answer = os.environ.get(_MARK, "enter_private_mounts was not called")
    if answer != "yes":
        test.skipTest(f"nothing can be mounted here: {answer}")


def _mount(*arguments):
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def mount_small(test, path, megabytes):
    """An empty file system of this size at `path`, until the test ends."""
    _need_mounts(test)
    os.makedirs(path, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", path)
    test.addCleanup(subprocess.run, ["umount", "--lazy", path], check=True)


class ReadOnly:
    """Nothing new can be written below `path` as long as this is entered; what is open stays open."""

    def __init__(self, test, path):
        _need_mounts(test)
        self.path = path

    def __enter__(self):
        _mount("--bind", self.path, self.path)
        _mount("-o", "remount,bind,ro", self.path)

    def __exit__(self, *_):
        subprocess.run(["umount", self.path], check=True)


def without_root_powers():
    """A prefix for a command to whom file modes apply even when root runs it."""
    powers = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}"] if os.geteuid() == 0 else []
