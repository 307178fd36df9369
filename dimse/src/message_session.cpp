// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/message_session.hpp>

#include <algorithm>

#include <scanferry/dimse/status.hpp>

#include "words.hpp"

namespace scanferry::dimse {
namespace {

// PS3.7 C.5.
constexpr std::uint16_t kSopClassNotSupported = 0x0122;
constexpr std::uint16_t kUnrecognizedOperation = 0x0211;
constexpr std::uint16_t kMistypedArgument = 0x0212;

RequestError request_error(ContextError error) {
  return error == ContextError::class_refused ? RequestError::class_refused : RequestError::syntax_refused;
}

/// A window of 0 has no end, PS3.7 D.3.3.3.1; ours has.
std::uint16_t bounded(std::uint16_t window) { return window == 0 ? kOutstandingMax : std::min(window, kOutstandingMax); }

Event event_of(Event::Kind kind, const MessagePart& part) {
  Event event;
  event.kind = kind;
  event.context_id = part.context_id;
  event.command = *part.command;
  event.status = part.command->status.value_or(0);
  event.comment.assign(part.command->error_comment);
  event.is_last = part.last;
  return event;
}

}  // namespace

void MessageSession::agreed(core::ByteView proposal, std::uint16_t ours, std::uint16_t peers) {
  proposal_ = proposal;
  outstanding_max_ = bounded(ours);
  asked_max_ = bounded(peers);
}

void MessageSession::feed(core::ByteView& bytes, core::Instant now) {
  while (const auto arrival = engine_.receive(bytes, now)) {
    if (arrival->kind == Arrival::Kind::message) {
      on_message(arrival->part, now);
    } else {
      on_associate(arrival->associate, now);
    }
    answer_next(now);
  }
}

void MessageSession::peer_closed(core::Instant) { engine_.peer_closed(); }

void MessageSession::wrote(core::Instant now) {
  engine_.wrote(now);
  answer_next(now);
}

// --- contexts

std::expected<void, RequestError> MessageSession::accepts(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) const {
  const auto context = find_context(proposal_, engine_.answers(), sop_class_uid, transfer_syntax_uid);
  if (!context) return std::unexpected{request_error(context.error())};
  return {};
}

std::string_view MessageSession::abstract_syntax_of(std::uint8_t context_id) const {
  return dimse::abstract_syntax_of(proposal_, engine_.answers(), context_id);
}

std::string_view MessageSession::transfer_syntax_of(std::uint8_t context_id) const {
  return dimse::transfer_syntax_of(proposal_, engine_.answers(), context_id);
}

// --- what we ask

bool MessageSession::is_established() const {
  if (engine_.finished()) return false;
  const auto stage = engine_.stage();
  return stage == Stage::idle || stage == Stage::transferring || stage == Stage::awaiting_response || stage == Stage::receiving;
}

bool MessageSession::ready() const { return is_established() && engine_.can_send() && request_count_ < outstanding_max_; }

std::expected<std::uint16_t, RequestError> MessageSession::invoke(const CommandSet& request, core::Instant now) {
  return ask(request, std::nullopt, std::nullopt, now);
}

std::expected<std::uint16_t, RequestError> MessageSession::invoke(const CommandSet& request, std::string_view transfer_syntax_uid,
                                                                  std::uint64_t data_set_bytes, core::Instant now) {
  return ask(request, transfer_syntax_uid, data_set_bytes, now);
}

std::expected<std::uint16_t, RequestError> MessageSession::ask(const CommandSet& request,
                                                               std::optional<std::string_view> transfer_syntax_uid,
                                                               std::optional<std::uint64_t> data_set_bytes, core::Instant now) {
  const auto* operation = find_operation(request.command_field.value_or(0));
  if (!ready() || operation == nullptr) return std::unexpected{RequestError::not_ready};
  const auto context = find_context(proposal_, engine_.answers(), request.sop_class_uid(), transfer_syntax_uid);
  if (!context) return std::unexpected{request_error(context.error())};
  // After 65,535 messages an old one may still await its response.
  while (next_message_id_ == 0 || find_request_of(next_message_id_) < request_count_) ++next_message_id_;
  auto command = request;
  command.message_id = next_message_id_++;
  command.data_set_type = data_set_bytes ? kDataSetFollows : kNoDataSet;
  requests_[request_count_++] = {operation, *command.message_id, *context};
  settle(now);
  engine_.forget_data();
  send(*context, command, data_set_bytes, now);
  sending_id_ = *command.message_id;
  return sending_id_;
}

void MessageSession::send(std::uint8_t context_id, const CommandSet& command, std::optional<std::uint64_t> data_set_bytes, core::Instant now) {
  sending_id_ = 0;
  engine_.send(context_id, command, data_set_bytes, now);
}

void MessageSession::cancel(std::uint16_t message_id, core::Instant now) {
  const auto at = find_request_of(message_id);
  if (at == request_count_ || !requests_[at].operation->may_pend || !engine_.can_send()) return;
  CommandSet command;
  command.command_field = request_field(CommandField::c_cancel);
  command.responded_message_id = message_id;
  command.data_set_type = kNoDataSet;
  send(requests_[at].context_id, command, std::nullopt, now);
}

/// Its place; `request_count_` when there is none.
std::size_t MessageSession::find_request_of(std::optional<std::uint16_t> message_id) const {
  std::size_t at = 0;
  while (at < request_count_ && requests_[at].message_id != message_id) ++at;
  return at;
}

// --- what the peer says

/// What is waited for when nothing is being written.
void MessageSession::settle(core::Instant now) {
  const auto otherwise = request_count_ > 0 ? Stage::awaiting_response : Stage::idle;
  engine_.rest_in(is_data_due_ ? Stage::receiving : otherwise, now);
}

void MessageSession::on_message(const MessagePart& part, core::Instant now) {
  if (!part.command) return on_data(part, now);
  if (is_match_due_) return engine_.violate(words_of("a match without its data set"), now);
  is_data_due_ = is_data_told_ = false;
  progress_bytes_ = 0;
  if (part.command->is_response()) {
    on_response(part, now);
  } else {
    on_request(part, now);
  }
  settle(now);
}

void MessageSession::on_data(const MessagePart& part, core::Instant now) {
  if (is_data_told_) engine_.tell_data(part.data, part.last);
  progress_bytes_ += part.data.size();
  if (!part.last && progress_bytes_ < kProgressBytesMin) return;
  progress_bytes_ = 0;
  if (part.last) {
    is_data_due_ = is_data_told_ = is_match_due_ = false;
    // Messages are not interleaved (PS3.8 E.1): a request that is incomplete is the newest.
    if (asked_count_ > 0) asked_[asked_count_ - 1].is_complete = true;
  }
  settle(now);
}

/// What is wrong with a command set that should be the response to a request of ours.
std::optional<Words> MessageSession::fault_of_response(const MessagePart& part) const {
  const auto& command = *part.command;
  const auto field = *command.command_field;
  if (request_count_ == 0) return words_of("response ", Hex{field}, " to nothing that was asked");
  const auto to = command.responded_message_id.value_or(0);
  const auto at = find_request_of(to);
  if (at == request_count_) {
    return words_of("response to message ", to, "; message ", requests_[request_count_ - 1].message_id, " was asked");
  }
  const auto& request = requests_[at];
  if (const auto due = response_field(request.operation->field); field != due) {
    return words_of("response ", Hex{field}, " where ", Hex{due}, " was due");
  }
  if (part.context_id != request.context_id) {
    return words_of("response in presentation context ", part.context_id, "; it was asked in ", request.context_id);
  }
  if (!command.status) return words_of("response without a Status");
  return std::nullopt;
}

void MessageSession::on_response(const MessagePart& part, core::Instant now) {
  if (const auto fault = fault_of_response(part)) return engine_.violate(*fault, now);
  const auto at = find_request_of(part.command->responded_message_id);
  const auto operation = *requests_[at].operation;
  auto event = event_of(Event::Kind::response, part);
  event.message_id = requests_[at].message_id;
  // A data set where the operation has none is read over.
  event.is_last = part.last || !may_answer_data(operation, event.status);
  const bool pends = operation.may_pend && is_pending(event.status);
  is_match_due_ = pends && operation.field == CommandField::c_find;
  if (is_match_due_ && part.last) return engine_.violate(words_of("a match without its data set"), now);
  const bool is_early = engine_.is_sending() && event.message_id == sending_id_;
  if (is_early && (pends || !event.is_last)) return engine_.violate(words_of("a result before the request was there"), now);
  is_data_due_ = is_data_told_ = !event.is_last;
  if (!pends) requests_[at] = requests_[--request_count_];
  if (is_early) return engine_.tell_when_written(event);
  engine_.tell(event);
}

// --- what the peer asks

void MessageSession::on_request(const MessagePart& part, core::Instant now) {
  const auto& command = *part.command;
  const auto field = *command.command_field;
  // PS3.7 9.3.2.3: a C-CANCEL has no response, and no message id of its own.
  if (field == request_field(CommandField::c_cancel)) return on_cancel(command);
  if (!command.message_id) return engine_.violate(words_of("request ", Hex{field}, " without a Message ID"), now);
  if (asked_count_ >= asked_max_) {
    return engine_.violate(words_of("request ", Hex{field}, " before the response to the one before it"), now);
  }
  auto& asked = asked_[asked_count_++];
  asked = {};
  asked.message_id = *command.message_id;
  asked.field = field;
  asked.context_id = part.context_id;
  asked.is_complete = part.last;
  is_data_due_ = !part.last;
  answer_by_itself(asked, command);
  if (!asked.is_told) return;
  is_data_told_ = !part.last;
  auto event = event_of(Event::Kind::request, part);
  event.message_id = asked.message_id;
  engine_.tell(event);
}

/// Decides on a request that is not the driver's to answer.
void MessageSession::answer_by_itself(Asked& asked, const CommandSet& request) const {
  const auto* operation = find_operation(asked.field);
  const bool is_echo = operation != nullptr && operation->field == CommandField::c_echo;
  if (operation == nullptr || (!is_echo && std::ranges::find(serves_, operation->field) == serves_.end())) {
    asked.status = kUnrecognizedOperation;
  } else if (const auto missing = missing_in(*operation, request); !missing.empty() && !is_echo) {
    asked.status = kMistypedArgument;
    asked.comment = missing;
  } else if (operation->field == CommandField::c_store && request.sop_class_uid().view() != abstract_syntax_of(asked.context_id)) {
    // What was agreed for one SOP class is no promise for another (PS3.7 D.3.3.1); nobody would find the object as what it is.
    asked.status = kSopClassNotSupported;
    asked.comment = "its presentation context is of another SOP class";
  } else {
    asked.is_told = !is_echo;
  }
}

void MessageSession::on_cancel(const CommandSet& command) {
  const auto at = find_asked(command.responded_message_id);
  if (at == asked_count_ || !asked_[at].is_told) return;
  Event event;
  event.kind = Event::Kind::cancelled;
  event.message_id = asked_[at].message_id;
  engine_.tell(event);
}

/// Its place; `asked_count_` when there is none.
std::size_t MessageSession::find_asked(std::optional<std::uint16_t> message_id) const {
  std::size_t at = 0;
  while (at < asked_count_ && asked_[at].message_id != message_id) ++at;
  return at;
}

/// The others keep their order.
void MessageSession::drop_asked(std::size_t at) {
  const auto all = std::span{asked_}.first(asked_count_--);
  std::ranges::copy(all.subspan(at + 1), all.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Sends one of the responses that are not the driver's.
void MessageSession::answer_next(core::Instant now) {
  std::size_t at = 0;
  while (at < asked_count_ && (asked_[at].is_told || !asked_[at].is_complete)) ++at;
  if (at == asked_count_ || !engine_.can_send()) return;
  const auto asked = asked_[at];
  drop_asked(at);
  if (asked.field == request_field(CommandField::c_echo)) {
    Event served;
    served.kind = Event::Kind::echo_served;
    served.message_id = asked.message_id;
    engine_.tell(served);
  }
  CommandSet response;
  response.affected_sop_class_uid = abstract_syntax_of(asked.context_id);
  response.command_field = static_cast<std::uint16_t>(asked.field | kResponseBit);
  response.responded_message_id = asked.message_id;
  response.data_set_type = kNoDataSet;
  response.status = asked.status;
  response.error_comment = asked.comment;
  send(asked.context_id, response, std::nullopt, now);
}

bool MessageSession::respond(const CommandSet& response, std::optional<std::uint64_t> data_set_bytes, core::Instant now) {
  const auto at = find_asked(response.responded_message_id);
  if (at == asked_count_ || !asked_[at].is_told || !engine_.can_send()) return false;
  const auto context_id = asked_[at].context_id;
  if (!is_pending(response.status.value_or(0))) {
    if (!asked_[at].is_complete) is_data_told_ = false;
    drop_asked(at);
  }
  auto command = response;
  command.data_set_type = data_set_bytes ? kDataSetFollows : kNoDataSet;
  send(context_id, command, data_set_bytes, now);
  return true;
}

void MessageSession::release(core::Instant now) {
  if (engine_.stage() != Stage::idle || !engine_.can_send() || asked_count_ > 0) return engine_.abort(now);
  engine_.release(now);
}

}  // namespace scanferry::dimse
