// SPDX-License-Identifier: Apache-2.0
#include "scu_fixture.hpp"

#include <algorithm>
#include <array>

using namespace scanferry::dimse;
using wire::Bytes;
using wire::hex;
using wire::Scu;
using wire::operator+;
using Kind = Event::Kind;

TEST_CASE("a requestor asks for each pair in a context of its own") {
  Scu scu;
  const auto pdus = wire::take_apart(scu.driver.take());
  REQUIRE(pdus.size() == 1);
  CHECK(pdus[0].type == 1);
  CHECK_FALSE(scu.session.ready());
  CHECK(scu.session.echo({}).error() == RequestError::not_ready);
}

TEST_CASE("an echo goes out whole and its response comes back") {
  Scu scu;
  scu.establish();
  CHECK(scu.session.ready());
  CHECK(scu.session.deadline() == scanferry::core::kNever);
  REQUIRE(scu.session.echo({}) == 1);
  CHECK_FALSE(scu.session.ready());
  CHECK(scu.driver.take() == wire::message(1, wire::echo_request(1)));
  scu.driver.feed(wire::message(1, wire::echo_response(1, 0)));
  CHECK(scu.next() == Kind::response);
  CHECK(scu.last.message_id == 1);
  CHECK(scu.last.status == 0);
  CHECK(scu.last.stage == Stage::awaiting_response);
  CHECK(scu.session.ready());
  CHECK(scu.session.echo({}) == 2);
}

