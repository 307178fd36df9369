// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/element_reader.hpp>

#include <algorithm>

namespace scanferry::core {
namespace {

constexpr std::uint16_t kItemGroup = 0xFFFE;
constexpr std::size_t kShortHeader = 8;
constexpr std::size_t kLongHeader = 12;
constexpr std::uint32_t kShortLengthMax = 0xFFFF;
constexpr std::string_view kNoRoomForHeader = "an element begins with too few bytes left around it";
constexpr std::string_view kNoDelimiter = "the delimiter of an item, a sequence or encapsulated pixels is missing: it ends here";

bool is_zero(ByteView bytes) { return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; }); }

bool has_letters(const std::byte* code) {
  return is_vr_code(std::to_integer<std::uint8_t>(code[0]), std::to_integer<std::uint8_t>(code[1]));
}
Vr vr_at(const std::byte* code) { return vr_of(std::to_integer<std::uint8_t>(code[0]), std::to_integer<std::uint8_t>(code[1])); }

}  // namespace

ElementReader::ElementReader(Encoding encoding, std::uint64_t offset, std::uint64_t end)
    : offset_{offset}, end_{std::max(end, offset)}, encoding_{encoding}, root_encoding_{encoding}, root_end_{end_} {}

ElementReader ElementReader::for_items(Tag sequence, Encoding encoding, std::uint64_t offset, std::uint64_t end) {
  ElementReader reader{encoding, offset, end};
  reader.containers_[0] = {reader.end_, sequence, Kind::sequence, encoding, Length::defined, false};
  reader.depth_ = 1;
  return reader;
}

inline Result<ElementReader::Event> ElementReader::advance() {
  if (left_ != 0) {
    if (padding_) return read_padding();
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, chunk_.size()));
    if (size == 0) return starved();
    bytes_ = chunk_.first(size);
    chunk_ = chunk_.subspan(size);
    offset_ += size;
    left_ -= size;
    if (!discarding_) return Event::value;
    if (left_ != 0) return starved();
    discarding_ = false;
  }
  return offset_ == end_ ? close() : read_header();
}

Result<ElementReader::Event> ElementReader::next() {
  if (failed_) return std::unexpected{error_};
  finding_count_ = 0;
  return advance();
}

/// Nothing fed is left, or no whole header.
Result<ElementReader::Event> ElementReader::starved() {
  if (!finished_) return Event::need_input;
  if (left_ == 0 && end_ == kUnknownEnd) {
    if (held_ == 0) return end_input();
    if (depth_ == 0 && is_zero(ByteView{hold_}.first(held_))) {
      note("zeros follow the last element: taken as padding");
      consume(held_);
      return end_input();
    }
  }
  return fail(Errc::truncated, "the data set ends inside an element");
}

/// Where the data set ends is known at last. What is open then has no defined length.
Result<ElementReader::Event> ElementReader::end_input() {
  end_ = root_end_ = offset_;
  for (std::uint32_t i = 0; i < depth_; ++i) containers_[i].end = offset_;
  return close();
}

Result<ElementReader::Event> ElementReader::fail(Errc code, std::string_view what) {
  failed_ = true;
  error_ = {code, what, header_.offset, header_.tag};
  return std::unexpected{error_};
}

Result<ElementReader::Event> ElementReader::overflow(std::string_view what) {
  return fail(end_ == root_end_ ? Errc::truncated : Errc::bad_length, what);
}

