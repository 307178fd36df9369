// SPDX-License-Identifier: Apache-2.0
#include "base64.hpp"

#include <array>

namespace scanferry::model {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> values_of_digits() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  return values;
}
constexpr auto kValues = values_of_digits();

}  // namespace

void append_base64(std::string& text, core::ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t size = bytes.size() < 3 ? bytes.size() : 3;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8U | (i < size ? std::to_integer<std::uint32_t>(bytes[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) text += i <= size ? kDigits[bits >> (18 - 6 * i) & 0x3FU] : '=';
    bytes = bytes.subspan(size);
  }
}

std::optional<std::vector<std::byte>> bytes_of_base64(std::string_view text) {
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned digits = 0;
  bool has_ended = false;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (c == '=') {
      has_ended = true;
      continue;
    }
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kNoDigit || has_ended) return std::nullopt;
    bits = bits << 6U | value;
    if (++digits % 4 == 0) {
      for (const unsigned shift : {16U, 8U, 0U}) bytes.push_back(static_cast<std::byte>(bits >> shift & 0xFFU));
      bits = 0;
    }
  }
  switch (digits % 4) {
    case 1: return std::nullopt;
    case 2: bytes.push_back(static_cast<std::byte>(bits >> 4U & 0xFFU)); break;
    case 3:
      bytes.push_back(static_cast<std::byte>(bits >> 10U & 0xFFU));
      bytes.push_back(static_cast<std::byte>(bits >> 2U & 0xFFU));
      break;
    default: break;
  }
  return bytes;
}

}  // namespace scanferry::model
