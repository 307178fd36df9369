# SPDX-License-Identifier: Apache-2.0
"""Who calls us: DCMTK's programs and Orthanc to `receive` and to the agent; what they find there, in which SOP classes and transfer
syntaxes, and what they are told where we have no such service. And dcmrecv, whom we call."""

import json
import os
import subprocess
import urllib.request

import pydicom

import acquisitions as acq
from authority import Authority
from dimse_peer import EXPLICIT, IMPLICIT, VERIFICATION, associate
from part10 import data_set_of
from peers import HOST, Orthanc, QueryArchive, StoreScp, free_port, is_listening
from product import Agent, InteropCase, main, read_text, run_product, wait_until, write_file
from receiver import Receiver
from storage_classes_test import write_object

PRIVATE_CLASS, OTHER_CLASS, PRIVATE_SYNTAX = "1.2.826.0.1.3680043.10.9.1", "1.2.826.0.1.3680043.10.9.2", "1.2.826.0.1.3680043.10.9.3"
US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
TAKEN, NO_CLASS, NO_SYNTAX = 0, 3, 4    # PS3.8 9.3.3.2


# Without one, dcmrecv takes nothing but Verification; with one, not even that.
DCMRECV_PROFILE = f"""[[TransferSyntaxes]]
[Any]
TransferSyntax1 = {EXPLICIT}
TransferSyntax2 = {IMPLICIT}
[[PresentationContexts]]
[Images]
PresentationContext1 = {VERIFICATION}\\Any
PresentationContext2 = {US_IMAGE}\\Any
[[Profiles]]
[Archive]
PresentationContexts = Images
"""


class CallersCase(InteropCase):
    def setUp(self):
        super().setUp()
        self.made = self.new_folder("made")
        self.check_done(run_product("encode", acq.raw("us", "us", frames=2).write(os.path.join(self.folder, "in")), "--output", self.made))
        self.paths = {name.removesuffix(".dcm"): os.path.join(self.made, name) for name in os.listdir(self.made)}
        self.study = str(pydicom.dcmread(next(iter(self.paths.values()))).StudyInstanceUID)

    def agent(self, destinations=None, **listen):
        port = free_port()
        agent = Agent(self, destinations, listen={"port": port, "address": HOST, "store": True, **listen}).start()
        wait_until(lambda: is_listening(port), "the agent to listen")
        agent.port, agent.aet = port, "SCANFERRY"
        return agent

    def run_peer(self, *words, fails=False):
        """What it said. What it exits with when it fails differs from program to program."""
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60, check=False)
        if fails:
            self.assertGreater(done.returncode, 0, done.stderr)
        else:
            self.check_done(done)
        return done.stdout + done.stderr

    def check_same(self, files):
        self.assertEqual(set(files), set(self.paths))
        for uid, path in self.paths.items():
            self.assertTrue(data_set_of(files[uid]) == data_set_of(path), path)


