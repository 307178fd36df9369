// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/result.hpp>

namespace scanferry::core {

/// Writes Data Elements in Explicit VR Little Endian (PS3.5 A.2) into the caller's buffer, in the order of the calls.
/// Values are padded to even length after their VR. The first thing that does not fit (the buffer, a 16-bit length)
/// makes every later call do nothing: check `finish` once, at the end.
class ElementWriter {
 public:
  /// Where a defined length is still open; returned by begin_..., handed to `end`.
  struct Mark {
    std::size_t length_offset{0};
  };

  /// `buffer` is borrowed for the writer's life.
  explicit ElementWriter(ByteBuffer buffer) : buffer_{buffer} {}

  /// One value, or several with backslashes between them, of a text VR.
  void text(const Attribute& attribute, std::string_view value);
  /// Nothing when `value` is empty: an optional element (type 3).
  void optional_text(const Attribute& attribute, std::string_view value);
  /// Decimal digits, for IS.
  void integer_text(const Attribute& attribute, std::uint32_t value);
  void us(const Attribute& attribute, std::uint16_t value);
  void ul(const Attribute& attribute, std::uint32_t value);
  void at(const Attribute& attribute, Tag value);
  /// Bytes as they are, for OB, OW in little endian, UN.
  void bytes(const Attribute& attribute, ByteView value);
  /// Tag, VR and length only; the value follows by `raw`, or is not in this buffer at all.
  void header(const Attribute& attribute, std::uint32_t length);
  /// Bytes without a header.
  void raw(ByteView value);

  /// A sequence and its items, with defined lengths. Each Mark is ended once, innermost first.
  Mark begin_sequence(const Attribute& attribute);
  Mark begin_item();
  /// A group length (PS3.5 7.2): the group's other elements follow until `end`.
  Mark begin_group(const Attribute& group_length);
  void end(Mark mark);

  /// Bytes written so far: the offset of what comes next.
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The bytes written. Errors: `no_room`, with the first element that did not fit and its offset.
  [[nodiscard]] Result<std::size_t> finish() const;

 private:
  std::byte* take(std::size_t bytes, Tag tag);
  void padded(const Attribute& attribute, ByteView value);

  ByteBuffer buffer_;
  std::size_t size_{0};
  bool full_{false};
  Error error_{};
};

}  // namespace scanferry::core
