# SPDX-License-Identifier: Apache-2.0
"""Peers from Debian: DCMTK's storescp, dcmqrscp and wlmscpfs, and Orthanc, each in a folder and on ports of its own, on the loopback interface."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import urllib.request

from product import read_bytes, wait_until, write_file

HOST = "127.0.0.1"

# Below the ports that the kernel gives to outgoing connections: nobody takes them by chance while a PACS is "down", and a
# connection to a free one of these cannot end at itself.
_PORTS = range(20000, 32000)
_random = random.Random()
_claims = {}    # by port: the socket that claims it


def free_port():
    """A port on which nobody listens, and that no other test takes until this process ends."""
    while True:
        port = _random.choice(_PORTS)
        if port in _claims:
            continue
        # A name that the kernel holds for one process, in the same network namespace as the port, and gives up with it.
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                claim.bind(f"\0scanferry-test-port-{port}")
                probe.bind((HOST, port))
            except OSError:
                claim.close()
                continue
        _claims[port] = claim
        return port


def is_listening(port):
    """Asks the kernel, not the peer: a connection only to ask would show in its log and in its counts."""
    want = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not os.path.exists(table):
            continue
        with open(table, encoding="ascii") as lines:
            for line in list(lines)[1:]:
                fields = line.split()
                if fields[1].endswith(want) and fields[3] == "0A":
                    return True
    return False


class _Server:
    """A peer that runs as a process and may go down and come back on the same port."""

    def __init__(self, test, aet, name):
        self.test = test
        self.aet = aet
        self.port = free_port()
        self.log_path = test.new_log(name)
        self.process = None

    @property
    def address(self):
        return f"{self.aet}@{HOST}:{self.port}"

    def _start(self, command):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.test.addCleanup(self.test.stop_process, self.process)

        def is_up():
            if self.process.poll() is not None:
                raise AssertionError(f"{command[0]} ended with {self.process.returncode}")
            return is_listening(self.port)
        wait_until(is_up, f"{command[0]} to listen on port {self.port}")
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)


class StoreScp(_Server):
    """storescp; with `bit_preserving` it writes the data set as it arrived."""

    def __init__(self, test, *options, bit_preserving=True, aet="STORESCP", name="storescp", start=True):
        super().__init__(test, aet, name)
        self.folder = test.new_folder(name)
        self.options = list(options) + (["--bit-preserving"] if bit_preserving else [])
        if start:
            self.start()

    def start(self, *options):
        """`options` hold until the next start."""
        return self._start(["storescp", "--verbose", "--accept-all", "--aetitle", self.aet, "--output-directory", self.folder,
                            *self.options, *options, str(self.port)])

    def files(self):
        """SOP Instance UID -> path of what arrived; the name is "modality.uid"."""
        return {name.split(".", 1)[1]: os.path.join(self.folder, name) for name in os.listdir(self.folder)}


class QueryArchive(_Server):
    """dcmqrscp: an archive to store to, to ask and to retrieve from. `receivers`: AE title -> port, for C-MOVE."""

    def __init__(self, test, *options, receivers=None, aet="QRSCP", name="dcmqrscp"):
        super().__init__(test, aet, name)
        folder = test.new_folder(name)
        os.mkdir(os.path.join(folder, "storage"))
        hosts = "\n".join(f"{title} = ({title}, {HOST}, {port})" for title, port in (receivers or {}).items())
        config = write_file(os.path.join(folder, "dcmqrscp.cfg"), f"""NetworkTCPPort = {self.port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
{hosts}
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
{aet} {folder}/storage RW (200, 1024mb) ANY
AETable END
""")
        self._start(["dcmqrscp", "--verbose", *options, "--config", config])


class WorklistScp(_Server):
    """wlmscpfs: a modality worklist of these pydicom data sets, with their character sets."""

    def __init__(self, test, entries, aet="WORKLIST", name="wlmscpfs"):
        super().__init__(test, aet, name)
        folder = os.path.join(test.new_folder(name), aet)
        os.mkdir(folder)
        write_file(os.path.join(folder, "lockfile"), "")
        for number, entry in enumerate(entries):
            entry.preamble = bytes(128)
            entry.save_as(os.path.join(folder, f"{number}.wl"))
        self._start(["wlmscpfs", "--verbose", "--keep-char-set", "--disable-file-reject", "--data-files-path", os.path.dirname(folder), str(self.port)])


class Orthanc(_Server):
    """`modalities`: AE title -> port of those that it knows. `secured`: an Authority whose certificates it shows and asks for, where it
    listens and where it calls. `worklist`: pydicom data sets that its plugin has."""

    def __init__(self, test, aet="ORTHANC", name="orthanc", modalities=None, secured=None, worklist=None):
        super().__init__(test, aet, name)
        self.http_port = free_port()
        folder = test.new_folder(name)
        config = {
            "Name": "interop",
            "StorageDirectory": os.path.join(folder, "storage"),
            "IndexDirectory": os.path.join(folder, "storage"),
            "DicomAet": aet,
            "DicomPort": self.port,
            "HttpPort": self.http_port,
            "HttpBindAddresses": [HOST],
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomAlwaysAllowStore": True,
            "DicomAlwaysAllowFind": True,
            "DicomModalities": {title: {"AET": title, "Host": HOST, "Port": port, "UseDicomTls": bool(secured)}
                                for title, port in (modalities or {}).items()},
            "SaveJobs": False,
            "Plugins": [],
        }
        if secured:
            key, certificate = secured.issue(name)
            config |= {"DicomTlsEnabled": True, "DicomTlsCertificate": certificate, "DicomTlsPrivateKey": key,
                       "DicomTlsTrustedCertificates": secured.certificate}
        if worklist is not None:
            config |= self._worklist(test.new_folder(name + "-worklist"), worklist)
        program = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
        self._start([program, write_file(os.path.join(folder, "orthanc.json"), json.dumps(config))])

    @staticmethod
    def _worklist(folder, entries):
        for number, entry in enumerate(entries):
            entry.preamble = bytes(128)
            entry.save_as(os.path.join(folder, f"{number}.wl"))
        return {"Plugins": ["/usr/share/orthanc/plugins/libModalityWorklists.so"], "Worklists": {"Enable": True, "Database": folder}}

    def _get(self, path):
        with urllib.request.urlopen(f"http://{HOST}:{self.http_port}{path}", timeout=60) as answer:
            return answer.read()

    def files(self):
        """SOP Instance UID -> the file as Orthanc gives it out."""
        result = {}
        for instance in json.loads(self._get("/instances")):
            uid = json.loads(self._get(f"/instances/{instance}"))["MainDicomTags"]["SOPInstanceUID"]
            result[uid] = self._get(f"/instances/{instance}/file")
        return result


def check_with(test, command, path, timeout=60):
    """Runs a foreign reader on `path` and returns all that it said."""
    done = subprocess.run([*command, path], capture_output=True, timeout=timeout, check=False)
    test.assertGreaterEqual(done.returncode, 0, f"{command[0]} died of a signal on {path}")
    return done, (done.stdout + done.stderr).decode("utf-8", "replace")


def check_valid(test, path):
    """DCMTK takes it for a Part 10 file and reads it to the end; dciodvfy finds no error in it."""
    _, said = check_with(test, ["dcmftest"], path)
    test.assertTrue(said.startswith("yes:"), said)
    done, said = check_with(test, ["dcmdump", "--quiet", "--load-short"], path)
    test.assertEqual(done.returncode, 0, said)
    # Its exit code means nothing.
    _, said = check_with(test, ["dciodvfy", "-new"], path)
    errors = [line for line in said.splitlines() if "Error - " in line]
    test.assertEqual(errors, [], path)


def gdcm_pixels(test, path, *options):
    """The content of Pixel Data as GDCM finds it."""
    out = path + ".pixels"
    done, said = check_with(test, ["gdcmraw", *options, "-o", out, "-i"], path)
    test.assertEqual(done.returncode, 0, said)
    try:
        return read_bytes(out)
    finally:
        os.remove(out)
