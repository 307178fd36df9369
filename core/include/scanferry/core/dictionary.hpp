// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <scanferry/core/tag.hpp>
#include <scanferry/core/vr.hpp>

namespace scanferry::core {

/// One row of the data dictionary, PS3.6 6.
struct Attribute {
  Tag tag;
  Vr vr{Vr::unknown};
  std::string_view keyword;
};

/// The dictionary's rows by name: `attribute::kPatientName`.
namespace attribute {
#define ATTRIBUTE(group, element, vr, keyword) inline constexpr Attribute k##keyword{{group, element}, Vr::vr, #keyword};
#include <scanferry/core/dictionary_table.inc>
#undef ATTRIBUTE
}  // namespace attribute

/// Item, Item Delimitation and Sequence Delimitation, PS3.5 7.5: they have no VR.
inline constexpr Tag kItemTag{0xFFFE, 0xE000};
inline constexpr Tag kItemDelimiterTag{0xFFFE, 0xE00D};
inline constexpr Tag kSequenceDelimiterTag{0xFFFE, 0xE0DD};

/// What the dictionary says of `tag`: its row; else, by rule, a group length (PS3.5 7.2), a private creator or private data
/// (PS3.5 7.8.1); else `Vr::unknown` and an empty keyword.
Attribute find_attribute(Tag tag);

}  // namespace scanferry::core
