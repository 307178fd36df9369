// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <utility>

#include <scanferry/dimse/association.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using wire::Bytes;
using wire::operator+;

namespace {

const Bytes kRequest = wire::associate_rq({{1, wire::kVerification, {wire::kImplicit}}}, wire::max_length(0));
const Bytes kReply = wire::associate_ac({{1, 0, wire::kImplicit}}, wire::max_length(0));
const Bytes kData = wire::message(1, wire::echo_request(1));

struct Machine {
  std::array<std::byte, 2048> incoming{};
  std::array<std::byte, 2048> outgoing{};
  Association association;
  std::vector<Indication::Kind> told;
  AssociatePdu asked;

  explicit Machine(Role role) : association{role, incoming, outgoing, 16384} {}

  void hear(const Bytes& bytes) {
    std::span<const std::byte> input{bytes};
    while (auto indication = association.receive(input)) {
      if (indication->kind == Indication::Kind::associate_asked) asked = indication->associate;
      told.push_back(indication->kind);
    }
  }
  Bytes written() {
    const auto out = association.output();
    Bytes bytes{out.begin(), out.end()};
    association.wrote();
    return bytes;
  }

  /// Leads there by the shortest legal way; the output is clear then.
  void lead_to(State state) {
    switch (state) {
      case State::sta1:
        lead_to(State::sta13);
        association.drop();
        break;
      case State::sta2:
      case State::sta4: break;
      case State::sta3: hear(kRequest); break;
      case State::sta5: association.request(kRequest); break;
      case State::sta6: establish(); break;
      case State::sta7:
        establish();
        association.release();
        break;
      case State::sta8:
        establish();
        hear(wire::release_rq());
        break;
      case State::sta9:
      case State::sta10:
        lead_to(State::sta7);
        hear(wire::release_rq());
        break;
      case State::sta11:
        lead_to(State::sta9);
        association.answer_release();
        break;
      case State::sta12:
        lead_to(State::sta10);
        hear(wire::release_rp());
        break;
      case State::sta13:
        establish();
        association.abort();
        break;
    }
    association.wrote();
    told.clear();
    REQUIRE(association.state() == state);
  }
  void establish() {
    if (association.role() == Role::requestor) {
      association.request(kRequest);
      hear(kReply);
    } else {
      hear(kRequest);
      association.accept(asked, ContextAnswers{}, 16384);
    }
  }
};

/// The role in which a state occurs.
Role role_in(State state) {
  const std::set acceptor{State::sta2, State::sta3, State::sta10, State::sta12};
  return acceptor.contains(state) ? Role::acceptor : Role::requestor;
}

void cause(Machine& machine, Trigger trigger) {
  auto& association = machine.association;
  switch (trigger) {
    case Trigger::associate_request:
    case Trigger::transport_arrived: break;
    case Trigger::transport_opened: association.request(kRequest); break;
    case Trigger::associate_ac_pdu: machine.hear(kReply); break;
    case Trigger::associate_rj_pdu: machine.hear(wire::associate_rj(1, 1, 1)); break;
    case Trigger::associate_rq_pdu: machine.hear(kRequest); break;
    case Trigger::associate_accept: association.accept(machine.asked, ContextAnswers{}, 16384); break;
    case Trigger::associate_reject: association.reject({1, 1, 1}); break;
    case Trigger::data_request: break;
    case Trigger::data_pdu: machine.hear(kData); break;
    case Trigger::release_request: association.release(); break;
    case Trigger::release_rq_pdu: machine.hear(wire::release_rq()); break;
    case Trigger::release_rp_pdu: machine.hear(wire::release_rp()); break;
    case Trigger::release_response: association.answer_release(); break;
    case Trigger::abort_request: association.abort(); break;
    case Trigger::abort_pdu: machine.hear(wire::abort(0, 0)); break;
    case Trigger::transport_closed: association.transport_closed(); break;
    case Trigger::artim_expired: association.artim_expired(); break;
    case Trigger::invalid_pdu: machine.hear(wire::hex("63 00 00000000")); break;
  }
}

/// The type of the PDU that an action sends; 0: none.
unsigned pdu_of(Action action) {
  switch (action) {
    case Action::ae2: return 0x01;
    case Action::ae7: return 0x02;
    case Action::ae8: return 0x03;
    case Action::ar1: return 0x05;
    case Action::ar4:
    case Action::ar9: return 0x06;
    case Action::aa1:
    case Action::aa7:
    case Action::aa8: return 0x07;
    default: return 0;
  }
}

}  // namespace

