// SPDX-License-Identifier: Apache-2.0
#include "agent/context_plan.hpp"

#include <algorithm>
#include <array>

#include <scanferry/core/transfer_syntax.hpp>
#include <scanferry/dimse/uids.hpp>

namespace scanferry::firmware {
namespace {

constexpr std::string_view kRleLossless = "1.2.840.10008.1.2.5";
constexpr std::array kUncompressed{dimse::uid::kExplicitVrLittleEndian, dimse::uid::kImplicitVrLittleEndian};

}  // namespace

std::span<const std::string_view> fall_backs_of(std::string_view transfer_syntax_uid) {
  const bool is_native = core::transfer_syntax_of(transfer_syntax_uid).pixels == core::PixelForm::native;
  if (!is_native && transfer_syntax_uid != kRleLossless) return {};
  return kUncompressed;
}

bool ContextPlan::has(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) const {
  return std::ranges::any_of(contexts_, [&](const dimse::ProposedContext& c) {
    return c.abstract_syntax.view() == sop_class_uid && c.transfer_syntax.view() == transfer_syntax_uid;
  });
}

bool ContextPlan::add(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) {
  if (has(sop_class_uid, transfer_syntax_uid)) return true;
  if (contexts_.size() == dimse::kContextsMax) return false;
  contexts_.push_back({core::Uid{sop_class_uid}, core::Uid{transfer_syntax_uid}});
  return true;
}

bool ContextPlan::add_object(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) {
  const auto before = contexts_.size();
  bool has_room = add(sop_class_uid, transfer_syntax_uid);
  for (const auto other : fall_backs_of(transfer_syntax_uid)) has_room = has_room && add(sop_class_uid, other);
  if (!has_room) contexts_.resize(before);
  return has_room;
}

}  // namespace scanferry::firmware
