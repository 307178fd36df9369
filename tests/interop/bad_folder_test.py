# SPDX-License-Identifier: Apache-2.0
"""Broken acquisitions in a watched folder: each is moved aside, whole, with a reason that names what is wrong, and the good
ones beside it go on."""

import io
import json
import os
import time

import acquisitions as acq
from mounts import without_root_powers
from product import Agent, InteropCase, main, read_bytes, read_text, run_product, wait_until, write_file
from scripted_pacs import ScriptedPacs

FRAME = dict(rows=24, columns=32)                            # 768 bytes
GOOD_SIDECAR = {"object": "us", "format": "raw", "frames": ["{}.raw"], "rows": 24, "columns": 32, "photometric": "MONOCHROME2"}


def sidecar(**changes):
    """A sidecar that would be good but for `changes`; None takes a key away."""
    return {key: value for key, value in {**GOOD_SIDECAR, **changes}.items() if value is not None}


def progressive_jpeg():
    out = io.BytesIO()
    acq.picture(24, 32, 3, 1).save(out, "JPEG", progressive=True)
    return out.getvalue()


JPEG = acq.jpeg_bytes(acq.picture(24, 32, 3, 1), "4:2:0")
PIXELS = b"\x55" * 768
ONE_JPEG = dict(format="jpeg", frames=["{}.jpg"], rows=None, columns=None, photometric=None)
TWO_JPEGS = dict(ONE_JPEG, frames=["{}.jpg", "{}-2.jpg"])

# name, sidecar (a dictionary or text), files (suffix -> content), words of the reason. {} stands for the name.
BROKEN = [
    ("zero-length", sidecar(), {".raw": b""}, ["{}.raw", "is empty"]),
    ("half-written", sidecar(), {".raw": PIXELS[:300]}, ["{}.raw", "has 300 bytes; expected 768"]),
    ("too-long", sidecar(), {".raw": PIXELS + b"x"}, ["{}.raw", "has 769 bytes; expected 768"]),
    ("wrong-size-in-set", sidecar(frames=["{}.raw", "{}-2.raw"]), {".raw": PIXELS, "-2.raw": PIXELS[1:]}, ["{}-2.raw", "767 bytes"]),
    ("missing-frame", sidecar(frames=["{}.raw", "{}-2.raw"]), {".raw": PIXELS}, ["{}-2.raw", "No such file"]),
    ("jpeg-cut", sidecar(**ONE_JPEG), {".jpg": JPEG[:-40]}, ["{}.jpg", "does not end"]),
    ("jpeg-empty", sidecar(**ONE_JPEG), {".jpg": b""}, ["{}.jpg", "is empty"]),
    ("jpeg-header-only", sidecar(**ONE_JPEG), {".jpg": JPEG[:30]}, ["{}.jpg"]),
    ("jpeg-is-text", sidecar(**ONE_JPEG), {".jpg": b"I am no picture"}, ["{}.jpg", "no JPEG"]),
    ("jpeg-progressive", sidecar(**ONE_JPEG), {".jpg": progressive_jpeg()}, ["{}.jpg", "progressive"]),
    ("jpeg-sizes", sidecar(**TWO_JPEGS), {".jpg": JPEG, "-2.jpg": acq.jpeg_bytes(acq.picture(32, 32, 3, 1), "4:2:0")},
     ["{}-2.jpg", "32 x 32", "expected 32 x 24"]),
    ("jpeg-colors", sidecar(**TWO_JPEGS), {".jpg": JPEG, "-2.jpg": acq.jpeg_bytes(acq.picture(24, 32, 1, 1))}, ["{}-2.jpg", "colour"]),
    ("jpeg-other-rows", sidecar(**{**ONE_JPEG, "rows": 100, "columns": 100}), {".jpg": JPEG}, ["{}.jpg", "expected 100 x 100"]),
    ("json-broken", '{\n"object": "us",\n"rows": }', {".raw": PIXELS}, ["{}.json:3:", "JSON"]),
    ("json-cut", json.dumps(sidecar())[:-20], {".raw": PIXELS}, ["{}.json:1:"]),
    ("json-twice", json.dumps(sidecar()) + "{}", {".raw": PIXELS}, ["{}.json:1:", "after the end"]),
    ("json-list", "[1, 2]", {}, ["{}.json", "object"]),
    ("json-deep", "[" * 5000 + "]" * 5000, {}, ["{}.json"]),
    ("json-empty", "", {}, ["{}.json", "is empty"]),
    ("json-noise", b"\x00\xff\xfe\x80" * 100, {}, ["{}.json:1:"]),
    ("unknown-key", sidecar(colour="red"), {".raw": PIXELS}, ["{}.json", "'colour'", "known:"]),
    ("unknown-inner-key", sidecar(patient={"nmae": "X"}), {".raw": PIXELS}, ["{}.json", "'patient.nmae'", "name"]),
    ("wrong-type", sidecar(rows="24"), {".raw": PIXELS}, ["{}.json", "'rows'", "whole number"]),
    ("wrong-table", sidecar(patient="Doe^John"), {".raw": PIXELS}, ["{}.json", "'patient'", "object"]),
    ("out-of-range", sidecar(columns=70000), {".raw": PIXELS}, ["{}.json", "'columns'", "65535"]),
    ("negative", sidecar(rows=-1), {".raw": PIXELS}, ["{}.json", "'rows'", "from 1"]),
    ("no-rows", sidecar(rows=None), {".raw": PIXELS}, ["{}.json", "'rows'", "missing"]),
    ("no-frames", sidecar(frames=[]), {}, ["{}.json", "'frames'"]),
    ("no-frames-key", sidecar(frames=None), {}, ["{}.json", "'frames'", "missing"]),
    ("escape", sidecar(frames=["../../agent.toml"]), {}, ["{}.json", "'frames'", "'/'"]),
    ("dots", sidecar(frames=[".."]), {}, ["{}.json", "'frames'"]),
    ("unknown-object", sidecar(object="ct"), {".raw": PIXELS}, ["{}.json", "'object'", "us-multiframe"]),
    ("unknown-format", sidecar(format="png"), {".raw": PIXELS}, ["{}.json", "'format'", "jpeg"]),
    ("unknown-photometric", sidecar(photometric="CMYK"), {".raw": PIXELS}, ["{}.json", "'photometric'", "RGB"]),
    ("us-16-bit", sidecar(bits_allocated=16), {".raw": PIXELS * 2}, ["{}.json", "(0028,0100)", "8-bit"]),
    ("no-frame-time", sidecar(object="us-multiframe"), {".raw": PIXELS}, ["{}.json", "(0018,1063)"]),
    ("bad-date", sidecar(date="2024-02-29"), {".raw": PIXELS}, ["{}.json", "(0008,", "YYYYMMDD"]),
    ("bad-name", sidecar(patient={"name": "a\\b"}), {".raw": PIXELS}, ["{}.json", "(0010,0010)"]),
    ("bad-uid", sidecar(study={"instance_uid": "1.02.x"}), {".raw": PIXELS}, ["{}.json", "(0020,000d)"]),
    ("bad-sex", sidecar(patient={"sex": "male"}), {".raw": PIXELS}, ["{}.json", "(0010,0040)", "M, F, O"]),
]

