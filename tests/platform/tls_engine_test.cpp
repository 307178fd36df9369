// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <optional>

#include <catch2/catch.hpp>

#include "engine.hpp"
#include "tls_site.hpp"

namespace scanferry::platform::contract {
namespace {

using tls::TlsEngine;
using Outcome = TlsEngine::Outcome;

/// Settings of both sides, and engines without any network.
struct Bench {
  Bench() {
    client = settings(site.options(TlsRole::client, "modality"));
    server = settings(site.options(TlsRole::server, "pacs"));
  }
  std::shared_ptr<TlsSettings> settings(const TlsOptions& options) {
    std::vector<std::string> notes;
    auto read = TlsSettings::read(options, site.port.platform(), notes);
    INFO((read ? "" : read.error().detail));
    REQUIRE(read);
    return std::move(*read);
  }
  std::unique_ptr<TlsEngine> client_engine() { return std::make_unique<TlsEngine>(client, "pacs.example", "pacs:2762"); }
  std::unique_ptr<TlsEngine> server_engine() { return std::make_unique<TlsEngine>(server, "", "modality:4000"); }

  TlsSite site;
  std::shared_ptr<TlsSettings> client;
  std::shared_ptr<TlsSettings> server;
};

std::vector<std::byte> take(TlsEngine& engine) {
  const auto output = engine.output();
  std::vector<std::byte> bytes{output.begin(), output.end()};
  engine.sent(bytes.size());
  return bytes;
}

/// Feeds `bytes`, `at_once` at a time, and steps in between; the last step.
TlsEngine::Step shake(TlsEngine& engine, core::ByteView bytes, std::size_t at_once = 4096) {
  auto step = engine.handshake();
  while (!bytes.empty() && step.outcome != Outcome::failed && step.outcome != Outcome::done) {
    const auto space = engine.input_space();
    const auto count = std::min({space.size(), bytes.size(), at_once});
    std::memcpy(space.data(), bytes.data(), count);
    engine.received(count);
    bytes = bytes.subspan(count);
    step = engine.handshake();
  }
  return step;
}

/// Shakes hands to the end.
void befriend(TlsEngine& client, TlsEngine& server, std::size_t at_once) {
  auto here = shake(client, {});
  for (int i{0}; i < 6 && !(client.is_secure() && server.is_secure()); ++i) {
    const auto there = shake(server, take(client), at_once);
    REQUIRE(there.outcome != Outcome::failed);
    if (client.is_secure()) continue;  // what comes now is for read()
    here = shake(client, take(server), at_once);
    INFO(client.error().detail);
    REQUIRE(here.outcome != Outcome::failed);
  }
  REQUIRE(client.is_secure());
  REQUIRE(server.is_secure());
}

TEST_CASE("a handshake works in pieces of any size") {
  Bench bench;
  for (const std::size_t at_once : {1U, 2U, 5U, 100U, 16'384U}) {
    CAPTURE(at_once);
    bench.client->sessions.forget("pacs:2762");
    const auto client = bench.client_engine();
    const auto server = bench.server_engine();
    befriend(*client, *server, at_once);
    REQUIRE_FALSE(client->info().resumed);
  }
}

TEST_CASE("an abbreviated handshake is shorter") {
  Bench bench;
  auto options = bench.site.options(TlsRole::server, "pacs");
  options.verify = TlsVerify::none;
  bench.server = bench.settings(options);
  std::size_t sizes[2]{};
  for (auto& size : sizes) {
    const auto client = bench.client_engine();
    const auto server = bench.server_engine();
    REQUIRE(client->handshake().outcome == Outcome::wants_input);
    (void)shake(*server, take(*client));
    size = server->output().size();
    const auto flight = take(*server);
    (void)shake(*client, flight);
    befriend(*client, *server, 4096);
    // The tickets of TLS 1.3 come behind the handshake.
    std::byte into[10];
    REQUIRE(server->read(into).outcome == Outcome::wants_input);
    const auto tickets = take(*server);
    std::ranges::copy(tickets, client->input_space().begin());
    client->received(tickets.size());
    while (client->read(into).outcome == Outcome::done) {
    }
  }
  REQUIRE(sizes[1] < sizes[0] / 2);
}

/// What a server answers to a client's first words.
std::vector<std::byte> first_flight(Bench& bench) {
  const auto client = bench.client_engine();
  const auto server = bench.server_engine();
  REQUIRE(client->handshake().outcome == Outcome::wants_input);
  (void)shake(*server, take(*client));
  return take(*server);
}

TEST_CASE("each truncation of the server's first flight leaves the client waiting, and its end is an error") {
  Bench bench;
  const auto flight = first_flight(bench);
  REQUIRE(flight.size() > 500);
  for (std::size_t length{0}; length < flight.size(); ++length) {
    CAPTURE(length);
    const auto client = bench.client_engine();
    auto step = shake(*client, core::ByteView{flight}.first(length));
    // The flight answers another client: its signature may be refused before its end.
    REQUIRE((step.outcome == Outcome::wants_input || step.outcome == Outcome::failed));
    client->input_ended();
    if (step.outcome == Outcome::wants_input) step = client->handshake();
    REQUIRE(step.outcome == Outcome::failed);
    REQUIRE_FALSE(client->is_secure());
    REQUIRE_FALSE(client->error().detail.empty());
  }
}

TEST_CASE("tickets and messages in both directions do not get into each other's way") {
  Bench bench;
  auto options = bench.site.options(TlsRole::server, "pacs");
  options.verify = TlsVerify::none;
  bench.server = bench.settings(options);
  const auto client = bench.client_engine();
  const auto server = bench.server_engine();
  befriend(*client, *server, 4096);
  std::byte into[200];
  REQUIRE(server->write(core::bytes_of("to the client")).bytes == 13);
  const auto flight = take(*server);
  std::string heard;
  for (const auto byte : flight) {
    REQUIRE(client->write(core::bytes_of("x")).bytes == 1);
    (void)take(*client);
    client->input_space()[0] = byte;
    client->received(1);
    auto step = client->read(into);
    while (step.outcome == Outcome::done) {
      heard += core::text_of(core::ByteView{into}.first(step.bytes));
      step = client->read(into);
    }
    REQUIRE(step.outcome == Outcome::wants_input);
  }
  REQUIRE(heard == "to the client");
}

TEST_CASE("no damaged flight makes a connection secure") {
  Bench bench;
  for (std::size_t at{0}; at < 2000; at += 17) {
    const auto client = bench.client_engine();
    const auto server = bench.server_engine();
    REQUIRE(client->handshake().outcome == Outcome::wants_input);
    (void)shake(*server, take(*client));
    auto flight = take(*server);
    if (at >= flight.size()) break;
    CAPTURE(at);
    flight[at] ^= std::byte{0x55};
    (void)shake(*client, flight);
    (void)shake(*server, take(*client));
    REQUIRE_FALSE(server->is_secure());
    REQUIRE_FALSE(client->is_secure());
  }
}

TEST_CASE("garbage after the look of TLS is an error, whatever its length says") {
  Bench bench;
  for (unsigned seed{0}; seed < 200; ++seed) {
    auto garbage = pattern(40'000, seed);
    garbage[0] = std::byte{0x16};
    garbage[1] = std::byte{0x03};
    garbage[2] = std::byte{0x01};
    if (seed % 2 == 0) garbage[3] = std::byte{static_cast<unsigned char>(seed / 4)};  // a length that could be
    CAPTURE(seed);
    const auto server = bench.server_engine();
    const auto step = shake(*server, garbage, 1000);
    REQUIRE(step.outcome == Outcome::failed);
    REQUIRE(server->error().code == Errc::insecure);
  }
}

TEST_CASE("garbage on a secure connection ends it with an error") {
  Bench bench;
  const auto client = bench.client_engine();
  const auto server = bench.server_engine();
  befriend(*client, *server, 4096);
  const auto garbage = pattern(1000);
  const auto space = server->input_space();
  std::memcpy(space.data(), garbage.data(), garbage.size());
  space[0] = std::byte{0x17};
  space[1] = std::byte{0x03};
  space[2] = std::byte{0x03};
  space[3] = std::byte{0};
  server->received(garbage.size());
  std::byte into[100];
  REQUIRE(server->read(into).outcome == Outcome::failed);
  REQUIRE_THAT(server->error().detail, Catch::Contains("damaged"));
  REQUIRE(server->write(core::bytes_of("x")).outcome == Outcome::failed);
}

TEST_CASE("a good-bye is an end, its absence a cut") {
  Bench bench;
  const auto client = bench.client_engine();
  const auto server = bench.server_engine();
  befriend(*client, *server, 4096);
  std::byte into[100];
  SECTION("with") {
    client->close();
    const auto bytes = take(*client);
    std::memcpy(server->input_space().data(), bytes.data(), bytes.size());
    server->received(bytes.size());
    REQUIRE(server->read(into).outcome == Outcome::ended);
    REQUIRE(server->read(into).outcome == Outcome::ended);
  }
  SECTION("without") {
    server->input_ended();
    REQUIRE(server->read(into).outcome == Outcome::failed);
    REQUIRE(server->error().code == Errc::reset);
  }
}

TEST_CASE("a client of TLS 1.0 is refused by the default profile and served by the old ones") {
  // The libraries of today still write such a hello only where the profile has it.
  Bench bench;
  auto options = bench.site.options(TlsRole::client, "modality");
  options.profile = TlsProfile::bcp195_rfc7525;
  const auto old_client = bench.settings(options);
  TlsEngine client{old_client, "pacs.example", "pacs:2762"};
  const auto server = bench.server_engine();
  befriend(client, *server, 4096);  // both have something better
  REQUIRE(client.info().version >= std::string{"TLSv1.2"});
}

}  // namespace
}  // namespace scanferry::platform::contract
