// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/element_reader.hpp>

#include <algorithm>

namespace scanferry::core {
namespace {

constexpr std::uint16_t kItemGroup = 0xFFFE;
constexpr std::size_t kShortHeader = 8;
constexpr std::size_t kLongHeader = 12;
constexpr std::string_view kNoRoomForHeader = "an element begins with too few bytes left around it";

}  // namespace

std::optional<Encoding> encoding_of(std::string_view transfer_syntax_uid) {
  if (transfer_syntax_uid == "1.2.840.10008.1.2") return Encoding::implicit_little_endian;
  const bool is_big_endian = transfer_syntax_uid == "1.2.840.10008.1.2.2";
  const bool is_deflated = transfer_syntax_uid == "1.2.840.10008.1.2.1.99" || transfer_syntax_uid == "1.2.840.10008.1.2.4.95";
  if (is_big_endian || is_deflated) return std::nullopt;
  return Encoding::explicit_little_endian;
}

ElementReader::ElementReader(Encoding encoding, std::uint64_t offset, std::uint64_t end)
    : offset_{offset},
      end_{std::max(end, offset)},
      is_implicit_{encoding == Encoding::implicit_little_endian},
      root_is_implicit_{is_implicit_},
      root_end_{end_} {}

Result<ElementReader::Event> ElementReader::next() {
  if (failed_) return std::unexpected{error_};
  if (left_ != 0) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, chunk_.size()));
    if (size == 0) return starved();
    bytes_ = chunk_.first(size);
    chunk_ = chunk_.subspan(size);
    offset_ += size;
    left_ -= size;
    if (!discarding_) return Event::value;
    if (left_ != 0) return starved();
  }
  discarding_ = false;
  if (offset_ == end_ && (depth_ == 0 || containers_[depth_ - 1].is_defined)) return close();
  return read_header();
}

Result<ElementReader::Event> ElementReader::starved() {
  if (!finished_) return Event::need_input;
  if (depth_ == 0 && left_ == 0 && held_ == 0 && chunk_.empty() && end_ == kUnknownEnd) return Event::end;
  return fail(Errc::truncated, "the data set ends inside an element");
}

Result<ElementReader::Event> ElementReader::fail(Errc code, std::string_view what) {
  failed_ = true;
  error_ = {code, what, header_.offset, header_.tag};
  return std::unexpected{error_};
}

/// The next `bytes` bytes in one piece, or null when they are not all there yet. Called with 8, then perhaps with 12.
const std::byte* ElementReader::peek(std::size_t bytes) {
  if (held_ == 0 && chunk_.size() >= bytes) return chunk_.data();
  const std::size_t more = std::min(bytes - std::min<std::size_t>(bytes, held_), chunk_.size());
  std::copy_n(chunk_.begin(), more, hold_.begin() + held_);
  chunk_ = chunk_.subspan(more);
  held_ = static_cast<std::uint8_t>(held_ + more);
  return held_ >= bytes ? hold_.data() : nullptr;
}

void ElementReader::consume(std::size_t header_bytes) {
  if (held_ == 0) {
    chunk_ = chunk_.subspan(header_bytes);
  } else {
    held_ = 0;
  }
  offset_ += header_bytes;
}

Result<ElementReader::Event> ElementReader::overflow(std::string_view what) {
  return fail(depth_ == 0 ? Errc::truncated : Errc::bad_length, what);
}

Result<ElementReader::Event> ElementReader::read_header() {
  header_ = {{}, Vr::unknown, 0, depth_, offset_};
  if (end_ - offset_ < kShortHeader) return overflow(kNoRoomForHeader);
  const std::byte* const start = peek(kShortHeader);
  if (start == nullptr) return starved();
  header_.tag = {load_le16(start), load_le16(start + 2)};
  if (header_.tag.group == kItemGroup) return read_item_tag(header_.tag, load_le32(start + 4));
  if (const Container* const around = top(); around != nullptr && around->kind != Kind::item) {
    return fail(Errc::bad_value, "a sequence holds items only: an item or the sequence's delimiter was expected");
  }
  return is_implicit_ ? read_implicit(start) : read_explicit(start);
}

// PS3.5 7.1.3:  0 tag 4 | 4 length 4
Result<ElementReader::Event> ElementReader::read_implicit(const std::byte* start) {
  const Vr vr = find_attribute(header_.tag).vr;
  header_.vr = vr == Vr::unknown ? Vr::un : vr;
  header_.length = load_le32(start + 4);
  consume(kShortHeader);
  return begin_element();
}

