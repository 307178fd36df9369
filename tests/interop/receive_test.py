# SPDX-License-Identifier: Apache-2.0
"""DCMTK and Orthanc receive every kind of object from the agent, and the data set that arrives is the spooled one."""

import os
import subprocess

import acquisitions as acq
from part10 import data_set_of, data_set_offset
from peers import Orthanc, StoreScp
from product import Agent, InteropCase, json_lines, main, read_bytes, run_product, wait_until

FROM_FOLDER = [
    acq.raw("us-rgb", "us", photometric="RGB", rows=120, columns=160),
    acq.raw("us-set", "us", frames=3),
    acq.raw("usmf", "us-multiframe", frames=20, rows=120, columns=160),
    acq.raw("usmf-odd", "us-multiframe", rows=5, columns=7, frames=3),
    acq.raw("sc-mono1", "sc", photometric="MONOCHROME1", toml=True),
    acq.raw("sc-12", "sc", bits=(16, 12), **acq.RICH_TEXT),
    acq.raw("scmf-byte", "sc-multiframe", frames=4),
    acq.raw("scmf-word", "sc-multiframe", frames=4, bits=(16, 10)),
    acq.raw("scmf-color", "sc-multiframe", frames=4, photometric="RGB"),
    acq.jpeg("us-jpeg", "us", subsampling="4:2:0", **acq.FOREIGN_TEXT),
    acq.jpeg("usmf-jpeg", "us-multiframe", subsampling="4:2:2", frames=12),
    acq.jpeg("sc-jpeg", "sc"),
    acq.jpeg("scmf-jpeg", "sc-multiframe", subsampling="4:4:4", frames=3, toml=True),
    acq.jpeg("scmf-jpeg-gray", "sc-multiframe", frames=3),
]

FROM_PIPE = [
    acq.raw("pipe-usmf", "us-multiframe", frames=10, rows=120, columns=160, photometric="RGB"),
    acq.raw("pipe-usmf-odd", "us-multiframe", rows=5, columns=7, frames=3),
    acq.raw("pipe-us", "us", frames=3),
    acq.raw("pipe-sc-16", "sc", bits=(16, 16)),
    acq.raw("pipe-scmf-word", "sc-multiframe", frames=5, bits=(16, 12)),
]