TEST_CASE("in every state every event does what the table says, and nothing where it says nothing") {
  int exercised = 0;
  int impossible = 0;
  for (int s = 1; s <= kStates; ++s) {
    for (int t = 1; t <= kTriggers; ++t) {
      const auto state = static_cast<State>(s);
      const auto trigger = static_cast<Trigger>(t);
      // These two belong to the transport's opening and happen when an association begins; data requests are `may_send_data`.
      if (trigger == Trigger::associate_request || trigger == Trigger::transport_arrived || trigger == Trigger::data_request)
        continue;
      Machine machine{role_in(state)};
      machine.lead_to(state);
      cause(machine, trigger);
      const auto action = action_for(state, trigger);
      INFO("Evt" << t << " in Sta" << s);
      const auto pdus = wire::take_apart(machine.written());
      if (action == Action::none) {
        CHECK(machine.association.state() == state);
        CHECK(pdus.empty());
        CHECK(machine.told.empty());
        ++impossible;
        continue;
      }
      ++exercised;
      CHECK(machine.association.state() == state_after(action, machine.association.role()));
      REQUIRE(pdus.size() == (pdu_of(action) == 0 ? 0 : 1));
      if (!pdus.empty()) CHECK(pdus[0].type == pdu_of(action));
    }
  }
  CHECK(exercised == 119);
  CHECK(impossible == 13 * 16 - 119);
}

TEST_CASE("P-DATA may be sent when established, and still when the peer has asked for release") {
  for (int s = 1; s <= kStates; ++s) {
    const auto state = static_cast<State>(s);
    Machine machine{role_in(state)};
    machine.lead_to(state);
    INFO("Sta" << s);
    CHECK(machine.association.may_send_data() == (state == State::sta6 || state == State::sta8));
  }
}

TEST_CASE("a violation is told with its reason, and the A-ABORT carries it") {
  struct Row {
    State state;
    Bytes bytes;
    std::string_view what;
    unsigned source;
    unsigned reason;
  };
  const std::array rows{
      Row{State::sta5, kData, "a P-DATA-TF where none is allowed", 2, 2},
      Row{State::sta6, kReply, "an A-ASSOCIATE-AC where none is allowed", 2, 2},
      Row{State::sta6, wire::hex("0A 00 00000000"), "unknown PDU type 10; is this a DICOM port?", 2, 1},
      Row{State::sta6, wire::hex("07 00 00000003"), "A-ABORT of 3 bytes, not 4", 2, 6},
      Row{State::sta5, wire::pdu(2, Bytes(10)), "A-ASSOCIATE-AC: too short for its fixed fields", 2, 6},
      Row{State::sta2, kData, "a P-DATA-TF where none is allowed", 0, 0},
  };
  for (const auto& row : rows) {
    Machine machine{role_in(row.state)};
    machine.lead_to(row.state);
    std::span<const std::byte> input{row.bytes};
    const auto indication = machine.association.receive(input);
    INFO(row.what);
    REQUIRE(indication);
    CHECK(indication->kind == Indication::Kind::violated);
    CHECK(indication->fault.what.view() == row.what);
    CHECK(machine.written() == wire::abort(row.source, row.reason));
  }
}

TEST_CASE("what comes behind a PDU that ended the association is thrown away") {
  Machine machine{Role::requestor};
  machine.lead_to(State::sta6);
  machine.hear(wire::abort(0, 0) + wire::release_rq() + kData);
  CHECK(machine.told == std::vector{Indication::Kind::aborted});
  CHECK(machine.association.output().empty());
}

TEST_CASE("an abort withdraws what was not written") {
  Machine machine{Role::requestor};
  machine.association.request(kRequest);
  CHECK(machine.association.output().size() == kRequest.size());
  machine.association.abort();
  CHECK(machine.written() == wire::abort(0, 0));
}

TEST_CASE("in a release collision both sides end in good order") {
  Machine requestor{Role::requestor};
  Machine acceptor{Role::acceptor};
  requestor.lead_to(State::sta7);
  acceptor.lead_to(State::sta7);
  requestor.hear(wire::release_rq());
  acceptor.hear(wire::release_rq());
  REQUIRE(requestor.association.answer_release());
  REQUIRE_FALSE(acceptor.association.answer_release());
  acceptor.hear(requestor.written());
  REQUIRE(acceptor.association.answer_release());
  requestor.hear(acceptor.written());
  CHECK(requestor.association.state() == State::sta1);
  CHECK(acceptor.association.state() == State::sta13);
  using enum Indication::Kind;
  CHECK(requestor.told == std::vector{release_asked, release_confirmed});
  CHECK(acceptor.told == std::vector{release_asked, release_confirmed});
}
