// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/tag.hpp>

/// Encoded elements spelled out for expectations, on purpose not through the product's writer.
namespace scanferry::tests {

inline std::string le16(unsigned value) { return {static_cast<char>(value & 0xFFU), static_cast<char>(value >> 8U & 0xFFU)}; }
inline std::string le32(std::uint32_t value) { return le16(value & 0xFFFFU) + le16(value >> 16U); }
inline std::string tag_bytes(unsigned group, unsigned element) { return le16(group) + le16(element); }

/// Explicit VR Little Endian with a 16-bit length.
inline std::string short_element(unsigned group, unsigned element, const std::string& vr, const std::string& value) {
  return tag_bytes(group, element) + vr + le16(static_cast<unsigned>(value.size())) + value;
}
/// Explicit VR Little Endian with a 32-bit length.
inline std::string long_element(unsigned group, unsigned element, const std::string& vr, std::uint32_t length) {
  return tag_bytes(group, element) + vr + le16(0) + le32(length);
}
inline std::string implicit_element(unsigned group, unsigned element, const std::string& value) {
  return tag_bytes(group, element) + le32(static_cast<std::uint32_t>(value.size())) + value;
}
inline std::string item(std::uint32_t length) { return tag_bytes(0xFFFE, 0xE000) + le32(length); }
inline std::string item_delimiter() { return tag_bytes(0xFFFE, 0xE00D) + le32(0); }
inline std::string sequence_delimiter() { return tag_bytes(0xFFFE, 0xE0DD) + le32(0); }

inline constexpr std::uint32_t kUndefined = 0xFFFFFFFF;

/// A value of text padded to even length.
inline std::string padded(std::string text, char padding = ' ') {
  if (text.size() % 2 != 0) text.push_back(padding);
  return text;
}
inline std::string uid_value(const std::string& uid) { return padded(uid, '\0'); }

}  // namespace scanferry::tests
