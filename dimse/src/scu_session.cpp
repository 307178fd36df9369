// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/scu_session.hpp>

#include <algorithm>

#include <scanferry/dimse/status.hpp>
#include <scanferry/dimse/uids.hpp>

#include "words.hpp"

namespace scanferry::dimse {
namespace {

RequestError request_error(ContextError error) {
  return error == ContextError::class_refused ? RequestError::class_refused : RequestError::syntax_refused;
}

std::uint16_t response_to(CommandField request) {
  return static_cast<std::uint16_t>(static_cast<std::uint16_t>(request) | kResponseBit);
}

}  // namespace

ScuSession::ScuSession(const ScuConfig& config, std::span<const ProposedContext> contexts, core::Instant now)
    : config_{config}, engine_{Role::requestor, config.timeouts, incoming_, outgoing_, config.max_pdu_receive, now} {
  ByteWriter out{request_pdu_};
  const AssociateRequest request{.called = config.called, .calling = config.calling, .max_pdu_bytes = config.max_pdu_receive};
  put_associate_rq(out, request, contexts.first(std::min(contexts.size(), kContextsMax)));
  proposal_ = out.written().subspan(size::kAssociateFixed);
  engine_.request(out.written());
}

void ScuSession::feed(core::ByteView& bytes, core::Instant now) {
  while (const auto arrival = engine_.receive(bytes, now)) {
    if (arrival->kind == Arrival::Kind::accepted) on_accepted(arrival->associate, now);
    if (arrival->kind == Arrival::Kind::message) on_message(arrival->part, now);
  }
}

void ScuSession::on_accepted(const AssociatePdu& reply, core::Instant now) {
  engine_.establish(read_answers(proposal_, reply.items), reply.user.max_pdu_bytes, config_.max_pdu_send, now);
}

/// What is wrong with a command set that should be the response to our request.
std::optional<Words> ScuSession::fault_of(const MessagePart& part) const {
  const auto& command = *part.command;
  const auto field = command.command_field.value_or(0);
  // PS3.7 D.3.3.4: without role selection the requestor alone asks.
  if (!command.is_response()) return words_of("request ", Hex{field}, " to the side that asked for the association");
  if (!request_) return words_of("response ", Hex{field}, " to nothing that was asked");
  if (command.responded_message_id != request_->message_id) {
    const auto to = command.responded_message_id.value_or(0);
    return words_of("response to message ", to, "; message ", request_->message_id, " was asked");
  }
  if (const auto due = response_to(request_->field); field != due) {
    return words_of("response ", Hex{field}, " where ", Hex{due}, " was due");
  }
  if (part.context_id != request_->context_id) {
    return words_of("response in presentation context ", part.context_id, "; it was asked in ", request_->context_id);
  }
  if (!command.status) return words_of("response without a Status");
  return std::nullopt;
}

void ScuSession::on_message(const MessagePart& part, core::Instant now) {
  if (part.command) return on_response(part, now);
  // PS3.7 9.3.1.2 and 9.3.5.2: other responses have no data set. One that comes all the same changes nothing.
  if (!request_ || !request_->has_match) return;
  engine_.enter(engine_.stage(), now);  // progress
  engine_.tell_data(part.data, part.last);
  request_->has_match = !part.last;
}

void ScuSession::on_response(const MessagePart& part, core::Instant now) {
  if (const auto fault = fault_of(part)) return engine_.violate(*fault, now);
  if (request_->has_match) return engine_.violate(words_of("a match without its data set"), now);
  Event event;
  event.kind = Event::Kind::response;
  event.message_id = request_->message_id;
  event.status = *part.command->status;
  event.comment.assign(part.command->error_comment);
  if (request_->field != CommandField::c_find_rq || !is_pending(event.status)) {
    request_.reset();
    return engine_.answered(event, now);
  }
  if (engine_.stage() != Stage::awaiting_response) return engine_.violate(words_of("a match before the query was there"), now);
  if (part.last) return engine_.violate(words_of("a match without its data set"), now);
  request_->has_match = true;
  engine_.tell(event);
  engine_.enter(Stage::awaiting_response, now);
}

bool ScuSession::ready() const { return engine_.stage() == Stage::idle && engine_.can_send() && !request_; }

std::expected<void, RequestError> ScuSession::accepts(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) const {
  const auto context = find_context(proposal_, engine_.answers(), sop_class_uid, transfer_syntax_uid);
  if (!context) return std::unexpected{request_error(context.error())};
  return {};
}

std::uint16_t ScuSession::ask(CommandSet command, std::uint8_t context_id, std::optional<std::uint64_t> data_set_bytes,
                              core::Instant now) {
  command.message_id = next_message_id_;
  command.data_set_type = data_set_bytes ? kDataSetFollows : kNoDataSet;
  request_ = Request{static_cast<CommandField>(*command.command_field), next_message_id_, context_id};
  next_message_id_ = static_cast<std::uint16_t>(next_message_id_ == 0xFFFF ? 1 : next_message_id_ + 1);
  engine_.send(context_id, command, data_set_bytes, Stage::awaiting_response, now);
  return request_->message_id;
}

std::expected<std::uint16_t, RequestError> ScuSession::echo(core::Instant now) {
  if (!ready()) return std::unexpected{RequestError::not_ready};
  const auto context = find_context(proposal_, engine_.answers(), uid::kVerification);
  if (!context) return std::unexpected{request_error(context.error())};
  CommandSet command;
  command.affected_sop_class_uid = uid::kVerification;
  command.command_field = static_cast<std::uint16_t>(CommandField::c_echo_rq);
  return ask(command, *context, std::nullopt, now);
}

std::expected<std::uint16_t, RequestError> ScuSession::store(const StoreRequest& request, core::Instant now) {
  if (!ready()) return std::unexpected{RequestError::not_ready};
  const auto context = find_context(proposal_, engine_.answers(), request.sop_class_uid, request.transfer_syntax_uid);
  if (!context) return std::unexpected{request_error(context.error())};
  CommandSet command;
  command.affected_sop_class_uid = request.sop_class_uid;
  command.command_field = static_cast<std::uint16_t>(CommandField::c_store_rq);
  command.priority = kPriorityMedium;
  command.affected_sop_instance_uid = request.sop_instance_uid;
  return ask(command, *context, request.data_set_bytes, now);
}

std::expected<std::uint16_t, RequestError> ScuSession::find(const FindRequest& request, core::Instant now) {
  if (!ready()) return std::unexpected{RequestError::not_ready};
  const auto context = find_context(proposal_, engine_.answers(), request.sop_class_uid, request.transfer_syntax_uid);
  if (!context) return std::unexpected{request_error(context.error())};
  CommandSet command;
  command.affected_sop_class_uid = request.sop_class_uid;
  command.command_field = static_cast<std::uint16_t>(CommandField::c_find_rq);
  command.priority = kPriorityMedium;
  return ask(command, *context, request.identifier_bytes, now);
}

void ScuSession::cancel(core::Instant now) {
  if (!request_ || request_->field != CommandField::c_find_rq || !engine_.can_send()) return;
  CommandSet command;
  command.command_field = static_cast<std::uint16_t>(CommandField::c_cancel_rq);
  command.responded_message_id = request_->message_id;
  command.data_set_type = kNoDataSet;
  engine_.send(request_->context_id, command, std::nullopt, Stage::awaiting_response, now);
}

void ScuSession::release(core::Instant now) {
  if (!ready()) return engine_.abort(now);
  engine_.release(now);
}

void ScuSession::peer_closed(core::Instant) { engine_.peer_closed(); }
core::ByteView ScuSession::output() const { return engine_.output(); }
PayloadWindow ScuSession::payload() const { return engine_.payload(); }
void ScuSession::wrote(core::Instant now) { engine_.wrote(now); }
std::optional<Event> ScuSession::poll() { return engine_.poll(); }
core::Instant ScuSession::deadline() const { return engine_.deadline(); }
void ScuSession::on_time(core::Instant now) { engine_.on_time(now); }
bool ScuSession::finished() const { return engine_.finished(); }
bool ScuSession::data_began() const { return engine_.data_began(); }
void ScuSession::abort(core::Instant now) { engine_.abort(now); }

}  // namespace scanferry::dimse
