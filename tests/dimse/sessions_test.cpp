// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/dimse/scp_session.hpp>
#include <scanferry/dimse/scu_session.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using wire::Bytes;
using wire::operator+;
using Kind = Event::Kind;

namespace {

/// Carries bytes one way in pieces.
void carry(wire::Driver& from, wire::Driver& to, std::size_t step) {
  const auto bytes = from.take();
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(i);
    to.feed({begin, begin + static_cast<std::ptrdiff_t>(std::min(step, bytes.size() - i))});
  }
}

/// Both ways until nobody has anything to say.
void talk(wire::Driver& a, wire::Driver& b, std::size_t step) {
  while (!a.session.output().empty() || !b.session.output().empty()) {
    carry(a, b, step);
    carry(b, a, step);
  }
}

std::vector<Kind> events(Session& session) {
  std::vector<Kind> kinds;
  while (const auto event = session.poll()) kinds.push_back(event->kind);
  return kinds;
}

/// A storage provider in thirty lines that shares nothing with the product: it takes each object whole.
struct Peer {
  std::uint32_t max_pdu;
  Bytes received{};
  std::vector<Bytes> objects{};
  std::size_t longest_pdu{0};

  Bytes hear(const Bytes& bytes) {
    received = received + bytes;
    Bytes answer;
    while (received.size() >= 6) {
      const auto length = std::to_integer<std::size_t>(received[2]) << 24U | std::to_integer<std::size_t>(received[3]) << 16U |
                          std::to_integer<std::size_t>(received[4]) << 8U | std::to_integer<std::size_t>(received[5]);
      if (received.size() < 6 + length) break;
      const auto end = received.begin() + static_cast<std::ptrdiff_t>(6 + length);
      answer = answer + on_pdu(wire::take_apart({received.begin(), end})[0]);
      received.erase(received.begin(), end);
    }
    return answer;
  }

  Bytes on_pdu(const wire::Pdu& pdu) {
    if (pdu.type == 1) return wire::associate_ac({{1, 0, wire::kExplicit}}, wire::max_length(max_pdu));
    if (pdu.type == 5) return wire::release_rp();
    REQUIRE(pdu.type == 4);
    longest_pdu = std::max(longest_pdu, pdu.value.size());
    Bytes answer;
    for (const auto& pdv : pdu.pdvs) answer = answer + on_pdv(pdv);
    return answer;
  }
  Bytes on_pdv(const wire::Pdv& pdv) {
    auto& part = (pdv.control & 1U) != 0 ? command : object;
    part = part + pdv.fragment;
    if (pdv.control != 2) return {};
    objects.push_back(std::exchange(object, {}));
    const auto id = wire::us_of(std::exchange(command, {}), 0x0110);
    REQUIRE(id);
    return wire::message(1, wire::store_response(*id, 0));
  }
  Bytes command{};
  Bytes object{};
};

}  // namespace

TEST_CASE("our requestor and our acceptor understand each other, however the stream is cut") {
  for (const std::size_t step : {1U, 2U, 7U, 4096U}) {
    const std::array contexts{ProposedContext{wire::kVerification, wire::kImplicit},
                              ProposedContext{wire::kUsMultiFrame, wire::kExplicit}};
    ScuSession scu{{.calling = "SCANFERRY", .called = "OTHER", .timeouts = {}}, contexts, {}};
    ScpSession scp{{.title = "OTHER", .any_called_title = false, .timeouts = {}}, {}};
    wire::Driver a{.session = scu, .object = {}, .written = {}};
    wire::Driver b{.session = scp, .object = {}, .written = {}};
    talk(a, b, step);
    REQUIRE(events(scu) == std::vector{Kind::established});
    REQUIRE(events(scp) == std::vector{Kind::established});
    CHECK(scu.accepts(wire::kUsMultiFrame, wire::kExplicit).error() == RequestError::class_refused);
    for (int i = 0; i < 3; ++i) {
      REQUIRE(scu.echo({}));
      talk(a, b, step);
      REQUIRE(events(scu) == std::vector{Kind::response});
      REQUIRE(events(scp) == std::vector{Kind::echo_served});
    }
    scu.release({});
    talk(a, b, step);
    CHECK(events(scu) == std::vector{Kind::released});
    CHECK(scu.finished());
    scp.peer_closed({});
    CHECK(events(scp) == std::vector{Kind::released});
    CHECK(scp.finished());
    CHECK(scp.calling().view() == "SCANFERRY");
  }
}

TEST_CASE("objects arrive whole at a peer that shares no code with us") {
  for (const std::uint32_t max_pdu : {0U, 14U, 101U, 4096U, 16384U, 131072U}) {
    const std::array contexts{ProposedContext{wire::kUsMultiFrame, wire::kExplicit}};
    ScuSession scu{{.calling = "SCANFERRY", .called = "PACS", .max_pdu_send = 50'000, .timeouts = {}}, contexts, {}};
    wire::Driver driver{.session = scu, .object = {}, .written = {}};
    Peer peer{.max_pdu = max_pdu};
    driver.feed(peer.hear(driver.take()));
    REQUIRE(events(scu) == std::vector{Kind::established});
    std::vector<Bytes> sent;
    for (const std::size_t size : {2U, 4094U, 30'000U, 120'000U}) {
      driver.object = wire::object_of(size);
      sent.push_back(driver.object);
      REQUIRE(scu.store({wire::kUsMultiFrame, "1.2.3", wire::kExplicit, size}, {}));
      driver.feed(peer.hear(driver.take()));
      REQUIRE(events(scu) == std::vector{Kind::response});
    }
    CHECK(peer.objects == sent);
    CHECK(peer.longest_pdu <= (max_pdu == 0 ? 50'000 : std::min(max_pdu, 50'000U)));
    scu.release({});
    driver.feed(peer.hear(driver.take()));
    CHECK(events(scu) == std::vector{Kind::released});
  }
}
