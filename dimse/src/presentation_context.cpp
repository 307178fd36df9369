// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/presentation_context.hpp>

#include <scanferry/dimse/pdu.hpp>

namespace scanferry::dimse {
namespace {

std::optional<PresentationContext> answer_to(core::ByteView reply, std::uint8_t id) {
  ItemCursor items{reply};
  while (auto context = next_context(items, ItemType::answered_context)) {
    if (context->id == id) return context;
  }
  return std::nullopt;
}

ContextAnswer judge(const PresentationContext& proposed, const PresentationContext& answered) {
  const auto result = static_cast<ContextResult>(answered.result);
  if (result != ContextResult::accepted) return {result, 0, {}};
  const auto syntax = find_transfer_syntax(proposed, transfer_syntax_at(answered, 0));
  if (!syntax) return {ContextResult::transfer_syntaxes_not_supported, 0, {}};
  return {ContextResult::accepted, *syntax, {}};
}

std::optional<PresentationContext> accepted_context(core::ByteView proposal, const ContextAnswers& answers, std::uint8_t id) {
  if (!answers.accepted(id)) return std::nullopt;
  ItemCursor items{proposal};
  while (auto context = next_context(items, ItemType::proposed_context)) {
    if (context->id == id) return context;
  }
  return std::nullopt;
}

/// The user information of `items`, or as much of it as there is.
core::ByteView sub_items_in(core::ByteView items) {
  ItemCursor cursor{items};
  while (const auto item = cursor.next()) {
    if (item->type == ItemType::user_information) return item->value;
  }
  const auto rest = cursor.rest();
  const bool begun = rest.size() >= kItemHeaderBytes && static_cast<ItemType>(rest[0]) == ItemType::user_information;
  return begun ? rest.subspan(kItemHeaderBytes) : core::ByteView{};
}

}  // namespace

ContextAnswers read_answers(core::ByteView proposal, core::ByteView reply) {
  const auto proposed_roles = sub_items_in(proposal);
  const auto answered_roles = sub_items_in(reply);
  ContextAnswers answers;
  ItemCursor items{proposal};
  while (const auto proposed = next_context(items, ItemType::proposed_context)) {
    const auto answered = answer_to(reply, proposed->id);
    if (!answered) continue;
    auto answer = judge(*proposed, *answered);
    answer.roles = agree(find_roles(proposed_roles, proposed->abstract_syntax), find_roles(answered_roles, proposed->abstract_syntax));
    // In which nobody may ask anything.
    if (answer.result == ContextResult::accepted && answer.roles == Roles{false, false}) answer.result = ContextResult::no_reason;
    answers.set(proposed->id, answer);
  }
  return answers;
}

std::expected<std::uint8_t, ContextError> find_context(core::ByteView proposal, const ContextAnswers& answers,
                                                       std::string_view abstract_syntax,
                                                       std::optional<std::string_view> transfer_syntax) {
  auto error = ContextError::class_refused;
  ItemCursor items{proposal};
  while (const auto context = next_context(items, ItemType::proposed_context)) {
    if (context->abstract_syntax != abstract_syntax) continue;
    const auto answer = answers.at(context->id);
    const bool accepted = answer.result == ContextResult::accepted;
    if (accepted && (!transfer_syntax || transfer_syntax_at(*context, answer.syntax) == *transfer_syntax)) return context->id;
    if (accepted || answer.result == ContextResult::transfer_syntaxes_not_supported) error = ContextError::syntax_refused;
  }
  return std::unexpected{error};
}

std::string_view abstract_syntax_of(core::ByteView proposal, const ContextAnswers& answers, std::uint8_t id) {
  const auto context = accepted_context(proposal, answers, id);
  return context ? context->abstract_syntax : std::string_view{};
}

std::string_view transfer_syntax_of(core::ByteView proposal, const ContextAnswers& answers, std::uint8_t id) {
  const auto context = accepted_context(proposal, answers, id);
  return context ? transfer_syntax_at(*context, answers.at(id).syntax) : std::string_view{};
}

}  // namespace scanferry::dimse