BROKEN_TOML = [
    ("toml-broken", 'object = "us"\nrows = \n', {".raw": PIXELS}, ["{}.toml:2:"]),
    ("toml-unknown", 'object = "us"\nframes = ["{}.raw"]\nrows = 24\ncolumns = 32\nphotometric = "RGB"\nsize = 5\n', {".raw": PIXELS},
     ["{}.toml", "'size'"]),
    ("toml-date", 'object = "us"\nframes = ["{}.raw"]\nrows = 24\ncolumns = 32\nphotometric = "RGB"\ndate = 2024-02-29\n',
     {".raw": PIXELS}, ["{}.toml", "'date'", "text"]),
]


class BadFolderTest(InteropCase):
    def start(self, prefix=(), **watch):
        self.pacs = ScriptedPacs(self)
        self.agent = Agent(self, {"pacs": self.pacs.address}, prefix=prefix)
        self.agent.config["watch"][0].update(watch)
        self.agent.write_config()
        self.agent.start()

    def drop_broken(self, name, content, files, suffix=".json", folder=None):
        """Returns file name -> content."""
        folder = folder or self.agent.inbox
        if isinstance(content, dict):
            content = {**content, "frames": [f.format(name) for f in content["frames"]]} if "frames" in content else content
            content = json.dumps(content)
        elif isinstance(content, str) and suffix == ".toml":
            content = content.replace("{}", name)
        named = {name + ending: data for ending, data in files.items()}
        named[name + suffix] = content.encode() if isinstance(content, str) else content
        for file, data in named.items():
            write_file(os.path.join(folder, file), data)
        return named

    def rejected_folder(self, name):
        rejected = os.path.join(self.agent.inbox, "rejected")
        found = [entry for entry in (os.listdir(rejected) if os.path.isdir(rejected) else [])
                 if entry.rsplit("-", 1)[0] == name and not os.path.exists(os.path.join(self.agent.inbox, name + ".json"))
                 and not os.path.exists(os.path.join(self.agent.inbox, name + ".toml"))]
        return os.path.join(rejected, found[0]) if found else None

    def check_rejected(self, name, words, files):
        """`files`: name -> content of what was dropped. Frames that only an unreadable sidecar may have named belong to nobody:
        they stay where they are."""
        folder = wait_until(lambda: self.rejected_folder(name), f"{name} to be set aside")
        reason = read_text(os.path.join(folder, "reason.txt"))
        for word in words:
            self.assertIn(word.replace("{}", name), reason)
        for file, content in files.items():
            stayed = os.path.join(self.agent.inbox, file)
            self.assertEqual(read_bytes(stayed if os.path.exists(stayed) else os.path.join(folder, file)), content, file)

    def test_every_broken_acquisition_is_set_aside_and_the_good_ones_go_on(self):
        self.start()
        dropped = {}
        for name, content, files, _ in BROKEN:
            dropped[name] = self.drop_broken(name, content, files)
        for name, content, files, _ in BROKEN_TOML:
            dropped[name] = self.drop_broken(name, content, files, ".toml")
        acq.raw("good", "us").write(self.agent.inbox)
        self.agent.wait_for_stored(1)
        for name, _, _, words in BROKEN + BROKEN_TOML:
            with self.subTest(name):
                self.check_rejected(name, words, dropped[name])
        acq.raw("good-after", "us").write(self.agent.inbox)
        self.agent.wait_for_stored(2)

    def test_frames_that_cannot_be_read_are_named(self):
        self.start(prefix=without_root_powers())
        self.drop_broken("secret", sidecar(), {".raw": PIXELS})
        os.chmod(os.path.join(self.agent.inbox, "secret.raw"), 0)
        os.makedirs(os.path.join(self.agent.inbox, "folder.raw"))
        self.drop_broken("folder", sidecar(), {})
        os.mkfifo(os.path.join(self.agent.inbox, "pipe.raw"))
        self.drop_broken("pipe", sidecar(), {})
        os.symlink("/nowhere/at/all", os.path.join(self.agent.inbox, "link.raw"))
        self.drop_broken("link", sidecar(), {})
        self.drop_broken("secret-sidecar", sidecar(), {".raw": PIXELS})
        os.chmod(os.path.join(self.agent.inbox, "secret-sidecar.json"), 0)
        for name, words in (("secret", ["secret.raw", "Permission denied"]), ("folder", ["folder.raw"]), ("pipe", ["pipe.raw"]),
                            ("link", ["link.raw"]), ("secret-sidecar", ["secret-sidecar.json", "Permission denied"])):
            with self.subTest(name):
                self.check_rejected(name, words, {})
        acq.raw("good", "us").write(self.agent.inbox)
        self.agent.wait_for_stored(1)

    def test_a_set_that_is_still_being_written_is_waited_for(self):
        self.start(incomplete_seconds=60)
        acquired = acq.raw("slow", "us-multiframe", frames=3, one_file=True)
        write_file(os.path.join(self.agent.inbox, acquired.sidecar_name), acquired.sidecar_text())
        [(name, content)] = acquired.files.items()
        with open(os.path.join(self.agent.inbox, name), "wb") as file:
            # Each piece ends where a frame ends: only rest says that more is to come.
            for at in range(0, len(content), len(content) // 3):
                file.write(content[at:at + len(content) // 3])
                file.flush()
                time.sleep(0.03)
        [delivery] = self.agent.wait_for_stored(1)
        self.assertTrue(read_bytes(self.agent.object_path(delivery["sop_instance_uid"])).endswith(content))

    def test_a_sidecar_that_is_mended_in_time_is_taken(self):
        self.start(incomplete_seconds=60)
        self.drop_broken("mended", "{ half", {".raw": PIXELS})
        acq.raw("good", "us").write(self.agent.inbox)
        self.agent.wait_for_stored(1)
        self.drop_broken("mended", sidecar(), {".raw": PIXELS})
        self.agent.wait_for_stored(2)
        wait_until(lambda: not self.agent.inbox_files(), "the watched folder to be cleared")

    def test_frames_without_a_sidecar_stay_and_are_told(self):
        self.start()
        write_file(os.path.join(self.agent.inbox, "lonely.raw"), PIXELS)
        self.agent.wait_for_log("without a sidecar.*lonely.raw")
        self.assertEqual(read_bytes(os.path.join(self.agent.inbox, "lonely.raw")), PIXELS)

    def test_a_folder_that_is_not_there_is_named_and_used_once_it_is(self):
        self.pacs = ScriptedPacs(self)
        self.agent = Agent(self, {"pacs": self.pacs.address})
        os.rmdir(self.agent.inbox)
        self.agent.start()
        found = self.agent.wait_for_log("the watched folder cannot be read: .*")
        self.assertIn(self.agent.inbox, found.group())
        acq.raw("good", "us").write(self.agent.inbox)
        self.agent.wait_for_stored(1)

    def test_encode_names_what_is_wrong(self):
        self.agent = None
        for table, suffix in ((BROKEN, ".json"), (BROKEN_TOML, ".toml")):
            for name, content, files, words in table:
                with self.subTest(name):
                    folder = self.new_folder(name)
                    self.drop_broken(name, content, files, suffix, folder)
                    out = os.path.join(folder, "out")
                    done = self.check_done(run_product("encode", os.path.join(folder, name + suffix), "--output", out), 1)
                    for word in words:
                        self.assertIn("JSON" if word == "is empty" and not content else word.replace("{}", name), done.stderr)
                    self.assertEqual(os.listdir(out) if os.path.exists(out) else [], [])


if __name__ == "__main__":
    main()
