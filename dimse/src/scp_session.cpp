// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/scp_session.hpp>

#include <scanferry/dimse/uids.hpp>

#include "words.hpp"

namespace scanferry::dimse {
namespace {

constexpr std::uint16_t kSuccess = 0x0000;
constexpr std::uint16_t kUnrecognizedOperation = 0x0211;  ///< PS3.7 C.5

// PS3.8 9.3.4 table 9-21.
constexpr Rejection kNotOurTitle{.result = 1, .source = 1, .reason = 7};
constexpr Rejection kNotOurApplicationContext{.result = 1, .source = 1, .reason = 2};
constexpr Rejection kNotOurProtocolVersion{.result = 1, .source = 2, .reason = 2};

/// The service and the transfer syntaxes of this acceptor, the better one first.
ContextAnswer judge(const PresentationContext& context) {
  if (context.abstract_syntax != uid::kVerification) return {ContextResult::abstract_syntax_not_supported, 0};
  for (const auto syntax : {uid::kExplicitVrLittleEndian, uid::kImplicitVrLittleEndian}) {
    if (const auto index = find_transfer_syntax(context, syntax)) return {ContextResult::accepted, *index};
  }
  return {ContextResult::transfer_syntaxes_not_supported, 0};
}

ContextAnswers judge_all(core::ByteView items) {
  ContextAnswers answers;
  ItemCursor cursor{items};
  while (const auto context = next_context(cursor, ItemType::proposed_context)) answers.set(context->id, judge(*context));
  return answers;
}

std::optional<Rejection> fault_of(const AssociatePdu& asked, const ScpConfig& config) {
  // PS3.8 9.3.2: only bit 0 is tested.
  if ((asked.protocol_version & 1U) == 0) return kNotOurProtocolVersion;
  if (asked.application_context != uid::kApplicationContext) return kNotOurApplicationContext;
  if (!config.any_called_title && asked.called != config.title) return kNotOurTitle;
  return std::nullopt;
}

}  // namespace

ScpSession::ScpSession(const ScpConfig& config, core::Instant now)
    : config_{config}, engine_{Role::acceptor, config.timeouts, incoming_, outgoing_, config.max_pdu_receive, now} {}

void ScpSession::feed(core::ByteView& bytes, core::Instant now) {
  while (const auto arrival = engine_.receive(bytes, now)) {
    if (arrival->kind == Arrival::Kind::asked) on_asked(arrival->associate, now);
    if (arrival->kind == Arrival::Kind::message) on_message(arrival->part, now);
  }
}

void ScpSession::on_asked(const AssociatePdu& asked, core::Instant now) {
  calling_ = asked.calling;
  called_ = asked.called;
  if (const auto rejection = fault_of(asked, config_)) return engine_.reject(*rejection, now);
  const auto answers = judge_all(asked.items);
  engine_.accept(asked, answers, config_.max_pdu_receive);
  engine_.establish(answers, asked.user.max_pdu_bytes, kPduBytesAssumed, now);
}

void ScpSession::on_message(const MessagePart& part, core::Instant now) {
  engine_.enter(engine_.stage(), now);  // progress
  if (part.command) on_command(part, now);
  if (!request_ || !part.last) return;
  const auto request = *request_;
  request_.reset();
  if (request.expects_answer) answer(request, now);
}

void ScpSession::on_command(const MessagePart& part, core::Instant now) {
  const auto& command = *part.command;
  const auto field = *command.command_field;
  if (command.is_response()) return engine_.violate(words_of("response ", Hex{field}, " to nothing that was asked"), now);
  // PS3.7 D.3.3.3: without an asynchronous operations window, one operation at a time.
  if (!engine_.can_send()) {
    return engine_.violate(words_of("request ", Hex{field}, " before the response to the one before it"), now);
  }
  // PS3.7 9.3.2.3: a C-CANCEL has no response, and no message id of its own.
  const bool cancel = command.is(CommandField::c_cancel_rq);
  if (!cancel && !command.message_id) return engine_.violate(words_of("request ", Hex{field}, " without a Message ID"), now);
  request_ = Request{field, command.message_id.value_or(0), part.context_id, !cancel};
}

void ScpSession::answer(const Request& request, core::Instant now) {
  const bool echo = request.field == static_cast<std::uint16_t>(CommandField::c_echo_rq);
  CommandSet response;
  response.affected_sop_class_uid = uid::kVerification;
  response.command_field = static_cast<std::uint16_t>(request.field | kResponseBit);
  response.responded_message_id = request.message_id;
  response.data_set_type = kNoDataSet;
  response.status = echo ? kSuccess : kUnrecognizedOperation;
  if (echo) {
    Event served;
    served.kind = Event::Kind::echo_served;
    served.message_id = request.message_id;
    engine_.tell(served);
  }
  engine_.send(request.context_id, response, std::nullopt, Stage::idle, now);
}

void ScpSession::peer_closed(core::Instant) { engine_.peer_closed(); }
core::ByteView ScpSession::output() const { return engine_.output(); }
PayloadWindow ScpSession::payload() const { return engine_.payload(); }
void ScpSession::wrote(core::Instant now) { engine_.wrote(now); }
std::optional<Event> ScpSession::poll() { return engine_.poll(); }
core::Instant ScpSession::deadline() const { return engine_.deadline(); }
void ScpSession::on_time(core::Instant now) { engine_.on_time(now); }
bool ScpSession::finished() const { return engine_.finished(); }
const AeTitle& ScpSession::calling() const { return calling_; }
const AeTitle& ScpSession::called() const { return called_; }
void ScpSession::abort(core::Instant now) { engine_.abort(now); }

}  // namespace scanferry::dimse
