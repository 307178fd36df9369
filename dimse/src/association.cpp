// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/association.hpp>

#include "words.hpp"

namespace scanferry::dimse {

Association::Association(Role role, core::ByteBuffer incoming, core::ByteBuffer outgoing, std::uint32_t max_pdu_receive)
    : role_{role}, state_{State::sta1}, reader_{incoming, max_pdu_receive}, out_{outgoing} {
  // Both sides of the opening lie outside: Evt1, and Evt2's or Evt5's transport.
  fire(role == Role::requestor ? Trigger::associate_request : Trigger::transport_arrived);
}

bool Association::fire(Trigger trigger) {
  const auto action = action_for(state_, trigger);
  if (action == Action::none) return false;
  enter(state_after(action, role_));
  return true;
}

void Association::enter(State state) {
  state_ = state;
  // The transport is closed now: what was not written never will be.
  if (state == State::sta1) withdraw();
}

core::ByteView Association::output() const {
  for (const auto piece : request_) {
    if (!piece.empty()) return piece;
  }
  return out_.written();
}

void Association::wrote() {
  for (auto& piece : request_) {
    if (piece.empty()) continue;
    piece = {};
    return;
  }
  out_.clear();
}

void Association::withdraw() {
  request_ = {};
  out_.clear();
}

// --- what the peer sends

std::optional<Indication> Association::receive(core::ByteView& bytes) {
  while (state_ != State::sta1) {
    const auto incoming = reader_.next(bytes);
    if (!incoming) return std::nullopt;
    if (auto indication = react(decode(*incoming))) return indication;
  }
  bytes = {};
  return std::nullopt;
}

Association::Decoded Association::decode(const Incoming& incoming) {
  Decoded decoded;
  switch (incoming.kind) {
    case Incoming::Kind::pdu: return decode_pdu(incoming);
    case Incoming::Kind::fragment:
      decoded.trigger = Trigger::data_pdu;
      decoded.indication.kind = Indication::Kind::data;
      decoded.indication.fragment = incoming.fragment;
      break;
    case Incoming::Kind::fault:
      decoded.trigger = Trigger::invalid_pdu;
      decoded.indication.fault = incoming.fault;
      break;
  }
  return decoded;
}

Association::Decoded Association::decode_pdu(const Incoming& incoming) {
  Decoded decoded;
  auto& indication = decoded.indication;
  // Should the state not allow it, this is the fault.
  indication.fault = {AbortReason::unexpected_pdu, words_of("an ", name_of(incoming.type), " where none is allowed")};
  const auto is = [&](Trigger trigger, Indication::Kind kind) {
    decoded.trigger = trigger;
    indication.kind = kind;
  };
  switch (incoming.type) {
    case PduType::associate_rq: is(Trigger::associate_rq_pdu, Indication::Kind::associate_asked); break;
    case PduType::associate_ac: is(Trigger::associate_ac_pdu, Indication::Kind::associate_accepted); break;
    case PduType::associate_rj:
      is(Trigger::associate_rj_pdu, Indication::Kind::associate_rejected);
      indication.rejection = decode_associate_rj(incoming.value);
      return decoded;
    case PduType::release_rq: is(Trigger::release_rq_pdu, Indication::Kind::release_asked); return decoded;
    case PduType::release_rp: is(Trigger::release_rp_pdu, Indication::Kind::release_confirmed); return decoded;
    default:
      is(Trigger::abort_pdu, Indication::Kind::aborted);
      indication.abortion = decode_abort(incoming.value);
      return decoded;
  }
  if (auto pdu = decode_associate(incoming.type, incoming.value)) {
    indication.associate = *pdu;
  } else {
    decoded.trigger = Trigger::invalid_pdu;
    indication.fault = pdu.error();
  }
  return decoded;
}

/// Moves the machine; what the user must hear comes out.
std::optional<Indication> Association::react(Decoded decoded) {
  const auto action = action_for(state_, decoded.trigger);
  const auto before = state_;
  if (action == Action::none) return std::nullopt;
  enter(state_after(action, role_));
  switch (action) {
    case Action::aa1: return break_off(decoded, AbortSource::service_user);
    case Action::aa8: return break_off(decoded, AbortSource::service_provider);
    case Action::aa7: put_abort_alone(AbortSource::service_provider, decoded.indication.fault.reason); return std::nullopt;
    case Action::aa6: return std::nullopt;
    // AA-2 tells nobody, but an abort before any request is worth a line in a log.
    case Action::aa2: return before == State::sta2 ? std::optional{decoded.indication} : std::nullopt;
    default: return decoded.indication;
  }
}

/// AA-1, AA-8.
Indication Association::break_off(const Decoded& decoded, AbortSource source) {
  auto indication = decoded.indication;
  if (decoded.trigger == Trigger::data_pdu) {
    indication.fault = {AbortReason::unexpected_pdu, words_of("a P-DATA-TF where none is allowed")};
  }
  indication.kind = Indication::Kind::violated;
  const bool by_user = source == AbortSource::service_user;
  put_abort_alone(source, by_user ? AbortReason::not_specified : indication.fault.reason);
  return indication;
}

void Association::put_abort_alone(AbortSource source, AbortReason reason) {
  // A request that was written in part is written to its end: an A-ABORT inside it would not be understood.
  if (!request_[0].empty()) withdraw();
  out_.clear();
  put_abort(out_, source, reason);
}

// --- what the transport and the clock do

bool Association::transport_closed() {
  const auto action = action_for(state_, Trigger::transport_closed);
  fire(Trigger::transport_closed);
  return action == Action::aa4 || action == Action::aa5;
}

void Association::artim_expired() { fire(Trigger::artim_expired); }

// --- what the user asks for

bool Association::request(const RequestPdu& pdu) {
  if (!fire(Trigger::transport_opened)) return false;
  request_ = {pdu.head, pdu.identity, pdu.tail};
  return true;
}

bool Association::accept(const AssociatePdu& asked, const ContextAnswers& answers, std::uint32_t max_pdu_bytes,
                         const AssociateAnswer& more) {
  if (action_for(state_, Trigger::associate_accept) == Action::none) return false;
  return put_associate_ac(out_, asked, answers, max_pdu_bytes, more) && fire(Trigger::associate_accept);
}

bool Association::reject(const Rejection& rejection) {
  if (!fire(Trigger::associate_reject)) return false;
  put_associate_rj(out_, rejection);
  return true;
}

bool Association::release() {
  if (!fire(Trigger::release_request)) return false;
  put_release_rq(out_);
  return true;
}

bool Association::answer_release() {
  if (!fire(Trigger::release_response)) return false;
  put_release_rp(out_);
  return true;
}

bool Association::abort() {
  if (!fire(Trigger::abort_request)) return false;
  if (state_ == State::sta13) put_abort_alone(AbortSource::service_user, AbortReason::not_specified);
  return true;
}

void Association::drop() { enter(State::sta1); }

}  // namespace scanferry::dimse
