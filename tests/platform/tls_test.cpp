// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <catch2/catch.hpp>

#include "tls_network.hpp"
#include "tls_site.hpp"

namespace scanferry::platform::contract {
namespace {

std::unique_ptr<TlsContext> client_of(TlsSite& site, const std::string& name = "modality") {
  return site.load(site.options(TlsRole::client, name));
}
std::unique_ptr<TlsContext> server_of(TlsSite& site, const std::string& name = "pacs") {
  return site.load(site.options(TlsRole::server, name));
}

bool was_resumed(TlsSite::Ends& ends) {
  INFO(ends.trouble());
  REQUIRE(ends.client);
  REQUIRE(ends.server);
  REQUIRE((*ends.client)->tls()->resumed == (*ends.server)->tls()->resumed);
  return (*ends.client)->tls()->resumed;
}

TEST_CASE("both sides prove who they are, and then talk") {
  TlsSite site;
  const auto client = client_of(site);
  const auto server = server_of(site);
  auto ends = site.meet(*client, *server);
  site.talk(ends);
  const auto* info = (*ends.client)->tls();
  REQUIRE(info->peer);
  REQUIRE(info->peer->subject == "CN=pacs.example");
  REQUIRE(info->peer->issuer == "CN=Hospital CA");
  REQUIRE(info->peer->names == "pacs.example, 192.0.2.7");
  REQUIRE_THAT(info->suite, Catch::Contains("AES-128-GCM"));
  REQUIRE((*ends.server)->tls()->peer->subject == "CN=modality");
  REQUIRE(info->peer->fingerprint == server->certificate()->fingerprint);
}

TEST_CASE("reading and writing at once begin with one handshake") {
  TlsSite site;
  const auto client = client_of(site);
  const auto server = server_of(site);
  auto connection = site.plain();
  const auto near = client->wrap(std::move(connection.near), "pacs.example");
  const auto far = server->wrap(std::move(connection.far));
  REQUIRE(near->tls() == nullptr);
  const auto there = pattern(200'000, 1);
  const auto back = pattern(200'000, 2);
  site.port.play(receive(site.port, *near, back, 999), send(site.port, *near, there), send(site.port, *far, back),
                 receive(site.port, *far, there, 999));
  REQUIRE(near->tls()->peer->subject == "CN=pacs.example");
}

TEST_CASE("close ends a handshake, for whoever waits for it") {
  TlsSite site;
  const auto client = client_of(site);
  auto connection = site.plain();
  const auto near = client->wrap(std::move(connection.near), "pacs.example");
  const auto write = [](ByteStream& stream) -> Task<void> {
    const auto sent = co_await stream.write(core::bytes_of("x"), {}, core::kNever);
    REQUIRE_FALSE(sent);
    REQUIRE(sent.error().code == Errc::cancelled);
  };
  site.port.play(expect_read_error(*near, core::kNever, Errc::cancelled), write(*near), close_after(site.port, *near, core::Millis{5}));
}

TEST_CASE("a server is known by its name and by its numeric address") {
  TlsSite site;
  const auto client = client_of(site);
  const auto server = server_of(site);
  for (const auto* host : {"pacs.example", "192.0.2.7"}) {
    CAPTURE(host);
    auto ends = site.meet(*client, *server, host);
    site.talk(ends);
  }
  auto options = site.options(TlsRole::client, "modality");
  options.server_name = "pacs.example";
  auto ends = site.meet(*site.load(options), *server, "10.0.0.1");
  site.talk(ends);
}

TEST_CASE("a pinned certificate is enough, whoever issued it and whatever its name") {
  TlsSite site;
  site.put("alone", site.authority.self_signed({}));
  const auto server = server_of(site, "alone");
  auto options = site.options(TlsRole::client, "modality");
  options.verify = TlsVerify::pinned;
  options.pinned = {to_string(server->certificate()->fingerprint)};
  const auto client = site.load(options);
  auto ends = site.meet(*client, *server, "anything.example");
  site.talk(ends);

  auto server_options = site.options(TlsRole::server, "pacs");
  server_options.verify = TlsVerify::pinned;
  server_options.pinned = {to_string(client->certificate()->fingerprint)};
  options.pinned = {};
  options.verify = TlsVerify::full;
  auto other_way = site.meet(*site.load(options), *site.load(server_options));
  site.talk(other_way);
}

TEST_CASE("each profile agrees with itself") {
  TlsSite site;
  Request rsa;
  rsa.rsa = true;
  rsa.dns = {"pacs.example"};
  site.put("rsa", site.authority.issue(rsa));
  for (const auto profile : {TlsProfile::bcp195, TlsProfile::bcp195_extended, TlsProfile::bcp195_rfc7525, TlsProfile::aes}) {
    auto client = site.options(TlsRole::client, "modality");
    auto server = site.options(TlsRole::server, "rsa");
    client.profile = server.profile = profile;
    CAPTURE(name_of(profile));
    auto ends = site.meet(*site.load(client), *site.load(server));
    site.talk(ends);
    const bool old = profile == TlsProfile::aes;
    REQUIRE(((*ends.client)->tls()->suite == "TLS-RSA-WITH-AES-128-CBC-SHA") == old);
  }
}

TEST_CASE("the names of profiles and ways of verifying are read and written") {
  for (const auto* name : {"bcp195", "bcp195-extended", "bcp195-rfc7525", "aes"}) REQUIRE(name_of(tls_profile(name).value()) == name);
  for (const auto* name : {"full", "pinned", "none"}) REQUIRE(name_of(tls_verify(name).value()) == name);
  REQUIRE_FALSE(tls_profile("ssl3"));
  REQUIRE_FALSE(tls_verify(""));
}

TEST_CASE("the second connection takes up the session of the first") {
  TlsSite site;
  // With the TLS 1.3 of mbedTLS 3.6, clients that are verified prove themselves each time.
  auto options = site.options(TlsRole::client, "modality");
  options.profile = TlsProfile::bcp195_extended;
  const auto client = site.load(options);
  const auto server = server_of(site);
  // The session is that of one address: here each connection dials another port, so a Network is what meets the same one.
  TlsNetwork network{site.port.platform().network, client.get(), server.get()};
  auto listener = network.listen(site.port.host(), 2762);
  REQUIRE(listener);
  const auto meet = [&](bool expected) {
    Stream near;
    Stream far;
    const auto dial = [](TlsNetwork& net, TlsSite& where, Stream& end) -> Task<void> {
      auto dialled = co_await net.dial(where.port.host(), 2762, in(where.port, kAmple));
      INFO((dialled ? "" : dialled.error().detail));
      REQUIRE(dialled);
      end = std::move(*dialled);
      co_await send(where.port, *end, core::bytes_of("x"));
      co_await receive(where.port, *end, core::bytes_of("y"), 1);  // the tickets of TLS 1.3 come before it
    };
    const auto accept = [](Listener& from, TlsSite& where, Stream& end) -> Task<void> {
      co_await expect_accept(from, end);
      co_await receive(where.port, *end, core::bytes_of("x"), 1);
      co_await send(where.port, *end, core::bytes_of("y"));
    };
    site.port.play(accept(**listener, site, far), dial(network, site, near));
    REQUIRE(near->tls()->resumed == expected);
    REQUIRE(far->tls()->resumed == expected);
    REQUIRE(near->tls()->peer->subject == "CN=pacs.example");
    REQUIRE(far->tls()->peer->subject == "CN=modality");
  };
  Request named;
  named.dns = {"device"};
  named.name = "pacs.example";
  site.put("pacs", site.authority.issue(named));
  REQUIRE(site.reload(*server).value());
  meet(false);
  meet(true);
  meet(true);
  SECTION("but not for ever") {
    site.port.play(pause(site.port, std::chrono::hours{9}));
    meet(false);
    meet(true);
  }
  SECTION("but not with a server that was reloaded") {
    named.until = "20401231235959";
    site.put("pacs", site.authority.issue(named));
    REQUIRE(site.reload(*server).value());
    meet(false);
    meet(true);
  }
  SECTION("but not with a certificate that has expired since") {
    site.port.world().step_wall_clock(std::chrono::days{365 * 40});
    const auto dial = [](TlsNetwork& net, TlsSite& where, std::string& words) -> Task<void> {
      const auto dialled = co_await net.dial(where.port.host(), 2762, in(where.port, kAmple));
      REQUIRE_FALSE(dialled);
      words = dialled.error().detail;
    };
    const auto accept = [](Listener& from, TlsSite& where) -> Task<void> {
      Stream end;
      co_await expect_accept(from, end);
      std::byte byte{};
      const auto got = co_await end->read_some({&byte, 1}, in(where.port, kAmple));
      REQUIRE_FALSE(got);
    };
    std::string words;
    site.port.play(accept(**listener, site), dial(network, site, words));
    REQUIRE_THAT(words, Catch::Contains("expired"));
  }
}

TEST_CASE("certificates are loaded again without touching connections that exist") {
  TlsSite site;
  const auto client = client_of(site);
  const auto server = server_of(site);
  auto before = site.meet(*client, *server);
  site.talk(before);
  REQUIRE_FALSE(site.reload(*server).value());

  const auto old_one = server->certificate()->fingerprint;
  Request renewed;
  renewed.dns = {"pacs.example"};
  const auto issued = site.authority.issue(renewed);
  site.put("pacs.pem", issued.certificate);
  const auto torn = site.reload(*server);
  REQUIRE_FALSE(torn);
  REQUIRE_THAT(torn.error().detail, Catch::Contains("does not belong to the certificate"));
  REQUIRE(server->certificate()->fingerprint == old_one);
  auto meanwhile = site.meet(*client, *server);
  site.talk(meanwhile);

  site.put("pacs.key", issued.key);
  REQUIRE(site.reload(*server).value());
  REQUIRE(server->certificate()->fingerprint != old_one);
  auto after = site.meet(*client, *server);
  site.talk(after);
  REQUIRE((*after.client)->tls()->peer->fingerprint == server->certificate()->fingerprint);
  site.talk(before);
  REQUIRE((*before.client)->tls()->peer->fingerprint == old_one);
}

TEST_CASE("a folder of CAs is searched, and what is none there is told of and left out") {
  TlsSite site;
  REQUIRE(site.port.platform().store.make_directories("/home/trust"));
  site.put("trust/hospital.pem", site.authority.certificate());
  site.put("trust/README", "not a certificate");
  auto options = site.options(TlsRole::client, "modality");
  options.ca_path = "/home/trust";
  const auto client = site.load(options);
  const auto server = server_of(site);
  auto ends = site.meet(*client, *server);
  site.talk(ends);
  const auto& lines = site.port.node().log().lines();
  REQUIRE(std::ranges::any_of(lines, [](const auto& line) { return line.find("/home/trust/README") != std::string::npos; }));
}

TEST_CASE("certificates about to expire are warned of, once a day") {
  TlsSite site;
  Request request;
  request.dns = {"pacs.example"};
  const auto now = site.port.platform().clock.wall_now();
  const auto client = client_of(site);
  const auto server = server_of(site);
  const auto warnings = [&] {
    return std::ranges::count_if(site.port.node().log().lines(),
                                 [](const auto& line) { return line.find("expires on 2049-12-31 23:59 UTC") != std::string::npos; });
  };
  auto early = site.meet(*client, *server);
  REQUIRE_FALSE(was_resumed(early));
  REQUIRE(warnings() == 0);
  const auto end = server->certificate()->valid_until;
  site.port.world().step_wall_clock(end - now - std::chrono::days{10} - std::chrono::hours{1});
  for (int i{0}; i < 3; ++i) (void)site.meet(*client, *server);
  REQUIRE(warnings() == 2);  // one on each side
  // Ours is looked at when its files are.
  for (int i{0}; i < 2; ++i) REQUIRE_FALSE(site.reload(*server).value());
  REQUIRE(warnings() == 3);
  REQUIRE(days_left(*server->certificate(), site.port.platform().clock.wall_now()) == 10);
  const auto words = expiry_warning(*server->certificate(), "ours", site.port.platform().clock.wall_now(), kTlsExpiryNotice);
  REQUIRE(words == "the certificate of ours (CN=pacs.example) expires on 2049-12-31 23:59 UTC, 10 days left: renew it");
  REQUIRE(expiry_warning(*server->certificate(), "ours", end + std::chrono::days{1}, kTlsExpiryNotice) ==
          "the certificate of ours (CN=pacs.example) has expired on 2049-12-31 23:59 UTC: renew it");
}

TEST_CASE("fingerprints are read as tools write them") {
  const std::string plain(64, 'a');
  std::string colons;
  for (int i{0}; i < 32; ++i) colons += i == 0 ? "AA" : ":AA";
  REQUIRE(to_string(parse_fingerprint(plain).value()) == plain);
  REQUIRE(parse_fingerprint(colons) == parse_fingerprint(plain));
  REQUIRE(parse_fingerprint("sha256:" + plain) == parse_fingerprint(plain));
  for (const auto& bad : {std::string{}, std::string(63, 'a'), std::string(66, 'a'), std::string(64, 'g'), plain + ":"})
    REQUIRE_FALSE(parse_fingerprint(bad));
}

TEST_CASE("the first bytes tell TLS from DICOM") {
  const std::byte hello[] = {std::byte{0x16}, std::byte{0x03}, std::byte{0x01}};
  const std::byte associate[] = {std::byte{0x01}, std::byte{0x00}};
  REQUIRE(looks_like_tls(hello));
  REQUIRE_FALSE(looks_like_tls(associate));
  REQUIRE_FALSE(looks_like_tls(core::ByteView{hello}.first(1)));
}

}  // namespace
}  // namespace scanferry::platform::contract