void ElementReader::note(std::string_view what) {
  if (finding_count_ < kFindingsMax) findings_[finding_count_++] = {what, header_.offset, header_.tag};
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

Result<ElementReader::Event> ElementReader::read_header() {
  header_ = {{}, Vr::unknown, 0, depth_, offset_, encoding_, Content::value};
  if (end_ - offset_ < kShortHeader) return read_remainder();
  const std::byte* const start = peek(kShortHeader);
  if (start == nullptr) return starved();
  header_.tag = is_big() ? Tag{load_be16(start), load_be16(start + 2)} : Tag{load_le16(start), load_le16(start + 2)};
  if (header_.tag.group == kItemGroup) return read_item_tag(header_.tag, load32(start + 4));
  if (depth_ != 0 && containers_[depth_ - 1].kind != Kind::item) return read_instead_of_item(start);
  if (header_.tag.group == 0 && depth_ == 0 && is_zero({start, kShortHeader})) {
    note("zeros follow the last element: taken as padding");
    consume(kShortHeader);
    padding_ = true;
    left_ = end_ - offset_;
    return advance();
  }
  return encoding_ == Encoding::implicit_little_endian ? read_implicit(start) : read_explicit(start);
}

/// Too few bytes for a header.
Result<ElementReader::Event> ElementReader::read_remainder() {
  if (depth_ != 0) return overflow(kNoRoomForHeader);
  const auto size = static_cast<std::size_t>(end_ - offset_);
  const std::byte* const rest = peek(size);
  if (rest == nullptr) return starved();
  if (!is_zero({rest, size})) return overflow(kNoRoomForHeader);
  note("zeros follow the last element: taken as padding");
  consume(size);
  return close();
}

Result<ElementReader::Event> ElementReader::read_padding() {
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, chunk_.size()));
  if (!is_zero(chunk_.first(size))) return fail(Errc::bad_value, "neither an element nor padding: zeros and then something else");
  chunk_ = chunk_.subspan(size);
  offset_ += size;
  left_ -= size;
  if (left_ == 0) return close();
  if (!finished_) return Event::need_input;
  left_ = 0;
  return end_input();
}

// PS3.5 7.1.3:  0 tag 4 | 4 length 4
Result<ElementReader::Event> ElementReader::read_implicit(const std::byte* start) {
  const Vr vr = vr_in_dictionary(header_.tag);
  header_.vr = vr == Vr::unknown ? Vr::un : vr;
  header_.length = load_le32(start + 4);
  consume(kShortHeader);
  return begin_element(encoding_);
}

// PS3.5 7.1.2:  0 tag 4 | 4 VR 2 | 6 length 2,  or  0 tag 4 | 4 VR 2 | 6 reserved 2 | 8 length 4
Result<ElementReader::Event> ElementReader::read_explicit(const std::byte* start) {
  header_.vr = vr_at(start + 4);
  if (has_long_length(header_.vr)) return read_long_form(start);
  header_.length = load16(start + 6);
  consume(kShortHeader);
  return begin_element(encoding_);
}

Result<ElementReader::Event> ElementReader::read_long_form(const std::byte* start) {
  if (header_.vr == Vr::unknown && !has_letters(start + 4)) return read_without_vr(start);
  const std::uint16_t reserved = load16(start + 6);
  if (header_.vr == Vr::unknown && reserved != 0) {
    note("a VR that no edition knows: taken to have a 16-bit length");
    header_.length = reserved;
    consume(kShortHeader);
    return begin_element(encoding_);
  }
  if (end_ - offset_ < kLongHeader) return overflow(kNoRoomForHeader);
  start = peek(kLongHeader);
  if (start == nullptr) return starved();
  if (header_.vr == Vr::unknown) note("a VR that this edition does not know: taken to have a 32-bit length");
  if (reserved != 0) note("reserved bytes of a header that are not zero");
  header_.length = load32(start + 8);
  consume(kLongHeader);
  return begin_element(encoding_);
}

/// Two bytes that are no VR. A length below 64 KB has zeros where a 16-bit length would be; a longer value is believed where the
/// dictionary knows one that may be long. There is no Implicit VR in big endian.
Result<ElementReader::Event> ElementReader::read_without_vr(const std::byte* start) {
  const std::uint32_t length = load32(start + 4);
  const std::uint16_t short_length = load16(start + 6);
  const std::uint64_t room = end_ - offset_ - kShortHeader;
  const Vr vr = vr_in_dictionary(header_.tag);
  const bool is_private = header_.tag.group % 2 != 0;
  const bool is_known = vr != Vr::unknown || is_private;
  const bool is_possible = length <= room && (length <= kShortLengthMax || (vr != Vr::unknown && has_long_length(vr)));
  if (is_known && !is_big() && (length == kUndefinedLength || is_possible)) {
    note("an element in Implicit VR among others in Explicit VR");
    header_.vr = vr == Vr::unknown ? Vr::un : vr;
    header_.length = length;
    header_.encoding = Encoding::implicit_little_endian;
    consume(kShortHeader);
    return begin_element(header_.encoding);
  }
  if (!is_known || short_length > room) return fail(Errc::bad_value, "two capital letters were expected as the value representation");
  note("what should be the VR is none: a 16-bit length was taken to follow");
  header_.length = short_length;
  consume(kShortHeader);
  return begin_element(encoding_);
}

