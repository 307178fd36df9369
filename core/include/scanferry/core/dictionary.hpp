// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/tag.hpp>
#include <scanferry/core/vr.hpp>

namespace scanferry::core {

/// How many values an attribute has, PS3.5 6.4: min to max of them, in steps; 3-3n is {3, 0, 3}.
struct Multiplicity {
  std::uint16_t min{1};
  std::uint16_t max{1};  ///< 0: no limit
  std::uint16_t step{1};

  [[nodiscard]] constexpr bool allows(std::size_t values) const {
    return values >= min && (max == 0 || values <= max) && (values - min) % step == 0;
  }
};

/// An attribute as who writes it needs it. Where PS3.6 leaves a choice, the VR is the one of Implicit VR Little Endian
/// (PS3.5 A.1): us for "US or SS", ow for "OB or OW".
struct Attribute {
  Tag tag;
  Vr vr{Vr::unknown};
};

}  // namespace scanferry::core

/// All attributes of PS3.6 by keyword, whatever the size of the dictionary: `attribute::kPatientName`. Of repeating groups it is
/// the first: `attribute::kOverlayData` is (6000,3000).
#include <scanferry/core/attributes.hpp>

namespace scanferry::core {

/// Item, Item Delimitation and Sequence Delimitation, PS3.5 7.5: they have no VR.
inline constexpr Tag kItemTag{0xFFFE, 0xE000};
inline constexpr Tag kItemDelimiterTag{0xFFFE, 0xE00D};
inline constexpr Tag kSequenceDelimiterTag{0xFFFE, 0xE0DD};

/// A name of PS3.6, "Patient's Name".
using AttributeName = FixedString<80>;

/// What the dictionary knows of an attribute. The keyword is static.
struct DictionaryEntry {
  static constexpr std::uint16_t kNoRow = 0xFFFF;

  Tag tag;                   ///< of repeating groups (PS3.5 7.6) the first; by rule (see find_entry) the one asked for
  Tag mask{0xFFFF, 0xFFFF};  ///< zero bits are where a repeating group counts
  Vr vr{Vr::unknown};        ///< the one of Implicit VR Little Endian, as in Attribute
  bool is_retired{false};
  std::uint16_t row{kNoRow};  ///< its index in `dictionary_entry`; none by rule
  std::uint64_t vrs{0};       ///< all that are allowed: bit n is the VR of that number
  Multiplicity vm;
  std::string_view keyword;  ///< empty for what is retired and blank in PS3.6

  [[nodiscard]] constexpr bool allows(Vr one) const { return detail::is_in(vrs, one); }
  [[nodiscard]] constexpr bool is_repeating() const { return mask != Tag{0xFFFF, 0xFFFF}; }
  /// In the trimmed size always the keyword with blanks, which nine names of ten are: "Patient Name".
  [[nodiscard]] AttributeName name() const;
};

/// What the dictionary, in the size of this build, says of `tag`: its row, or that of its repeating group (50xx, 60xx and others);
/// else, by rule, a group length (PS3.5 7.2: GenericGroupLength), a private creator (PS3.5 7.8.1: PrivateCreator) or private data
/// (PrivateData, of any VR). Nothing for others.
std::optional<DictionaryEntry> find_entry(Tag tag);

/// The row of a keyword, in its own letters. Nothing for the keywords of rules.
std::optional<DictionaryEntry> find_keyword(std::string_view keyword);

/// As `find_entry(tag)->vr`, and faster; `Vr::unknown` where there is nothing.
Vr vr_in_dictionary(Tag tag);

/// All rows: first those with one tag, ascending, then repeating groups; `index` is below `dictionary_size()`.
std::size_t dictionary_size();
DictionaryEntry dictionary_entry(std::size_t index);

/// Where the creator of the private block is that `tag` belongs to, PS3.5 7.8.1; nothing where it belongs to none.
constexpr std::optional<Tag> private_creator_tag(Tag tag) {
  if (tag.group % 2 == 0 || tag.element < 0x1000) return std::nullopt;
  return Tag{tag.group, static_cast<std::uint16_t>(tag.element >> 8U)};
}

}  // namespace scanferry::core
