# SPDX-License-Identifier: Apache-2.0
"""docs/output.md says what the commands print: its tables are read here and compared with what each command does print, and a command
with --json that it does not list is an error."""

import collections
import itertools
import json
import os
import re
import subprocess

import pydicom
from pydicom.dataset import Dataset

import acquisitions as acq
from dimse_peer import EXPLICIT, IMPLICIT, Answer, Availability, Commitment, Field, Mpps, Peer
from peers import HOST, free_port
from product import COMMAND, PATIENCE_SECONDS, Agent, InteropCase, main, read_text, run_product
from receiver import Receiver
from shelf import NOT_ALL, PENDING, Shelf

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "output.md")
UID = "1.2.826.0.1.3680043.12.1"
FRAMES = ["--rows", "8", "--columns", "8", "--photometric", "MONOCHROME2"]
TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict}
# A key that stands for any attribute of a data set.
ANY_ATTRIBUTE, ATTRIBUTE = "GGGGEEEE", re.compile(r"[0-9A-F]{8}")


def quoted(cell):
    return re.findall(r"`([^`]+)`", cell)


def table(section):
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


class Page:
    def __init__(self):
        sections = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", read_text(PAGE), re.MULTILINE))
        self.lines = {}       # kind of line -> key -> type
        for kind, keys, kind_of_value, _ in table(sections["Lines"]):
            current = quoted(kind)[0] if kind else current
            for key in quoted(keys):
                self.lines.setdefault(current, {})[key] = kind_of_value
        self.kinds = {}       # command -> kinds of its lines
        self.shown = {}       # command -> what the column of the lines without --json says
        for command, kinds, shown, _ in table(sections["Commands"]):
            [name] = quoted(command)
            self.kinds[name] = [word for word in quoted(kinds) if word in self.lines]
            self.shown[name] = shown


def pattern_of(words):
    """`<n>` is a number, another name in angles anything, `(s)` may be there or not."""
    parts = re.split(r"(<\w+>|\(e?s\))", words)
    return "".join(r"\d+(\.\d+)?" if part == "<n>" else ".+" if part.startswith("<") else part + "?" if part.startswith("(") else re.escape(part)
                   for part in parts)


def commands_with_json(*words):
    """Those of `words` that have --json, by what the help says."""
    shown = run_product(*words, "--help").stdout
    _, _, inner = shown.partition("\nSubcommands:\n")
    names = re.findall(r"^  ([a-z]+) ", inner, re.MULTILINE)
    here = [" ".join(words)] if re.search(r"^  --json ", shown, re.MULTILINE) else []
    return here + [command for name in names for command in commands_with_json(*words, name)]


