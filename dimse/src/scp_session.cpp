// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/scp_session.hpp>

#include <scanferry/dimse/uids.hpp>

namespace scanferry::dimse {
namespace {

// PS3.8 9.3.4 table 9-21.
constexpr Rejection kNotOurTitle{.result = 1, .source = 1, .reason = 7};
constexpr Rejection kLocalLimit{.result = 1, .source = 3, .reason = 2};

/// The better transfer syntax first.
ContextAnswer judge_verification(const PresentationContext& context) {
  for (const auto syntax : {uid::kExplicitVrLittleEndian, uid::kImplicitVrLittleEndian}) {
    if (const auto index = find_transfer_syntax(context, syntax)) return {ContextResult::accepted, *index};
  }
  return {ContextResult::transfer_syntaxes_not_supported, 0};
}

}  // namespace

ScpSession::ScpSession(const ScpConfig& config, core::Instant now)
    : MessageSession{Role::acceptor, config.timeouts, incoming, outgoing, config.max_pdu_receive, config.serves, now}, config_{config} {}

std::optional<Rejection> ScpSession::rejection_for(const AssociatePdu& asked) const {
  if (const auto rejection = rejection_of(asked)) return rejection;
  if (!config_.any_called_title && asked.called != config_.title) return kNotOurTitle;
  return config_.acceptance == nullptr ? std::nullopt : config_.acceptance->refuses(asked);
}

ContextAnswers ScpSession::judge_all(const AssociatePdu& asked) const {
  ContextAnswers answers;
  ItemCursor cursor{asked.items};
  while (const auto context = next_context(cursor, ItemType::proposed_context)) {
    ContextAnswer answer{ContextResult::abstract_syntax_not_supported, 0};
    if (context->abstract_syntax == uid::kVerification) {
      answer = judge_verification(*context);
    } else if (config_.acceptance != nullptr) {
      const auto roles = find_roles(asked.user.sub_items, context->abstract_syntax);
      answer = config_.acceptance->judge(*context, roles.value_or(Roles{}));
    }
    answers.set(context->id, answer);
  }
  return answers;
}

void ScpSession::on_associate(const AssociatePdu& asked, core::Instant now) {
  calling_ = asked.calling;
  called_ = asked.called;
  if (const auto rejection = rejection_for(asked)) return engine().reject(*rejection, now);
  const auto answers = judge_all(asked);
  if (!engine().accept(asked, answers, config_.max_pdu_receive, {.window = config_.window})) return engine().reject(kLocalLimit, now);
  const auto window = asked.user.window ? agree(asked.user.window, config_.window) : OperationsWindow{};
  agreed(asked.items, window.performed, window.invoked);
  engine().establish(answers, asked.user.max_pdu_bytes, kPduBytesAssumed, now);
}

}  // namespace scanferry::dimse
