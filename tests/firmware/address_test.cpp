// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "agent/config.hpp"

using namespace scanferry::firmware;

TEST_CASE("an address has an AE title, a host and a port") {
  const auto address = parse_address("PACS@192.0.2.7:104");
  REQUIRE(address);
  CHECK(address->aet.view() == "PACS");
  CHECK(address->host == "192.0.2.7");
  CHECK(address->port == 104);
  CHECK(to_string(*address) == "PACS@192.0.2.7:104");
}

TEST_CASE("an IPv6 host stands in brackets") {
  const auto address = parse_address("PACS@[2001:db8::7]:11112");
  REQUIRE(address);
  CHECK(address->host == "2001:db8::7");
  CHECK(to_string(*address) == "PACS@[2001:db8::7]:11112");
}

TEST_CASE("a bad address is refused with what to write") {
  const auto [text, part] = GENERATE(table<const char*, const char*>({
      {"", "AET@host:port"},
      {"PACS", "AET@host:port"},
      {"192.0.2.7:104", "AET@host:port"},
      {"PACS@host", "AET@host:port"},
      {"@host:104", "AE title"},
      {"A_TITLE_OF_17_CHR@host:104", "AE title"},
      {"PACS@:104", "host is missing"},
      {"PACS@host:", "1 to 65535"},
      {"PACS@host:0", "1 to 65535"},
      {"PACS@host:65536", "1 to 65535"},
      {"PACS@host:104x", "1 to 65535"},
  }));
  const auto address = parse_address(text);
  REQUIRE_FALSE(address);
  CHECK_THAT(address.error().message, Catch::Contains(part));
}
