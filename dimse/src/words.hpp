// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string_view>

#include <scanferry/core/fixed_string.hpp>
#include <scanferry/dimse/pdu.hpp>

namespace scanferry::dimse {

inline void add_word(Words& words, std::string_view text) {
  words.append(text.substr(0, Words::capacity() - words.size()));
}
inline void add_word(Words& words, std::integral auto number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  add_word(words, std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
}

/// A 16-bit number as the standard writes it: "8001H".
struct Hex {
  std::uint16_t value;
};
inline void add_word(Words& words, Hex hex) {
  constexpr std::string_view kDigits{"0123456789ABCDEF"};
  for (unsigned shift = 16; shift > 0;) add_word(words, kDigits.substr((hex.value >> (shift -= 4)) & 0xFU, 1));
  add_word(words, std::string_view{"H"});
}

/// Joins texts and numbers; what does not fit is cut off.
template <class... Parts>
Words words_of(Parts... parts) {
  Words words;
  (add_word(words, parts), ...);
  return words;
}

/// Text of a peer, safe to show: without leading and trailing spaces and NULs, anything but printable ISO 646 as '?'.
template <std::size_t Capacity>
core::FixedString<Capacity> printable(std::string_view text) {
  constexpr std::string_view kPadding{" \0", 2};
  const auto first = std::min(text.find_first_not_of(kPadding), text.size());
  text.remove_prefix(first);
  text = text.substr(0, text.find_last_not_of(kPadding) + 1);
  core::FixedString<Capacity> out;
  for (const char c : text.substr(0, Capacity)) {
    const char shown = c >= ' ' && c <= '~' ? c : '?';
    out.append({&shown, 1});
  }
  return out;
}

}  // namespace scanferry::dimse
