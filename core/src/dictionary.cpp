// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/dictionary.hpp>

#include <algorithm>
#include <span>

#include "packed_tables.hpp"

#include "dictionary_table.hpp"

namespace scanferry::core {
namespace {

namespace table = dictionary_table;

constexpr std::size_t kRows = table::kElements.size();
static_assert(bytes_of_all(table::kFamilies, table::kLowGroups, table::kGroups, table::kTraits, table::kElements, table::kTraitsOf,
                           table::kKeywordOffsets, table::kKeywordSizes, table::kByKeyword, table::kNamed, table::kNameOffsets,
                           table::kNameSizes) +
                      sizeof table::kCharacters ==
                  table::kBytes,
              "the generator counts what the compiler lays out");

constexpr std::size_t kExactRows = table::kGroups[table::kFamilies[0].last_group].first_row;
static_assert(kRows < DictionaryEntry::kNoRow);

constexpr std::uint64_t bit_of(Vr vr) { return std::uint64_t{1} << static_cast<unsigned>(vr); }

constexpr Tag masked(Tag tag, Tag mask) {
  return {static_cast<std::uint16_t>(tag.group & mask.group), static_cast<std::uint16_t>(tag.element & mask.element)};
}

/// The last of `count` ascending entries, at least one, whose number is not above `wanted`; the first where all are above. Without
/// branches inside: which way a search goes is chance, and processors that guess lose.
template <typename Entry, typename Number>
const Entry* last_up_to(const Entry* first, std::size_t count, std::uint16_t wanted, Number number_of) {
  while (count > 1) {
    const std::size_t half = count / 2;
    first = number_of(first[half]) <= wanted ? first + half : first;
    count -= half;
  }
  return first;
}

/// The group of that number in `family`, or another one where there is none.
const table::Group* group_near(const table::Family& family, std::uint16_t number) {
  return last_up_to(&table::kGroups[family.first_group], std::size_t{family.last_group} - family.first_group, number,
                    [](const table::Group& one) { return one.group; });
}

/// The row of `tag` in its group, or what is near it; kRows where there is none.
std::size_t row_in(const table::Group* group, Tag tag) {
  if (group->group != tag.group) return kRows;
  const auto* const element = last_up_to(&table::kElements[group->first_row], std::size_t{group[1].first_row} - group->first_row,
                                         tag.element, [](std::uint16_t one) { return one; });
  return *element == tag.element ? static_cast<std::size_t>(element - table::kElements.data()) : kRows;
}

std::size_t row_of(Tag tag) {
  const std::size_t pair = tag.group / 2U;
  const bool is_low = pair < table::kLowGroups.size();
  const auto* const group = is_low ? &table::kGroups[table::kLowGroups[pair]] : group_near(table::kFamilies[0], tag.group);
  const std::size_t row = row_in(group, tag);
  if (row != kRows || tag.group % 2 != 0 || tag.element == 0) return row;
  for (const table::Family& family : std::span{table::kFamilies}.subspan(1)) {
    const Tag first = masked(tag, family.mask);
    if (const std::size_t repeating = row_in(group_near(family, first.group), first); repeating != kRows) return repeating;
  }
  return kRows;
}

std::string_view keyword_at(std::size_t row) { return {&table::kCharacters[table::kKeywordOffsets[row]], table::kKeywordSizes[row]}; }

/// Where the name is not the keyword with blanks; empty for others.
std::string_view special_name_of(std::size_t row) {
  if constexpr (table::kNamed.empty()) return {};
  const auto* const named = std::ranges::lower_bound(table::kNamed, row);
  if (named == table::kNamed.end() || *named != row) return {};
  const auto index = static_cast<std::size_t>(named - table::kNamed.begin());
  return {&table::kCharacters[table::kNameOffsets[index]], table::kNameSizes[index]};
}

/// What is the same for all tags of a row.
DictionaryEntry entry_of(std::size_t row) {
  const table::Traits& traits = table::kTraits[table::kTraitsOf[row]];
  DictionaryEntry entry;
  entry.vr = traits.vrs[0];
  entry.is_retired = traits.is_retired;
  entry.row = static_cast<std::uint16_t>(row);
  for (const Vr vr : traits.vrs) entry.vrs |= bit_of(vr);
  entry.vrs &= ~bit_of(Vr::unknown);
  entry.vm = {traits.values_min, traits.values_max, traits.values_step};
  entry.keyword = keyword_at(row);
  return entry;
}

/// The first tag of a row that repeats. It counts from zero, but where an attribute of its own or a group length has that tag.
Tag first_tag(std::size_t row, Tag tag, Tag mask) {
  const unsigned counting = ~unsigned{mask.element};
  const auto step = static_cast<std::uint16_t>(counting & (~counting + 1U));
  while (row_of(tag) != row) tag.element = static_cast<std::uint16_t>(tag.element + step);
  return tag;
}

std::optional<DictionaryEntry> by_rule(Tag tag) {
  constexpr std::uint64_t kAnyVr = (bit_of(Vr::uv) << 1U) - 1 - bit_of(Vr::unknown);
  DictionaryEntry entry;
  entry.tag = tag;
  if (tag.element == 0) {
    entry.vr = Vr::ul;
    entry.keyword = "GenericGroupLength";
    entry.is_retired = true;
  } else if (tag.group % 2 == 0) {
    return std::nullopt;
  } else if (tag.element >= 0x0010 && tag.element <= 0x00FF) {
    entry.vr = Vr::lo;
    entry.keyword = "PrivateCreator";
  } else {
    entry.vm = {1, 0, 1};
    entry.keyword = "PrivateData";
  }
  entry.vrs = entry.vr == Vr::unknown ? kAnyVr : bit_of(entry.vr);
  return entry;
}

constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// The characters of the word that `text` begins with: up to a capital letter after another character, or before a small one.
std::size_t word_size(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size()) {
    const bool is_before_small = size + 1 < text.size() && is_lower(text[size + 1]);
    if (is_upper(text[size]) && (!is_upper(text[size - 1]) || is_before_small)) break;
    ++size;
  }
  return size;
}

/// Words that names in PS3.6 have in small letters; generate.py has the same.
bool is_small_word(std::string_view word) {
  constexpr std::string_view kSmallWords = " Of For To In And With The From By On At Or Per As ";
  const std::size_t at = kSmallWords.find(word);
  return at != std::string_view::npos && kSmallWords[at - 1] == ' ' && kSmallWords[at + word.size()] == ' ';
}

AttributeName with_blanks(std::string_view keyword) {
  AttributeName name;
  std::string_view before;
  while (!keyword.empty()) {
    const std::string_view word = keyword.substr(0, word_size(keyword));
    keyword.remove_prefix(word.size());
    const bool is_small = !name.empty() && is_small_word(word);
    const bool is_date_time = before == "Date" && word == "Time";
    if (!name.empty() && !is_date_time) (void)name.append(" ");
    const char first = static_cast<char>(is_small ? word[0] + ('a' - 'A') : word[0]);
    (void)name.append({&first, 1});
    (void)name.append(word.substr(1));
    before = word;
  }
  return name;
}

}  // namespace

