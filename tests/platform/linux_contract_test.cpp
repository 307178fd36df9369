// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "linux_port.hpp"

namespace scanferry::platform::contract {

TEST_CASE("the Linux port keeps the contract of Event and Clock") { check(event_contract(), make_linux_port); }
TEST_CASE("the Linux port keeps the contract of StorageThread") { check(storage_thread_contract(), make_linux_port); }
TEST_CASE("the Linux port keeps the contract of Store") { check(store_contract(), make_linux_port); }
TEST_CASE("the Linux port keeps the contract of ByteStream") { check(stream_contract(), make_linux_port); }
TEST_CASE("the Linux port keeps the contract of Listener and dial") { check(listener_contract(), make_linux_port); }

}  // namespace scanferry::platform::contract
