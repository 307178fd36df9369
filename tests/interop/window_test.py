# SPDX-License-Identifier: Apache-2.0
"""Several objects under way at once: in the window of one association, and over several associations."""

import os

from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

import acquisitions as acq
from dimse_peer import Peer
from peers import StoreScp
from product import Agent, InteropCase, json_lines, main, run_product

OBJECTS = 40


class WindowTest(InteropCase):
    def made(self):
        folder = self.new_folder("made")
        for number in range(OBJECTS):
            acquired = acq.raw(f"o{number}", "us", rows=8 + number, columns=16)
            self.check_done(run_product("encode", acquired.write(os.path.join(self.folder, f"in{number}")), "--output", folder))
        return folder

    def check_sent(self, done):
        reports = json_lines(self.check_done(done).stdout)
        self.assertEqual(len({report["sop_instance_uid"] for report in reports}), OBJECTS)
        self.assertTrue(all(report["stored"] and report["status"] == "0000" for report in reports))
        return {report["sop_instance_uid"] for report in reports}

    def test_send_has_as_many_under_way_as_was_agreed_and_takes_answers_in_any_order(self):
        pacs = Peer(self, window=(4, 1), hold=4)
        sent = self.check_sent(run_product("send", "--json", "--window", "8", pacs.address, self.made()))
        self.assertEqual(set(pacs.stored), sent)
        self.assertEqual(len(pacs.associations), 1)
        self.assertEqual(pacs.associations[0].most_held, 4)

    def test_a_peer_without_a_window_gets_one_at_a_time(self):
        pacs = Peer(self, hold=4)
        folder = self.made()
        for name in sorted(os.listdir(folder))[3:]:
            os.remove(os.path.join(folder, name))
        done = self.check_done(run_product("send", "--json", "--window", "8", pacs.address, folder))
        self.assertEqual(len(json_lines(done.stdout)), 3)
        self.assertEqual(pacs.associations[0].most_held, 1)

    def test_send_over_several_associations(self):
        pacs = StoreScp(self, "--fork")
        sent = self.check_sent(run_product("send", "--json", "--parallel", "4", pacs.address, self.made()))
        self.assertEqual(set(pacs.files()), sent)

    def test_send_goes_on_where_not_all_associations_can_be_had(self):
        associations = []

        def reject(_):
            associations.append(1)
            return (2, 3, 2) if len(associations) > 1 else None

        pacs = Peer(self, reject=reject)
        done = run_product("send", "--json", "--parallel", "3", pacs.address, self.made())
        sent = self.check_sent(done)
        self.assertEqual(set(pacs.stored), sent)
        self.assertIn("limit of associations", done.stderr)

    def test_more_sop_classes_than_an_association_has_contexts_for(self):
        folder = self.new_folder("classes")
        classes = sorted(uid for uid, (name, kind, *_) in UID_dictionary.items()
                         if kind == "SOP Class" and name.endswith("Storage") and name != "Media Storage Directory Storage")
        for number, sop_class in enumerate(classes):
            data = Dataset()
            data.SOPClassUID, data.SOPInstanceUID = sop_class, f"1.2.3.{number}"
            data.StudyInstanceUID = data.SeriesInstanceUID = "1.2.3"
            data.file_meta = FileMetaDataset()
            data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            data.is_little_endian, data.is_implicit_VR = True, False
            data.save_as(os.path.join(folder, f"{number}.dcm"), write_like_original=False)
        self.assertGreater(len(classes), 130)
        pacs = Peer(self)
        reports = json_lines(self.check_done(run_product("send", "--json", pacs.address, folder)).stdout)
        self.assertEqual({report["sop_instance_uid"] for report in reports}, set(pacs.stored))
        self.assertEqual(len(pacs.stored), len(classes))
        self.assertGreater(len(pacs.associations), 1)
        self.assertTrue(all(len(association.proposal.contexts) <= 128 for association in pacs.associations))

    def test_the_agent_uses_the_window(self):
        pacs = Peer(self, window=(4, 1), hold=4)
        agent = Agent(self, {"pacs": pacs.address})
        agent.config["destination"][0]["window"] = 8
        agent.write_config()
        agent.start()
        acquired = acq.raw("set", "us", frames=OBJECTS)
        acquired.write(agent.inbox)
        deliveries = agent.wait_for_stored(OBJECTS)
        self.assertEqual(set(pacs.stored), {delivery["sop_instance_uid"] for delivery in deliveries})
        self.assertGreater(max(association.most_held for association in pacs.associations), 1)


if __name__ == "__main__":
    main()
