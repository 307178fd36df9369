// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/element_writer.hpp>

#include <algorithm>
#include <array>

namespace scanferry::core {
namespace {

constexpr std::uint32_t kShortLengthMax = 0xFFFE;
constexpr std::uint32_t kLongLengthMax = 0xFFFFFFFE;

void store_tag(std::byte* p, Tag tag) {
  store_le16(p, tag.group);
  store_le16(p + 2, tag.element);
}

}  // namespace

std::byte* ElementWriter::take(std::size_t bytes, Tag tag) {
  if (full_) return nullptr;
  if (bytes > buffer_.size() - size_) {
    full_ = true;
    error_ = {Errc::no_room, "the buffer is too small for the data set", size_, tag};
    return nullptr;
  }
  std::byte* const p = buffer_.data() + size_;
  size_ += bytes;
  return p;
}

// PS3.5 7.1.2, short form:             and long form:
//   0  tag, group then element  4        0  tag                 4
//   4  VR, two characters       2        4  VR                  2
//   6  length                   2        6  reserved, zero      2
//                                        8  length              4
void ElementWriter::header(const Attribute& attribute, std::uint32_t length) {
  const bool is_long = has_long_length(attribute.vr);
  if (!full_ && !is_long && length > kShortLengthMax) {
    full_ = true;
    error_ = {Errc::no_room, "the value is longer than the 16-bit length of its VR can say", size_, attribute.tag};
  }
  std::byte* const p = take(is_long ? 12 : 8, attribute.tag);
  if (p == nullptr) return;
  store_tag(p, attribute.tag);
  std::ranges::copy(bytes_of(code_of(attribute.vr)), p + 4);
  if (is_long) {
    store_le16(p + 6, 0);
    store_le32(p + 8, length);
  } else {
    store_le16(p + 6, static_cast<std::uint16_t>(length));
  }
}

void ElementWriter::raw(ByteView value) {
  if (std::byte* const p = take(value.size(), {}); p != nullptr) std::ranges::copy(value, p);
}

void ElementWriter::padded(const Attribute& attribute, ByteView value) {
  // The header knows nothing of lengths beyond its field; a value that long fits no buffer that we write into.
  const std::uint64_t length = std::uint64_t{value.size()} + value.size() % 2;
  header(attribute, static_cast<std::uint32_t>(std::min<std::uint64_t>(length, kLongLengthMax)));
  std::byte* const p = take(static_cast<std::size_t>(length), attribute.tag);
  if (p == nullptr) return;
  std::ranges::copy(value, p);
  if (value.size() % 2 != 0) p[value.size()] = padding_of(attribute.vr);
}

void ElementWriter::text(const Attribute& attribute, std::string_view value) { padded(attribute, bytes_of(value)); }

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

void ElementWriter::us(const Attribute& attribute, std::uint16_t value) {
  std::array<std::byte, 2> encoded{};
  store_le16(encoded.data(), value);
  bytes(attribute, encoded);
}

void ElementWriter::ul(const Attribute& attribute, std::uint32_t value) {
  std::array<std::byte, 4> encoded{};
  store_le32(encoded.data(), value);
  bytes(attribute, encoded);
}

void ElementWriter::at(const Attribute& attribute, Tag value) {
  std::array<std::byte, 4> encoded{};
  store_tag(encoded.data(), value);
  bytes(attribute, encoded);
}

void ElementWriter::bytes(const Attribute& attribute, ByteView value) { padded(attribute, value); }

ElementWriter::Mark ElementWriter::begin_sequence(const Attribute& attribute) {
  header({attribute.tag, Vr::sq, {}}, 0);
  return {size_ - std::min<std::size_t>(size_, 4)};
}

ElementWriter::Mark ElementWriter::begin_item() {
  std::byte* const p = take(8, kItemTag);
  if (p == nullptr) return {};
  store_tag(p, kItemTag);
  store_le32(p + 4, 0);
  return {size_ - 4};
}

ElementWriter::Mark ElementWriter::begin_group(const Attribute& group_length) {
  ul(group_length, 0);
  return {size_ - std::min<std::size_t>(size_, 4)};
}

void ElementWriter::end(Mark mark) {
  if (full_) return;
  store_le32(buffer_.data() + mark.length_offset, static_cast<std::uint32_t>(size_ - mark.length_offset - 4));
}

Result<std::size_t> ElementWriter::finish() const {
  if (full_) return std::unexpected{error_};
  return size_;
}

}  // namespace scanferry::core
