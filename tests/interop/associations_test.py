# SPDX-License-Identifier: Apache-2.0
"""The agent's associations with one destination: how many, how long, how fast, and what need not be asked twice."""

import threading
import time

import acquisitions as acq
from dimse_peer import Field, Peer
from product import Agent, InteropCase, main, wait_until

OBJECTS = 24
US = "1.2.840.10008.5.1.4.1.1.6.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


class AssociationsTest(InteropCase):
    def agent_for(self, peer, **keys):
        agent = Agent(self, {"pacs": peer.address})
        agent.config["destination"][0].update(keys)
        agent.config["retry"]["longest_seconds"] = 300
        agent.write_config()
        return agent

    def check_all_arrive(self, agent, peer):
        acq.raw("set", "us", frames=OBJECTS).write(agent.inbox)
        deliveries = agent.wait_for_stored(OBJECTS)
        self.assertEqual(set(peer.stored), {delivery["sop_instance_uid"] for delivery in deliveries})
        self.assertEqual(sum(message.field is Field.C_STORE for message in peer.received), OBJECTS, "sent twice")

    def test_objects_go_over_several_associations_at_once(self):
        meeting = threading.Barrier(3, timeout=30)    # nobody gets an answer before three are asked

        def store(_):
            meeting.wait()
            return 0

        peer = Peer(self).on(Field.C_STORE, store)
        self.check_all_arrive(self.agent_for(peer, associations=3).start(), peer)
        self.assertGreaterEqual(len(peer.associations), 3)

    def test_a_peer_that_takes_fewer_associations_gets_fewer(self):
        refused = []

        def reject(proposal):
            open_ones = [association for association in peer.associations if association.proposal is not proposal and not association.ended]
            if len(open_ones) < 2:
                return None
            refused.append(proposal)
            return 2, 3, 2    # rejected-transient, presentation provider, local limit exceeded

        peer = Peer(self, reject=reject)
        agent = self.agent_for(peer, associations=4)
        holding = threading.Barrier(2, timeout=30)
        peer.on(Field.C_STORE, lambda _: holding.wait() and 0)
        agent.start()
        self.check_all_arrive(agent, peer)
        self.assertTrue(refused)
        log = agent.log
        self.assertIn("going on with 2 associations", log)
        self.assertNotIn("next try in", log)    # the destination is well

    def test_an_association_waits_for_the_next_object(self):
        peer = Peer(self)
        agent = self.agent_for(peer, linger_seconds=60).start()
        for number in range(3):
            acq.raw(f"one{number}", "us", rows=8 + number).write(agent.inbox)
            agent.wait_for_stored(number + 1)
        self.assertEqual([association.ended for association in peer.associations], [None])
        agent.stop()
        wait_until(lambda: peer.associations[0].ended, "the release")
        self.assertEqual(peer.associations[0].ended, "released by the peer")

    def test_a_peer_that_ends_an_association_that_waits_is_no_failure(self):
        peer = Peer(self)
        agent = self.agent_for(peer, linger_seconds=60).start()
        acq.raw("one", "us").write(agent.inbox)
        agent.wait_for_stored(1)
        peer.associations[0].interrupt("closed")
        acq.raw("two", "us", rows=9).write(agent.inbox)
        agent.wait_for_stored(2)
        self.assertEqual(len(peer.associations), 2)
        self.assertNotIn("next try in", agent.log)

    def test_what_was_refused_is_held_without_asking_until_somebody_releases_it(self):
        peer = Peer(self, accept={US})
        agent = self.agent_for(peer, linger_seconds=0).start()
        acq.raw("first", "sc").write(agent.inbox)
        agent.wait_for_states(1, "held")
        acq.raw("second", "sc", rows=9).write(agent.inbox)
        held = agent.wait_for_states(2, "held")
        self.assertEqual(len(peer.associations), 1)
        for delivery in held:
            self.assertIn(f"does not accept SOP class {SECONDARY_CAPTURE} at all", delivery["comment"])
        peer.accept = {US, SECONDARY_CAPTURE}
        self.check_done(agent.command("queue", "release", "--all"))
        agent.wait_for_stored(2)
        self.assertEqual(len(peer.stored), 2)

    def test_a_limit_of_bytes_a_second_holds_for_all_associations_together(self):
        came = []

        def store(_):
            came.append(time.monotonic())
            return 0

        peer = Peer(self).on(Field.C_STORE, store)
        agent = self.agent_for(peer, associations=2, max_kb_per_second=100).start()
        acq.raw("set", "us", frames=4, rows=200, columns=250).write(agent.inbox)    # 4 x 50 kB: two seconds
        agent.wait_for_stored(4)
        self.assertGreater(came[-1] - came[0], 0.9)


if __name__ == "__main__":
    main()
