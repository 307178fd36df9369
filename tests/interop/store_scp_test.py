# SPDX-License-Identifier: Apache-2.0
"""`receive` takes what storescu, dcmsend and our own `send` send: each object byte for byte, or nothing of it."""

import collections
import os
import signal
import socket
import struct
import subprocess
import zlib

import pydicom

import acquisitions as acq
from authority import Authority
from dimse_peer import VERIFICATION, Field, Refused, associate, make_command
from mounts import enter_private_mounts, mount_small
from part10 import data_set_of, sent_data_set_of
from peers import HOST, free_port
from product import COMMAND, InteropCase, json_lines, main, read_text, run_product, wait_until

CORPUS = os.environ.get("SCANFERRY_CORPUS", "")
US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"


def element(group, number, vr, value):
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def high_water_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1])


class StoreScpTest(InteropCase):
    def receive(self, *options, folder=None):
        self.port = free_port()
        self.out = folder or self.new_folder(f"received-{self.port}")
        self.log = self.new_log(f"receive-{self.port}.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([*COMMAND, "receive", "--address", HOST, "--port", str(self.port), "--json", *options, self.out],
                                            stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(self.stop_process, self.process)
        wait_until(self.is_up, "receive to listen")
        self.address = f"SCANFERRY@{HOST}:{self.port}"

    def is_up(self):
        self.assertIsNone(self.process.poll(), read_text(self.log))
        try:
            socket.create_connection((HOST, self.port), 1).close()
            return True
        except OSError:
            return False

    def files(self):
        return sorted(os.path.join(folder, name) for folder, _, names in os.walk(self.out) for name in names)

    def made(self, *kinds):
        folder = self.new_folder(f"made-{len(os.listdir(self.folder))}")
        for acquired in kinds or [acq.raw("us", "us", frames=3), acq.raw("cine", "us-multiframe", frames=20, rows=120, columns=160)]:
            self.check_done(run_product("encode", acquired.write(os.path.join(self.folder, "in", acquired.name)), "--output", folder))
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def peer(self, *words, code=0):
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def check_arrived(self, sent):
        arrived = {str(pydicom.dcmread(path).SOPInstanceUID): path for path in self.files()}
        self.assertEqual(len(arrived), len(sent))
        for path in sent:
            uid = str(pydicom.dcmread(path).SOPInstanceUID)
            self.assertTrue(data_set_of(arrived[uid]) == data_set_of(path), path)
            self.assertEqual(pydicom.dcmread(arrived[uid]).file_meta.TransferSyntaxUID, pydicom.dcmread(path).file_meta.TransferSyntaxUID)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(20), 0)

    def test_storescu_dcmsend_and_send_are_taken_byte_for_byte(self):
        sent = self.made()
        for program in (["storescu", "-xe"], ["dcmsend"], [*COMMAND, "send"], [*COMMAND, "send", "--window", "4"], [*COMMAND, "send", "--parallel", "3"]):
            with self.subTest(" ".join(program)):
                self.receive()
                where = [self.address] if "send" in program else [HOST, self.port]
                self.peer(*program, *where, *sent)
                self.check_arrived(sent)
                self.peer("echoscu", HOST, self.port)
                self.end()

    def test_success_is_told_when_the_object_is_safe_and_in_pieces_of_any_size(self):
        [path] = self.made(acq.raw("us", "us"))
        data_set = data_set_of(path)
        meta = pydicom.dcmread(path).file_meta
        for fragment in (6, 100, 4096):
            with self.subTest(fragment=fragment):
                self.receive()
                link = associate(HOST, self.port, "SCANFERRY", "PEER", [VERIFICATION, (US_IMAGE, [EXPLICIT])], fragment=fragment)
                command = make_command(Field.C_STORE, US_IMAGE, str(meta.MediaStorageSOPInstanceUID), Priority=0)
                response, _ = link.request(command, data_set)
                self.assertEqual(response["Status"], 0)
                link.release()
                self.check_arrived([path])

    def test_a_known_object_is_not_kept_twice_and_another_of_its_name_stays_beside_it(self):
        [path] = self.made(acq.raw("us", "us"))
        self.receive()
        for expected in (False, True):
            self.peer("storescu", "-xe", HOST, self.port, path)
            self.assertEqual(json_lines(read_text(self.log))[-1]["known"], expected)
        other = os.path.join(self.folder, "other.dcm")
        self.check_done(run_product("edit", path, "--output", other, "-m", "PatientID=4711"))
        self.check_done(run_product("send", self.address, other))
        self.assertEqual(len(self.files()), 2)

    def test_files_are_named_as_asked_and_nothing_from_the_network_is_a_path(self):
        [path] = self.made(acq.raw("us", "us"))
        self.receive("--pattern", "{patient_id}/{study_instance_uid}/{calling_aet}-{modality}-{sop_instance_uid}.dcm",
                     "--exec", "echo \"$SCANFERRY_FILE\" >> " + os.path.join(self.folder, "hook"))
        hostile = os.path.join(self.folder, "hostile.dcm")
        self.check_done(run_product("edit", path, "--output", hostile, "-m", "PatientID=../../../tmp/$(id)"))
        self.check_done(run_product("send", "--aet", "CART", self.address, hostile))
        [file] = self.files()
        data = pydicom.dcmread(path)
        self.assertEqual(os.path.relpath(file, self.out), f"......tmpid/{data.StudyInstanceUID}/CART-US-{data.SOPInstanceUID}.dcm")
        hook = os.path.join(self.folder, "hook")
        wait_until(lambda: os.path.exists(hook) and read_text(hook) == file + "\n", "the command to be run")

    def test_a_sender_that_dies_leaves_nothing_behind(self):
        [path] = self.made(acq.raw("cine", "us-multiframe", frames=200, rows=240, columns=320))
        self.receive()
        sender = subprocess.Popen(["storescu", "-xe", HOST, str(self.port), path])
        self.addCleanup(self.stop_process, sender)
        wait_until(lambda: any(name.endswith(".part") for name in self.files()) or sender.poll() is not None, "the object to come")
        sender.kill()
        wait_until(lambda: not any(name.endswith(".part") for name in self.files()), "what is not whole to be removed")

    def test_a_full_disk_is_told_and_leaves_nothing_behind(self):
        folder = os.path.join(self.folder, "small")
        mount_small(self, folder, 4)
        [path] = self.made(acq.raw("cine", "us-multiframe", frames=100, rows=240, columns=320))
        self.receive(folder=folder)
        done = self.check_done(run_product("send", self.address, path), 1)
        self.assertIn("A700", done.stderr)
        self.assertEqual(self.files(), [])
        [small] = self.made(acq.raw("us", "us"))[:1]
        self.check_done(run_product("send", self.address, small))

    def test_an_object_that_is_made_to_fill_memory_does_not(self):
        self.receive()
        head = element(0x0008, 0x0016, b"UI", US_IMAGE.encode() + b"\0") + element(0x0008, 0x0018, b"UI", b"1.2.3\0")
        items = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 2_000_000
        elements = b"".join(element(group, number, b"LO", b"") for group in range(9, 49, 2) for number in range(0x1000, 0xFFFF))
        squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
        long = struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, 500_000_000)
        deflated = squeezed.compress(head + long) + b"".join(squeezed.compress(bytes(1_000_000)) for _ in range(500)) + squeezed.flush()
        for number, (syntax, data_set) in enumerate(((EXPLICIT, head + items), (EXPLICIT, head + elements), (DEFLATED, deflated))):
            association = associate(HOST, self.port, "SCANFERRY", contexts=[(US_IMAGE, [syntax])], fragment=100_000)
            command, _ = association.request(make_command(Field.C_STORE, US_IMAGE, "1.2.3", Priority=0), data_set)
            self.assertEqual(command["Status"], 0, number)
            association.release()
        self.assertLess(high_water_kb(self.process.pid), 40_000)

    def test_who_is_not_allowed_gets_no_association(self):
        self.receive("--allow-aet", "CART", "--check-title")
        self.assertIn("Calling AE Title Not Recognized", self.peer("echoscu", "-aet", "STRANGER", "-aec", "SCANFERRY", HOST, self.port, code=1))
        self.assertIn("Called AE Title Not Recognized", self.peer("echoscu", "-aet", "CART", "-aec", "OTHER", HOST, self.port, code=1))
        self.peer("echoscu", "-aet", "CART", "-aec", "SCANFERRY", HOST, self.port)
        with self.assertRaises(Refused):
            associate(HOST, self.port, "SCANFERRY", "STRANGER")
        said = read_text(self.log)
        self.assertIn("rejected an association of STRANGER at 127.0.0.1:", said)
        self.assertIn("its AE title is not among those that may call", said)
        self.assertIn("it calls us OTHER", said)

    def test_only_addresses_that_are_allowed_may_connect(self):
        self.receive("--allow", "192.0.2.0/24", "--allow", "127.0.0.2")
        self.peer("echoscu", HOST, self.port, code=1)
        self.assertIn(f"{HOST}:", read_text(self.log))
        self.assertIn("may not connect", read_text(self.log))
        self.end()
        self.receive("--allow", "127.0.0.0/8")
        self.peer("echoscu", HOST, self.port)

    def test_who_finds_no_room_is_told_so(self):
        self.receive("--associations", "1")
        association = associate(HOST, self.port, "SCANFERRY")
        self.assertIn("Local Limit Exceeded", self.peer("echoscu", HOST, self.port, code=1))
        wait_until(lambda: "as many as are allowed are open" in read_text(self.log), "the log")
        association.release()
        wait_until(lambda: run_product("echo", self.address).returncode == 0, "room again")

    def test_commands_are_run_for_objects_and_for_studies_that_rest(self):
        told = os.path.join(self.folder, "told")
        say = f'echo "$SCANFERRY_OBJECTS $SCANFERRY_STUDY_INSTANCE_UID $SCANFERRY_SOP_INSTANCE_UID" >>{told}; echo noise'
        self.receive("--exec", say, "--exec-on-study", say, "--study-seconds", "0.5")
        sent = self.made(acq.raw("one", "us", frames=12), acq.raw("two", "us", rows=9))
        self.check_done(run_product("send", self.address, *sent))
        lines = wait_until(lambda: os.path.exists(told) and len(read_text(told).splitlines()) == 15 and read_text(told).splitlines(), "15 commands")
        studies = collections.Counter(str(pydicom.dcmread(path).StudyInstanceUID) for path in sent)
        self.assertEqual({tuple(line.split()) for line in lines if len(line.split()) == 2}, {(str(n), uid) for uid, n in studies.items()})
        objects = {line.strip() for line in lines if len(line.split()) == 1}
        self.assertEqual(objects, {str(pydicom.dcmread(path).SOPInstanceUID) for path in sent})
        self.end()

    def test_a_study_ends_with_the_command_too(self):
        told = os.path.join(self.folder, "told")
        self.receive("--exec-on-study", f"echo $SCANFERRY_OBJECTS >>{told}", "--study-seconds", "600")
        self.check_done(run_product("send", self.address, *self.made(acq.raw("one", "us", frames=3))))
        self.end()
        wait_until(lambda: os.path.exists(told) and read_text(told) == "3\n", "the command")

    def test_tls_with_and_without_certificates_of_senders(self):
        authority = Authority(self, "hospital")
        key, certificate = authority.issue("archive")
        theirs = authority.issue("sender")
        sent = self.made()
        self.receive("--tls", "--tls-cert", certificate, "--tls-key", key, "--tls-ca", authority.certificate)
        self.peer("storescu", "-xe", "+tls", *theirs, "+cf", authority.certificate, HOST, self.port, *sent)
        self.check_arrived(sent)
        self.check_done(run_product("send", "--tls", "--tls-ca", authority.certificate, self.address, *sent), 1)  # shows no certificate
        self.check_done(run_product("echo", self.address), 1)  # speaks no TLS
        self.end()

    def test_silent_connections_keep_nobody_out(self):
        [path] = self.made(acq.raw("us", "us"))
        self.receive("--associations", "8")
        silent = [socket.create_connection((HOST, self.port), 5) for _ in range(100)]
        try:
            self.check_done(run_product("send", self.address, path))
        finally:
            for one in silent:
                one.close()

    def test_wrong_options_are_named(self):
        for words, expected in ((["--pattern", "{patient_id}.dcm"], "same name"), (["--pattern", "{nothing}"], "{nothing}"),
                                (["--pattern", "{sop_instance_uid}.part"], ".part"), (["--allow", "pacs.example"], "--allow"),
                                (["--pattern", "../{sop_instance_uid}"], "below the folder"), (["--tls"], "--tls-cert"),
                                (["--tls", "--tls-cert", "c.pem", "--tls-ca", ""], "--tls-ca"),
                                (["--tls", "--tls-cert", "c.pem", "--tls-profile", "ssl3"], "ssl3"),
                                (["--aet", "A\\B"], "--aet")):
            with self.subTest(words):
                done = run_product("receive", *words, self.folder)
                self.assertEqual(done.returncode, 2)
                self.assertIn(expected, done.stderr)

    def test_corpus(self):
        if not CORPUS:
            self.skipTest("SCANFERRY_CORPUS does not name a corpus")
        self.receive("--sop-class", "any")
        sent = 0
        for folder, _, names in os.walk(os.path.join(CORPUS, "valid")):
            for name in sorted(names):
                path = os.path.join(folder, name)
                done = run_product("send", "--json", self.address, path)
                reports = json_lines(done.stdout)
                if not reports or not reports[0]["stored"]:
                    # Files without a meta group or UIDs, directories; and those whose content calls itself otherwise.
                    self.assertRegex(done.stderr + done.stdout, "A900|C000|0117|not a DICOM|no DICOM|DICOMDIR|no SOP|UID|nothing")
                    continue
                with self.subTest(name):
                    file = json_lines(read_text(self.log))[-1]["file"]
                    self.assertTrue(data_set_of(file) == sent_data_set_of(path))
                    sent += 1
        self.assertGreater(sent, 100)


if __name__ == "__main__":
    enter_private_mounts()
    main()
