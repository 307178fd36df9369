// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/dimse/scp_session.hpp>
#include <scanferry/dimse/scu_session.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using scanferry::core::Instant;
using scanferry::core::Millis;
using Kind = Event::Kind;

namespace {

constexpr Timeouts kTimeouts{
    .associate = Millis{1}, .transfer = Millis{10}, .response = Millis{100}, .idle = Millis{1000}, .release = Millis{10000}};
constexpr Instant kStart{Millis{5000}};
const std::array kContexts{ProposedContext{"1.2.840.10008.1.1", "1.2.840.10008.1.2"},
                           ProposedContext{"1.2.3", "1.2.840.10008.1.2.1"}};

struct Scu {
  ScuSession session{{.calling = "A", .called = "B", .timeouts = kTimeouts}, kContexts, kStart};
  wire::Driver driver{.session = session, .now = kStart, .object = {}, .written = {}};

  void establish() {
    driver.take();
    driver.feed(wire::associate_ac({{1, 0, wire::kImplicit}, {3, 0, wire::kExplicit}}, wire::max_length(4096)));
    REQUIRE(session.poll()->kind == Kind::established);
  }
  void store() {
    driver.object = wire::object_of(20'000);
    REQUIRE(session.store({"1.2.3", "1.2.3.4", wire::kExplicit, 20'000}, driver.now));
  }
};

struct Scp {
  ScpSession session{{.title = "B", .timeouts = kTimeouts}, kStart};
  wire::Driver driver{.session = session, .now = kStart, .object = {}, .written = {}};

  void establish() {
    driver.feed(wire::associate_rq({{1, wire::kVerification, {wire::kImplicit}}}, wire::max_length(0)));
    driver.take();
    REQUIRE(session.poll()->kind == Kind::established);
  }
};

/// The deadline is `wait` from now, a moment before it nothing happens, and at it `stage` has timed out.
template <class Side>
void check_expiry(Side& side, Millis wait, Stage stage) {
  CHECK(side.session.deadline() == side.driver.now + wait);
  side.driver.now = side.session.deadline() - Millis{1};
  side.session.on_time(side.driver.now);
  REQUIRE_FALSE(side.session.poll());
  side.driver.expire();
  const auto event = side.session.poll();
  REQUIRE(event);
  CHECK(event->kind == Kind::timed_out);
  CHECK(event->stage == stage);
  CHECK_FALSE(side.session.poll());
}

template <class Side>
void check_aborts(Side& side) {
  CHECK(side.driver.take() == wire::abort(0, 0));
  CHECK(side.session.finished());
}

}  // namespace

TEST_CASE("a requestor does not wait for an answer to its request for ever") {
  Scu scu;
  scu.driver.pass(Millis{3});
  scu.driver.take();
  check_expiry(scu, kTimeouts.associate, Stage::associating);
  check_aborts(scu);
}

TEST_CASE("bytes that make no whole answer do not prolong the wait") {
  Scu scu;
  scu.driver.take();
  const auto deadline = scu.session.deadline();
  const auto bytes = wire::hex("02 00 0000");
  scanferry::core::ByteView view{bytes};
  scu.session.feed(view, kStart + Millis{1});
  CHECK(scu.session.deadline() == deadline);
}

TEST_CASE("a request that cannot be written ends without an abort into the middle of it") {
  Scu scu;
  check_expiry(scu, kTimeouts.associate, Stage::associating);
  CHECK(scu.session.output().empty());
  CHECK(scu.session.finished());
}

TEST_CASE("an idle requestor has no deadline") {
  Scu scu;
  scu.establish();
  CHECK(scu.session.deadline() == scanferry::core::kNever);
}

TEST_CASE("each piece of an object has the whole transfer time") {
  Scu scu;
  scu.establish();
  scu.store();
  for (int i = 0; i < 4; ++i) {
    CHECK(scu.session.deadline() == scu.driver.now + kTimeouts.transfer);
    scu.driver.pass(Millis{9});
    REQUIRE(scu.driver.write_once());
  }
  check_expiry(scu, kTimeouts.transfer, Stage::transferring);
  CHECK(scu.session.output().empty());
  CHECK(scu.session.payload().length == 0);
  CHECK(scu.session.finished());
  CHECK(scu.session.data_began());
}

TEST_CASE("a response has its own time, counted from the last piece") {
  Scu scu;
  scu.establish();
  scu.store();
  scu.driver.pass(Millis{9});
  scu.driver.write_all();
  scu.driver.written.clear();
  check_expiry(scu, kTimeouts.response, Stage::awaiting_response);
  check_aborts(scu);
}

TEST_CASE("a release has its own time") {
  Scu scu;
  scu.establish();
  scu.session.release(scu.driver.now);
  scu.driver.pass(Millis{9});
  scu.driver.take();
  check_expiry(scu, kTimeouts.release, Stage::releasing);
  check_aborts(scu);
}

TEST_CASE("a peer that was aborted for a violation may take its time to close, but not for ever") {
  Scu scu;
  scu.establish();
  scu.driver.feed(wire::associate_rj(1, 1, 1));
  REQUIRE(scu.session.poll()->kind == Kind::violated);
  CHECK(scu.driver.take() == wire::abort(2, 2));
  CHECK(scu.session.deadline() == scu.driver.now + kTimeouts.release);
  scu.driver.expire();
  CHECK(scu.session.finished());
  CHECK_FALSE(scu.session.poll());
}

TEST_CASE("a connection that asks for nothing is dropped without a word") {
  Scp scp;
  check_expiry(scp, kTimeouts.associate, Stage::associating);
  CHECK(scp.session.output().empty());
  CHECK(scp.session.finished());
}

TEST_CASE("an idle requestor is aborted by the acceptor, and work keeps it") {
  Scp scp;
  scp.establish();
  for (unsigned i = 1; i < 5; ++i) {
    scp.driver.pass(Millis{999});
    scp.driver.feed(wire::message(1, wire::echo_request(i)));
    REQUIRE(scp.session.poll()->kind == Kind::echo_served);
    CHECK(scp.session.deadline() == scp.driver.now + kTimeouts.transfer);
    scp.driver.take();
  }
  check_expiry(scp, kTimeouts.idle, Stage::idle);
  check_aborts(scp);
}

TEST_CASE("a requestor that does not close after its release is dropped") {
  Scp scp;
  scp.establish();
  scp.driver.feed(wire::release_rq());
  REQUIRE(scp.session.poll()->kind == Kind::released);
  scp.driver.take();
  CHECK(scp.session.deadline() == scp.driver.now + kTimeouts.release);
  scp.driver.expire();
  CHECK(scp.session.finished());
  CHECK_FALSE(scp.session.poll());
}

TEST_CASE("a finished session has no deadline") {
  Scu scu;
  scu.driver.take();
  scu.session.peer_closed(scu.driver.now);
  CHECK(scu.session.deadline() == scanferry::core::kNever);
  Scu rejected;
  rejected.driver.take();
  rejected.driver.feed(wire::associate_rj(1, 1, 1));
  CHECK(rejected.session.deadline() == scanferry::core::kNever);
  Scu released;
  released.establish();
  released.session.release(released.driver.now);
  released.driver.take();
  released.driver.feed(wire::release_rp());
  CHECK(released.session.deadline() == scanferry::core::kNever);
}