Encoding ElementReader::encoding_around() const { return depth_ < 2 ? root_encoding_ : containers_[depth_ - 2].encoding; }

/// What is in a sequence begins with an item. After one, an element that fits what is around the sequence ends it.
Result<ElementReader::Event> ElementReader::read_instead_of_item(const std::byte* start) {
  const bool is_element = encoding_around() == Encoding::implicit_little_endian ? vr_in_dictionary(header_.tag) != Vr::unknown
                                                                                 : vr_at(start + 4) != Vr::unknown;
  const Container& sequence = *top();
  if (sequence.has_items && is_element && header_.tag > sequence.tag) {
    return pop_unmarked(sequence.is_open() ? kNoDelimiter : "the sequence's length reaches beyond its items: it ends here");
  }
  if (sequence.length != Length::defined) {
    return fail(Errc::bad_value, "a sequence holds items only: an item or the sequence's delimiter was expected");
  }
  note("a sequence holds items only: what else is in it is passed over");
  left_ = end_ - offset_ - held_;
  offset_ += held_;
  held_ = 0;
  discarding_ = left_ != 0;
  return advance();
}

Result<ElementReader::Event> ElementReader::begin_element(Encoding inside) {
  strays_ = 0;
  if (header_.length == kUndefinedLength) return begin_undefined(inside);
  if (header_.vr == Vr::sq) return push(Kind::sequence, inside, Event::element);
  if (header_.length > end_ - offset_) return overflow("the value is longer than the item, sequence or data set that holds it");
  if (header_.length % 2 != 0) note("an odd length");
  left_ = header_.length;
  return Event::element;
}

Result<ElementReader::Event> ElementReader::begin_undefined(Encoding inside) {
  switch (header_.vr) {
    case Vr::sq: return push(Kind::sequence, inside, Event::element);
    // PS3.5 6.2.2: UN of undefined length is a sequence in Implicit VR Little Endian, whatever is around it.
    case Vr::un:
    case Vr::unknown: return push(Kind::sequence, Encoding::implicit_little_endian, Event::element);
    case Vr::ob:
    case Vr::od:
    case Vr::of:
    case Vr::ol:
    case Vr::ov:
    case Vr::ow:
      if (header_.tag != attribute::kPixelData.tag) note("an undefined length outside Pixel Data: taken as encapsulated");
      return push(Kind::fragments, inside, Event::element);
    default: break;
  }
  if (inside != Encoding::implicit_little_endian) {
    return fail(Errc::bad_length, "only sequences, UN and encapsulated pixels may have an undefined length");
  }
  note("an undefined length of what the dictionary knows as a plain value: taken as a sequence");
  header_.vr = Vr::sq;
  return push(Kind::sequence, inside, Event::element);
}

Result<ElementReader::Event> ElementReader::read_item_tag(Tag tag, std::uint32_t length) {
  header_.length = length;
  const Container* const around = top();
  const bool in_data_set = around == nullptr || around->kind == Kind::item;
  const bool is_open = around != nullptr && around->is_open();
  if (tag == kItemTag) {
    if (!in_data_set) return begin_item(around->kind);
    if (is_open) return pop_unmarked(kNoDelimiter);
    return fail(Errc::bad_value, "an item outside of any sequence");
  }
  const bool is_delimiter = tag == kItemDelimiterTag || tag == kSequenceDelimiterTag;
  if (!is_delimiter) return fail(Errc::bad_value, "a tag of group FFFE that is no item and no delimiter");
  if (is_open && tag == (in_data_set ? kItemDelimiterTag : kSequenceDelimiterTag)) {
    pass_delimiter();
    return pop();
  }
  const bool ends_sequence_around = tag == kSequenceDelimiterTag && in_data_set && is_open && containers_[depth_ - 2].is_open();
  return ends_sequence_around ? pop_unmarked(kNoDelimiter) : pass_stray();
}

