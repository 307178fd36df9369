# SPDX-License-Identifier: Apache-2.0
"""TLS with DCMTK's programs: who trusts whom, by CA, name and fingerprint, in each profile; and what is said when they do not. With
OpenSSL: sessions that are taken up again."""

import os
import socket
import ssl
import subprocess
import threading

import acquisitions as acq
from authority import Authority
from peers import HOST, StoreScp, free_port
from product import Agent, InteropCase, main, read_bytes, read_text, run_product, wait_until, write_file
from receiver import Receiver

PROFILES = {"bcp195": "--profile-bcp195-nd", "bcp195-extended": "--profile-bcp195-ex", "bcp195-rfc7525": "--profile-bcp195", "aes": "--profile-aes"}


class TlsTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self, "hospital")
        self.key, self.certificate = self.authority.issue("device")
        self.ours = ["--tls", "--tls-cert", self.certificate, "--tls-key", self.key]
        self.trusting = [*self.ours, "--tls-ca", self.authority.certificate]

    def pacs(self, *options, issued=("pacs",), name="storescp"):
        key, self.pacs_certificate = self.authority.issue(*issued)
        return StoreScp(self, "--enable-tls", key, self.pacs_certificate, "--add-cert-file", self.authority.certificate, *options, name=name)

    def refused(self, pacs, *options):
        return self.check_done(run_product("echo", pacs.address, *options), 1).stderr

    def test_objects_arrive_with_each_profile(self):
        description = acq.raw("scan", "us", frames=2).write(os.path.join(self.folder, "in"))
        objects = self.new_folder("objects")
        self.check_done(run_product("encode", description, "--output", objects))
        for ours, theirs in PROFILES.items():
            with self.subTest(ours):
                pacs = self.pacs(theirs, name=f"storescp-{ours}")
                profile = [*self.trusting, "--tls-profile", ours]
                self.check_done(run_product("echo", pacs.address, *profile, "--repeat", "3"))
                self.check_done(run_product("send", pacs.address, objects, *profile))
                self.assertEqual(len(pacs.files()), len(os.listdir(objects)))

    def test_objects_come_with_each_profile(self):
        description = acq.raw("scan", "us").write(os.path.join(self.folder, "in"))
        path = self.check_done(run_product("encode", description, "--output", self.new_folder("objects"))).stdout.strip()
        theirs = self.authority.issue("sender")
        for ours, profile in PROFILES.items():
            with self.subTest(ours):
                receiver = Receiver(self, "--tls", *self.ours[1:], "--tls-ca", self.authority.certificate, "--tls-profile", ours, name=f"receive-{ours}")
                done = subprocess.run(["storescu", "-xe", profile, "+tls", *theirs, "+cf", self.authority.certificate, HOST, str(receiver.port), path],
                                      capture_output=True, text=True, timeout=60, check=False)
                self.check_done(done)
                self.assertEqual(len(receiver.files()), 1)

    def test_a_client_may_take_up_its_session(self):
        receiver = Receiver(self, "--tls", *self.ours[1:])
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.maximum_version = ssl.TLSVersion.TLSv1_2    # as mbedTLS 2.28; in TLS 1.3 a ticket comes later
        session, is_reused = None, []
        for _ in range(2):
            with context.wrap_socket(socket.create_connection((HOST, receiver.port), 30), server_hostname=HOST, session=session) as stream:
                session = stream.session
                is_reused.append(stream.session_reused)
        self.assertEqual(is_reused, [False, True])

    def test_we_take_up_our_session_with_a_server(self):
        """It closes each connection after the handshake, and the agent tries again."""
        key, certificate = self.authority.issue("pacs")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate, key)
        is_reused = []

        def serve(listener):
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with context.wrap_socket(connection, server_side=True) as stream:
                    is_reused.append(stream.session_reused)
                    stream.recv(1)

        with socket.create_server((HOST, 0)) as listener:
            serving = threading.Thread(target=serve, args=(listener,), daemon=True)
            serving.start()
            address = f"PACS@{HOST}:{listener.getsockname()[1]}"
            agent = Agent(self, {}, destination=[{"name": "pacs", "address": address, "tls": True, "tls_ca": self.authority.certificate}])
            acq.raw("one", "us").write(agent.inbox)
            agent.start()
            wait_until(lambda: len(is_reused) >= 3, "three tries")
            agent.stop()
            listener.shutdown(socket.SHUT_RDWR)
            serving.join(30)
        self.assertEqual(is_reused[:3], [False, True, True])

    def test_several_associations_at_once(self):
        pacs = self.pacs("--fork")
        made = self.new_folder("made")
        acquired = acq.raw("scan", "us", frames=20)
        self.check_done(run_product("encode", acquired.write(os.path.join(self.folder, "in")), "--output", made))
        self.check_done(run_product("send", "--parallel", "8", *self.trusting, pacs.address, made))
        self.assertEqual(len(pacs.files()), acquired.objects)

    def test_the_agent_pushes_with_tls_and_takes_a_renewed_certificate(self):
        pacs = self.pacs()
        device = self.path_of_device("device")
        agent = Agent(self, {"pacs": pacs.address}, destination=[{
            "name": "pacs", "address": pacs.address, "tls": True, "tls_ca": self.authority.certificate, "tls_certificate": device}],
            health={"echo_seconds": 0.2}).start()
        acq.raw("one", "us").write(agent.inbox)
        agent.wait_for_stored(1)
        # One that the PACS does not trust is in the way, and mended without a restart.
        stranger = Authority(self, "stranger")
        self.renew(device, stranger.issue("device"))
        wait_until(lambda: "does not answer C-ECHO" in read_text(agent.log_path), "the device to be refused")
        acq.raw("two", "us").write(agent.inbox)
        self.renew(device, self.authority.issue("renewed"))
        agent.wait_for_stored(2)
        self.assertEqual(len(pacs.files()), 2)

    def path_of_device(self, name):
        path = os.path.join(self.folder, name + "-both.pem")
        self.renew(path, (self.key, self.certificate))
        return path

    @staticmethod
    def renew(path, issued):
        """Certificate and key in one file, replaced at once."""
        key, certificate = issued
        write_file(path + ".new", read_bytes(certificate) + read_bytes(key))
        os.replace(path + ".new", path)

    def test_whom_to_trust_must_be_said(self):
        done = self.check_done(run_product("echo", "PACS@127.0.0.1:1", "--tls"), 2)
        self.assertIn("--tls-ca", done.stderr)
        done = self.check_done(run_product("echo", "PACS@127.0.0.1:1", "--tls-ca", "ca.pem"), 2)
        self.assertIn("--tls", done.stderr)

    def test_a_fingerprint_is_enough_and_a_wrong_one_is_none(self):
        pacs = self.pacs()
        pin = self.authority.fingerprint(self.pacs_certificate)
        self.check_done(run_product("echo", pacs.address, *self.ours, "--tls-pin", pin))
        other = self.authority.fingerprint(self.certificate)
        self.assertIn(pin.replace(":", "").lower(), self.refused(pacs, *self.ours, "--tls-pin", other))
        self.check_done(run_product("echo", pacs.address, *self.ours, "--tls-verify", "none"))

    def test_a_foreign_ca_a_wrong_name_and_a_missing_certificate_are_told_apart(self):
        pacs = self.pacs()
        foreign = Authority(self, "elsewhere")
        self.assertIn("CA", self.refused(pacs, *self.ours, "--tls-ca", foreign.certificate))
        self.assertIn("pacs.example", self.refused(pacs, *self.trusting, "--tls-name", "pacs.example"))
        self.assertIn("certificate", self.refused(pacs, "--tls", "--tls-ca", self.authority.certificate))
        self.assertIn("nowhere.pem", self.refused(pacs, "--tls", "--tls-ca", "nowhere.pem"))

    def test_an_expired_certificate_is_named(self):
        pacs = self.pacs(issued=("old", f"IP:{HOST}", "-1"))
        self.assertIn("expired", self.refused(pacs, *self.trusting))

    def test_plain_and_tls_do_not_take_each_other_for_something_else(self):
        self.assertIn("plain", self.refused(StoreScp(self, name="plain"), *self.trusting))
        self.assertIn("TLS", self.refused(self.pacs()))

    def listening_agent(self, **listen):
        agent = Agent(self, {}, listen={"port": free_port(), "address": HOST, "store": True, "tls": True, **listen})
        agent.address = f"AGENT@{HOST}:{agent.config['listen']['port']}"
        return agent

    def dcmtk(self, agent, *words, code=0):
        program, *rest = words
        done = subprocess.run([program, *rest, HOST, str(agent.config["listen"]["port"])], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)

    def test_the_agent_takes_objects_with_tls_from_whom_it_trusts(self):
        made = self.new_folder("made")
        path = self.check_done(run_product("encode", acq.raw("scan", "us").write(os.path.join(self.folder, "in")), "--output", made)).stdout.strip()
        key, certificate = self.authority.issue("gateway")
        agent = self.listening_agent(tls_certificate=certificate, tls_key=key, tls_ca=self.authority.certificate).start()
        trusted = ["+cf", self.authority.certificate]
        self.dcmtk(agent, "echoscu", "+tls", self.key, self.certificate, *trusted)
        done = subprocess.run(["storescu", "-xe", "+tls", self.key, self.certificate, *trusted, HOST, str(agent.config["listen"]["port"]), path],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(agent.queue()), 1)
        # Strangers, those without a certificate and those who speak no TLS are named, and get nothing.
        self.dcmtk(agent, "echoscu", "+tls", *Authority(self, "elsewhere").issue("stranger"), *trusted, code=1)
        agent.wait_for_log("CN=stranger, issued by CN=elsewhere, is of no CA that we trust")
        self.check_done(run_product("echo", agent.address, "--tls", "--tls-ca", self.authority.certificate), 1)
        self.check_done(run_product("echo", agent.address), 1)
        agent.wait_for_log(f"no secure connection with {HOST}:[0-9]+: the peer speaks plain DICOM, not TLS")
        self.check_done(run_product("echo", agent.address, *self.trusting))
        self.assertEqual(agent.stop(), 0)

    def test_who_listens_takes_a_renewed_certificate_and_keeps_the_old_one_while_files_are_broken(self):
        both = self.path_of_device("gateway")
        agent = self.listening_agent(tls_certificate=both).start()
        echo = ["echo", agent.address, "--tls", "--tls-pin"]
        old = self.authority.fingerprint(self.certificate)
        self.check_done(run_product(*echo, old))
        write_file(both, "broken")
        self.check_done(run_product(*echo, old))
        self.assertIn("cannot use the certificate file", agent.log)
        renewed = self.authority.issue("renewed")
        self.renew(both, renewed)
        self.check_done(run_product(*echo, self.authority.fingerprint(renewed[1])))

    def test_a_listener_without_a_usable_certificate_says_so_and_the_rest_goes_on(self):
        pacs = StoreScp(self, name="plain")
        both = write_file(os.path.join(self.folder, "both.pem"), "broken")
        agent = Agent(self, {"pacs": pacs.address}, listen={"port": free_port(), "address": HOST, "tls": True, "tls_certificate": both}).start()
        self.assertIn("nobody can connect to us", agent.log)
        acq.raw("one", "us").write(agent.inbox)
        agent.wait_for_stored(1)
        self.renew(both, (self.key, self.certificate))
        address = f"AGENT@{HOST}:{agent.config['listen']['port']}"
        self.check_done(run_product("echo", address, "--tls", "--tls-ca", self.authority.certificate))


if __name__ == "__main__":
    main()
