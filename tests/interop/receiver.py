# SPDX-License-Identifier: Apache-2.0
"""Our own `receive`, as a process that a test starts, for peers and commands to send to."""

import os
import signal
import subprocess

from peers import HOST, free_port, is_listening
from product import COMMAND, json_lines, read_text, wait_until


class Receiver:
    def __init__(self, test, *options, aet="RECEIVER", name="receive", port=None):
        """`port`: one that others were told of before."""
        self.aet, self.port = aet, port or free_port()
        self.folder = test.new_folder(name)
        self.log_path = test.new_log(name)
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([*COMMAND, "receive", "--address", HOST, "--port", str(self.port), "--aet", aet, "--json", *options, self.folder],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        test.addCleanup(test.stop_process, self.process)
        wait_until(self._is_up, "receive to listen")

    def _is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"receive ended with {self.process.returncode}: {read_text(self.log_path)}")
        return is_listening(self.port)

    @property
    def address(self):
        return f"{self.aet}@{HOST}:{self.port}"

    def objects(self):
        """SOP Instance UID -> what `receive --json` says of it: file, SOP class, transfer syntax."""
        told = [line for line in read_text(self.log_path).splitlines() if line.startswith('{"file"')]
        return {one["sop_instance_uid"]: one for one in json_lines("\n".join(told))}

    def files(self):
        """SOP Instance UID -> path."""
        return {uid: one["file"] for uid, one in self.objects().items()}

    def empty(self):
        """What came is removed and may come again."""
        for name in os.listdir(self.folder):
            os.remove(os.path.join(self.folder, name))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)
