// SPDX-License-Identifier: Apache-2.0
#include "agent/storage_acceptance.hpp"

#include <algorithm>

#include <scanferry/core/uid_registry.hpp>
#include <scanferry/dimse/pdu.hpp>
#include <scanferry/dimse/uids.hpp>

namespace scanferry::firmware {
namespace {

/// PS3.8 9.3.4 table 9-21: permanent, service user, calling AE title not recognized.
constexpr dimse::Rejection kUnknownCaller{.result = 1, .source = 1, .reason = 3};

bool asks_for_verification_alone(const dimse::AssociatePdu& asked) {
  dimse::ItemCursor items{asked.items};
  while (const auto context = dimse::next_context(items, dimse::ItemType::proposed_context)) {
    if (context->abstract_syntax != dimse::uid::kVerification) return false;
  }
  return true;
}

}  // namespace

std::optional<dimse::Rejection> StorageAcceptance::refuses(const dimse::AssociatePdu& asked) const {
  const auto& known = terms_.calling;
  if (known.empty() || std::ranges::find(known, asked.calling.view()) != known.end()) return std::nullopt;
  if (terms_.is_echo_for_all && asks_for_verification_alone(asked)) return std::nullopt;
  return kUnknownCaller;
}

bool StorageAcceptance::takes(std::string_view sop_class_uid) const {
  if (terms_.is_any_class || std::ranges::find(terms_.sop_classes, sop_class_uid) != terms_.sop_classes.end()) return true;
  const auto entry = core::find_uid(sop_class_uid);
  return entry && entry->is_storage;
}

dimse::ContextAnswer StorageAcceptance::judge(const dimse::PresentationContext& context, dimse::Roles) const {
  if (!takes(context.abstract_syntax)) return {dimse::ContextResult::abstract_syntax_not_supported, 0};
  for (const auto& syntax : terms_.transfer_syntaxes) {
    if (const auto index = dimse::find_transfer_syntax(context, syntax)) return {dimse::ContextResult::accepted, *index};
  }
  const bool has_one = !dimse::transfer_syntax_at(context, 0).empty();
  if (!has_one || terms_.is_no_other_syntax) return {dimse::ContextResult::transfer_syntaxes_not_supported, 0};
  return {dimse::ContextResult::accepted, 0};
}

}  // namespace scanferry::firmware
