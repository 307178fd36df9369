// SPDX-License-Identifier: Apache-2.0
#include "check_tables.hpp"

#include <algorithm>

namespace scanferry::model::check_tables {

const Attribute* find_attribute(std::uint16_t list, core::Tag tag) {
  const auto attributes = attributes_of(list);
  const auto found = std::ranges::lower_bound(attributes, tag, {}, &Attribute::tag);
  if (found != attributes.end() && found->tag() == tag) return &*found;
  const core::Tag first{static_cast<std::uint16_t>(tag.group & 0xFF00U), tag.element};
  const auto repeating = std::ranges::lower_bound(attributes, first, {}, &Attribute::tag);
  return repeating != attributes.end() && repeating->tag() == first && repeating->is_repeating ? &*repeating : nullptr;
}

const Iod* find_iod(std::string_view sop_class_uid) {
  const std::span classes{kSopClasses, kSopClassesCount};
  const auto uid_of = [](const SopClass& one) { return text_at(one.uid); };
  const auto found = std::ranges::lower_bound(classes, sop_class_uid, {}, uid_of);
  return found != classes.end() && uid_of(*found) == sop_class_uid ? &kIods[found->iod] : nullptr;
}

}  // namespace scanferry::model::check_tables
