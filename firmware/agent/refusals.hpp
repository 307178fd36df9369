// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>

#include <scanferry/core/time.hpp>

namespace scanferry::firmware {

/// Which SOP classes, with which transfer syntax, a peer took in no presentation context, for as long as it is not worth asking again.
class Refusals {
 public:
  explicit Refusals(core::Millis kept_for) : kept_for_{kept_for} {}

  void note(const std::string& sop_class_uid, const std::string& transfer_syntax_uid, std::string words, core::Instant now) {
    if (refusals_.size() == kRefusalsMax) refusals_.clear();  // they are learned anew
    refusals_.insert_or_assign({sop_class_uid, transfer_syntax_uid}, Refusal{std::move(words), now + kept_for_});
  }
  /// What was said of it then; null when it may be asked.
  [[nodiscard]] const std::string* find(const std::string& sop_class_uid, const std::string& transfer_syntax_uid, core::Instant now) const {
    const auto found = refusals_.find({sop_class_uid, transfer_syntax_uid});
    return found != refusals_.end() && now < found->second.until ? &found->second.words : nullptr;
  }

 private:
  static constexpr std::size_t kRefusalsMax = 256;
  struct Refusal {
    std::string words;
    core::Instant until;
  };
  core::Millis kept_for_;
  std::map<std::pair<std::string, std::string>, Refusal> refusals_;
};

}  // namespace scanferry::firmware
