// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "agent/address_range.hpp"

using namespace scanferry::firmware;

TEST_CASE("an address is in a range when its first bits are") {
  struct Row {
    const char* range;
    const char* host;
    bool is_inside;
  };
  for (const auto& row : {Row{"192.0.2.7", "192.0.2.7", true}, Row{"192.0.2.7", "192.0.2.6", false}, Row{"192.0.2.0/24", "192.0.2.255", true},
                          Row{"192.0.2.0/24", "192.0.3.0", false}, Row{"192.0.2.128/25", "192.0.2.127", false}, Row{"192.0.2.128/25", "192.0.2.128", true},
                          Row{"0.0.0.0/0", "203.0.113.9", true}, Row{"0.0.0.0/0", "2001:db8::1", false}, Row{"192.0.2.0/24", "::ffff:192.0.2.9", true},
                          Row{"192.0.2.0/24", "[::ffff:192.0.2.9]", true}, Row{"2001:db8::/33", "[2001:db8:7fff::1]", true},
                          Row{"2001:db8::/33", "2001:db8:8000::1", false}, Row{"192.0.2.7", "pacs.example", false}}) {
    CAPTURE(row.range, row.host);
    const auto range = AddressRange::parse(row.range);
    REQUIRE(range);
    CHECK(range->contains(row.host) == row.is_inside);
  }
}

TEST_CASE("what is no range of addresses is said") {
  for (const auto* text : {"", "pacs.example", "192.0.2", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x", "2001:db8::/129", "192.0.2.0/-1"}) {
    CAPTURE(text);
    CHECK_FALSE(AddressRange::parse(text));
  }
}
