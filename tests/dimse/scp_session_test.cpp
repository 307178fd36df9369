// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/dimse/scp_session.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using wire::Bytes;
using wire::hex;
using wire::operator+;
using Kind = Event::Kind;

namespace {

const std::vector<wire::Proposed> kVerificationOnly{{1, wire::kVerification, {wire::kImplicit}}};

struct Scp {
  ScpSession session;
  wire::Driver driver;
  Event last{};

  explicit Scp(bool any_title = true)
      : session{ScpConfig{.title = "SCANFERRY", .any_called_title = any_title, .timeouts = {}}, {}},
        driver{.session = session, .object = {}, .written = {}} {}

  Kind next() {
    const auto event = session.poll();
    REQUIRE(event);
    last = *event;
    return event->kind;
  }
  void establish(std::uint32_t max_pdu = 16384) {
    driver.feed(wire::associate_rq(kVerificationOnly, wire::max_length(max_pdu)));
    REQUIRE(next() == Kind::established);
    driver.take();
  }
};

/// Result and transfer syntax of each context item of an A-ASSOCIATE-AC, by its place.
std::vector<std::string> answers_of(const Bytes& ac) {
  std::vector<std::string> out;
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(ac.at(i)); };
  for (std::size_t i = 74; i < ac.size(); i += 4 + (at(i + 2) << 8U | at(i + 3))) {
    if (at(i) != 0x21) continue;
    const auto length = at(i + 10) << 8U | at(i + 11);
    const auto uid = scanferry::core::text_of(std::span{ac}.subspan(i + 12, length));
    out.push_back(std::to_string(at(i + 4)) + ":" + std::to_string(at(i + 6)) + (at(i + 6) == 0 ? ":" + std::string{uid} : ""));
  }
  return out;
}

}  // namespace

TEST_CASE("verification is accepted, everything else is refused context by context") {
  Scp scp;
  scp.driver.feed(wire::associate_rq({{1, wire::kVerification, {wire::kImplicit}},
                                      {3, wire::kVerification, {wire::kImplicit, wire::kJpegBaseline, wire::kExplicit}},
                                      {5, wire::kVerification, {wire::kJpegBaseline}},
                                      {7, wire::kUsMultiFrame, {wire::kExplicit}},
                                      {9, wire::kVerification, {}}},
                                     wire::max_length(16384), "ANYBODY", "ENGINEER"));
  CHECK(scp.next() == Kind::established);
  CHECK(scp.session.calling().view() == "ENGINEER");
  CHECK(scp.session.called().view() == "ANYBODY");
  CHECK(answers_of(scp.driver.take()) ==
        std::vector<std::string>{"1:0:1.2.840.10008.1.2", "3:0:1.2.840.10008.1.2.1", "5:4", "7:3", "9:4"});
}

TEST_CASE("an echo is answered with success") {
  Scp scp;
  scp.establish();
  scp.driver.feed(wire::message(1, wire::echo_request(4711)));
  CHECK(scp.next() == Kind::echo_served);
  CHECK(scp.last.message_id == 4711);
  CHECK(scp.last.stage == Stage::idle);
  CHECK(scp.driver.take() == wire::message(1, wire::echo_response(4711, 0)));
}

TEST_CASE("one association serves many echoes, then a release") {
  Scp scp;
  scp.establish();
  for (unsigned i = 1; i <= 100; ++i) {
    scp.driver.feed(wire::message(1, wire::echo_request(i)));
    REQUIRE(scp.next() == Kind::echo_served);
    REQUIRE(scp.driver.take() == wire::message(1, wire::echo_response(i, 0)));
  }
  scp.driver.feed(wire::release_rq());
  CHECK(scp.next() == Kind::released);
  CHECK(scp.driver.take() == wire::release_rp());
  CHECK_FALSE(scp.session.finished());
  scp.session.peer_closed({});
  CHECK(scp.session.finished());
  CHECK_FALSE(scp.session.poll());
}

TEST_CASE("an association request that is not for us is rejected in the standard's numbers") {
  auto wrong_version = wire::associate_rq(kVerificationOnly, wire::max_length(0));
  wrong_version[7] = std::byte{2};
  auto later_version = wire::associate_rq(kVerificationOnly, wire::max_length(0));
  later_version[7] = std::byte{3};
  auto wrong_application = wire::associate_rq(kVerificationOnly, wire::max_length(0));
  wrong_application[74 + 4 + 20] = std::byte{'2'};
  struct Row {
    Bytes request;
    Bytes answer;
  };
  for (const auto& row : {Row{wrong_version, wire::associate_rj(1, 2, 2)}, Row{wrong_application, wire::associate_rj(1, 1, 2)},
                          Row{wire::associate_rq(kVerificationOnly, wire::max_length(0), "OTHER"), wire::associate_rj(1, 1, 7)}}) {
    Scp scp{false};
    scp.driver.feed(row.request);
    CHECK(scp.next() == Kind::rejected);
    CHECK(scp.session.calling().view() == "PEER");
    CHECK(scp.driver.take() == row.answer);
    CHECK_FALSE(scp.session.finished());
    scp.session.peer_closed({});
    CHECK(scp.session.finished());
  }
  Scp scp{false};
  scp.driver.feed(later_version);
  CHECK(scp.next() == Kind::established);
}

