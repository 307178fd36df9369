// SPDX-License-Identifier: Apache-2.0
#include "character_codes.hpp"

#include <algorithm>

#include <scanferry/core/utf8.hpp>

#include "character_tables.hpp"

namespace scanferry::model {
namespace {

constexpr std::size_t kColumns = 94;          // of a set of two bytes: A1 to FE hex
constexpr std::size_t kGbTrails = 190;
constexpr std::uint8_t kUpperFirst = 0xA1;
constexpr std::uint8_t kGbLeadFirst = 0x81;
constexpr std::uint8_t kDigitFirst = 0x30;
constexpr std::size_t kGbDigits = 10;         // the second and fourth byte of four: 30 to 39 hex
constexpr std::size_t kGbMiddles = 126;       // the third of four: 81 to FE hex
constexpr std::size_t kGbSupplementary = 189000;  // the index of U+10000, which is 90308130 hex
constexpr std::size_t kSingleByteCells = 96;
constexpr char32_t kKatakanaFirst = 0xFF61;   // JIS X 0201 A1 to DF hex, in Unicode in the same order
constexpr std::size_t kKatakanaCount = 63;

/// Not an array of pointers, which a position-independent program would have to relocate.
std::span<const std::uint16_t> two_byte_table(CodeSet set) {
  switch (set) {
    case CodeSet::jis_x_0208: return tables::kJisX0208;
    case CodeSet::jis_x_0212: return tables::kJisX0212;
    case CodeSet::ks_x_1001: return tables::kKsX1001;
    default: return {};
  }
}

std::span<const std::uint16_t> single_byte_table(CodeSet set) {
  const auto number = static_cast<std::size_t>(set) - static_cast<std::size_t>(CodeSet::latin_1);
  return std::span{tables::kSingleByte}.subspan(number * kSingleByteCells, kSingleByteCells);
}

std::size_t cell_of(std::uint8_t first, std::uint8_t second) {
  return static_cast<std::size_t>(first - kUpperFirst) * kColumns + static_cast<std::size_t>(second - kUpperFirst);
}

bool is_in_gb2312(std::uint8_t first, std::uint8_t second) {
  if (first < kUpperFirst || second < kUpperFirst) return false;
  const std::size_t cell = cell_of(first, second);
  const std::span<const std::uint16_t> runs{tables::kGb2312Runs};
  for (std::size_t i = 0; i < runs.size(); i += 2) {
    if (cell <= runs[i + 1]) return cell >= runs[i];
  }
  return false;
}

/// Ranges are pairs; the last one is the end.
std::size_t range_count() { return std::size(tables::kGb18030Ranges) / 2 - 1; }

/// The last range whose number `which` (0: character, 1: index) is at most `value`, which is not below the first.
std::size_t range_of(std::size_t which, std::size_t value) {
  std::size_t low = 0;
  std::size_t high = range_count();
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (tables::kGb18030Ranges[2 * middle + which] <= value ? low : high) = middle;
  }
  return low;
}

}  // namespace

std::string_view escape_of(CodeSet set) {
  for (const EscapeSequence& sequence : kEscapeSequences) {
    if (sequence.set == set) return sequence.code();
  }
  return {};
}

char32_t character_of(CodeSet set, std::uint8_t byte) {
  if (set == CodeSet::katakana) {
    const std::size_t number = static_cast<std::size_t>(byte) - kUpperFirst;
    return number < kKatakanaCount ? kKatakanaFirst + static_cast<char32_t>(number) : 0;
  }
  return single_byte_table(set)[byte - std::size_t{0xA0}];
}

char32_t character_of(CodeSet set, std::uint8_t first, std::uint8_t second) {
  if (set == CodeSet::gb_2312) return is_in_gb2312(first, second) ? gb18030_character(first, second) : 0;
  const std::span<const std::uint16_t> table = two_byte_table(set);
  const std::size_t cell = cell_of(first, second);
  return cell < table.size() ? table[cell] : 0;
}

char32_t gb18030_character(std::uint8_t lead, std::uint8_t trail) {
  const bool is_lead = lead >= kGbLeadFirst && lead <= 0xFE;
  const bool is_trail = trail >= 0x40 && trail <= 0xFE && trail != 0x7F;
  if (!is_lead || !is_trail) return 0;
  const std::size_t column = static_cast<std::size_t>(trail) - (trail < 0x7F ? 0x40U : 0x41U);
  return tables::kGb18030[static_cast<std::size_t>(lead - kGbLeadFirst) * kGbTrails + column];
}

