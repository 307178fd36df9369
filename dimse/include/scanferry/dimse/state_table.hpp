// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace scanferry::dimse {

/// Who asked for the association.
enum class Role : std::uint8_t { requestor, acceptor };

/// PS3.8 9.2.1, tables 9-1 to 9-5.
enum class State : std::uint8_t {
  sta1 = 1,  ///< idle: before and after
  sta2,      ///< acceptor: awaiting A-ASSOCIATE-RQ
  sta3,      ///< acceptor: awaiting our user's answer to it
  sta4,      ///< requestor: the transport is being opened
  sta5,      ///< requestor: awaiting A-ASSOCIATE-AC or -RJ
  sta6,      ///< established
  sta7,      ///< awaiting A-RELEASE-RP
  sta8,      ///< the peer asked for release: awaiting our user's answer
  sta9,      ///< release collision, requestor: awaiting our user's answer
  sta10,     ///< release collision, acceptor: awaiting A-RELEASE-RP
  sta11,     ///< release collision, requestor: awaiting A-RELEASE-RP
  sta12,     ///< release collision, acceptor: awaiting our user's answer
  sta13,     ///< awaiting the end of the transport
};
inline constexpr std::uint8_t kStates = 13;

/// The events of PS3.8 9.2.3, table 9-10, in its order: Evt1 to Evt19.
enum class Trigger : std::uint8_t {
  associate_request = 1,   ///< Evt1, user
  transport_opened,        ///< Evt2
  associate_ac_pdu,        ///< Evt3
  associate_rj_pdu,        ///< Evt4
  transport_arrived,       ///< Evt5
  associate_rq_pdu,        ///< Evt6
  associate_accept,        ///< Evt7, user
  associate_reject,        ///< Evt8, user
  data_request,            ///< Evt9, user
  data_pdu,                ///< Evt10
  release_request,         ///< Evt11, user
  release_rq_pdu,          ///< Evt12
  release_rp_pdu,          ///< Evt13
  release_response,        ///< Evt14, user
  abort_request,           ///< Evt15, user
  abort_pdu,               ///< Evt16
  transport_closed,        ///< Evt17
  artim_expired,           ///< Evt18
  invalid_pdu,             ///< Evt19
};
inline constexpr std::uint8_t kTriggers = 19;

/// The actions of PS3.8 9.2.2, tables 9-6 to 9-9; `none`: the event cannot occur in the state.
enum class Action : std::uint8_t {
  none,
  ae1, ae2, ae3, ae4, ae5, ae6, ae7, ae8,
  dt1, dt2,
  ar1, ar2, ar3, ar4, ar5, ar6, ar7, ar8, ar9, ar10,
  aa1, aa2, aa3, aa4, aa5, aa6, aa7, aa8,
};

/// Table 9-10.
Action action_for(State state, Trigger trigger);
/// The state that `action` leads to, as tables 9-6 to 9-9 say. `none` has none.
State state_after(Action action, Role role);

}  // namespace scanferry::dimse
