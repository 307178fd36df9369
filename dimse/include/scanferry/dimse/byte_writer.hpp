// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <scanferry/core/bytes.hpp>

namespace scanferry::dimse {

/// Appends to a borrowed buffer. Each caller's buffer is proved large enough by a static_assert: running out of room is a
/// bug of ours, and stops the program rather than corrupting the stream.
class ByteWriter {
 public:
  explicit ByteWriter(core::ByteBuffer room) : room_{room} {}

  void u8(std::uint8_t v) { *grow(1) = std::byte{v}; }
  void be16(std::uint16_t v) { core::store_be16(grow(2), v); }
  void be32(std::uint32_t v) { core::store_be32(grow(4), v); }
  void le16(std::uint16_t v) { core::store_le16(grow(2), v); }
  void le32(std::uint32_t v) { core::store_le32(grow(4), v); }
  void bytes(core::ByteView v) { std::ranges::copy(v, grow(v.size())); }
  void text(std::string_view v) { bytes(core::bytes_of(v)); }
  void fill(std::size_t count, std::uint8_t v = 0) { std::fill_n(grow(count), count, std::byte{v}); }

  /// Reserves a length field and returns its place; `close_*` sets it to the count of bytes written behind it, and of those that
  /// belong there too, but are `elsewhere`.
  std::size_t open_be16() { be16(0); return size_; }
  void close_be16(std::size_t start, std::size_t elsewhere = 0) {
    core::store_be16(room_.data() + start - 2, static_cast<std::uint16_t>(size_ - start + elsewhere));
  }
  std::size_t open_be32() { be32(0); return size_; }
  void close_be32(std::size_t start, std::size_t elsewhere = 0) {
    core::store_be32(room_.data() + start - 4, static_cast<std::uint32_t>(size_ - start + elsewhere));
  }
  void patch_le32(std::size_t at, std::uint32_t v) { core::store_le32(room_.data() + at, v); }

  [[nodiscard]] core::ByteView written() const { return room_.first(size_); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t left() const { return room_.size() - size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }

 private:
  std::byte* grow(std::size_t count) {
    if (count > room_.size() - size_) __builtin_trap();
    auto* place = room_.data() + size_;
    size_ += count;
    return place;
  }

  core::ByteBuffer room_;
  std::size_t size_{0};
};

}  // namespace scanferry::dimse
