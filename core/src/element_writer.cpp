// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/element_writer.hpp>

#include <algorithm>
#include <array>

namespace scanferry::core {
namespace {

constexpr std::uint64_t kShortLengthMax = 0xFFFE;
constexpr std::uint64_t kLongLengthMax = 0xFFFFFFFE;
constexpr std::size_t kItemHeader = 8;
constexpr Attribute kEncapsulated{attribute::kPixelData.tag, Vr::ob};
constexpr Attribute kExtendedOffsets{{0x7FE0, 0x0001}, Vr::ov};
constexpr Attribute kExtendedLengths{{0x7FE0, 0x0002}, Vr::ov};

}  // namespace

void ElementWriter::fail(Errc code, std::string_view what, Tag tag) {
  if (failed_) return;
  failed_ = true;
  error_ = {code, what, size_, tag};
}

std::byte* ElementWriter::take(std::size_t bytes, Tag tag) {
  if (!failed_ && bytes > buffer_.size() - size_) fail(Errc::no_room, "the buffer is too small for the data set", tag);
  if (failed_) return nullptr;
  std::byte* const p = buffer_.data() + size_;
  size_ += bytes;
  return p;
}

void ElementWriter::store_tag(std::byte* p, Tag tag) const {
  store16(p, tag.group);
  store16(p + 2, tag.element);
}

/// PS3.5 6.2.2: what no 16-bit length can say is of VR UN, which has 32 bits.
Vr ElementWriter::written_vr(Vr vr, std::uint64_t length) const {
  const bool is_too_long = encoding_ != Encoding::implicit_little_endian && !has_long_length(vr) && length > kShortLengthMax;
  return is_too_long ? Vr::un : vr;
}

// PS3.5 7.1.2, short form:             and long form:            7.1.3, Implicit VR:
//   0  tag, group then element  4        0  tag             4       0  tag     4
//   4  VR, two characters       2        4  VR              2       4  length  4
//   6  length                   2        6  reserved, zero  2
//                                        8  length          4
void ElementWriter::header(const Attribute& attribute, std::uint32_t length) {
  const bool is_implicit = encoding_ == Encoding::implicit_little_endian;
  const Vr vr = written_vr(attribute.vr, length);
  const bool is_long = has_long_length(vr);
  if (vr == Vr::unknown && !is_implicit) return fail(Errc::bad_value, "without a VR there is no header in Explicit VR", attribute.tag);
  std::byte* const p = take(!is_implicit && is_long ? 12 : 8, attribute.tag);
  if (p == nullptr) return;
  is_big_value_ = is_big() && vr != Vr::un;
  store_tag(p, attribute.tag);
  if (is_implicit) return store32(p + 4, length);
  std::ranges::copy(bytes_of(code_of(vr)), p + 4);
  if (!is_long) return store16(p + 6, static_cast<std::uint16_t>(length));
  store16(p + 6, 0);
  store32(p + 8, length);
}

void ElementWriter::raw(ByteView value) {
  if (std::byte* const p = take(value.size(), {}); p != nullptr) std::ranges::copy(value, p);
}

/// Header, room for the value, and its padding.
std::byte* ElementWriter::begin_value(const Attribute& attribute, std::size_t bytes) {
  const std::uint64_t length = std::uint64_t{bytes} + bytes % 2;
  if (length > kLongLengthMax) fail(Errc::bad_length, "a value of 4 GiB or more has no length in DICOM", attribute.tag);
  header(attribute, static_cast<std::uint32_t>(std::min(length, kLongLengthMax)));
  std::byte* const p = take(static_cast<std::size_t>(length), attribute.tag);
  if (p != nullptr && bytes % 2 != 0) p[bytes] = padding_of(attribute.vr);
  return p;
}

void ElementWriter::bytes(const Attribute& attribute, ByteView value) {
  std::byte* const p = begin_value(attribute, value.size());
  if (p == nullptr) return;
  std::ranges::copy(value, p);
  const std::size_t word = is_big_value_ ? word_bytes(attribute.vr) : 1;
  for (std::size_t i = 0; word > 1 && i + word <= value.size(); i += word) std::reverse(p + i, p + i + word);
}

void ElementWriter::text(const Attribute& attribute, std::string_view value) { bytes(attribute, bytes_of(value)); }

void ElementWriter::optional_text(const Attribute& attribute, std::string_view value) {
  if (!value.empty()) text(attribute, value);
}

void ElementWriter::integer_text(const Attribute& attribute, std::uint32_t value) {
  std::array<char, 10> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  text(attribute, {&digits[first], digits.size() - first});
}

void ElementWriter::tags(const Attribute& attribute, std::span<const Tag> values) {
  std::byte* p = begin_value(attribute, values.size() * 4);
  for (std::size_t i = 0; p != nullptr && i < values.size(); ++i, p += 4) {
    store_word(p, values[i].group);
    store_word(p + 2, values[i].element);
  }
}

void ElementWriter::item_header(Tag tag, std::uint32_t length) {
  std::byte* const p = take(kItemHeader, tag);
  if (p == nullptr) return;
  store_tag(p, tag);
  store32(p + 4, length);
}

ElementWriter::Mark ElementWriter::begin_sequence(const Attribute& attribute, Length length) {
  const bool is_defined = length == Length::defined;
  header({attribute.tag, Vr::sq}, is_defined ? 0 : kUndefinedLength);
  return {size_ - std::min<std::size_t>(size_, 4), is_defined ? Tag{} : kSequenceDelimiterTag};
}

ElementWriter::Mark ElementWriter::begin_item(Length length) {
  const bool is_defined = length == Length::defined;
  item_header(kItemTag, is_defined ? 0 : kUndefinedLength);
  return {size_ - std::min<std::size_t>(size_, 4), is_defined ? Tag{} : kItemDelimiterTag};
}

ElementWriter::Mark ElementWriter::begin_group(const Attribute& group_length) {
  ul(group_length, 0);
  return {size_ - std::min<std::size_t>(size_, 4), {}};
}

void ElementWriter::end(Mark mark) {
  if (failed_) return;
  if (mark.delimiter != Tag{}) return item_header(mark.delimiter, 0);
  const std::uint64_t length = size_ - mark.length_offset - 4;
  if (length > kLongLengthMax) return fail(Errc::bad_length, "a sequence of 4 GiB or more has no defined length", {});
  store32(buffer_.data() + mark.length_offset, static_cast<std::uint32_t>(length));
}

void ElementWriter::begin_fragments(std::span<const std::uint32_t> offsets) {
  if (encoding_ != Encoding::explicit_little_endian) {
    return fail(Errc::unsupported, "encapsulated pixels exist in Explicit VR Little Endian only", kEncapsulated.tag);
  }
  header(kEncapsulated, kUndefinedLength);
  item_header(kItemTag, static_cast<std::uint32_t>(offsets.size_bytes()));
  std::byte* p = take(offsets.size_bytes(), kEncapsulated.tag);
  for (std::size_t i = 0; p != nullptr && i < offsets.size(); ++i, p += 4) store32(p, offsets[i]);
}

void ElementWriter::fragment(ByteView bytes) {
  const std::size_t padding = bytes.size() % 2;
  if (bytes.size() > kLongLengthMax - padding) return fail(Errc::bad_length, "a fragment of 4 GiB or more has no length", kItemTag);
  item_header(kItemTag, static_cast<std::uint32_t>(bytes.size() + padding));
  raw(bytes);
  if (padding != 0) raw(std::array{std::byte{0}});
}

void ElementWriter::end_fragments() { item_header(kSequenceDelimiterTag, 0); }

void ElementWriter::extended_offset_table(std::span<const std::uint64_t> frame_bytes) {
  std::byte* p = begin_value(kExtendedOffsets, frame_bytes.size_bytes());
  std::uint64_t offset = 0;
  for (std::size_t i = 0; p != nullptr && i < frame_bytes.size(); ++i, p += 8) {
    store_word(p, offset);
    offset += kItemHeader + frame_bytes[i] + frame_bytes[i] % 2;
  }
  numbers(kExtendedLengths, frame_bytes);
}

Result<std::size_t> ElementWriter::finish() const {
  if (failed_) return std::unexpected{error_};
  return size_;
}

}  // namespace scanferry::core