class ReceiveTest(InteropCase):
    def start(self):
        self.storescp = StoreScp(self)
        self.orthanc = Orthanc(self)
        self.agent = Agent(self, {"dcmtk": self.storescp.address, "orthanc": self.orthanc.address}).start()

    def check_arrived(self, objects):
        """Each object is stored by both peers, as it lies in the spool. Returns SOP Instance UID -> spooled file."""
        deliveries = self.agent.wait_for_stored(2 * objects)
        spooled = {d["sop_instance_uid"]: self.agent.object_path(d["sop_instance_uid"]) for d in deliveries}
        at_storescp, at_orthanc = self.storescp.files(), self.orthanc.files()
        self.assertEqual(set(at_storescp), set(spooled))
        self.assertEqual(set(at_orthanc), set(spooled))
        for uid, path in spooled.items():
            data_set = data_set_of(path)
            self.assertTrue(data_set_of(at_storescp[uid]) == data_set, f"storescp has another data set for {path}")
            received = at_orthanc[uid]
            self.assertTrue(received[data_set_offset(received):] == data_set, f"Orthanc has another data set for {path}")
        return spooled

    def test_both_receive_every_object_from_a_watched_folder(self):
        self.start()
        for index, acquired in enumerate(FROM_FOLDER):
            # Half of them in folders of their own, as some devices write.
            acquired.write(self.agent.inbox if index % 2 else os.path.join(self.agent.inbox, acquired.name))
        self.check_arrived(sum(acquired.objects for acquired in FROM_FOLDER))
        wait_until(lambda: not self.agent.inbox_files(), "the watched folder to be cleared")
        self.assertEqual(os.listdir(self.agent.inbox), [], "folders that were emptied stay")

    def test_both_receive_every_object_from_standard_input(self):
        self.start()
        accepted = {}
        for acquired in FROM_PIPE:
            done = self.agent.command("acquire", *acq.acquire_options(acquired), "--frames", len(acquired.frames), "--json",
                                      input=b"".join(acquired.frames), text=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            report = json_lines(done.stdout.decode())[0]
            self.assertEqual(report["frames"], len(acquired.frames))
            self.assertEqual(len(report["accepted"]), acquired.objects)
            for index, entry in enumerate(report["accepted"]):
                accepted[entry["sop_instance_uid"]] = acquired.expected_pixels(index)
        spooled = self.check_arrived(len(accepted))
        for uid, pixels in accepted.items():
            self.assertTrue(read_bytes(spooled[uid]).endswith(pixels), uid)

    def test_a_pipe_of_unknown_length_becomes_one_object(self):
        self.start()
        acquired = acq.raw("unknown", "us-multiframe", frames=7, rows=64, columns=64)
        done = self.agent.command("acquire", *acq.acquire_options(acquired), input=b"".join(acquired.frames), text=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        [path] = self.check_arrived(1).values()
        self.assertTrue(read_bytes(path).endswith(acquired.expected_pixels()))

    def test_files_are_kept_when_the_config_says_so(self):
        storescp = StoreScp(self)
        agent = Agent(self, {"dcmtk": storescp.address})
        agent.config["watch"][0]["after_accept"] = "keep"
        agent.write_config()
        agent.start()
        acquired = acq.raw("kept", "us", frames=2)
        acquired.write(agent.inbox)
        agent.wait_for_stored(2)
        names = {*acquired.files, acquired.sidecar_name}
        wait_until(lambda: {os.path.basename(f) for f in agent.inbox_files()} == names
                   and all(f.startswith("accepted/") for f in agent.inbox_files()), "the files to be in accepted/")
        for path in agent.inbox_files():
            if path.endswith(".raw"):
                self.assertEqual(read_bytes(os.path.join(agent.inbox, path)), acquired.files[os.path.basename(path)])

    def test_nothing_is_taken_twice_over_a_restart(self):
        storescp = StoreScp(self)
        agent = Agent(self, {"dcmtk": storescp.address}).start()
        acq.raw("first", "us").write(agent.inbox)
        agent.wait_for_stored(1)
        self.assertEqual(agent.stop(), 0)
        acq.raw("second", "us").write(agent.inbox)
        agent.start()
        agent.wait_for_stored(2)
        wait_until(lambda: not agent.inbox_files(), "the watched folder to be cleared")
        # The same name again is another acquisition.
        acq.raw("first", "us", seed="other").write(agent.inbox)
        agent.wait_for_stored(3)
        self.assertEqual(len(storescp.files()), 3)

    def test_send_delivers_what_encode_made(self):
        storescp, orthanc = StoreScp(self), Orthanc(self)
        out = os.path.join(self.folder, "out")
        sidecars = [acquired.write(os.path.join(self.folder, "in", acquired.name)) for acquired in FROM_FOLDER]
        self.check_done(run_product("encode", *sidecars, "--output", out))
        files = {name.removesuffix(".dcm"): os.path.join(out, name) for name in os.listdir(out)}
        for peer in (storescp, orthanc):
            self.check_done(run_product("send", peer.address, out))
        at_storescp, at_orthanc = storescp.files(), orthanc.files()
        self.assertEqual((set(at_storescp), set(at_orthanc)), (set(files), set(files)))
        for uid, path in files.items():
            self.assertTrue(data_set_of(at_storescp[uid]) == data_set_of(path), path)
            self.assertTrue(at_orthanc[uid][data_set_offset(at_orthanc[uid]):] == data_set_of(path), path)
        done = subprocess.run(["dcmftest", *at_storescp.values()], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.stdout.count("yes:"), len(files), done.stdout)


if __name__ == "__main__":
    main()