TEST_CASE("an operation that we do not know is answered so, after its data set was read") {
  Scp scp;
  scp.establish();
  const auto store = wire::command(wire::us(0x0100, 0x0001) + wire::us(0x0110, 5) + wire::us(0x0800, 0));
  scp.driver.feed(wire::message(1, store));
  CHECK(scp.session.output().empty());
  scp.driver.feed(wire::p_data(wire::pdv(1, 0, wire::text("some"))));
  CHECK(scp.session.output().empty());
  scp.driver.feed(wire::p_data(wire::pdv(1, 2, wire::text("data"))));
  const auto pdus = wire::take_apart(scp.driver.take());
  REQUIRE(pdus.size() == 1);
  CHECK(wire::us_of(pdus[0].pdvs[0].fragment, 0x0100) == 0x8001U);
  CHECK(wire::us_of(pdus[0].pdvs[0].fragment, 0x0120) == 5U);
  CHECK(wire::us_of(pdus[0].pdvs[0].fragment, 0x0900) == 0x0211U);
  CHECK_FALSE(scp.session.poll());
  scp.driver.feed(wire::message(1, wire::echo_request(6)));
  CHECK(scp.next() == Kind::echo_served);
}

TEST_CASE("a cancel has no answer") {
  Scp scp;
  scp.establish();
  scp.driver.feed(wire::message(1, wire::command(wire::us(0x0100, 0x0FFF) + wire::us(0x0120, 1) + wire::us(0x0800, 0x0101))));
  CHECK(scp.session.output().empty());
  CHECK_FALSE(scp.session.poll());
}

TEST_CASE("an echo for a peer of the smallest PDUs is cut to its size") {
  Scp scp;
  scp.establish(14);
  scp.driver.feed(wire::message(1, wire::echo_request(1)));
  Bytes command;
  for (const auto& pdu : wire::take_apart(scp.driver.take())) {
    CHECK(pdu.value.size() <= 14);
    command = command + pdu.pdvs[0].fragment;
  }
  CHECK(command == wire::echo_response(1, 0));
}

TEST_CASE("a requestor that breaks the rules is cut off") {
  struct Row {
    Bytes bytes;
    std::string_view what;
  };
  const auto no_id = wire::command(wire::us(0x0100, 0x0030) + wire::us(0x0800, 0x0101));
  for (const auto& row : {
           Row{wire::message(1, wire::echo_response(1, 0)), "response 8030H to nothing that was asked"},
           Row{wire::message(1, no_id), "request 0030H without a Message ID"},
           Row{wire::message(3, wire::echo_request(1)), "a message in presentation context 3, which was not accepted"},
           // One that comes too early is answered in its turn; a third is too much.
           Row{wire::message(1, wire::echo_request(1)) + wire::message(1, wire::echo_request(2)) + wire::message(1, wire::echo_request(3)),
               "request 0030H before the response to the one before it"},
       }) {
    Scp scp;
    scp.establish();
    scp.driver.feed(row.bytes);
    INFO(row.what);
    auto kind = scp.next();
    if (kind == Kind::echo_served) kind = scp.next();
    CHECK(kind == Kind::violated);
    CHECK(scp.last.comment.view() == row.what);
    CHECK(scp.driver.take() == wire::abort(0, 0));
  }
}

TEST_CASE("strangers that knock are named") {
  struct Row {
    Bytes bytes;
    std::string_view what;
  };
  for (const auto& row : {Row{hex("16 03 01 0200 01 00"), "the peer speaks TLS on this port"},
                          Row{wire::text("GET / HTTP/1.1\r\n\r\n"), "the peer speaks HTTP on this port, not DICOM"}}) {
    Scp scp;
    scp.driver.feed(row.bytes);
    CHECK(scp.next() == Kind::violated);
    CHECK(scp.last.comment.view() == row.what);
    CHECK(scp.driver.take() == wire::abort(0, 0));
  }
}

TEST_CASE("an acceptor may be told to stop at any time") {
  Scp scp;
  SECTION("before anybody asked") {
    scp.session.abort({});
    CHECK(scp.session.output().empty());
  }
  SECTION("in the middle of a response") {
    scp.establish();
    scp.driver.feed(wire::message(1, wire::echo_request(1)));
    scp.session.abort({});
    CHECK(scp.driver.take() == wire::abort(0, 0));
  }
  CHECK(scp.session.finished());
}

TEST_CASE("a request, an echo and a release in one go are all answered in order") {
  Scp scp;
  scp.driver.feed(wire::associate_rq(kVerificationOnly, wire::max_length(0)) + wire::message(1, wire::echo_request(1)) +
                  wire::release_rq());
  CHECK(scp.next() == Kind::established);
  CHECK(scp.next() == Kind::echo_served);
  CHECK(scp.next() == Kind::released);
  const auto pdus = wire::take_apart(scp.driver.take());
  REQUIRE(pdus.size() == 3);
  CHECK(pdus[0].type == 2);
  CHECK(pdus[1].type == 4);
  CHECK(pdus[2].type == 6);
}

TEST_CASE("an acceptor takes the largest request there is room for") {
  std::vector<wire::Proposed> contexts;
  std::vector<std::string> uids;
  for (unsigned i = 0; i < 128; ++i) uids.push_back("1.2.840.99999." + std::to_string(1000 + i));
  for (unsigned i = 0; i < 128; ++i)
    contexts.push_back({2 * i + 1, uids[i], std::vector<std::string_view>(15, wire::kJpegBaseline)});
  contexts[127].abstract_syntax = wire::kVerification;
  contexts[127].transfer_syntaxes.back() = wire::kImplicit;
  Scp scp;
  const auto request = wire::associate_rq(contexts, wire::max_length(0));
  REQUIRE(request.size() > 50'000);
  scp.driver.feed(request);
  CHECK(scp.next() == Kind::established);
  const auto answers = answers_of(scp.driver.take());
  REQUIRE(answers.size() == 128);
  CHECK(answers[0] == "1:3");
  CHECK(answers[127] == "255:0:1.2.840.10008.1.2");
  scp.driver.feed(wire::message(255, wire::echo_request(1)));
  CHECK(scp.next() == Kind::echo_served);
}
