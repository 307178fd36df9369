// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <set>
#include <string>
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
  Association association;  // begins with Evt1 or Evt5
  std::vector<Indication::Kind> told;
  AssociatePdu asked;

  explicit Machine(Role role) : association{role, incoming, outgoing, 16384} {}

  /// Evt1 or Evt5: a new association in the place of one that is over.
  void renew(Role role) {
    REQUIRE(association.state() == State::sta1);
    association = Association{role, incoming, outgoing, 16384};
  }
  void hear(const Bytes& bytes) {
    std::span<const std::byte> input{bytes};
    while (auto indication = association.receive(input)) {
      if (indication->kind == Indication::Kind::associate_asked) asked = indication->associate;
      told.push_back(indication->kind);
    }
  }
  Bytes written() {
    Bytes bytes;
    for (auto out = association.output(); !out.empty(); out = association.output()) {
      bytes.insert(bytes.end(), out.begin(), out.end());
      association.wrote();
    }
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
    written();
    told.clear();
    REQUIRE(association.state() == state);
  }
  void establish() {
    if (association.role() == Role::requestor) {
      association.request(kRequest);
      association.wrote();
      hear(kReply);
    } else {
      hear(kRequest);
      association.accept(asked, ContextAnswers{}, 16384);
    }
  }
};

/// A role in which a state occurs.
Role role_in(State state) {
  const std::set acceptor{State::sta2, State::sta3, State::sta10, State::sta12};
  return acceptor.contains(state) ? Role::acceptor : Role::requestor;
}

/// All roles in which a state occurs.
std::vector<Role> roles_in(State state) {
  const std::set both{State::sta1, State::sta6, State::sta7, State::sta8, State::sta13};
  if (both.contains(state)) return {Role::requestor, Role::acceptor};
  return {role_in(state)};
}

void cause(Machine& machine, Trigger trigger) {
  auto& association = machine.association;
  switch (trigger) {
    case Trigger::associate_request: machine.renew(Role::requestor); break;
    case Trigger::transport_arrived: machine.renew(Role::acceptor); break;
    case Trigger::transport_opened: association.request(kRequest); break;
    case Trigger::associate_ac_pdu: machine.hear(kReply); break;
    case Trigger::associate_rj_pdu: machine.hear(wire::associate_rj(1, 1, 1)); break;
    case Trigger::associate_rq_pdu: machine.hear(kRequest); break;
    case Trigger::associate_accept: association.accept(machine.asked, ContextAnswers{}, 16384); break;
    case Trigger::associate_reject: association.reject({1, 1, 1}); break;
    case Trigger::data_request:
      if (association.may_send_data()) put_data_header(association.writer(), 1, FragmentKind::data_set, true, 0);
      break;
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
    case Action::dt1:
    case Action::ar7: return 0x04;
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

namespace {

/// One cell of table 9-10, tried in every role in which its state occurs. Gives what it is: '.' nothing happens, as the table's empty
/// cells want it; '#' the action was carried out; '-' it cannot be tried.
char try_cell(State state, Trigger trigger) {
  // The opening of the transport is behind an association when it begins: there is no way to tell it of another one.
  const bool opening = trigger == Trigger::associate_request || trigger == Trigger::transport_arrived;
  if (opening && state != State::sta1) return '-';
  const auto action = action_for(state, trigger);
  for (const auto role : roles_in(state)) {
    const auto who = role == Role::requestor ? "requestor" : "acceptor";
    INFO("Evt" << static_cast<int>(trigger) << " in Sta" << static_cast<int>(state) << " as " << who);
    Machine machine{role};
    machine.lead_to(state);
    cause(machine, trigger);
    const auto pdus = wire::take_apart(machine.written());
    if (action == Action::none) {
      CHECK(machine.association.state() == state);
      CHECK(pdus.empty());
      CHECK(machine.told.empty());
      continue;
    }
    CHECK(machine.association.state() == state_after(action, machine.association.role()));
    REQUIRE(pdus.size() == (pdu_of(action) == 0 ? 0 : 1));
    if (!pdus.empty()) CHECK(pdus[0].type == pdu_of(action));
  }
  return action == Action::none ? '.' : '#';
}

}  // namespace

TEST_CASE("in every state every event does what the table says, and nothing where it says nothing") {
  std::string drawn = "       Sta1 to Sta13 (# carried out, . nothing happens, - cannot be tried)\n";
  for (int t = 1; t <= kTriggers; ++t) {
    drawn += (t < 10 ? "  Evt" : " Evt") + std::to_string(t) + "  ";
    for (int s = 1; s <= kStates; ++s) drawn += try_cell(static_cast<State>(s), static_cast<Trigger>(t));
    drawn += '\n';
  }
  const auto count = [&](char c) { return std::count(drawn.begin() + static_cast<std::ptrdiff_t>(drawn.find('\n')), drawn.end(), c); };
  std::cout << "state table of PS3.8 9.2.3: " << count('#') << " actions carried out, " << count('.') << " empty cells tried, "
            << count('-') << " cannot be tried\n" << drawn;
  CHECK(count('#') == 123);
  CHECK(count('.') == 13 * 19 - 123 - 24);
  // Evt1 and Evt5 come before an association and never again: Sta1 alone knows them.
  CHECK(count('-') == 2 * 12);
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
      Row{State::sta5, wire::pdu(2, Bytes(10)), "A-ASSOCIATE-AC: 10 bytes are too few for its fixed fields", 2, 6},
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

TEST_CASE("a request comes out in its pieces, and an abort in between waits for the last of them") {
  const auto head = wire::text("head");
  const auto identity = wire::text("token");
  const auto tail = wire::text("tail");
  Machine machine{Role::requestor};
  const auto output = [&] { return Bytes{machine.association.output().begin(), machine.association.output().end()}; };
  REQUIRE(machine.association.request(RequestPdu{head, identity, tail}));
  CHECK(output() == head);
  machine.association.wrote();
  CHECK(output() == identity);
  SECTION("no abort") {
    CHECK(machine.written() == identity + tail);
    CHECK(machine.association.state() == State::sta5);
  }
  SECTION("an abort") {
    machine.association.abort();
    CHECK(machine.written() == identity + tail + wire::abort(0, 0));
  }
  SECTION("the end of the transport") {
    machine.association.transport_closed();
    CHECK(output().empty());
  }
}

TEST_CASE("an acceptance that does not fit the output is not given") {
  std::array<std::byte, 2048> incoming{};
  std::array<std::byte, 64> outgoing{};
  Association association{Role::acceptor, incoming, outgoing, 16384};
  std::span<const std::byte> input{kRequest};
  const auto indication = association.receive(input);
  REQUIRE(indication);
  CHECK_FALSE(association.accept(indication->associate, ContextAnswers{}, 16384));
  CHECK(association.state() == State::sta3);
  CHECK(association.output().empty());
  CHECK(association.reject({.result = 2, .source = 3, .reason = 2}));
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