// PS3.5 7.1.2:  0 tag 4 | 4 VR 2 | 6 length 2,  or  0 tag 4 | 4 VR 2 | 6 reserved 2 | 8 length 4
Result<ElementReader::Event> ElementReader::read_explicit(const std::byte* start) {
  const auto first = std::to_integer<std::uint8_t>(start[4]);
  const auto second = std::to_integer<std::uint8_t>(start[5]);
  if (!is_vr_code(first, second)) return fail(Errc::bad_value, "two capital letters were expected as the value representation");
  header_.vr = vr_of(first, second);
  if (!has_long_length(header_.vr)) {
    header_.length = load_le16(start + 6);
    consume(kShortHeader);
    return begin_element();
  }
  if (end_ - offset_ < kLongHeader) return overflow(kNoRoomForHeader);
  start = peek(kLongHeader);
  if (start == nullptr) return starved();
  header_.length = load_le32(start + 8);
  consume(kLongHeader);
  return begin_element();
}

Result<ElementReader::Event> ElementReader::begin_element() {
  if (header_.length == kUndefinedLength) return begin_undefined();
  if (header_.length > end_ - offset_) return overflow("the value is longer than the item, sequence or data set that holds it");
  if (header_.vr == Vr::sq) return push(Kind::sequence, header_.length, is_implicit_, Event::element);
  left_ = header_.length;
  return Event::element;
}

Result<ElementReader::Event> ElementReader::begin_undefined() {
  switch (header_.vr) {
    case Vr::sq: return push(Kind::sequence, kUndefinedLength, is_implicit_, Event::element);
    // PS3.5 6.2.2: UN of undefined length is a sequence in Implicit VR Little Endian, whatever is around it.
    case Vr::un:
    case Vr::unknown: return push(Kind::sequence, kUndefinedLength, true, Event::element);
    case Vr::ob:
    case Vr::ow: return push(Kind::fragments, kUndefinedLength, is_implicit_, Event::element);
    default: return fail(Errc::bad_length, "only sequences, UN and encapsulated pixels may have an undefined length");
  }
}

Result<ElementReader::Event> ElementReader::read_item_tag(Tag tag, std::uint32_t length) {
  header_.length = length;
  const Container* const around = top();
  const bool in_item = around == nullptr || around->kind == Kind::item;
  if (tag == kItemTag && !in_item) return begin_item(around->kind);
  const Tag delimiter = in_item ? kItemDelimiterTag : kSequenceDelimiterTag;
  if (around == nullptr || around->is_defined || tag != delimiter) {
    return fail(Errc::bad_value, "an item or delimiter that belongs to nothing around it");
  }
  if (length != 0) return fail(Errc::bad_length, "a delimiter has length 0");
  consume(kShortHeader);
  return pop();
}

Result<ElementReader::Event> ElementReader::begin_item(Kind around) {
  consume(kShortHeader);
  const bool is_fragment = around == Kind::fragments;
  if (header_.length == kUndefinedLength ? is_fragment : header_.length > end_ - offset_) {
    return fail(Errc::bad_length, "the item is longer than the sequence or data set that holds it");
  }
  if (!is_fragment) return push(Kind::item, header_.length, is_implicit_, Event::item);
  left_ = header_.length;
  return Event::fragment;
}

Result<ElementReader::Event> ElementReader::push(Kind kind, std::uint32_t length, bool is_implicit, Event event) {
  if (depth_ == kDepthMax) return fail(Errc::too_deep, "sequences are nested deeper than this reader follows");
  const bool is_defined = length != kUndefinedLength;
  if (is_defined) end_ = offset_ + length;
  is_implicit_ = is_implicit;
  containers_[depth_++] = {end_, kind, is_defined, is_implicit};
  return event;
}

ElementReader::Event ElementReader::pop() {
  const Kind kind = containers_[--depth_].kind;
  const Container* const around = top();
  end_ = around == nullptr ? root_end_ : around->end;
  is_implicit_ = around == nullptr ? root_is_implicit_ : around->is_implicit;
  header_.depth = depth_;
  return kind == Kind::item ? Event::item_end : Event::sequence_end;
}

/// The end of what has a defined length: nothing in the input marks it.
ElementReader::Event ElementReader::close() {
  if (depth_ == 0) return Event::end;
  header_ = {top()->kind == Kind::item ? kItemDelimiterTag : kSequenceDelimiterTag, Vr::unknown, 0, depth_, offset_};
  return pop();
}

std::uint64_t ElementReader::skip_value() {
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, chunk_.size()));
  chunk_ = chunk_.subspan(size);
  offset_ += size;
  left_ -= size;
  discarding_ = left_ != 0;
  return left_;
}

void ElementReader::skipped(std::uint64_t bytes) {
  offset_ += bytes;
  left_ -= bytes;
  discarding_ = left_ != 0;
}

}  // namespace scanferry::core
