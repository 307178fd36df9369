# SPDX-License-Identifier: Apache-2.0
"""A config that is wrong is refused with file, line and key, and with what is allowed."""

import os

from product import InteropCase, main, run_product, write_file

GOOD = 'aet = "DEVICE"\n[spool]\npath = "/var/spool/scanferry"\n'
DESTINATION = '[[destination]]\nname = "pacs"\naddress = "PACS@192.0.2.7:104"\n'
WATCH = '[[watch]]\npath = "/var/inbox"\n'

# What it says, the line that is named, and words of the message.
WRONG = [
    ('colour = "red"\n' + GOOD, 1, ["'colour'", "unknown", "known:"]),
    (GOOD + "max_gb = 5\n", 4, ["'max_gb'", "[spool]", "max_mb"]),
    (GOOD + "[pacs]\nname = 'x'\n", 4, ["'pacs'"]),
    (GOOD + DESTINATION + DESTINATION.replace('"pacs"', '"other"') + "colour = 1\n", 10, ["'colour'", "[destination]"]),
    ("aet = 5\n[spool]\npath = '/x'\n", 1, ["'aet'", "text"]),
    ('aet = "SEVENTEEN_LETTERS"\n[spool]\npath = "/x"\n', 1, ["'aet'", "16 characters"]),
    ('aet = "A\\\\B"\n[spool]\npath = "/x"\n', 1, ["'aet'", "backslash"]),
    ('aet = ""\n[spool]\npath = "/x"\n', 1, ["'aet'", "1 to 16"]),
    ('[spool]\npath = "/x"\n', None, ["'aet'", "missing"]),
    ('aet = "DEVICE"\n', None, ["'spool'", "missing"]),
    ('aet = "DEVICE"\nspool = "/x"\n', 2, ["'spool'", "[spool]"]),
    ('aet = "DEVICE"\n[spool]\nmax_mb = 5\n', 2, ["'path'", "missing", "[spool]"]),
    ('aet = "DEVICE"\n[spool]\npath = "relative/path"\n', 3, ["'path'", "absolute"]),
    ('aet = "DEVICE"\n[spool]\npath = ""\n', 3, ["'path'", "absolute"]),
    (GOOD + "max_mb = 0\n", 4, ["'max_mb'", "from 1"]),
    (GOOD + "max_mb = 1.5\n", 4, ["'max_mb'", "whole number"]),
    (GOOD + 'max_mb = "20"\n', 4, ["'max_mb'", "whole number"]),
    (GOOD + "max_mb = 99999999999999999999\n", 4, []),
    (GOOD + "keep_stored_hours = -1\n", 4, ["'keep_stored_hours'", "0"]),
    (GOOD + '[listen]\nport = "104"\n', 5, ["'port'", "65535"]),
    (GOOD + "[listen]\nport = 70000\n", 5, ["'port'", "65535"]),
    (GOOD + "[listen]\nport = -1\n", 5, ["'port'", "65535"]),
    (GOOD + "[retry]\nfirst_seconds = 0\n", 5, ["'first_seconds'", "0.01"]),
    (GOOD + "[retry]\nfirst_seconds = 10\nlongest_seconds = 5\n", 6, ["'longest_seconds'", "first_seconds"]),
    (GOOD + "[retry]\nfirst_seconds = 1000\n", 5, ["'longest_seconds'", "first_seconds"]),
    (GOOD + "[retry]\nlongest_seconds = nan\n", 5, ["'longest_seconds'"]),
    (GOOD + "[health]\necho_seconds = -1\n", 5, ["'echo_seconds'", "seconds"]),
    (GOOD + "[health]\necho_seconds = true\n", 5, ["'echo_seconds'", "seconds"]),
    (GOOD + DESTINATION.replace("PACS@", ""), 6, ["'address'", "AET@host:port"]),
    (GOOD + DESTINATION.replace(":104", ""), 6, ["'address'", "AET@host:port"]),
    (GOOD + DESTINATION.replace("104", "0"), 6, ["'address'", "port", "65535"]),
    (GOOD + DESTINATION.replace("104", "dicom"), 6, ["'address'", "port"]),
    (GOOD + DESTINATION.replace("192.0.2.7", ""), 6, ["'address'", "host"]),
    (GOOD + DESTINATION.replace("PACS", "A" * 17), 6, ["'address'", "16 characters"]),
    (GOOD + "[[destination]]\nname = 'pacs'\n", 4, ["'address'", "missing"]),
    (GOOD + "[[destination]]\naddress = 'P@h:104'\n", 4, ["'name'", "missing"]),
    (GOOD + DESTINATION + DESTINATION, 8, ["'name'", "pacs", "twice"]),
    (GOOD + DESTINATION + "response_seconds = 0\n", 7, ["'response_seconds'", "0.1"]),
    ('destination = "PACS@192.0.2.7:104"\n' + GOOD, 1, ["'destination'", "[[destination]]"]),
    (GOOD + "[destination]\nname = 'x'\n", 4, ["'destination'", "[[destination]]"]),
    (GOOD + WATCH, None, ["'destination'", "missing"]),
    (GOOD + DESTINATION + WATCH + WATCH, 10, ["'path'", "watched already"]),
    (GOOD + DESTINATION + WATCH + WATCH.replace("inbox", "inbox/inner"), 10, ["'path'", "watched"]),
    (GOOD + WATCH + 'after_accept = "burn"\n', 6, ["'after_accept'", "delete", "keep"]),
    (GOOD + WATCH + "poll_seconds = 0\n", 6, ["'poll_seconds'", "0.05"]),
    (GOOD + "[[watch]]\npoll_seconds = 1\n", 4, ["'path'", "missing"]),
    ('aet = "DEVICE\n', 1, []),
    (GOOD + "[spool\n", 4, []),
    (GOOD + "[spool]\n", 4, ["spool"]),
    ('aet = "A"\naet = "B"\n', 2, ["aet"]),
    (b"aet = \"\xff\xfe\"\n", 1, []),
    ("", None, ["'aet'", "missing"]),
]


class BadConfigTest(InteropCase):
    def test_each_mistake_is_named_with_file_line_and_key(self):
        path = os.path.join(self.folder, "agent.toml")
        for content, line, words in WRONG:
            with self.subTest(content):
                write_file(path, content)
                done = self.check_done(run_product("run", "--check", "--config", path), 2)
                self.assertIn(f"{path}:{line}:" if line else f"{path}:", done.stderr)
                for word in words:
                    self.assertIn(word, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_every_command_that_reads_a_config_refuses_a_wrong_one(self):
        path = write_file(os.path.join(self.folder, "agent.toml"), GOOD + "max_gb = 5\n")
        frames = ["--rows", "8", "--columns", "8", "--photometric", "RGB"]
        for command in (["run"], ["acquire", *frames], ["queue", "list"], ["queue", "show", "1.2"], ["queue", "retry", "--all"]):
            with self.subTest(command):
                done = self.check_done(run_product(*command, "--config", path), 2)
                self.assertIn(f"{path}:4: ", done.stderr)

    def test_a_config_that_is_not_there_is_named(self):
        for path in (os.path.join(self.folder, "missing.toml"), self.folder):
            done = self.check_done(run_product("run", "--config", path), 2)
            self.assertIn(path, done.stderr)

    def test_a_good_config_is_good(self):
        path = write_file(os.path.join(self.folder, "agent.toml"), GOOD + DESTINATION + WATCH)
        done = self.check_done(run_product("run", "--check", "--config", path))
        self.assertIn("1 destinations, 1 watched folders", done.stdout)


if __name__ == "__main__":
    main()