char32_t gb18030_character(std::span<const std::uint8_t, 4> bytes) {
  const auto number = [bytes](std::size_t at, std::uint8_t first) { return static_cast<std::size_t>(bytes[at]) - first; };
  const std::size_t lead = number(0, kGbLeadFirst);
  const std::size_t second = number(1, kDigitFirst);
  const std::size_t third = number(2, kGbLeadFirst);
  const std::size_t fourth = number(3, kDigitFirst);
  if (lead >= kGbMiddles || second >= kGbDigits || third >= kGbMiddles || fourth >= kGbDigits) return core::kNoCharacter;
  const std::size_t index = ((lead * kGbDigits + second) * kGbMiddles + third) * kGbDigits + fourth;
  if (index >= kGbSupplementary) {
    const std::size_t character = index - kGbSupplementary + 0x10000;
    return character <= 0x10FFFF ? static_cast<char32_t>(character) : core::kNoCharacter;
  }
  if (index >= tables::kGb18030Ranges[2 * range_count() + 1]) return core::kNoCharacter;
  const std::size_t range = range_of(1, index);
  return static_cast<char32_t>(tables::kGb18030Ranges[2 * range] + index - tables::kGb18030Ranges[2 * range + 1]);
}

std::optional<std::uint8_t> ReverseTables::byte_of(CodeSet set, char32_t character) {
  if (character < 0xA0) return std::nullopt;
  if (set == CodeSet::katakana) {
    const std::size_t number = std::size_t{character} - kKatakanaFirst;
    if (number >= kKatakanaCount) return std::nullopt;
    return static_cast<std::uint8_t>(kUpperFirst + number);
  }
  const std::span<const std::uint16_t> table = single_byte_table(set);
  const auto found = std::ranges::find(table, character);
  if (found == table.end()) return std::nullopt;
  return static_cast<std::uint8_t>(0xA0 + (found - table.begin()));
}

std::optional<std::size_t> ReverseTables::find(Index& index, std::span<const std::uint16_t> table, char32_t character) {
  if (character < 0xA0 || character > 0xFFFF) return std::nullopt;
  if (index.scans < kScansMax) {
    ++index.scans;
    const auto found = std::ranges::find(table, static_cast<std::uint16_t>(character));
    if (found == table.end()) return std::nullopt;
    return static_cast<std::size_t>(found - table.begin());
  }
  if (index.cell_by_character.empty()) {
    index.cell_by_character.resize(0x10000);
    for (std::size_t cell = 0; cell < table.size(); ++cell) {
      index.cell_by_character[table[cell]] = static_cast<std::uint16_t>(cell + 1);
    }
  }
  const std::size_t cell = index.cell_by_character[character];
  if (cell == 0) return std::nullopt;
  return cell - 1;
}

std::optional<std::array<std::uint8_t, 2>> ReverseTables::pair_of(CodeSet set, char32_t character) {
  if (set == CodeSet::gb_2312) {
    const auto pair = gb18030_pair_of(character);
    return pair && is_in_gb2312((*pair)[0], (*pair)[1]) ? pair : std::nullopt;
  }
  const auto number = static_cast<std::size_t>(set) - static_cast<std::size_t>(CodeSet::jis_x_0208);
  const auto cell = find(indices_[number], two_byte_table(set), character);
  if (!cell) return std::nullopt;
  return std::array{static_cast<std::uint8_t>(kUpperFirst + *cell / kColumns),
                    static_cast<std::uint8_t>(kUpperFirst + *cell % kColumns)};
}

std::optional<std::array<std::uint8_t, 2>> ReverseTables::gb18030_pair_of(char32_t character) {
  const auto cell = find(indices_.back(), tables::kGb18030, character);
  if (!cell) return std::nullopt;
  const std::size_t column = *cell % kGbTrails;
  return std::array{static_cast<std::uint8_t>(kGbLeadFirst + *cell / kGbTrails),
                    static_cast<std::uint8_t>(column + (column < 0x3F ? 0x40U : 0x41U))};
}

std::array<std::uint8_t, 4> ReverseTables::gb18030_four_of(char32_t character) {
  std::size_t index = 0;
  if (character >= 0x10000) {
    index = kGbSupplementary + (character - 0x10000);
  } else {
    const std::size_t range = range_of(0, character);
    index = tables::kGb18030Ranges[2 * range + 1] + (character - std::size_t{tables::kGb18030Ranges[2 * range]});
  }
  const auto take = [&index](std::size_t values, std::uint8_t first) {
    const auto byte = static_cast<std::uint8_t>(first + index % values);
    index /= values;
    return byte;
  };
  std::array<std::uint8_t, 4> bytes{};
  bytes[3] = take(kGbDigits, kDigitFirst);
  bytes[2] = take(kGbMiddles, kGbLeadFirst);
  bytes[1] = take(kGbDigits, kDigitFirst);
  bytes[0] = take(kGbMiddles, kGbLeadFirst);
  return bytes;
}

}  // namespace scanferry::model
