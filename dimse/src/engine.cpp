// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/engine.hpp>

#include <scanferry/dimse/status.hpp>

#include "words.hpp"

namespace scanferry::dimse {
namespace {

bool is_stored(std::uint16_t status) {
  const auto outcome = explain_store_status(status).outcome;
  return outcome == core::Outcome::stored || outcome == core::Outcome::stored_with_warning;
}

bool waits_for_driver(Event::Kind kind) { return kind == Event::Kind::data || kind == Event::Kind::request; }

}  // namespace

void EventQueue::push(const Event& event) {
  if (count_ == kEventsMax) {
    first_ = (first_ + 1) % kEventsMax;
    --count_;
  }
  events_[(first_ + count_) % kEventsMax] = event;
  ++count_;
}

std::optional<Event> EventQueue::pop() {
  if (count_ == 0) return std::nullopt;
  const auto& event = events_[first_];
  first_ = (first_ + 1) % kEventsMax;
  --count_;
  return event;
}

Engine::Engine(Role role, const Timeouts& timeouts, core::ByteBuffer incoming, core::ByteBuffer outgoing,
               std::uint32_t max_pdu_receive, core::Instant now)
    : timeouts_{timeouts}, association_{role, incoming, outgoing, max_pdu_receive}, deadline_{now + timeouts.associate} {}

// --- stages and events

void Engine::enter(Stage stage, core::Instant now) {
  stage_ = stage;
  switch (stage) {
    case Stage::associating: deadline_ = now + timeouts_.associate; return;
    // A requestor decides itself how long it keeps an idle association.
    case Stage::idle: deadline_ = association_.role() == Role::acceptor ? now + timeouts_.idle : core::kNever; return;
    case Stage::transferring:
    case Stage::receiving: deadline_ = now + timeouts_.transfer; return;
    case Stage::awaiting_response: deadline_ = now + timeouts_.response; return;
    case Stage::releasing:
    case Stage::closing: deadline_ = now + timeouts_.release; return;
  }
}

void Engine::tell(Event event) {
  event.stage = stage_;
  is_driver_due_ = is_driver_due_ || waits_for_driver(event.kind);
  events_.push(event);
}

void Engine::tell_data(core::ByteView data, bool is_last) {
  Event event;
  event.kind = Event::Kind::data;
  event.data = data;
  event.is_last = is_last;
  tell(event);
}

std::optional<Event> Engine::poll() {
  auto event = events_.pop();
  if (event && waits_for_driver(event->kind)) is_driver_due_ = false;
  return event;
}

void Engine::tell_violation(const Words& what) {
  Event event;
  event.kind = Event::Kind::violated;
  event.comment = what;
  event.offset = association_.reader().taken();
  tell(event);
}

void Engine::rest_in(Stage stage, core::Instant now) {
  rest_ = stage;
  if (stage_ == Stage::idle || stage_ == Stage::awaiting_response || stage_ == Stage::receiving) enter(rest_, now);
}

/// The message under way, if any, will not be completed. A window that is out may have been written in part.
void Engine::stop_sending() {
  data_began_ = data_began_ || writer_.window().length > 0;
  writer_.cancel();
  // Whoever has not seen the whole object may well refuse it, but cannot have stored it.
  if (early_response_ && !is_stored(early_response_->status)) tell(*early_response_);
  early_response_.reset();
}

/// The transport is to be closed at once.
void Engine::drop() {
  stop_sending();
  association_.drop();
  deadline_ = core::kNever;
}

// --- what the peer sends

std::optional<Arrival> Engine::receive(core::ByteView& bytes, core::Instant now) {
  while (may_receive()) {
    const auto indication = association_.receive(bytes);
    if (!indication) break;
    if (auto arrival = on_indication(*indication, now)) return arrival;
  }
  return std::nullopt;
}

std::optional<Arrival> Engine::on_indication(const Indication& indication, core::Instant now) {
  Event event;
  switch (indication.kind) {
    case Indication::Kind::associate_asked:
      return Arrival{.kind = Arrival::Kind::asked, .associate = indication.associate, .part = {}};
    case Indication::Kind::associate_accepted:
      return Arrival{.kind = Arrival::Kind::accepted, .associate = indication.associate, .part = {}};
    case Indication::Kind::data:
      return on_fragment(indication.fragment, now);
    case Indication::Kind::release_asked:
    case Indication::Kind::release_confirmed:
      on_release(now);
      return std::nullopt;
    case Indication::Kind::violated:
      stop_sending();
      tell_violation(indication.fault.what);
      enter(Stage::closing, now);
      return std::nullopt;
    case Indication::Kind::associate_rejected:
      event.kind = Event::Kind::rejected;
      event.result = indication.rejection.result;
      event.source = indication.rejection.source;
      event.reason = indication.rejection.reason;
      break;
    case Indication::Kind::aborted:
      event.kind = Event::Kind::aborted;
      event.source = indication.abortion.source;
      event.reason = indication.abortion.reason;
      break;
  }
  stop_sending();
  tell(event);
  deadline_ = core::kNever;
  return std::nullopt;
}

/// The peer's wish is granted at once. In a collision (Sta9 to Sta12) the second half of the handshake is waited for.
void Engine::on_release(core::Instant now) {
  if (writer_.window().length > 0) association_.wrote();  // its header must not go out alone
  stop_sending();
  association_.answer_release();
  const auto state = association_.state();
  if (state != State::sta1 && state != State::sta13) return;
  Event event;
  event.kind = Event::Kind::released;
  tell(event);
  enter(Stage::closing, now);
  if (finished()) deadline_ = core::kNever;
}

std::optional<Arrival> Engine::on_fragment(const Fragment& fragment, core::Instant now) {
  // AR-6: what still comes while we wait for the release is read, and of no use to anybody.
  if (stage_ == Stage::releasing) return std::nullopt;
  if (!answers_.accepted(fragment.context_id)) {
    violate(words_of("a message in presentation context ", fragment.context_id, ", which was not accepted"), now);
    return std::nullopt;
  }
  const auto part = reader_.take(fragment);
  if (!part) violate(part.error(), now);
  if (!part || !*part) return std::nullopt;
  return Arrival{.kind = Arrival::Kind::message, .associate = {}, .part = **part};
}

void Engine::peer_closed() {
  stop_sending();
  const bool amid = !association_.reader().between_pdus();
  if (association_.transport_closed()) {
    Event event;
    event.kind = Event::Kind::closed;
    if (amid) event.comment = words_of("in the middle of a PDU");
    tell(event);
  }
  deadline_ = core::kNever;
}

// --- what is written

void Engine::wrote(core::Instant now) {
  if (writer_.window().length > 0) data_began_ = true;
  association_.wrote();
  if (close_when_written_ && output().empty()) return drop();
  if (!writer_.busy()) {
    // Who is told off again and again (AA-7) gains no time by it.
    if (stage_ != Stage::closing) enter(stage_, now);
    return;
  }
  writer_.advance(association_.writer());
  if (writer_.busy()) return enter(Stage::transferring, now);
  message_written(now);
}

void Engine::message_written(core::Instant now) {
  if (early_response_) tell(*early_response_);
  early_response_.reset();
  enter(rest_, now);
}

// --- time

void Engine::on_time(core::Instant now) {
  if (now < deadline_) return;
  const auto state = association_.state();
  if (state != State::sta13) {
    Event event;
    event.kind = Event::Kind::timed_out;
    stop_sending();
    tell(event);
  }
  if (state == State::sta2 || state == State::sta13) association_.artim_expired();
  // A write that is stuck may have ended anywhere inside a PDU: an A-ABORT behind it would not be understood.
  if (finished() || !output().empty()) return drop();
  abort(now);
}

// --- what the session does

void Engine::reject(const Rejection& rejection, core::Instant now) {
  if (!association_.reject(rejection)) return;
  Event event;
  event.kind = Event::Kind::rejected;
  event.result = rejection.result;
  event.source = rejection.source;
  event.reason = rejection.reason;
  tell(event);
  enter(Stage::closing, now);
}

void Engine::establish(const ContextAnswers& answers, std::uint32_t peer_pdu_bytes_max, std::uint32_t our_pdu_bytes_max,
                       core::Instant now) {
  if (peer_pdu_bytes_max != kPduUnlimited && peer_pdu_bytes_max < kPduBytesMin) {
    return violate(words_of("takes P-DATA-TF of at most ", peer_pdu_bytes_max, " bytes, too few for any message"), now);
  }
  answers_ = answers;
  writer_.set_pdu_bytes_max(peer_pdu_bytes_max, our_pdu_bytes_max);
  Event event;
  event.kind = Event::Kind::established;
  tell(event);
  enter(Stage::idle, now);
}

void Engine::send(std::uint8_t context_id, const CommandSet& command, std::optional<std::uint64_t> data_set_bytes, core::Instant now) {
  writer_.begin(association_.writer(), context_id, command, data_set_bytes);
  enter(Stage::transferring, now);
}

void Engine::release(core::Instant now) {
  if (association_.release()) enter(Stage::releasing, now);
}

void Engine::abort(core::Instant now) {
  if (finished()) return;
  stop_sending();
  association_.abort();
  if (output().empty()) return drop();
  close_when_written_ = true;
  enter(Stage::closing, now);
}

void Engine::violate(const Words& what, core::Instant now) {
  stop_sending();
  tell_violation(what);
  association_.abort();
  enter(Stage::closing, now);
}

}  // namespace scanferry::dimse
