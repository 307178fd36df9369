// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "contract.hpp"
#include "sim_port.hpp"

namespace scanferry::platform::contract {
namespace {

std::unique_ptr<Port> make_sim_port() { return std::make_unique<SimPort>(); }

}  // namespace

TEST_CASE("the simulated port keeps the contract of Event and Clock") { check(event_contract(), make_sim_port); }
TEST_CASE("the simulated port keeps the contract of StorageThread") { check(storage_thread_contract(), make_sim_port); }
TEST_CASE("the simulated port keeps the contract of Store") { check(store_contract(), make_sim_port); }
TEST_CASE("the simulated port keeps the contract of ByteStream") { check(stream_contract(), make_sim_port); }
TEST_CASE("the simulated port keeps the contract of Listener and dial") { check(listener_contract(), make_sim_port); }

}  // namespace scanferry::platform::contract
