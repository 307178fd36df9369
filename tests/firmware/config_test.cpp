// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "agent/config.hpp"

using namespace scanferry;
using namespace scanferry::firmware;

namespace {

constexpr const char* kWhole = R"(aet = "CART_7"
stop_seconds = 3
[spool]
path = "/var/lib/scanferry/"
max_mb = 500
[listen]
port = 11113
[device]
manufacturer = "Maker"
[retry]
first_seconds = 0.5
longest_seconds = 60
[health]
echo_seconds = 0
[[destination]]
name = "main"
address = "PACS@pacs.example:104"
response_seconds = 5
[[destination]]
name = "second"
address = "ARCHIVE@[::1]:105"
[[watch]]
path = "/data/in"
after_accept = "keep"
)";

}  // namespace

TEST_CASE("a whole configuration is read") {
  const auto config = parse_config(kWhole, "agent.toml");
  REQUIRE(config);
  CHECK(config->aet.view() == "CART_7");
  CHECK(config->spool.path == "/var/lib/scanferry");
  CHECK(config->spool.max_bytes == 500'000'000);
  CHECK(config->listen.enabled);
  CHECK(config->listen.port == 11113);
  CHECK(config->retry.first == core::Millis{500});
  CHECK(config->echo_interval == core::Millis{0});
  CHECK(config->stop_within == core::Millis{3000});
  REQUIRE(config->destinations.size() == 2);
  CHECK(config->destinations[0].timeouts.response == core::Millis{5000});
  CHECK(config->destinations[1].address.host == "::1");
  REQUIRE(config->watches.size() == 1);
  CHECK(config->watches[0].after_accept == AfterAccept::keep);
}

TEST_CASE("a bad configuration is refused with file, line and key") {
  const auto [toml, where, what] = GENERATE(table<const char*, const char*, const char*>({
      {"aet = \n", "agent.toml:1", ""},
      {"[spool]\npath = \"/s\"\n", "agent.toml", "'aet' is missing"},
      {"aet = \"A\"\n", "agent.toml", "'spool' is missing"},
      {"aet = 7\n[spool]\npath = \"/s\"", "agent.toml:1", "must be text"},
      {"aet = \"\"\n[spool]\npath = \"/s\"", "agent.toml:1", "AE title"},
      {"aet = \"A\"\n[spool]\npath = \"s\"", "agent.toml:3", "absolute path"},
      {"aet = \"A\"\n[spool]\npath = \"/s\"\nmax_mb = 0", "agent.toml:4", "1 to"},
      {"aet = \"A\"\n[spool]\npath = \"/s\"\nmax_mb = \"7\"", "agent.toml:4", "whole number"},
      {"aet = \"A\"\n[spool]\npath = \"/s\"\nsize = 7", "agent.toml:4", "unknown key 'size'"},
      {"aet = \"A\"\nspol = 1\n[spool]\npath = \"/s\"", "agent.toml:2", "unknown key 'spol'"},
      {"aet = \"A\"\nlisten = 104\n[spool]\npath = \"/s\"", "agent.toml:2", "must be a table"},
      {"aet = \"A\"\n[spool]\npath = \"/s\"\n[listen]\nport = 70000", "agent.toml:5", "65535"},
      {"aet = \"A\"\n[spool]\npath = \"/s\"\n[retry]\nfirst_seconds = 9\nlongest_seconds = 1", "agent.toml:6", "less than"},
      {"aet = \"A\"\n[spool]\npath = \"/s\"\n[destination]\nname = \"x\"", "agent.toml:4", "[[destination]]"},
      {"aet = \"A\"\n[spool]\npath = \"/s\"\n[[destination]]\nname = \"x\"", "agent.toml:4", "'address' is missing"},
      {"aet = \"A\"\n[spool]\npath = \"/s\"\n[[destination]]\nname = \"x\"\naddress = \"pacs\"", "agent.toml:6", "AET@host:port"},
      {"aet = \"A\"\n[spool]\npath = \"/s\"\n[[watch]]\npath = \"/w\"\nafter_accept = \"burn\"", "agent.toml:6", "keep"},
  }));
  const auto config = parse_config(toml, "agent.toml");
  REQUIRE_FALSE(config);
  CHECK(config.error().trouble == Trouble::bad_input);
  CHECK_THAT(config.error().message, Catch::StartsWith(where) && Catch::Contains(what));
}

TEST_CASE("TLS is asked for, with whom to trust") {
  const auto with = [](const std::string& lines) {
    return parse_config("aet = \"A\"\n[spool]\npath = \"/s\"\n[[destination]]\nname = \"main\"\naddress = \"P@h:1\"\n" + lines, "agent.toml");
  };
  const auto pinned = with("tls = true\ntls_pins = [\"aa\", \"bb\"]\n");
  REQUIRE(pinned);
  CHECK(pinned->destinations[0].security.is_wanted);
  CHECK(pinned->destinations[0].security.pins == std::vector<std::string>{"aa", "bb"});
  CHECK(verify_of(pinned->destinations[0].security) == "pinned");
  const auto by_name = with("tls = true\ntls_ca = \"/ca.pem\"\n");
  REQUIRE(by_name);
  CHECK(verify_of(by_name->destinations[0].security) == "full");
  struct Row {
    const char* lines;
    const char* said;
  };
  for (const Row& row : {Row{"tls = true\n", "whom to trust"}, Row{"tls = true\ntls_ca = \"ca.pem\"\n", "tls_ca"},
                         Row{"tls = true\ntls_verify = \"half\"\n", "half"}, Row{"tls = true\ntls_verify = \"none\"\ntls_profile = \"ssl3\"\n", "ssl3"},
                         Row{"tls_ca = \"/ca.pem\"\n", "tls = true"}, Row{"tls_certificate = \"/c.pem\"\n", "tls_certificate"},
                         Row{"tls_verify = \"none\"\n", "tls_verify"}, Row{"tls_pins = [\"aa\"]\n", "tls = true"},
                         Row{"tls = true\ntls_pins = \"aa\"\n", "tls_pins"}}) {
    CAPTURE(row.lines);
    const auto config = with(row.lines);
    REQUIRE_FALSE(config);
    CHECK(config.error().message.find(row.said) != std::string::npos);
  }
}

TEST_CASE("who listens with TLS shows a certificate, and may ask for one") {
  const auto with = [](const std::string& lines) {
    std::string toml{kWhole};
    toml.insert(toml.find("[device]"), lines);
    return parse_config(toml, "agent.toml");
  };
  const auto config = with("tls = true\ntls_certificate = \"/c.pem\"\ntls_ca = \"/ca.pem\"\n");
  REQUIRE(config);
  CHECK(config->listen.security.is_wanted);
  CHECK(config->listen.security.ca == "/ca.pem");
  CHECK_FALSE(with("tls = true\n"));
  CHECK_FALSE(with("tls_certificate = \"/c.pem\"\n"));
  CHECK_FALSE(with("tls = true\ntls_certificate = \"/c.pem\"\ntls_profile = \"ssl3\"\n"));
}

TEST_CASE("a destination is found by name, or made of an address") {
  const auto config = parse_config(kWhole, "agent.toml");
  REQUIRE(config);
  CHECK(find_destination(*config, "second")->address.port == 105);
  CHECK(find_destination(*config, "X@host:4242")->address.port == 4242);
  const auto none = find_destination(*config, "third");
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error().message, Catch::Contains("main, second"));
}
