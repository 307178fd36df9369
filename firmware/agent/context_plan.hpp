// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <scanferry/dimse/presentation_context.hpp>

namespace scanferry::firmware {

/// What an object can be transcoded to where a peer does not take it as it is stored, the better first: its pixels stay what they
/// are. Empty when we have no codec for them.
std::span<const std::string_view> fall_backs_of(std::string_view transfer_syntax_uid);

/// The contexts that these instances need, each pair once, at most kContextsMax. Whoever has more needs several associations.
class ContextPlan {
 public:
  /// False when the plan is full.
  bool add(std::string_view sop_class_uid, std::string_view transfer_syntax_uid);
  /// The same, with its fall-backs in contexts of their own. All or nothing.
  bool add_object(std::string_view sop_class_uid, std::string_view transfer_syntax_uid);
  [[nodiscard]] bool has(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) const;
  [[nodiscard]] std::span<const dimse::ProposedContext> contexts() const { return contexts_; }

 private:
  std::vector<dimse::ProposedContext> contexts_;
};

}  // namespace scanferry::firmware