Result<ElementReader::Event> ElementReader::begin_item(Kind around) {
  strays_ = 0;
  containers_[depth_ - 1].has_items = true;
  consume(kShortHeader);
  if (around == Kind::sequence) return push(Kind::item, encoding_, Event::item);
  if (header_.length == kUndefinedLength) return fail(Errc::bad_length, "a fragment has a defined length");
  if (header_.length > end_ - offset_) return overflow("the fragment is longer than what holds it");
  if (header_.length % 2 != 0) note("an odd length");
  left_ = header_.length;
  return Event::fragment;
}

Result<ElementReader::Event> ElementReader::pass_stray() {
  if (++strays_ > kStraysMax) return fail(Errc::bad_value, "delimiters that belong to nothing, one after the other");
  note("a delimiter that belongs to nothing around it: passed over");
  pass_delimiter();
  return advance();
}

/// PS3.5 7.5: a delimiter has length 0. What one with a length is followed by, where there is room for it, is nobody's.
void ElementReader::pass_delimiter() {
  consume(kShortHeader);
  if (header_.length == 0) return;
  note("a delimiter with a length: that many bytes are passed over where they are there");
  if (header_.length == kUndefinedLength || header_.length > end_ - offset_) return;
  left_ = header_.length;
  discarding_ = true;
}

Result<ElementReader::Event> ElementReader::push(Kind kind, Encoding inside, Event event) {
  if (depth_ == kDepthMax) return fail(Errc::too_deep, "sequences are nested deeper than this reader follows");
  const bool is_defined = header_.length != kUndefinedLength;
  const bool is_beyond = is_defined && header_.length > end_ - offset_;
  const bool is_cut = is_beyond && end_ == root_end_;  // an error, but after what is there
  if (is_beyond && !is_cut) note("a sequence or item that is longer than what holds it: it ends there");
  if (is_defined && !is_beyond) end_ = offset_ + header_.length;
  if (is_defined && header_.length % 2 != 0) note("an odd length");
  encoding_ = inside;
  if (event == Event::element) header_.content = kind == Kind::fragments ? Content::fragments : Content::items;
  const Length extent = is_cut ? Length::cut : is_defined ? Length::defined : Length::undefined;
  containers_[depth_++] = {end_, header_.tag, kind, inside, extent, false};
  return event;
}

ElementReader::Event ElementReader::pop() {
  const Kind kind = containers_[--depth_].kind;
  const Container* const around = top();
  end_ = around == nullptr ? root_end_ : around->end;
  encoding_ = around == nullptr ? root_encoding_ : around->encoding;
  header_.depth = depth_;
  return kind == Kind::item ? Event::item_end : Event::sequence_end;
}

/// An end that the next bytes show, but not as a delimiter: they are not read.
ElementReader::Event ElementReader::pop_unmarked(std::string_view what) {
  note(what);
  const Tag tag = top()->kind == Kind::item ? kItemDelimiterTag : kSequenceDelimiterTag;
  header_ = {tag, Vr::unknown, 0, depth_, offset_, encoding_, Content::value};
  return pop();
}

/// The end of what has a defined length, or of the data set: nothing in the input marks it.
Result<ElementReader::Event> ElementReader::close() {
  header_ = {{}, Vr::unknown, 0, depth_, offset_, encoding_, Content::value};
  if (depth_ == 0) return Event::end;
  const Container& container = *top();
  header_.tag = container.kind == Kind::item ? kItemDelimiterTag : kSequenceDelimiterTag;
  if (container.length == Length::cut) return fail(Errc::truncated, "the data set ends before this sequence or item does");
  if (container.is_open()) note(kNoDelimiter);
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
