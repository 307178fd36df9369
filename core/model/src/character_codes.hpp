// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <scanferry/core/vr.hpp>
#include <scanferry/model/character_set.hpp>

namespace scanferry::model {

inline constexpr std::uint8_t kEscape = 0x1B;

/// Stands before the two digits of a byte that has no meaning.
inline constexpr char32_t kKeptByteMark = 0xFFFD;

constexpr std::uint8_t byte_at(std::string_view raw, std::size_t at) { return static_cast<std::uint8_t>(raw[at]); }
constexpr bool is_capital_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }
/// True when two capital hexadecimal digits stand at `at`.
constexpr bool has_hex_pair(std::string_view text, std::size_t at) {
  return at + 1 < text.size() && is_capital_hex(text[at]) && is_capital_hex(text[at + 1]);
}

constexpr bool is_two_byte(CodeSet set) { return set >= CodeSet::jis_x_0208 && set <= CodeSet::gb_2312; }
constexpr bool is_in_g0(CodeSet set) {
  return set == CodeSet::ascii || set == CodeSet::jis_x_0208 || set == CodeSet::jis_x_0212;
}
constexpr bool stands_alone(CodeSet set) { return set == CodeSet::utf_8 || set == CodeSet::gb18030 || set == CodeSet::gbk; }

/// One escape sequence of PS3.3 C.12.1.1.2, without its ESC.
struct EscapeSequence {
  std::string_view code() const { return {characters.data(), characters[2] == '\0' ? std::size_t{2} : std::size_t{3}}; }

  std::array<char, 3> characters;
  CodeSet set;
};
inline constexpr EscapeSequence kEscapeSequences[] = {
    {{'(', 'B'}, CodeSet::ascii},           {{'(', 'J'}, CodeSet::ascii},  // the romaji of JIS X 0201
    {{'-', 'A'}, CodeSet::latin_1},         {{'-', 'B'}, CodeSet::latin_2},
    {{'-', 'C'}, CodeSet::latin_3},         {{'-', 'D'}, CodeSet::latin_4},
    {{'-', 'L'}, CodeSet::cyrillic},        {{'-', 'G'}, CodeSet::arabic},
    {{'-', 'F'}, CodeSet::greek},           {{'-', 'H'}, CodeSet::hebrew},
    {{'-', 'M'}, CodeSet::latin_5},         {{'-', 'b'}, CodeSet::latin_9},
    {{'-', 'T'}, CodeSet::thai},            {{')', 'I'}, CodeSet::katakana},
    {{'$', 'B'}, CodeSet::jis_x_0208},      {{'$', '(', 'D'}, CodeSet::jis_x_0212},
    {{'$', ')', 'C'}, CodeSet::ks_x_1001},  {{'$', ')', 'A'}, CodeSet::gb_2312},
};
inline constexpr std::string_view kRomajiEscape = "(J";

/// The first sequence of `set`, without its ESC.
std::string_view escape_of(CodeSet set);

/// Where value 1 comes into force again, PS3.5 6.1.2.5.3, beside each control character.
struct Delimiters {
  bool backslash{false};
  bool name{false};

  static constexpr Delimiters of(core::Vr vr) {
    using enum core::Vr;
    return {vr == lo || vr == pn || vr == sh || vr == uc, vr == pn};
  }
  constexpr bool contains(char32_t c) const { return (backslash && c == '\\') || (name && (c == '^' || c == '=')); }
};

/// The character of a byte from A0 hex on in a set of one byte; 0 when it has none.
char32_t character_of(CodeSet set, std::uint8_t byte);
/// The character of two bytes, both in the upper half, in a set of two bytes; 0 when it has none.
char32_t character_of(CodeSet set, std::uint8_t first, std::uint8_t second);
/// The character of two bytes of GB18030; 0 when it has none.
char32_t gb18030_character(std::uint8_t lead, std::uint8_t trail);
/// The character of four bytes of GB18030; core::kNoCharacter when they have none.
char32_t gb18030_character(std::span<const std::uint8_t, 4> bytes);
/// GBK is what GB18030 has in two bytes, but for the private use area.
constexpr bool is_private_use(char32_t character) { return character >= 0xE000 && character <= 0xF8FF; }

/// The way from Unicode to bytes. It has no tables of its own: the first few characters are searched in the table that the way
/// back uses; who asks for more gets an index, built in one pass and kept as long as this object.
class ReverseTables {
 public:
  /// The byte of a character in a set of one byte.
  static std::optional<std::uint8_t> byte_of(CodeSet set, char32_t character);
  /// The two bytes of a character in a set of two bytes, both in the upper half.
  std::optional<std::array<std::uint8_t, 2>> pair_of(CodeSet set, char32_t character);
  /// The two bytes of a character in GB18030.
  std::optional<std::array<std::uint8_t, 2>> gb18030_pair_of(char32_t character);
  /// The four bytes of a character that GB18030 does not have in two.
  static std::array<std::uint8_t, 4> gb18030_four_of(char32_t character);

 private:
  static constexpr std::size_t kScansMax = 16;
  struct Index {
    std::size_t scans{0};
    std::vector<std::uint16_t> cell_by_character;  // 0 for none, or the cell + 1
  };

  static std::optional<std::size_t> find(Index& index, std::span<const std::uint16_t> table, char32_t character);

  std::array<Index, 4> indices_;
};

}  // namespace scanferry::model
