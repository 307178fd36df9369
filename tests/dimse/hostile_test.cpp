// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/dimse/scp_session.hpp>
#include <scanferry/dimse/scu_session.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using scanferry::core::ByteView;
using scanferry::core::Instant;
using scanferry::core::Millis;
using wire::Bytes;
using wire::operator+;
using Kind = Event::Kind;

namespace {

const std::array kContexts{ProposedContext{"1.2.840.10008.1.1", "1.2.840.10008.1.2"},
                           ProposedContext{"1.2.3", "1.2.840.10008.1.2.1"}};

bool ends(Kind kind) { return kind != Kind::established && kind != Kind::response && kind != Kind::echo_served; }

/// What must hold whatever a peer sends: at most one event ends the association, nothing but an end comes after it, and it ends.
struct Watch {
  Session& session;
  int endings{0};

  void take_events() {
    while (const auto event = session.poll()) {
      REQUIRE(endings == 0);
      endings += ends(event->kind) ? 1 : 0;
    }
  }
  /// Drives the session to its end by time alone.
  void run_out(Instant now) {
    for (int i = 0; i < 10 && !session.finished(); ++i) {
      while (!session.output().empty()) session.wrote(now);
      take_events();
      if (session.finished()) break;
      // An idle requestor waits for its user.
      if (session.deadline() == scanferry::core::kNever) session.peer_closed(now);
      now = std::max(now, session.deadline());
      session.on_time(now);
      take_events();
    }
    take_events();
    CHECK(session.finished());
    CHECK(session.output().empty());
    CHECK(session.payload().length == 0);
  }
};

/// Feeds `bytes` cut by chance; the requestor asks something whenever it may.
void play(Session& session, ScuSession* scu, const Bytes& bytes, wire::Chance& chance) {
  Watch watch{session};
  Instant now{};
  for (std::size_t i = 0; i < bytes.size() && !session.finished();) {
    if (scu != nullptr && scu->ready()) {
      // Refused where it was not accepted.
      if (chance.below(3) == 0) (void)scu->echo(now);
      else if (chance.below(2) == 0) (void)scu->store({"1.2.3", "1.2.3.4", wire::kExplicit, 2 * chance.below(100'000)}, now);
      else (void)scu->invoke(find_request("1.2.3"), wire::kExplicit, 2 * chance.below(1000), now);
    }
    // Sometimes the peer speaks before all of ours is written.
    for (auto writes = chance.below(20); writes > 0 && !session.output().empty(); --writes) session.wrote(now);
    const auto count = std::min(bytes.size() - i, 1 + chance.below(200));
    for (auto piece = ByteView{bytes}.subspan(i, count); !piece.empty() && !session.finished();) {
      session.feed(piece, now);
      watch.take_events();
    }
    i += count;
    now += Millis{static_cast<std::int64_t>(chance.below(100))};
    if (scu != nullptr && chance.below(10) == 0) scu->cancel(1, now);
  }
  watch.run_out(now);
}

void play_scu(const Bytes& bytes, wire::Chance& chance) {
  ScuSession session{{.calling = "A", .called = "B", .timeouts = {}}, kContexts, {}};
  play(session, &session, bytes, chance);
}
void play_scp(const Bytes& bytes, wire::Chance& chance) {
  ScpSession session{{.title = "B", .timeouts = {}}, {}};
  play(session, nullptr, bytes, chance);
}

const Bytes kScuStream = wire::associate_ac({{1, 0, wire::kImplicit}, {3, 0, wire::kExplicit}}, wire::max_length(300)) +
                         wire::message(1, wire::echo_response(1, 0)) + wire::message(3, wire::store_response(2, 0xB000)) +
                         wire::message(1, wire::echo_response(3, 0)) + wire::release_rq();
const Bytes kScpStream =
    wire::associate_rq({{1, wire::kVerification, {wire::kImplicit}}, {3, wire::kUsMultiFrame, {wire::kExplicit}}},
                       wire::max_length(100) + wire::item(0x53, wire::be32(0x00010001))) +
    wire::message(1, wire::echo_request(1)) + wire::message(1, wire::echo_request(2)) + wire::release_rq();

constexpr std::array kServed{CommandField::c_store};
constexpr Millis kLimit{300};
constexpr Timeouts kShort{.associate = kLimit, .transfer = kLimit, .response = kLimit, .idle = kLimit, .release = kLimit};

struct TakeAll final : Acceptance {
  std::optional<Rejection> refuses(const AssociatePdu&) const override { return std::nullopt; }
  ContextAnswer judge(const PresentationContext&, Roles proposed) const override { return {ContextResult::accepted, 0, proposed}; }
};
const TakeAll kTakeAll;

/// A peer that says one byte each millisecond, so that it is never silent; and what drives our side.
struct Trickle {
  Session& session;
  wire::Driver driver{.session = session, .object = {}, .written = {}};
  Kind last{};

  void take_events() {
    while (const auto event = session.poll()) last = event->kind;
  }
  void say(const Bytes& bytes) {
    for (ByteView view{bytes}; !view.empty();) {
      session.feed(view, driver.now);
      take_events();
    }
    driver.write_all();
    take_events();
  }
  /// How long the session bears these bytes, again and again.
  Millis bears(const Bytes& bytes) {
    const auto start = driver.now;
    for (std::size_t at = 0; !session.finished() && driver.now < start + 10 * kLimit; ++at) {
      say({bytes[at % bytes.size()]});
      driver.pass(Millis{1});
      if (driver.now >= session.deadline()) session.on_time(driver.now);
      take_events();
      driver.write_all();
    }
    return driver.now - start;
  }
};

struct SlowRequestor : Trickle {
  ScpSession scp{{.title = "B", .timeouts = kShort, .acceptance = &kTakeAll, .serves = kServed}, {}};
  SlowRequestor() : Trickle{scp} {}
  void establish() { say(wire::associate_rq({{1, wire::kVerification, {wire::kImplicit}}, {3, "1.2.3", {wire::kExplicit}}}, wire::max_length(0))); }
  void begin_store() {
    say(wire::message(3, wire::command(wire::ui(0x0002, "1.2.3") + wire::us(0x0100, 0x0001) + wire::us(0x0110, 1) + wire::us(0x0800, 0) +
                                       wire::ui(0x1000, "1.2.3.4"))));
  }
};

struct SlowAcceptor : Trickle {
  ScuSession scu{{.calling = "A", .called = "B", .timeouts = kShort}, kContexts, {}};
  SlowAcceptor() : Trickle{scu} { driver.write_all(); }
  void establish() { say(wire::associate_ac({{1, 0, wire::kImplicit}, {3, 0, wire::kExplicit}}, wire::max_length(0))); }
};

/// A few bytes changed, doubled or lost.
Bytes spoil(Bytes bytes, wire::Chance& chance) {
  for (auto changes = 1 + chance.below(4); changes > 0 && bytes.size() > 8; --changes) {
    const auto at = chance.below(bytes.size() - 8);
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (chance.below(5)) {
      case 0: *place = static_cast<std::byte>(chance.next() & 0xFFU); break;
      case 1: *place ^= static_cast<std::byte>(1U << chance.below(8)); break;
      case 2: *place = chance.below(2) == 0 ? std::byte{0} : std::byte{0xFF}; break;
      case 3: bytes.erase(place, place + static_cast<std::ptrdiff_t>(1 + chance.below(7))); break;
      default: {
        const Bytes copy{place, place + static_cast<std::ptrdiff_t>(chance.below(8))};
        bytes.insert(place, copy.begin(), copy.end());
      }
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("spoiled streams end an association in bounded steps and never confuse it") {
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    INFO("seed " << seed);
    wire::Chance chance{seed};
    play_scu(spoil(kScuStream, chance), chance);
    play_scp(spoil(kScpStream, chance), chance);
  }
}

TEST_CASE("noise ends an association too") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    INFO("seed " << seed);
    wire::Chance chance{seed};
    auto noise = wire::object_of(1 + chance.below(500));
    noise[0] = static_cast<std::byte>(chance.below(9));
    play_scu(noise, chance);
    play_scp(noise, chance);
  }
}

TEST_CASE("a stream that ends anywhere ends the association with one word") {
  for (const bool requestor : {true, false}) {
    const auto& stream = requestor ? kScuStream : kScpStream;
    for (std::size_t length = 0; length <= stream.size(); ++length) {
      INFO((requestor ? "requestor, " : "acceptor, ") << length << " bytes");
      ScuSession scu{{.calling = "A", .called = "B", .timeouts = {}}, kContexts, {}};
      ScpSession scp{{.title = "B", .timeouts = {}}, {}};
      Session& session = requestor ? static_cast<Session&>(scu) : scp;
      Watch watch{session};
      for (std::size_t i = 0; i < length; ++i) {
        while (!session.output().empty()) session.wrote({});
        if (scu.ready()) REQUIRE((i % 2 == 0 ? scu.echo({}) : scu.store({"1.2.3", "1.2", wire::kExplicit, 2}, {})));
        auto byte = ByteView{stream}.subspan(i, 1);
        session.feed(byte, {});
        watch.take_events();
      }
      session.peer_closed({});
      watch.take_events();
      CHECK(watch.endings == 1);
      CHECK(session.finished());
      CHECK(session.deadline() == scanferry::core::kNever);
    }
  }
}

TEST_CASE("every PDU type at every length of consequence is answered or refused in bounded memory") {
  for (unsigned type = 0; type < 256; ++type) {
    for (const std::uint32_t length :
         {0U, 1U, 3U, 4U, 5U, 6U, 67U, 68U, 69U, 16384U, 16385U, 65536U, 65537U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
      INFO("type " << type << ", length " << length);
      const auto stream = Bytes{std::byte(type), std::byte{0}} + wire::be32(length) + Bytes(200, std::byte(type));
      wire::Chance chance{length};
      play_scu(stream, chance);
      play_scu(wire::associate_ac({{1, 0, wire::kImplicit}}, wire::max_length(0)) + stream, chance);
      play_scp(stream, chance);
      play_scp(wire::associate_rq({{1, wire::kVerification, {wire::kImplicit}}}, wire::max_length(0)) + stream, chance);
    }
  }
}

TEST_CASE("an acceptor does not wait longer for one who says a byte now and then") {
  SECTION("before the request is there") {
    SlowRequestor peer;
    CHECK(peer.bears(wire::pdu(1, Bytes(5000))) == kLimit);
  }
  SECTION("inside a command") {
    SlowRequestor peer;
    peer.establish();
    CHECK(peer.bears(wire::p_data(wire::pdv(1, 1, Bytes(200)))) <= 2 * kLimit);
    CHECK(peer.last == Kind::timed_out);
  }
  SECTION("inside an object, in one fragment or in many of one byte or of none") {
    for (const auto& bytes : {wire::p_data(wire::pdv(3, 0, Bytes(16'000))), wire::p_data(wire::pdv(3, 0, Bytes(1))), wire::p_data(wire::pdv(3, 0, {}))}) {
      SlowRequestor peer;
      peer.establish();
      peer.begin_store();
      CHECK(peer.bears(bytes) <= 2 * kLimit);
      CHECK(peer.last == Kind::timed_out);
      CHECK(peer.session.finished());
    }
  }
  SECTION("after it was told off") {
    SlowRequestor peer;
    peer.establish();
    peer.say(wire::associate_ac({}, {}));
    CHECK(peer.last == Kind::violated);
    CHECK(peer.bears(wire::associate_rq({}, {})) == kLimit);
  }
}

TEST_CASE("a requestor does not wait longer for one who says a byte now and then") {
  SECTION("before the answer is there") {
    SlowAcceptor peer;
    CHECK(peer.bears(wire::pdu(2, Bytes(5000))) == kLimit);
  }
  SECTION("inside a response") {
    SlowAcceptor peer;
    peer.establish();
    REQUIRE(peer.scu.echo(peer.driver.now));
    peer.driver.write_all();
    CHECK(peer.bears(wire::p_data(wire::pdv(1, 1, Bytes(200)))) <= 2 * kLimit);
    CHECK(peer.last == Kind::timed_out);
  }
  SECTION("inside a match") {
    SlowAcceptor peer;
    peer.establish();
    REQUIRE(peer.scu.invoke(find_request("1.2.3"), wire::kExplicit, 0, peer.driver.now));
    peer.driver.write_all();
    peer.say(wire::message(3, wire::command(wire::us(0x0100, 0x8020) + wire::us(0x0120, 1) + wire::us(0x0800, 0) + wire::us(0x0900, 0xFF00))));
    CHECK(peer.bears(wire::p_data(wire::pdv(3, 0, Bytes(1)))) <= 2 * kLimit);
    CHECK(peer.last == Kind::timed_out);
  }
  SECTION("instead of a release") {
    SlowAcceptor peer;
    peer.establish();
    peer.scu.release(peer.driver.now);
    peer.driver.write_all();
    CHECK(peer.bears(wire::p_data(wire::pdv(1, 0, Bytes(1)))) <= 2 * kLimit);
    CHECK(peer.last == Kind::timed_out);
  }
}

TEST_CASE("who sends an object slowly, yet sends it, is waited for") {
  SlowRequestor peer;
  peer.establish();
  peer.begin_store();
  for (int pieces = 0; pieces < 20; ++pieces) {
    peer.driver.pass(kLimit - Millis{1});
    REQUIRE(peer.driver.now < peer.session.deadline());
    peer.say(wire::p_data(wire::pdv(3, 0, Bytes(kProgressBytesMin))));
  }
  peer.driver.pass(kLimit - Millis{1});
  peer.say(wire::p_data(wire::pdv(3, 2, {})));
  CHECK(peer.session.deadline() == peer.driver.now + kLimit);
  CHECK(peer.last == Kind::data);
}