class OutputTest(InteropCase):
    def setUp(self):
        super().setUp()
        self.page = Page()
        self.seen = collections.defaultdict(set)    # kind of line -> keys; of the command that is looked at
        self.numbers = itertools.count(1)
        self.objects = self.new_folder("objects")
        self.sidecar = acq.raw("us", "us", frames=2).write(os.path.join(self.folder, "in"))
        self.check_done(run_product("encode", self.sidecar, "--output", self.objects))
        self.files = sorted(os.path.join(self.objects, name) for name in os.listdir(self.objects))
        self.uids = [os.path.basename(path).removesuffix(".dcm") for path in self.files]
        self.missing = os.path.join(self.folder, "missing.dcm")

    # What a line may be.

    def check_value(self, kind, key, value, words):
        what = f"{key} of {kind} is {value!r}, not {words}"
        inner = re.fullmatch(r"list of (?:strings|`(\w+)`)", words)
        if inner:
            self.assertIsInstance(value, list, what)
            for one in value:
                self.check_line([inner.group(1)], one) if inner.group(1) else self.assertIsInstance(one, str, what)
            return
        name, _, rest = words.partition(" ")
        self.assertIn(rest, ("", "or null", "absent when `ok`"))
        is_null = value is None and rest == "or null"
        self.assertTrue(is_null or type(value) is TYPES[name.rstrip(",")], what)

    def check_line(self, kinds, line):
        """Of which of these kinds it is."""
        for kind in kinds:
            listed = self.page.lines[kind]
            keys = {ANY_ATTRIBUTE} if ANY_ATTRIBUTE in listed and all(map(ATTRIBUTE.fullmatch, line)) else set(line)
            must = {key for key, words in listed.items() if "absent" not in words}
            if not must <= keys <= set(listed):
                continue
            for key, value in line.items():
                self.check_value(kind, key, value, listed[ANY_ATTRIBUTE if keys == {ANY_ATTRIBUTE} else key])
            self.seen[kind] |= keys
            return kind
        self.fail(f"{json.dumps(line)}\nis none of the lines of docs/output.md for this command: {', '.join(kinds)}")

    def prints(self, command, done, *expected, code=0):
        """`expected`: the kinds of its lines, in their order."""
        self.check_done(done, code)
        kinds = [self.check_line(self.page.kinds[command], json.loads(line)) for line in done.stdout.splitlines()]
        self.assertEqual(kinds, list(expected), done.args)
        if done.stderr:
            self.assertTrue(done.stderr.startswith("scanferry: "), done.stderr)
        return done

    def shows(self, command, done, code=0):
        """The lines for people that the page names: behind "each" or "first" one of them, else the last one."""
        lines = self.check_done(done, code).stdout.rstrip("\n").splitlines()
        for part in self.page.shown[command].split(";"):
            patterns = [pattern_of(words) for words in quoted(part)]
            self.assertTrue(patterns, part)
            where = lines if part.strip().startswith("each") else lines[:1] if part.strip().startswith("first") else lines[-1:]
            self.assertTrue(any(re.fullmatch(pattern, line) for pattern in patterns for line in where), f"{part}\nis not in\n{done.stdout}")

    def test_the_page_lists_the_commands_that_have_json(self):
        self.assertEqual(sorted(self.page.kinds), sorted(commands_with_json()))
        used = {kind for kinds in self.page.kinds.values() for kind in kinds}
        used |= {quoted(words)[0] for keys in self.page.lines.values() for words in keys.values() if words.startswith("list of `")}
        self.assertEqual(used, set(self.page.lines))

    def test_each_command_prints_what_the_page_says(self):
        for command, kinds in self.page.kinds.items():
            with self.subTest(command):
                self.seen.clear()
                self.assertTrue(kinds)
                getattr(self, "see_" + command.replace(" ", "_"))()
                for kind in [*kinds, *self.seen]:
                    self.assertEqual(self.seen[kind], set(self.page.lines[kind]), f"the keys of '{kind}' in docs/output.md and in what was printed")

    # One scenario for each command.

    def see_acquire(self):
        words = ["acquire", "--config", Agent(self, {}, name="acquire").config_path, *FRAMES, "--object", "us"]
        self.prints("acquire", run_product(*words, "--json", input="x" * 128), "acquisition")
        self.prints("acquire", run_product(*words, "--json", "--frames", 3, input="x" * 64), "acquisition", code=1)
        self.shows("acquire", run_product(*words, input="x" * 64))
        self.prints("acquire", run_product(*words[:-2], "--json", "--object", "us-multiframe", input="x" * 64), "acquisition", code=2)
        self.prints("acquire", run_product(*words[:-2], "--json", "--object", "ct", input=""), code=2)

    def see_encode(self):
        out = os.path.join(self.folder, "encoded")
        self.prints("encode", run_product("encode", "--json", "--output", out, self.missing, self.sidecar), "encoded", "encoded", code=1)
        self.shows("encode", run_product("encode", "--output", out, self.sidecar))

    def see_echo(self):
        peer = Peer(self)
        self.prints("echo", run_product("echo", "--json", peer.address, "--repeat", 2), "echo", "echo")
        self.shows("echo", run_product("echo", peer.address))
        done = self.prints("echo", run_product("echo", "--json", f"PACS@{HOST}:{free_port()}", "--repeat", 2), "echo", code=1)
        self.assertEqual(done.stderr, "")

    def see_send(self):
        receiver = Receiver(self)
        done = self.prints("send", run_product("send", "--json", receiver.address, self.objects, self.missing), "sent", "sent", "sent", code=1)
        self.assertEqual([json.loads(line)["stored"] for line in done.stdout.splitlines()], [False, True, True])
        self.shows("send", run_product("send", receiver.address, self.objects))

    def received(self, *words):
        """What `receive` said while two objects were sent to it."""
        out = self.new_folder(f"received-{next(self.numbers)}")
        process = subprocess.Popen([*COMMAND, "receive", "--address", HOST, "--port", "0", "--count", "2", *words, out], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop_process, process)
        first = process.stdout.readline()
        self.check_done(run_product("send", f"ANY@{HOST}:{re.search(r'[0-9]+', first).group()}", self.objects))
        rest, said = process.communicate(timeout=PATIENCE_SECONDS)
        return subprocess.CompletedProcess(process.args, process.returncode, first + rest, said)

    def see_receive(self):
        self.prints("receive", self.received("--json"), "port", "received", "received")
        self.shows("receive", self.received())
        self.prints("receive", self.received("--json", "--quiet"), "port")
        self.prints("receive", run_product("receive", "--json", "--port", 0, self.files[0]), code=1)

    def check_finds(self, command):
        match = Dataset()
        match.PatientName, match.PatientID, match.StudyInstanceUID = "Doe^Jane", "4711", UID
        peer = Peer(self).on(Field.C_FIND, lambda _: iter([Answer(PENDING, match), Answer(PENDING, match), Answer(0)]))
        self.prints(command, run_product(command, "--json", peer.address), "match", "match")
        self.shows(command, run_product(command, peer.address))
        peer.on(Field.C_FIND, lambda _: 0)
        self.prints(command, run_product(command, "--json", peer.address))
        peer.on(Field.C_FIND, lambda _: iter([Answer(PENDING, match), Answer(0xC000)]))
        self.prints(command, run_product(command, "--json", peer.address), "match", code=1)

    def see_find(self):
        self.check_finds("find")

    def see_worklist(self):
        self.check_finds("worklist")

    def see_move(self):
        lost = Dataset()
        lost.FailedSOPInstanceUIDList = [UID]
        peer = Peer(self).on(Field.C_MOVE, lambda _: Answer(NOT_ALL, lost, Shelf.counts(1, [UID])))
        words = ["--to", "OTHER", "-k", "StudyInstanceUID=1.2"]
        self.prints("move", run_product("move", "--json", peer.address, *words), "sums", code=1)
        peer.on(Field.C_MOVE, lambda _: Answer(0, None, Shelf.counts(2, [])))
        self.prints("move", run_product("move", "--json", peer.address, *words), "sums")
        self.shows("move", run_product("move", peer.address, *words))
        self.prints("move", run_product("move", "--json", f"PACS@{HOST}:{free_port()}", *words), code=1)

    def see_get(self):
        def get(*words, lost=(), address=None):
            peer = Peer(self, syntaxes=[EXPLICIT, IMPLICIT]).on(Field.C_GET, Shelf(self.files, lost=lost).get)
            out = os.path.join(self.folder, f"fetched-{next(self.numbers)}")
            return run_product("get", *words, address or peer.address, out, "-k", "StudyInstanceUID=1.2", "--modality", "US")
        self.prints("get", get("--json"), "received", "received", "sums")
        self.prints("get", get("--json", lost=self.uids[:1]), "received", "sums", code=1)
        self.prints("get", get("--json", address=f"PACS@{HOST}:{free_port()}"), code=1)
        self.shows("get", get())

    def step(self, verb, *words):
        return run_product("mpps", verb, self.ris.address, *words)

    def begin_step(self):
        self.ris = Peer(self, Mpps(), aet="RIS")
        self.check_done(self.step("start", "--uid", UID))

    def see_mpps_start(self):
        self.begin_step()
        self.prints("mpps start", self.step("start", "--json"), "told")
        self.shows("mpps start", self.step("start"))
        self.prints("mpps start", self.step("start", "--json", "--uid", UID), code=1)

    def end_step(self, verb):
        self.begin_step()
        self.prints("mpps " + verb, self.step(verb, "--json", UID, self.new_folder("empty-" + verb)), code=2)
        self.prints("mpps " + verb, self.step(verb, "--json", UID, self.objects), "told")
        self.prints("mpps " + verb, self.step(verb, "--json", UID, self.objects), code=1)
        self.begin_step()
        self.shows("mpps " + verb, self.step(verb, UID))

    def see_mpps_complete(self):
        self.end_step("complete")

    def see_mpps_discontinue(self):
        self.end_step("discontinue")

    def see_mpps_show(self):
        self.begin_step()
        self.prints("mpps show", self.step("show", UID, "--json"), "match")
        self.prints("mpps show", self.step("show", UID + ".1", "--json"), code=1)

    def see_commit(self):
        archive = Peer(self, Commitment(failed=lambda _, instance: 0x0112 if instance == self.uids[0] else None))
        done = self.prints("commit", run_product("commit", "--json", archive.address, self.objects, self.missing), "committed", "committed", code=1)
        self.assertEqual([json.loads(line)["sop_instance_uid"] for line in done.stdout.splitlines()], sorted(self.uids))
        self.shows("commit", run_product("commit", archive.address, self.files[1]))

    def see_ian(self):
        peer = Peer(self, Availability())
        words = ["ian", "--retrieve-aet", "ARCHIVE", peer.address]
        self.prints("ian", run_product(*words, "--json", self.objects), "notified")
        self.shows("ian", run_product(*words, self.objects))
        self.prints("ian", run_product(*words, "--json", self.missing), code=1)

    def see_check(self):
        wrong = os.path.join(self.folder, "wrong.dcm")
        data = pydicom.dcmread(self.files[0])
        data.PatientSex = "W"
        data.save_as(wrong)
        done = self.prints("check", run_product("check", "--json", wrong, self.files[1], self.missing), "checked", "checked", code=1)
        self.assertEqual([json.loads(line)["file"] for line in done.stdout.splitlines()], [wrong, self.files[1]])
        self.shows("check", run_product("check", self.files[1]))

    def see_export(self):
        out = [os.path.join(self.folder, f"exported-{n}") for n in range(2)]
        self.prints("export", run_product("export", "--json", "--output", out[0], self.missing, *self.files), "exported", "exported", code=1)
        done = self.prints("export", run_product("export", "--json", "--output", out[0], *self.files), code=1)
        self.assertTrue(done.stderr.endswith("nothing was exported\n"), done.stderr)
        self.shows("export", run_product("export", "--output", out[1], *self.files))

    def see_dicomdir(self):
        out = os.path.join(self.folder, "medium")
        done = self.check_done(run_product("export", "--json", "--output", out, *self.files))
        self.prints("dicomdir", run_product("dicomdir", "--json", out), "entry", "entry")
        self.shows("dicomdir", run_product("dicomdir", out))
        os.remove(json.loads(done.stdout.splitlines()[0])["exported_as"])
        self.prints("dicomdir", run_product("dicomdir", "--json", out), "entry", "entry", code=1)
        self.shows("dicomdir", run_product("dicomdir", out), code=1)

    def queued(self):
        """A queue of two objects for one destination; the agent does not run."""
        agent = Agent(self, {}, name=f"queue-{next(self.numbers)}")
        self.prints("queue list", agent.command("queue", "list", "--json"), code=1)
        self.check_done(agent.command("acquire", *FRAMES, "--object", "us", input="x" * 128))
        return agent

    def see_queue_list(self):
        agent = self.queued()
        self.prints("queue list", agent.command("queue", "list", "--json"), "delivery", "delivery")
        self.prints("queue list", agent.command("queue", "list", "--json", "--state", "held"))
        self.prints("queue list", agent.command("queue", "list", "--json", "--state", "lost"), code=2)
        self.shows("queue list", agent.command("queue", "list"))

    def see_queue_show(self):
        agent = self.queued()
        self.prints("queue show", agent.command("queue", "show", "--json", agent.queue()[0]["sop_instance_uid"]), "delivery")
        self.prints("queue show", agent.command("queue", "show", "--json", UID), code=1)

    def change(self, verb, *words, held=False):
        agent = self.queued()
        if held:
            self.check_done(agent.command("queue", "hold", "--all"))
        command = ["queue", verb, *words]
        self.prints(" ".join(command[:2]), agent.command(*command, "--json", UID), "changed", code=1)
        self.prints(" ".join(command[:2]), agent.command(*command, "--json", agent.queue()[0]["sop_instance_uid"]), "changed")
        self.prints(" ".join(command[:2]), agent.command(*command, "--json"), code=2)
        self.shows(" ".join(command[:2]), agent.command(*command, "--all"))

    def see_queue_retry(self):
        self.change("retry")

    def see_queue_hold(self):
        self.change("hold")

    def see_queue_release(self):
        self.change("release", held=True)

    def see_queue_drop(self):
        self.change("drop", "--reason", "no such PACS", held=True)


if __name__ == "__main__":
    main()
