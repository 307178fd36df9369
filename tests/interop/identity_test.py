# SPDX-License-Identifier: Apache-2.0
"""A peer that wants to know who we are is told: a name, a passcode, a token; secrets come from files alone."""

import os

from dimse_peer import Peer
from product import InteropCase, main, run_product, write_file


class IdentityTest(InteropCase):
    def identity(self, *words, code=0, **options):
        self.peer = Peer(self, **options)
        self.done = self.check_done(run_product("echo", self.peer.address, *words), code)
        return self.peer.associations[0].proposal.user.identity

    def file(self, content):
        return write_file(os.path.join(self.folder, "secret"), content)

    def test_a_name_a_passcode_and_tokens_are_told(self):
        rows = [(["--user", "m\u00fcller"], 1, "m\u00fcller", ""),
                (["--user", "cart", "--user-passcode-file", self.file("secret \u00e4\nnot this\n")], 2, "cart", "secret \u00e4"),
                (["--user-token-type", "jwt", "--user-token-file", write_file(os.path.join(self.folder, "jwt"), "a.b.c\n")], 5, "a.b.c", ""),
                (["--user-token-type", "kerberos", "--user-token-file", write_file(os.path.join(self.folder, "ticket"), "ticket\n")], 3, "ticket\n", ""),
                (["--user-token-type", "saml", "--user-token-file", write_file(os.path.join(self.folder, "saml"), "<a/>" * 1000)], 4, "<a/>" * 1000, "")]
        for words, kind, primary, secondary in rows:
            with self.subTest(kind):
                identity = self.identity(*words)
                self.assertEqual((identity.kind, identity.primary.decode(), identity.secondary.decode()), (kind, primary, secondary))
                self.assertFalse(identity.wants_response)

    def test_who_must_be_confirmed_and_is_not_goes_no_further(self):
        self.assertTrue(self.identity("--user", "cart", "--user-must-confirm").wants_response)
        self.identity("--user", "cart", "--user-must-confirm", code=1, identity_response=None)
        self.assertIn("but not the user identity", self.done.stderr)
        self.peer.errors.clear()

    def test_nobody_says_who_they_are_unasked(self):
        self.assertIsNone(self.identity())

    def test_what_cannot_be_meant_is_named(self):
        for words, expected in ((["--user-token-type", "jwt"], "a token has a type and a file"), (["--user-must-confirm"], "no user"),
                                (["--user-token-type", "key", "--user-token-file", "x"], "no sort of token"),
                                (["--user", "a", "--user-token-type", "jwt", "--user-token-file", "x"], "one of them is enough")):
            with self.subTest(words):
                done = run_product("echo", "X@127.0.0.1:1", *words)
                self.assertEqual(done.returncode, 2)
                self.assertIn(expected, done.stderr)
        done = run_product("echo", Peer(self).address, "--user", "a", "--user-passcode-file", "/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere", done.stderr)


if __name__ == "__main__":
    main()
