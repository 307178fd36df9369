// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/result.hpp>
#include <scanferry/core/transfer_syntax.hpp>

namespace scanferry::core {

/// What a binary VR holds: US, SS, UL, SL, UV, SV, FL, FD, and OW, OL, OV, OF, OD as arrays of the same.
template <class T>
concept BinaryNumber = (std::integral<T> || std::floating_point<T>) && (sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8);

/// Writes Data Elements into the caller's buffer, in the order of the calls. Values are padded to even length after their VR. The
/// first thing that cannot be written (the buffer is full, a length does not fit) makes every later call do nothing: check
/// `finish` once, at the end.
class ElementWriter {
 public:
  /// How the end of a sequence or item is told, PS3.5 7.5.
  enum class Length : std::uint8_t {
    defined,    ///< by a length in front
    undefined,  ///< by a delimiter behind
  };

  /// What is still open; returned by begin_..., handed to `end`.
  struct Mark {
    std::size_t length_offset{0};
    Tag delimiter{};  ///< (0000,0000) where a length is to be filled in
  };

  /// `buffer` is borrowed for the writer's life.
  explicit ElementWriter(ByteBuffer buffer, Encoding encoding = Encoding::explicit_little_endian) : buffer_{buffer}, encoding_{encoding} {}

  /// One value, or several with backslashes between them, of a text VR.
  void text(const Attribute& attribute, std::string_view value);
  /// Nothing when `value` is empty: an optional element (type 3).
  void optional_text(const Attribute& attribute, std::string_view value);
  /// Decimal digits, for IS.
  void integer_text(const Attribute& attribute, std::uint32_t value);

  void us(const Attribute& attribute, std::uint16_t value) { number(attribute, value); }
  void ss(const Attribute& attribute, std::int16_t value) { number(attribute, value); }
  void ul(const Attribute& attribute, std::uint32_t value) { number(attribute, value); }
  void sl(const Attribute& attribute, std::int32_t value) { number(attribute, value); }
  void uv(const Attribute& attribute, std::uint64_t value) { number(attribute, value); }
  void sv(const Attribute& attribute, std::int64_t value) { number(attribute, value); }
  void fl(const Attribute& attribute, float value) { number(attribute, value); }
  void fd(const Attribute& attribute, double value) { number(attribute, value); }
  void at(const Attribute& attribute, Tag value) { tags(attribute, {&value, 1}); }
  /// Any number of values of a binary VR whose values have the size of T.
  template <BinaryNumber T>
  void numbers(const Attribute& attribute, std::span<const T> values) {
    std::byte* p = begin_value(attribute, values.size_bytes());
    for (std::size_t i = 0; p != nullptr && i < values.size(); ++i, p += sizeof(T)) store_word(p, values[i]);
  }
  void tags(const Attribute& attribute, std::span<const Tag> values);

  /// A value that is in little endian: its words, as long as `word_bytes` of the VR says, are turned where need be.
  void bytes(const Attribute& attribute, ByteView value);
  /// Tag, VR and length only; the value follows by `raw`, or is not in this buffer at all. In Explicit VR a value too long for the
  /// 16-bit length of its VR gets the VR UN (PS3.5 6.2.2), so its value is in little endian.
  void header(const Attribute& attribute, std::uint32_t length);
  /// Bytes without a header, as they are.
  void raw(ByteView value);

  /// A sequence and its items. Each Mark is ended once, innermost first.
  Mark begin_sequence(const Attribute& attribute, Length length = Length::defined);
  Mark begin_item(Length length = Length::defined);
  /// A group length (PS3.5 7.2): the group's other elements follow until `end`.
  Mark begin_group(const Attribute& group_length);
  void end(Mark mark);

  /// Encapsulated pixels (PS3.5 A.4), in Explicit VR Little Endian only: the header of Pixel Data and the Basic Offset Table, which may
  /// be empty; then fragments, then the delimiter. `offsets` are from the first byte behind the table to each frame's first item.
  void begin_fragments(std::span<const std::uint32_t> offsets = {});
  void fragment(ByteView bytes);
  void end_fragments();
  /// Extended Offset Table and its lengths (PS3.5 A.4), which come before Pixel Data, for frames of one fragment each.
  void extended_offset_table(std::span<const std::uint64_t> frame_bytes);

  /// Bytes written so far: the offset of what comes next.
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The bytes written. Errors: `no_room`, `unsupported`, `bad_length`, with the first element that could not be written and its offset.
  [[nodiscard]] Result<std::size_t> finish() const;

 private:
  [[nodiscard]] bool is_big() const { return encoding_ == Encoding::explicit_big_endian; }
  template <std::unsigned_integral U>
  static void store_bits(std::byte* p, U bits, bool is_big) {
    for (std::size_t i = 0; i < sizeof(U); ++i) {
      p[is_big ? sizeof(U) - 1 - i : i] = static_cast<std::byte>(bits >> (8 * i) & 0xFFU);
    }
  }
  template <BinaryNumber T>
  void store_word(std::byte* p, T value) const {
    using Bits = std::conditional_t<sizeof(T) == 2, std::uint16_t, std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
    store_bits(p, std::bit_cast<Bits>(value), is_big_value_);
  }
  template <BinaryNumber T>
  void number(const Attribute& attribute, T value) {
    numbers(attribute, std::span<const T>{&value, 1});
  }

  void fail(Errc code, std::string_view what, Tag tag);
  std::byte* take(std::size_t bytes, Tag tag);
  std::byte* begin_value(const Attribute& attribute, std::size_t bytes);
  [[nodiscard]] Vr written_vr(Vr vr, std::uint64_t length) const;
  void store16(std::byte* p, std::uint16_t value) const { store_bits(p, value, is_big()); }
  void store32(std::byte* p, std::uint32_t value) const { store_bits(p, value, is_big()); }
  void store_tag(std::byte* p, Tag tag) const;
  void item_header(Tag tag, std::uint32_t length);

  ByteBuffer buffer_;
  std::size_t size_{0};
  Encoding encoding_;
  bool is_big_value_{false};  // of the element whose header was written last
  bool failed_{false};
  Error error_{};
};

}  // namespace scanferry::core