class OrthancTest(CallersCase):
    """Orthanc asks and sends by itself, as its users tell it by REST."""

    def ask(self, orthanc, path, body):
        request = urllib.request.Request(f"http://{HOST}:{orthanc.http_port}{path}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def test_orthanc_is_answered_and_sends_to_receive_and_through_the_agent(self):
        pacs, port = StoreScp(self), free_port()
        receiver, agent = Receiver(self, port=port), self.agent({"pacs": pacs.address})
        orthanc = Orthanc(self, modalities={"RECEIVER": port, "SCANFERRY": agent.port})
        self.assertIn("answers C-ECHO", self.check_done(run_product("echo", orthanc.address)).stdout)
        self.check_done(run_product("send", orthanc.address, self.made))
        instances = json.loads(orthanc._get("/instances"))    # pylint: disable=protected-access
        for name in ("RECEIVER", "SCANFERRY"):
            self.ask(orthanc, f"/modalities/{name}/echo", {})
            sent = json.loads(self.ask(orthanc, f"/modalities/{name}/store", {"Resources": instances, "Synchronous": True}))
            self.assertEqual((sent["InstancesCount"], sent["FailedInstancesCount"]), (len(self.paths), 0))
        self.check_same(receiver.files())
        agent.wait_for_stored(len(self.paths))
        self.check_same(pacs.files())
        self.assertIn("answered C-ECHO of ORTHANC", agent.log)


class DcmtkTest(CallersCase):
    def test_movescu_has_an_archive_send_to_us(self):
        pacs, receiver = StoreScp(self), Receiver(self)
        agent = self.agent({"pacs": pacs.address})
        archive = QueryArchive(self, receivers={"RECEIVER": receiver.port, "SCANFERRY": agent.port})
        self.check_done(run_product("send", archive.address, self.made))
        for name in ("RECEIVER", "SCANFERRY"):
            self.run_peer("movescu", "-S", "-aec", archive.aet, "--move", name, HOST, archive.port, "-k", "QueryRetrieveLevel=STUDY",
                          "-k", f"StudyInstanceUID={self.study}")
        self.check_same(receiver.files())
        agent.wait_for_stored(len(self.paths))
        self.check_same(pacs.files())

    def test_who_asks_for_what_we_do_not_have_is_told_and_others_are_served(self):
        receiver, agent = Receiver(self), self.agent()
        for listener in (receiver, agent):
            for program in (["findscu"], ["movescu", "--move", "ANYBODY"], ["getscu"]):
                with self.subTest(f"{type(listener).__name__} {program[0]}"):
                    said = self.run_peer(*program, "-v", "-S", "-aec", listener.aet, HOST, listener.port, "-k", "QueryRetrieveLevel=STUDY",
                                         "-k", "StudyInstanceUID=1.2", fails=True)
                    self.assertRegex(said, "(?i)no (acceptable |adequate )?presentation contexts?")
            self.run_peer("echoscu", "-aec", listener.aet, HOST, listener.port)

    def test_dcmrecv_takes_what_we_send_with_tls_too(self):
        authority = Authority(self, "hospital")
        key, certificate = authority.issue("device")
        profile = write_file(os.path.join(self.folder, "dcmrecv.cfg"), DCMRECV_PROFILE)
        theirs = ["+tls", *authority.issue("pacs"), "+cf", authority.certificate]
        ours = ["--tls", "--tls-cert", certificate, "--tls-key", key, "--tls-ca", authority.certificate]
        for name, options, words in (("plain", [], []), ("tls", theirs, ours)):
            with self.subTest(name):
                port, folder = free_port(), self.new_folder(f"dcmrecv-{name}")
                with open(self.new_log(f"dcmrecv-{name}"), "wb") as log:
                    process = subprocess.Popen(["dcmrecv", "-v", "-aet", "DCMRECV", "--bit-preserving", "--config-file", profile, "Archive", "--output-directory", folder, *options, str(port)],
                                               stdin=subprocess.DEVNULL, stdout=log, stderr=log)
                self.addCleanup(self.stop_process, process)
                wait_until(lambda port=port: is_listening(port), "dcmrecv to listen")
                self.check_done(run_product("echo", *words, f"DCMRECV@{HOST}:{port}"))
                self.check_done(run_product("send", *words, f"DCMRECV@{HOST}:{port}", self.made))
                arrived = {str(pydicom.dcmread(path).SOPInstanceUID): path for path in (os.path.join(folder, one) for one in os.listdir(folder))}
                self.check_same(arrived)


class ChoiceTest(CallersCase):
    """SOP classes that are in no table, and which transfer syntaxes are wanted."""

    def answers(self, listener, *contexts):
        association = associate(HOST, listener.port, listener.aet, contexts=list(contexts))
        self.addCleanup(association.close)
        results = [association.results[number] for number in sorted(association.results)]
        syntaxes = [association.contexts[number].syntax for number in sorted(association.results) if association.results[number] == TAKEN]
        association.release()
        return results, syntaxes

    def test_sop_classes_beside_the_standards_are_taken_where_they_are_named(self):
        pacs, folder = StoreScp(self, "--promiscuous"), self.new_folder("private")
        path = write_object(folder, PRIVATE_CLASS, EXPLICIT, 1)
        refusing, receiver = Receiver(self, name="refusing"), Receiver(self, "--sop-class", PRIVATE_CLASS)
        anything = Receiver(self, "--sop-class", "any", name="any")
        agent = self.agent({"pacs": pacs.address}, sop_classes=[PRIVATE_CLASS])
        offered = [(PRIVATE_CLASS, [EXPLICIT]), (OTHER_CLASS, [EXPLICIT]), (SECONDARY_CAPTURE, [PRIVATE_SYNTAX])]
        for listener, results in ((refusing, [NO_CLASS, NO_CLASS, TAKEN]), (receiver, [TAKEN, NO_CLASS, TAKEN]), (anything, [TAKEN, TAKEN, TAKEN]),
                                  (agent, [TAKEN, NO_CLASS, TAKEN])):
            self.assertEqual(self.answers(listener, *offered)[0], results)
        done = self.check_done(run_product("send", refusing.address, path), 1)
        self.assertIn(f"does not accept SOP class {PRIVATE_CLASS} at all", done.stderr)
        self.check_done(run_product("send", receiver.address, path))
        [kept] = receiver.files().values()
        self.assertTrue(data_set_of(kept) == data_set_of(path))
        self.check_done(run_product("send", f"SCANFERRY@{HOST}:{agent.port}", path))
        agent.wait_for_stored(1)
        [kept] = pacs.files().values()
        self.assertTrue(data_set_of(kept) == data_set_of(path))

    def test_the_wanted_transfer_syntax_is_chosen(self):
        offered = [(SECONDARY_CAPTURE, [EXPLICIT, IMPLICIT, BIG_ENDIAN]), (SECONDARY_CAPTURE, [EXPLICIT, IMPLICIT]), (SECONDARY_CAPTURE, [EXPLICIT])]
        wanted = ["--transfer-syntax", BIG_ENDIAN, "--transfer-syntax", IMPLICIT]
        for name, words, expected in (("first", [], ([TAKEN] * 3, [EXPLICIT] * 3)), ("wanted", wanted, ([TAKEN] * 3, [BIG_ENDIAN, IMPLICIT, EXPLICIT])),
                                      ("only", [*wanted, "--no-other-syntax"], ([TAKEN, TAKEN, NO_SYNTAX], [BIG_ENDIAN, IMPLICIT]))):
            with self.subTest(name):
                receiver = Receiver(self, *words, name=name)
                self.assertEqual(self.answers(receiver, *offered), expected)
                self.assertNotIn("broke the protocol", read_text(receiver.log_path))


if __name__ == "__main__":
    main()
