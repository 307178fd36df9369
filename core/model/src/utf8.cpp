// SPDX-License-Identifier: Apache-2.0
#include "utf8.hpp"

namespace scanferry::model {
namespace {

bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0U) == 0x80U; }

}  // namespace

void append_utf8(std::string& text, char32_t character) {
  const auto put = [&text](char32_t byte) { text.push_back(static_cast<char>(static_cast<std::uint8_t>(byte))); };
  const auto put_continuation = [&](unsigned shift) { put(0x80U | ((character >> shift) & 0x3FU)); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xC0U | character >> 6U);
    put_continuation(0);
  } else if (character < 0x10000) {
    put(0xE0U | character >> 12U);
    put_continuation(6);
    put_continuation(0);
  } else {
    put(0xF0U | character >> 18U);
    put_continuation(12);
    put_continuation(6);
    put_continuation(0);
  }
}

std::string hex_digits(std::uint32_t number, std::size_t digits_min) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (; number != 0 || text.size() < digits_min; number >>= 4U) text.insert(text.begin(), kDigits[number & 0xFU]);
  return text;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

}  // namespace scanferry::model
