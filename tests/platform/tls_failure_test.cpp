// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <catch2/catch.hpp>

#include "tls_network.hpp"
#include "tls_site.hpp"

namespace scanferry::platform::contract {
namespace {

/// A client of TLS 1.3 may say why it breaks off before its keys are there.
constexpr std::string_view kUnreadable = "words that cannot be read";

void expect_words(const Result<Stream>& end, const std::string& words) {
  REQUIRE_FALSE(end);
  REQUIRE(end.error().code == Errc::insecure);
  REQUIRE_THAT(end.error().detail, Catch::Contains(words));
}

/// A meeting that fails, and what each side says of it.
struct Failure {
  const char* sentence;
  void (*change)(TlsSite& site, TlsOptions& client, TlsOptions& server);
  const char* host;
  const char* client_says;
  const char* server_says;
};

void nothing(TlsSite&, TlsOptions&, TlsOptions&) {}

void foreign_ca(TlsSite& site, TlsOptions& client, TlsOptions&) {
  const Authority other{"Other CA", 7};
  client.ca_path = site.put("other.pem", other.certificate());
}
void unregistered_client(TlsSite& site, TlsOptions&, TlsOptions& server) {
  const Authority other{"Other CA", 7};
  server.ca_path = site.put("other.pem", other.certificate());
}
void no_client_certificate(TlsSite&, TlsOptions& client, TlsOptions&) { client.certificate_file = client.key_file = ""; }
void wrong_pin(TlsSite&, TlsOptions& client, TlsOptions&) { client.pinned = {std::string(64, '0')}; }
void wrong_pin_alone(TlsSite&, TlsOptions& client, TlsOptions&) {
  client.verify = TlsVerify::pinned;
  client.pinned = {std::string(64, '0')};
}
void no_certificate_to_pin(TlsSite& site, TlsOptions& client, TlsOptions& server) {
  no_client_certificate(site, client, server);
  server.verify = TlsVerify::pinned;
  server.pinned = {std::string(64, '0')};
}
void nothing_in_common(TlsSite&, TlsOptions& client, TlsOptions&) { client.profile = TlsProfile::aes; }
void server_certificate_as_client(TlsSite& site, TlsOptions&, TlsOptions&) {
  Request request;
  request.for_clients = false;
  site.put("modality", site.authority.issue(request));
}
void expired_server(TlsSite& site, TlsOptions&, TlsOptions&) {
  Request request;
  request.dns = {"pacs.example"};
  request.until = "20210304050607";
  site.put("pacs", site.authority.issue(request));
}
void future_server(TlsSite& site, TlsOptions&, TlsOptions&) {
  Request request;
  request.dns = {"pacs.example"};
  request.from = "20480304050607";
  site.put("pacs", site.authority.issue(request));
}
void expired_pinned(TlsSite& site, TlsOptions& client, TlsOptions& server) {
  expired_server(site, client, server);
  client.verify = TlsVerify::pinned;
  client.pinned = {to_string(site.load(server)->certificate()->fingerprint)};
}
void expired_client(TlsSite& site, TlsOptions&, TlsOptions&) {
  Request request;
  request.name = "modality";
  request.until = "20210304050607";
  site.put("modality", site.authority.issue(request));
}

constexpr Failure kFailures[] = {
    {"unknown CA", foreign_ca, "pacs.example", "is of no CA that we trust: add the CA's certificate to /home/other.pem, or pin sha256:",
     "broke off with unknown_ca: it does not know the CA of our certificate"},
    {"unknown CA of the client", unregistered_client, "pacs.example", "unknown_ca",
     "CN=modality, issued by CN=Hospital CA, is of no CA that we trust"},
    {"another name", nothing, "archive.example", "is for pacs.example, 192.0.2.7, not for archive.example: dial it by a name that is there",
     "broke off with bad_certificate"},
    {"another address", nothing, "192.0.2.8", "not for 192.0.2.8", "broke off with bad_certificate"},
    {"no client certificate", no_client_certificate, "pacs.example", "set certificate and key",
     "it showed no certificate, and we demand one"},
    {"a pin besides the CA", wrong_pin, "pacs.example",
     "CN=pacs.example is none of those pinned: if it is the right one, pin sha256:", "access_denied"},
    {"a pin alone", wrong_pin_alone, "pacs.example", "is none of those pinned", "access_denied"},
    {"no certificate where one is pinned", no_certificate_to_pin, "pacs.example", "", "it showed no certificate, and we demand one"},
    {"no common suite", nothing_in_common, "pacs.example", "no TLS version and cipher suite of our profile aes suits both sides",
     "no TLS version and cipher suite of our profile bcp195 suits both sides: update the peer, or use the profile bcp195-extended"},
    {"a server's certificate as client", server_certificate_as_client, "pacs.example", "unsupported_certificate",
     "is not made for a TLS client"},
    {"expired", expired_server, "pacs.example", "CN=pacs.example has expired on 2021-03-04 05:06 UTC: the peer needs a new one",
     "it says that our certificate has expired: renew it"},
    {"not valid yet", future_server, "pacs.example", "is valid from 2048-03-04 05:06 UTC on only, and it is ", "broke off with"},
    {"expired and pinned", expired_pinned, "pacs.example", "has expired on 2021-03-04", "broke off with"},
    {"expired client", expired_client, "pacs.example", "certificate has expired: renew it",
     "CN=modality has expired on 2021-03-04 05:06 UTC"},
};

TEST_CASE("what is wrong with a peer is said in plain words, on both sides") {
  for (const auto& failure : kFailures) {
    DYNAMIC_SECTION(failure.sentence) {
      TlsSite site;
      auto client = site.options(TlsRole::client, "modality");
      auto server = site.options(TlsRole::server, "pacs");
      failure.change(site, client, server);
      auto ends = site.meet(*site.load(client), *site.load(server), failure.host);
      INFO(ends.trouble());
      const bool is_unreadable = !ends.server && ends.server.error().detail.find(kUnreadable) != std::string::npos;
      expect_words(ends.server, is_unreadable ? std::string{kUnreadable} : failure.server_says);
      // A client that has finished its handshake hears of the server's refusal with its first read.
      if (std::string_view{failure.client_says}.empty() || ends.client) return;
      expect_words(ends.client, failure.client_says);
    }
  }
}

TEST_CASE("dates are judged by our clock, which may step") {
  TlsSite site;
  const auto client = site.load(site.options(TlsRole::client, "modality"));
  const auto server = site.load(site.options(TlsRole::server, "pacs"));
  auto now = site.meet(*client, *server);
  site.talk(now);
  site.port.world().step_wall_clock(std::chrono::days{365 * 40});
  auto later = site.meet(*client, *server);
  expect_words(later.client, "has expired on 2049-12-31 23:59 UTC");
}

TEST_CASE("an expired CA is named") {
  TlsSite site;
  Authority old{"Old CA", 9, "20210101000000"};
  site.put("ca.pem", old.certificate());
  Request request;
  request.dns = {"pacs.example"};
  site.put("pacs", old.issue(request));
  const auto ends = site.meet(*site.load(site.options(TlsRole::client, "modality")), *site.load(site.options(TlsRole::server, "pacs")));
  expect_words(ends.client, "the certificate CN=Old CA has expired on 2021-01-01");
}

TEST_CASE("who does not verify takes each certificate") {
  TlsSite site;
  site.put("alone", site.authority.self_signed({}));
  auto client = site.options(TlsRole::client, "");
  auto server = site.options(TlsRole::server, "alone");
  client.verify = server.verify = TlsVerify::none;
  site.port.world().step_wall_clock(std::chrono::days{365 * 40});
  auto ends = site.meet(*site.load(client), *site.load(server), "anything.example");
  site.talk(ends);
  REQUIRE((*ends.client)->tls()->peer->subject == "CN=pacs.example");
  REQUIRE_FALSE((*ends.server)->tls()->peer);
}

/// Options that no context can be made of, and why.
struct Mistake {
  const char* sentence;
  void (*make)(TlsSite& site, TlsOptions& options);
  const char* words;
};

void client_certificate(TlsSite& site, TlsOptions&) {
  Request request;
  request.for_servers = false;
  site.put("pacs", site.authority.issue(request));
}

constexpr Mistake kMistakes[] = {
    {"no file", [](TlsSite&, TlsOptions& o) { o.certificate_file = "/home/nowhere.pem"; }, "/home/nowhere.pem"},
    {"no certificate", [](TlsSite& s, TlsOptions& o) { o.certificate_file = s.put("text", "hello"); },
     "cannot use the certificate file /home/text: there is no certificate in it"},
    {"no key", [](TlsSite& s, TlsOptions& o) { o.key_file = s.put("text", "hello"); },
     "cannot use the key file /home/text: there is no private key in it"},
    {"key not in the same file", [](TlsSite&, TlsOptions& o) { o.key_file.clear(); }, "cannot use the key file /home/pacs.pem"},
    {"another's key", [](TlsSite&, TlsOptions& o) { o.key_file = "/home/modality.key"; },
     "the key in /home/modality.key does not belong to the certificate in /home/pacs.pem"},
    {"no CA", [](TlsSite&, TlsOptions& o) { o.ca_path.clear(); }, "there is no CA to check the peer's certificate with"},
    {"CA that is none", [](TlsSite& s, TlsOptions& o) { o.ca_path = s.put("text", "hello"); }, "cannot use the CA file /home/text"},
    {"nothing pinned", [](TlsSite&, TlsOptions& o) { o.verify = TlsVerify::pinned; }, "no certificate is pinned"},
    {"bad pin", [](TlsSite&, TlsOptions& o) { o.pinned = {"12:34"}; }, "the pin '12:34' is no SHA-256 fingerprint"},
    {"server without certificate", [](TlsSite&, TlsOptions& o) { o.certificate_file.clear(); },
     "a TLS server needs a certificate and its key"},
    {"huge file", [](TlsSite& s, TlsOptions& o) { o.certificate_file = s.put("huge", std::string(2U << 20U, 'x')); }, "too large"},
    {"client's certificate", client_certificate, "the certificate in /home/pacs.pem is not made for a TLS server"},
    {"empty file", [](TlsSite& s, TlsOptions& o) { o.certificate_file = s.put("empty", ""); }, "there is no certificate in it"},
};

TEST_CASE("what is wrong with the options is said in plain words") {
  for (const auto& mistake : kMistakes) {
    DYNAMIC_SECTION(mistake.sentence) {
      TlsSite site;
      auto options = site.options(TlsRole::server, "pacs");
      mistake.make(site, options);
      const auto context = site.try_load(options);
      REQUIRE_FALSE(context);
      REQUIRE_THAT(context.error().detail, Catch::Contains(mistake.words));
    }
  }
}

Task<void> read_into(Port& port, ByteStream& stream, Result<std::size_t>& result) {
  std::array<std::byte, 100> buffer{};
  result = co_await stream.read_some(buffer, in(port, kAmple));
}

TEST_CASE("a peer that speaks plain DICOM on a TLS port is named") {
  TlsSite site;
  const auto server = site.load(site.options(TlsRole::server, "pacs"));
  auto connection = site.plain();
  const auto far = server->wrap(std::move(connection.far));
  const std::byte associate[] = {std::byte{1}, std::byte{0},   std::byte{0}, std::byte{0},
                                 std::byte{0}, std::byte{200}, std::byte{0}, std::byte{1}};
  Result<std::size_t> result{0U};
  site.port.play(send(site.port, *connection.near, associate), read_into(site.port, *far, result));
  REQUIRE_FALSE(result);
  REQUIRE(result.error().code == Errc::insecure);
  REQUIRE_THAT(result.error().detail, Catch::Contains("the peer speaks plain DICOM, not TLS: switch TLS on there"));
  REQUIRE_THAT(result.error().detail, Catch::Contains(far->peer()));
}

TEST_CASE("a peer that speaks something else on a TLS port is told from both") {
  TlsSite site;
  const auto server = site.load(site.options(TlsRole::server, "pacs"));
  auto connection = site.plain();
  const auto far = server->wrap(std::move(connection.far));
  Result<std::size_t> result{0U};
  site.port.play(send(site.port, *connection.near, core::bytes_of("GET / HTTP/1.1\r\n")), read_into(site.port, *far, result));
  REQUIRE_FALSE(result);
  REQUIRE_THAT(result.error().detail, Catch::Contains("neither TLS nor DICOM"));
}

Task<void> dial_plain(TlsSite& site, TlsContext& client, Stream plain, Error& error) {
  const auto end = co_await client.secure(std::move(plain), "pacs.example", in(site.port, kAmple));
  REQUIRE_FALSE(end);
  error = end.error();
}

TEST_CASE("a plain port that a TLS client dials is recognised by what it does") {
  TlsSite site;
  const auto client = site.load(site.options(TlsRole::client, "modality"));
  Error error;
  auto connection = site.plain();
  SECTION("it aborts") {
    const std::byte abort[] = {std::byte{7}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0},
                               std::byte{4}, std::byte{0}, std::byte{0}, std::byte{2}, std::byte{1}};
    site.port.play(dial_plain(site, *client, std::move(connection.near), error), send(site.port, *connection.far, abort));
    REQUIRE(error.code == Errc::insecure);
    REQUIRE_THAT(error.detail, Catch::Contains("the peer speaks plain DICOM, not TLS: dial its TLS port"));
  }
  SECTION("it closes") {
    site.port.play(dial_plain(site, *client, std::move(connection.near), error), close_after(site.port, *connection.far, core::Millis{5}));
    REQUIRE(error.code == Errc::reset);
    REQUIRE_THAT(error.detail, Catch::Contains("is it its TLS port?"));
  }
  SECTION("it waits") {
    site.port.play(dial_plain(site, *client, std::move(connection.near), error));
    REQUIRE(error.code == Errc::timed_out);
    REQUIRE_THAT(error.detail, Catch::Contains("during the TLS handshake; a peer that speaks plain DICOM may do so"));
  }
}

TEST_CASE("a connection that ends without a good-bye was cut") {
  TlsSite site;
  const auto client = site.load(site.options(TlsRole::client, "modality"));
  const auto server = site.load(site.options(TlsRole::server, "pacs"));
  auto plan = sim::ConnectionPlan{};
  plan.reset_after = 20'000;
  site.port.fabric().set_planner([plan](auto, auto) { return plan; });
  auto ends = site.meet(*client, *server);
  REQUIRE(ends.client);
  Result<std::size_t> result{0U};
  const auto bytes = pattern(30'000);
  const auto write = [](TlsSite& where, ByteStream& stream, core::ByteView what) -> Task<void> {
    const auto sent = co_await stream.write(what, {}, in(where.port, kAmple));
    static_cast<void>(sent);
  };
  site.port.play(write(site, **ends.client, bytes), read_into(site.port, **ends.server, result));
  while (result) site.port.play(read_into(site.port, **ends.server, result));
  REQUIRE(result.error().code == Errc::reset);
}

TEST_CASE("a silent client holds up nobody else") {
  TlsSite site;
  auto named = Request{};
  named.dns = {"device"};
  site.put("pacs", site.authority.issue(named));
  const auto client = site.load(site.options(TlsRole::client, "modality"));
  const auto server = site.load(site.options(TlsRole::server, "pacs"));
  TlsNetwork network{site.port.platform().network, client.get(), server.get()};
  const auto listener = network.listen(site.port.host(), 2762);
  REQUIRE(listener);
  Stream silent;
  Stream ends[3];
  site.port.play(expect_dial(site.port, 2762, silent), expect_accept(**listener, ends[0]));
  const auto serve = [](TlsSite& where, Listener& from, Stream& end) -> Task<void> {
    co_await expect_accept(from, end);
    co_await receive(where.port, *end, core::bytes_of("hello"), 5);
  };
  const auto dial = [](TlsSite& where, TlsNetwork& net, Stream& end) -> Task<void> {
    auto dialled = co_await net.dial(where.port.host(), 2762, in(where.port, kAmple));
    REQUIRE(dialled);
    end = std::move(*dialled);
    co_await send(where.port, *end, core::bytes_of("hello"));
  };
  site.port.play(serve(site, **listener, ends[1]), dial(site, network, ends[2]),
                 expect_read_error(*ends[0], in(site.port, kAWhile), Errc::timed_out));
}

}  // namespace
}  // namespace scanferry::platform::contract
