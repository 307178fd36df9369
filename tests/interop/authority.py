# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests of TLS."""

import os
import subprocess

from peers import HOST


class Authority:
    """A CA of its own and the certificates that it gives out, made by openssl."""

    def __init__(self, test, name):
        self.folder = test.new_folder(name)
        self.certificate, self.key = self.path("ca.pem"), self.path("ca.key")
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}", "-keyout", self.key,
                      "-out", self.certificate)

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def _openssl(*words):
        return subprocess.run(["openssl", *words], capture_output=True, check=True, timeout=60, text=True).stdout

    def issue(self, name, alternative=f"IP:{HOST}", days="30"):
        """Key file and certificate file."""
        key, request, certificate, more = (self.path(name + end) for end in (".key", ".csr", ".pem", ".ext"))
        with open(more, "w", encoding="ascii") as text:
            text.write(f"subjectAltName={alternative}\n")
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", days,
                      "-extfile", more, "-out", certificate)
        return key, certificate

    def fingerprint(self, certificate):
        return self._openssl("x509", "-in", certificate, "-noout", "-fingerprint", "-sha256").split("=", 1)[1].strip()
