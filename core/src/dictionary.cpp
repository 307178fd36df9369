// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/dictionary.hpp>

#include <algorithm>
#include <array>

namespace scanferry::core {
namespace {

constexpr auto kAttributes = std::to_array<Attribute>({
#define ATTRIBUTE(group, element, vr, keyword) attribute::k##keyword,
#include <scanferry/core/dictionary_table.inc>
#undef ATTRIBUTE
});
static_assert(std::ranges::adjacent_find(kAttributes, std::ranges::greater_equal{}, &Attribute::tag) == kAttributes.end(),
              "the table ascends by tag, without doubles");

Attribute by_rule(Tag tag) {
  if (tag.element == 0) return {tag, Vr::ul, "GenericGroupLength"};
  if (tag.group % 2 == 0) return {tag, Vr::unknown, {}};
  if (tag.element >= 0x0010 && tag.element <= 0x00FF) return {tag, Vr::lo, "PrivateCreator"};
  return {tag, Vr::unknown, "PrivateData"};
}

}  // namespace

Attribute find_attribute(Tag tag) {
  const auto row = std::ranges::lower_bound(kAttributes, tag, {}, &Attribute::tag);
  return row != kAttributes.end() && row->tag == tag ? *row : by_rule(tag);
}

}  // namespace scanferry::core
