// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/state_table.hpp>

#include <array>
#include <cstddef>

namespace scanferry::dimse {
namespace {

using Row = std::array<Action, kStates>;

constexpr std::array<Row, kTriggers> make_table() {
  using enum Action;
  constexpr Action x = none;
  return {{
      // Sta1  2    3    4    5    6    7    8    9    10    11   12   13
      {ae1, x,   x,   x,   x,   x,   x,   x,   x,   x,    x,   x,   x},    // Evt1  A-ASSOCIATE request
      {x,   x,   x,   ae2, x,   x,   x,   x,   x,   x,    x,   x,   x},    // Evt2  transport opened
      {x,   aa1, aa8, x,   ae3, aa8, aa8, aa8, aa8, aa8,  aa8, aa8, aa6},  // Evt3  A-ASSOCIATE-AC
      {x,   aa1, aa8, x,   ae4, aa8, aa8, aa8, aa8, aa8,  aa8, aa8, aa6},  // Evt4  A-ASSOCIATE-RJ
      {ae5, x,   x,   x,   x,   x,   x,   x,   x,   x,    x,   x,   x},    // Evt5  transport arrived
      {x,   ae6, aa8, x,   aa8, aa8, aa8, aa8, aa8, aa8,  aa8, aa8, aa7},  // Evt6  A-ASSOCIATE-RQ
      {x,   x,   ae7, x,   x,   x,   x,   x,   x,   x,    x,   x,   x},    // Evt7  accept
      {x,   x,   ae8, x,   x,   x,   x,   x,   x,   x,    x,   x,   x},    // Evt8  reject
      {x,   x,   x,   x,   x,   dt1, x,   ar7, x,   x,    x,   x,   x},    // Evt9  P-DATA request
      {x,   aa1, aa8, x,   aa8, dt2, ar6, aa8, aa8, aa8,  aa8, aa8, aa6},  // Evt10 P-DATA-TF
      {x,   x,   x,   x,   x,   ar1, x,   x,   x,   x,    x,   x,   x},    // Evt11 A-RELEASE request
      {x,   aa1, aa8, x,   aa8, ar2, ar8, aa8, aa8, aa8,  aa8, aa8, aa6},  // Evt12 A-RELEASE-RQ
      {x,   aa1, aa8, x,   aa8, aa8, ar3, aa8, aa8, ar10, ar3, aa8, aa6},  // Evt13 A-RELEASE-RP
      {x,   x,   x,   x,   x,   x,   x,   ar4, ar9, x,    x,   ar4, x},    // Evt14 A-RELEASE response
      {x,   x,   aa1, aa2, aa1, aa1, aa1, aa1, aa1, aa1,  aa1, aa1, x},    // Evt15 A-ABORT request
      {x,   aa2, aa3, x,   aa3, aa3, aa3, aa3, aa3, aa3,  aa3, aa3, aa2},  // Evt16 A-ABORT
      {x,   aa5, aa4, aa4, aa4, aa4, aa4, aa4, aa4, aa4,  aa4, aa4, ar5},  // Evt17 transport closed
      {x,   aa2, x,   x,   x,   x,   x,   x,   x,   x,    x,   x,   aa2},  // Evt18 ARTIM expired
      {x,   aa1, aa8, x,   aa8, aa8, aa8, aa8, aa8, aa8,  aa8, aa8, aa7},  // Evt19 invalid PDU
  }};
}

constexpr auto kTable = make_table();

}  // namespace

Action action_for(State state, Trigger trigger) {
  return kTable[static_cast<std::size_t>(trigger) - 1][static_cast<std::size_t>(state) - 1];
}

State state_after(Action action, Role role) {
  switch (action) {
    case Action::ae5: return State::sta2;
    case Action::ae6: return State::sta3;
    case Action::ae1: return State::sta4;
    case Action::ae2: return State::sta5;
    case Action::ae3:
    case Action::ae7:
    case Action::dt1:
    case Action::dt2: return State::sta6;
    case Action::ar1:
    case Action::ar6: return State::sta7;
    case Action::ar2:
    case Action::ar7: return State::sta8;
    case Action::ar8: return role == Role::requestor ? State::sta9 : State::sta10;
    case Action::ar9: return State::sta11;
    case Action::ar10: return State::sta12;
    case Action::ae8:
    case Action::ar4:
    case Action::aa1:
    case Action::aa6:
    case Action::aa7:
    case Action::aa8: return State::sta13;
    case Action::ae4:
    case Action::ar3:
    case Action::ar5:
    case Action::aa2:
    case Action::aa3:
    case Action::aa4:
    case Action::aa5:
    case Action::none: break;
  }
  return State::sta1;
}

}  // namespace scanferry::dimse
