// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace scanferry::core {

/// A borrowed run of bytes; never outlives the call that received it unless its owner says so.
using ByteView = std::span<const std::byte>;
/// A borrowed buffer to write into.
using ByteBuffer = std::span<std::byte>;

/// The bytes of `text`, borrowed.
inline ByteView bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

/// The characters of `bytes`, borrowed; no claim about their encoding.
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr std::uint16_t load_le16(const std::byte* p) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(p[0]) | std::to_integer<unsigned>(p[1]) << 8U);
}
constexpr std::uint32_t load_le32(const std::byte* p) {
  return static_cast<std::uint32_t>(load_le16(p)) | static_cast<std::uint32_t>(load_le16(p + 2)) << 16U;
}
constexpr std::uint16_t load_be16(const std::byte* p) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(p[0]) << 8U | std::to_integer<unsigned>(p[1]));
}
constexpr std::uint32_t load_be32(const std::byte* p) {
  return static_cast<std::uint32_t>(load_be16(p)) << 16U | static_cast<std::uint32_t>(load_be16(p + 2));
}
constexpr void store_le16(std::byte* p, std::uint16_t v) {
  p[0] = static_cast<std::byte>(v & 0xFFU);
  p[1] = static_cast<std::byte>(v >> 8U);
}
constexpr void store_le32(std::byte* p, std::uint32_t v) {
  store_le16(p, static_cast<std::uint16_t>(v & 0xFFFFU));
  store_le16(p + 2, static_cast<std::uint16_t>(v >> 16U));
}
constexpr void store_be16(std::byte* p, std::uint16_t v) {
  p[0] = static_cast<std::byte>(v >> 8U);
  p[1] = static_cast<std::byte>(v & 0xFFU);
}
constexpr void store_be32(std::byte* p, std::uint32_t v) {
  store_be16(p, static_cast<std::uint16_t>(v >> 16U));
  store_be16(p + 2, static_cast<std::uint16_t>(v & 0xFFFFU));
}

}  // namespace scanferry::core
