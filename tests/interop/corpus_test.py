# SPDX-License-Identifier: Apache-2.0
"""Files of many makers: none makes a command crash or hang, and the valid ones arrive as they are. SCANFERRY_CORPUS names the
folder, with the parts "valid" and "malformed"."""

import os
import re
import subprocess

import pydicom

from part10 import sent_data_set_of
from product import InteropCase, json_lines, main, read_bytes, run_product
from scripted_pacs import ScriptedPacs

CORPUS = os.environ.get("SCANFERRY_CORPUS", "")


# Big endian and deflated data sets are not dumped; in implicit VR only a full dictionary tells what is a sequence.
NOT_COMPARED = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99")
TAG = re.compile(rb"^ *\(([0-9a-f]{4},[0-9a-f]{4})\)", re.MULTILINE)
DELIMITERS = (b"fffe,e00d", b"fffe,e0dd")


def tags_in(dump):
    """Without delimiters: dcmdump shows some where the file has none."""
    return [tag for tag in TAG.findall(dump) if tag not in DELIMITERS]


def files_below(*parts):
    return sorted(os.path.join(folder, file) for folder, _, files in os.walk(os.path.join(CORPUS, *parts)) for file in files)


def meta_of(path):
    """(SOP class, SOP instance, transfer syntax) for pydicom; empty where there is none."""
    try:
        meta = pydicom.filereader.read_file_meta_info(path)
    except Exception:  # pydicom throws what it likes
        return "", "", ""
    return tuple(str(meta.get(keyword, "")) for keyword in ("MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID", "TransferSyntaxUID"))


def is_directory_record(path):
    return meta_of(path)[0] == "1.2.840.10008.1.3.10"


def is_sendable(path):
    return all(0 < len(uid) <= 64 for uid in meta_of(path)) and not is_directory_record(path)


class CorpusTest(InteropCase):
    def setUp(self):
        super().setUp()
        if not CORPUS:
            self.skipTest("SCANFERRY_CORPUS does not name a corpus")

    def test_dump_survives_every_file(self):
        for path in files_below():
            with self.subTest(os.path.basename(path)):
                done = run_product("dump", path, text=False)
                self.assertIn(done.returncode, (0, 1), done.stderr[-400:])

    def test_dump_finds_the_elements_that_dcmdump_finds(self):
        for path in files_below("valid"):
            if meta_of(path)[2] in NOT_COMPARED:
                continue
            theirs = subprocess.run(["dcmdump", path], capture_output=True, timeout=60, check=False)
            if theirs.returncode != 0 or theirs.stderr:
                continue
            with self.subTest(os.path.basename(path)):
                ours = self.check_done(run_product("dump", path, text=False))
                self.assertEqual(tags_in(ours.stdout), tags_in(theirs.stdout))

    def test_send_delivers_every_valid_file_as_it_is(self):
        pacs = ScriptedPacs(self)
        done = run_product("send", pacs.address, os.path.join(CORPUS, "valid"), "--json")
        lines = [line for line in json_lines(done.stdout) if line["sop_instance_uid"]]    # the others cannot be sent; see below
        self.assertGreater(len(lines), 100)
        self.assertEqual([line for line in lines if not line["stored"]], [], done.stderr)
        arrived = {}
        for reception in pacs.receptions:
            arrived.setdefault(reception.sop_instance_uid, []).append(reception.data_set)
        for line in lines:
            self.assertIn(sent_data_set_of(line["file"]), arrived[line["sop_instance_uid"]], line["file"])
        sent = {line["file"] for line in lines}
        for path in set(files_below("valid")) - sent:
            with self.subTest(os.path.basename(path)):
                self.assertTrue(is_directory_record(path) or path in done.stderr, "neither sent nor told")
                self.assertFalse(is_sendable(path), "has all that is needed, and was not sent")
        told = [path for path in files_below("valid") if path in done.stderr and read_bytes(path)[128:132] == b"DICM"]
        self.assertEqual(done.returncode, 1 if told else 0)

    def test_send_survives_every_malformed_file(self):
        pacs = ScriptedPacs(self)
        done = run_product("send", pacs.address, os.path.join(CORPUS, "malformed"), "--json")
        self.assertIn(done.returncode, (0, 1), done.stderr[-400:])
        json_lines(done.stdout)


if __name__ == "__main__":
    main()