TEST_CASE("an object goes out as command and data set, and the response says what became of it") {
  Scu scu;
  scu.establish(4096);
  scu.store(10'000);
  scu.driver.write_all();
  CHECK(scu.session.data_began());
  CHECK(scu.driver.writes == 1 + 3);  // the association request before
  const auto pdus = wire::take_apart(scu.driver.take());
  REQUIRE(pdus.size() == 1 + 3);
  CHECK(pdus[0].pdvs[0].control == 3);
  CHECK(wire::us_of(pdus[0].pdvs[0].fragment, 0x0100) == 1U);
  CHECK(wire::us_of(pdus[0].pdvs[0].fragment, 0x0800) != 0x0101U);
  Bytes data;
  for (std::size_t i = 1; i < pdus.size(); ++i) {
    CHECK(pdus[i].value.size() <= 4096);
    CHECK(pdus[i].pdvs[0].context_id == 3);
    CHECK(pdus[i].pdvs[0].control == (i == 3 ? 2U : 0U));
    data = data + pdus[i].pdvs[0].fragment;
  }
  CHECK(data == scu.driver.object);
}

TEST_CASE("after the command the output is one PDU header, however long the object") {
  Scu scu;
  scu.establish(0);
  scu.store(1'000'000);
  scu.driver.write_once();
  scu.driver.largest_output = 0;
  scu.driver.write_all();
  CHECK(scu.driver.largest_output == 12);
  CHECK(scu.driver.writes == 1 + 8);  // 1,000,000 over 131,066
}

TEST_CASE("a peer that takes no usable PDU is told so") {
  for (const std::uint32_t limit : {1U, 7U, 13U}) {
    Scu scu;
    scu.driver.take();
    scu.driver.feed(wire::associate_ac(wire::kBoth, wire::max_length(limit)));
    CHECK(scu.next() == Kind::violated);
    CHECK(scu.last.comment.view() == "takes P-DATA-TF of at most " + std::to_string(limit) + " bytes, too few for any message");
    scu.check_abort();
  }
}

TEST_CASE("a peer that does not say what it takes gets no more than 16 KiB") {
  Scu scu;
  scu.driver.take();
  scu.driver.feed(wire::associate_ac(wire::kBoth, {}));
  CHECK(scu.next() == Kind::established);
  scu.store(100'000);
  for (const auto& pdu : wire::take_apart(scu.driver.take())) CHECK(pdu.value.size() <= 16384);
}

TEST_CASE("what was not accepted is not asked for") {
  Scu scu;
  scu.establish(0, {{1, 3, ""}, {3, 4, ""}});
  CHECK(scu.session.echo({}).error() == RequestError::class_refused);
  CHECK(scu.session.store({wire::kUsMultiFrame, "1.2", wire::kExplicit, 10}, {}).error() == RequestError::syntax_refused);
  CHECK(scu.session.store({"1.2.3", "1.2", wire::kExplicit, 10}, {}).error() == RequestError::class_refused);
  CHECK(scu.session.accepts(wire::kUsMultiFrame, wire::kExplicit).error() == RequestError::syntax_refused);
  CHECK(scu.session.ready());
  CHECK(scu.session.output().empty());
}

TEST_CASE("an object without a transfer syntax is never sent") {
  Scu scu;
  scu.establish();
  CHECK(scu.session.store({wire::kUsMultiFrame, "1.2", "", 10}, {}).error() == RequestError::syntax_refused);
}

TEST_CASE("a rejection is told with its numbers, and the transport is to be closed") {
  Scu scu;
  scu.driver.take();
  scu.driver.feed(wire::associate_rj(1, 1, 3));
  CHECK(scu.next() == Kind::rejected);
  CHECK(scu.last.result == 1);
  CHECK(scu.last.source == 1);
  CHECK(scu.last.reason == 3);
  CHECK(scu.last.stage == Stage::associating);
  CHECK(scu.session.finished());
  CHECK(scu.session.output().empty());
}

TEST_CASE("a release is a handshake") {
  Scu scu;
  scu.establish();
  scu.session.release({});
  CHECK(scu.driver.take() == wire::release_rq());
  CHECK_FALSE(scu.session.finished());
  // AR-6: a late message is read and changes nothing.
  scu.driver.feed(wire::message(1, wire::echo_request(9)));
  scu.driver.feed(wire::release_rp());
  CHECK(scu.next() == Kind::released);
  CHECK(scu.session.finished());
}

TEST_CASE("a release collision ends in good order") {
  Scu scu;
  scu.establish();
  scu.session.release({});
  scu.driver.take();
  scu.driver.feed(wire::release_rq());
  CHECK(scu.driver.take() == wire::release_rp());
  CHECK_FALSE(scu.session.poll());
  scu.driver.feed(wire::release_rp());
  CHECK(scu.next() == Kind::released);
  CHECK(scu.session.finished());
}

TEST_CASE("a peer that asks for release gets it, even when we were about to send") {
  Scu scu;
  scu.establish();
  SECTION("idle") {}
  SECTION("with an object not yet on its way") { scu.store(100); }
  SECTION("in the middle of an object") {
    scu.store(100'000);
    scu.driver.write_once();
    scu.driver.written.clear();
  }
  scu.driver.feed(wire::release_rq());
  CHECK(scu.next() == Kind::released);
  CHECK(scu.driver.take() == wire::release_rp());
  CHECK_FALSE(scu.session.finished());
  scu.session.peer_closed({});
  CHECK(scu.session.finished());
  CHECK_FALSE(scu.session.poll());
}

TEST_CASE("an abort of the peer is told with its numbers and ends all") {
  Scu scu;
  scu.establish();
  scu.store(100'000);
  scu.driver.write_once();
  scu.driver.feed(wire::abort(2, 6));
  CHECK(scu.next() == Kind::aborted);
  CHECK(scu.last.source == 2);
  CHECK(scu.last.reason == 6);
  CHECK(scu.last.stage == Stage::transferring);
  CHECK(scu.session.finished());
  CHECK(scu.session.output().empty());
  CHECK(scu.session.payload().length == 0);
}

TEST_CASE("our abort ends once it is written") {
  Scu scu;
  scu.establish();
  scu.store(100'000);
  scu.driver.write_once();
  scu.driver.written.clear();
  scu.session.abort({});
  CHECK(scu.session.payload().length == 0);
  CHECK_FALSE(scu.session.finished());
  scu.check_abort();
  CHECK(scu.session.finished());
  CHECK_FALSE(scu.session.poll());
}

TEST_CASE("a release that comes at the wrong time is an abort") {
  Scu scu;
  scu.establish();
  scu.store(100'000);
  scu.driver.write_once();
  scu.driver.written.clear();
  scu.session.release({});
  scu.check_abort();
  CHECK(scu.session.finished());
}

TEST_CASE("a peer that speaks TLS is recognised before any association") {
  Scu scu;
  scu.driver.take();
  scu.driver.feed(hex("15 03 03 0002 02 28"));
  CHECK(scu.next() == Kind::violated);
  CHECK(scu.last.comment.view() == "the peer speaks TLS on this port");
  CHECK(scu.last.stage == Stage::associating);
}

TEST_CASE("the end of the stream is told once, with what was under way") {
  Scu scu;
  SECTION("while associating") {
    scu.driver.take();
    scu.session.peer_closed({});
    CHECK(scu.next() == Kind::closed);
    CHECK(scu.last.stage == Stage::associating);
    CHECK(scu.last.comment.empty());
  }
  SECTION("in the middle of a PDU") {
    scu.driver.take();
    scu.driver.feed(hex("02 00 00"));
    scu.session.peer_closed({});
    CHECK(scu.next() == Kind::closed);
    CHECK(scu.last.comment.view() == "in the middle of a PDU");
  }
  SECTION("while releasing") {
    scu.establish();
    scu.session.release({});
    scu.driver.take();
    scu.session.peer_closed({});
    CHECK(scu.next() == Kind::closed);
    CHECK(scu.last.stage == Stage::releasing);
  }
  CHECK(scu.session.finished());
  scu.session.peer_closed({});
  CHECK_FALSE(scu.session.poll());
}

TEST_CASE("data counts as begun from the first window that may have been written") {
  Scu scu;
  scu.establish();
  CHECK_FALSE(scu.session.data_began());
  scu.store(100'000);
  CHECK_FALSE(scu.session.data_began());
  SECTION("written") { scu.driver.write_once(); }
  SECTION("out when the link broke") { scu.session.peer_closed({}); }
  SECTION("out when a last word of the peer was read") { scu.driver.feed(wire::abort(0, 0)); }
  CHECK(scu.session.data_began());
}

TEST_CASE("128 contexts are asked for and found again") {
  std::vector<ProposedContext> contexts;
  std::vector<wire::Answered> answers;
  for (unsigned i = 0; i < 128; ++i) {
    const auto uid = "1.2.3." + std::to_string(i);
    contexts.push_back({scanferry::core::Uid{std::string_view{uid}}, wire::kExplicit});
    answers.push_back({2 * i + 1, i % 2, wire::kExplicit});
  }
  ScuSession session{{.calling = "A", .called = "B", .timeouts = {}}, contexts, {}};
  wire::Driver driver{.session = session, .object = {}, .written = {}};
  driver.take();
  driver.feed(wire::associate_ac(answers, wire::max_length(0)));
  for (unsigned i = 0; i < 128; ++i) {
    CHECK(session.accepts("1.2.3." + std::to_string(i), wire::kExplicit).has_value() == (i % 2 == 0));
  }
}

TEST_CASE("what a SOP class wants beside its context is asked for, and the answer is kept") {
  constexpr std::array kWanted{std::byte{1}, std::byte{0}, std::byte{1}};
  constexpr std::string_view kGeneral = "1.2.4";
  const ExtendedNegotiation extended{.sop_class_uid = "1.2.3", .information = kWanted};
  const CommonExtendedProposal common{.sop_class_uid = "1.2.3", .service_class_uid = "1.2.5", .related = {&kGeneral, 1}};
  const std::array contexts{ProposedContext{scanferry::core::Uid{std::string_view{"1.2.3"}}, wire::kExplicit}};
  const auto answer_to = [&](const wire::Bytes& answer) {
    ScuConfig config{.calling = "A", .called = "B", .timeouts = {}};
    config.extended = {&extended, 1};
    config.common_extended = {&common, 1};
    ScuSession session{config, contexts, {}};
    wire::Driver driver{.session = session, .object = {}, .written = {}};
    const auto asked = driver.take();
    // PS3.7 D.3.3.5 and D.3.3.6.
    CHECK_FALSE(std::ranges::search(asked, hex("56 00 00 0A 00 05 31 2E 32 2E 33 01 00 01")).empty());
    CHECK_FALSE(std::ranges::search(asked, hex("57 00 00 17 00 05 31 2E 32 2E 33 00 05 31 2E 32 2E 35 00 07 00 05 31 2E 32 2E 34")).empty());
    CHECK(session.extended_answer().empty());
    driver.feed(wire::associate_ac({{1, 0, wire::kExplicit}}, wire::max_length(0) + answer));
    const auto kept = session.extended_answer();
    return wire::Bytes(kept.begin(), kept.end());
  };
  CHECK(answer_to(hex("56 00 00 08 00 05 31 2E 32 2E 33 01")) == hex("01"));
  CHECK(answer_to(hex("56 00 00 08 00 05 31 2E 32 2E 34 01")).empty());
  CHECK(answer_to({}).empty());
  CHECK(answer_to(hex("56 00 00 19 00 05 31 2E 32 2E 33 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11")).size() == 16);
}
