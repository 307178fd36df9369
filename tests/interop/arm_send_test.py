# SPDX-License-Identifier: Apache-2.0
"""One end-to-end run that is cheap enough for an emulator: encode, echo, send, and the agent once around."""

import os

import acquisitions as acq
from part10 import data_set_of
from peers import StoreScp, check_valid
from product import Agent, InteropCase, main, run_product


class SendTest(InteropCase):
    def test_encode_echo_and_send(self):
        pacs = StoreScp(self)
        out = os.path.join(self.folder, "out")
        acquired = [acq.raw("loop", "us-multiframe", rows=120, columns=160, frames=10, photometric="RGB", **acq.FOREIGN_TEXT),
                    acq.raw("capture", "sc", bits=(16, 12)), acq.jpeg("photo", "us", subsampling="4:2:0")]
        self.check_done(run_product("encode", *[a.write(os.path.join(self.folder, a.name)) for a in acquired], "--output", out))
        self.check_done(run_product("echo", pacs.address))
        self.check_done(run_product("send", pacs.address, out))
        files = pacs.files()
        self.assertEqual(len(files), 3)
        for uid, path in files.items():
            check_valid(self, path)
            self.assertTrue(data_set_of(path) == data_set_of(os.path.join(out, uid + ".dcm")))

    def test_the_agent_acquires_and_pushes(self):
        pacs = StoreScp(self)
        agent = Agent(self, {"pacs": pacs.address}).start()
        acq.raw("scan", "us", frames=2).write(agent.inbox)
        piped = acq.raw("pipe", "us-multiframe", frames=5)
        done = agent.command("acquire", *acq.acquire_options(piped), input=b"".join(piped.frames), text=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        deliveries = agent.wait_for_stored(3)
        self.assertEqual(set(pacs.files()), {d["sop_instance_uid"] for d in deliveries})
        self.assertEqual(agent.stop(), 0)


if __name__ == "__main__":
    main()