AttributeName DictionaryEntry::name() const {
  const std::string_view special = special_name_of(row);
  return special.empty() ? with_blanks(keyword) : AttributeName{special};
}

std::size_t dictionary_size() { return kRows; }

DictionaryEntry dictionary_entry(std::size_t index) {
  DictionaryEntry entry = entry_of(index);
  const auto begins_above = [index](const table::Group& group) { return group.first_row > index; };
  const auto group = static_cast<std::size_t>(std::ranges::find_if(table::kGroups, begins_above) - table::kGroups.begin()) - 1;
  const auto has_group = [group](const table::Family& family) { return group < family.last_group; };
  entry.tag = {table::kGroups[group].group, table::kElements[index]};
  entry.mask = std::ranges::find_if(table::kFamilies, has_group)->mask;
  if (entry.is_repeating()) entry.tag = first_tag(index, entry.tag, entry.mask);
  return entry;
}

std::optional<DictionaryEntry> find_entry(Tag tag) {
  const std::size_t row = row_of(tag);
  if (row == kRows) return by_rule(tag);
  if (row >= kExactRows) return dictionary_entry(row);
  DictionaryEntry entry = entry_of(row);
  entry.tag = tag;
  return entry;
}

std::optional<DictionaryEntry> find_keyword(std::string_view keyword) {
  const auto* const row = std::ranges::lower_bound(table::kByKeyword, keyword, {}, keyword_at);
  if (row == table::kByKeyword.end() || keyword_at(*row) != keyword) return std::nullopt;
  return dictionary_entry(*row);
}

Vr vr_in_dictionary(Tag tag) {
  const std::size_t row = row_of(tag);
  if (row != kRows) return table::kTraits[table::kTraitsOf[row]].vrs[0];
  const auto ruled = by_rule(tag);
  return ruled ? ruled->vr : Vr::unknown;
}

}  // namespace scanferry::core
