// SPDX-License-Identifier: Apache-2.0
#include "cli/dump_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdio>
#include <string_view>

#include <scanferry/core/text_value.hpp>

namespace scanferry::firmware {
namespace {

using core::Vr;
using Event = core::ElementReader::Event;

/// Where the remark after a line's value begins.
constexpr std::size_t kRemarkColumn = 56;
/// Two digits and a separator.
constexpr std::size_t kHexCharactersPerByte = 3;

std::string tag_text(core::Tag tag) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "(%04x,%04x)", tag.group, tag.element);
  return text.data();
}

std::string length_text(std::uint32_t length) { return length == core::kUndefinedLength ? "u/l" : std::to_string(length); }

/// Indent, tag, VR, value, then the remark in its column.
std::string line(const core::ElementHeader& header, std::string_view vr, std::string_view value, std::string_view multiplicity,
                 std::string_view keyword) {
  std::string text(2 * static_cast<std::size_t>(header.depth), ' ');
  text.append(tag_text(header.tag)).append(" ").append(vr).append(" ").append(value);
  const std::size_t width = core::utf8_length(text).value_or(text.size());
  text.append(std::max(width + 1, kRemarkColumn) - width, ' ');
  const std::string length = length_text(header.length);
  text.append("# ").append(std::max<std::size_t>(length.size(), 3) - length.size(), ' ').append(length);
  text.append(", ").append(multiplicity).append(" ").append(keyword).append("\n");
  return text;
}

std::string_view keyword_of(core::Tag tag) {
  const std::string_view keyword = core::find_attribute(tag).keyword;
  return keyword.empty() ? "Unknown" : keyword;
}

/// PS3.5 6.4: a backslash in these is a character, not a separator of values.
bool has_one_value(Vr vr) { return vr == Vr::lt || vr == Vr::st || vr == Vr::ut || vr == Vr::ur; }

/// Bytes of one number of a VR; 0 for what is not a list of numbers to be shown as such.
std::size_t number_bytes(Vr vr) {
  switch (vr) {
    case Vr::us:
    case Vr::ss: return 2;
    case Vr::ul:
    case Vr::sl:
    case Vr::fl:
    case Vr::at: return 4;
    case Vr::fd:
    case Vr::sv:
    case Vr::uv: return 8;
    default: return 0;
  }
}

template <class Number>
std::string decimal(Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), end.ptr};
}

std::string number_text(Vr vr, const std::byte* p) {
  switch (vr) {
    case Vr::us: return decimal(core::load_le16(p));
    case Vr::ss: return decimal(static_cast<std::int16_t>(core::load_le16(p)));
    case Vr::ul: return decimal(core::load_le32(p));
    case Vr::sl: return decimal(static_cast<std::int32_t>(core::load_le32(p)));
    case Vr::fl: return decimal(std::bit_cast<float>(core::load_le32(p)));
    case Vr::at: return tag_text({core::load_le16(p), core::load_le16(p + 2)});
    default: break;
  }
  const std::uint64_t wide = core::load_le32(p) | std::uint64_t{core::load_le32(p + 4)} << 32U;
  if (vr == Vr::fd) return decimal(std::bit_cast<double>(wide));
  return vr == Vr::sv ? decimal(static_cast<std::int64_t>(wide)) : decimal(wide);
}

std::string numbers(Vr vr, std::string_view bytes) {
  const std::size_t size = number_bytes(vr);
  std::string text;
  for (; bytes.size() >= size; bytes.remove_prefix(size)) {
    if (!text.empty()) text += '\\';
    text += number_text(vr, core::bytes_of(bytes).data());
  }
  return text;
}

void append_hex(std::string& text, char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto bits = static_cast<unsigned char>(byte);
  text += kDigits[bits >> 4U];
  text += kDigits[bits & 0xFU];
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    if (!text.empty()) text += '\\';
    append_hex(text, byte);
  }
  return text;
}

/// The bytes of the first character of `text`, 0 when it is none of UTF-8.
std::size_t character_bytes(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size()); ++size) {
    if (core::utf8_length(text.substr(0, size)) == 1U) return size;
  }
  return 0;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  const bool is_c1 = character.size() == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
  return first < 0x20 || first == 0x7F || is_c1;
}

std::string escaped(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = character_bytes(bytes);
    const std::string_view character = bytes.substr(0, std::max<std::size_t>(size, 1));
    if (size == 0 || is_control(character)) {
      for (const char byte : character) append_hex(text.append("\\x"), byte);
    } else {
      text += character;
    }
    bytes.remove_prefix(character.size());
  }
  return text;
}

/// Without the first bytes of a character whose last ones were cut off.
std::string_view whole_characters(std::string_view cut) {
  for (std::size_t tail = 0; tail < std::min<std::size_t>(4, cut.size()); ++tail) {
    const std::string_view shorter = cut.substr(0, cut.size() - tail);
    if (core::utf8_length(shorter)) return shorter;
  }
  return cut;
}

}  // namespace

void DumpFormat::take(Event event, const core::ElementReader& reader, std::string& out) {
  switch (event) {
    case Event::element: begin(reader.header(), false, out); break;
    case Event::fragment: begin(reader.header(), true, out); break;
    case Event::value: append(reader, out); break;
    case Event::item: item(reader.header(), out); break;
    case Event::item_end: end(reader, "ItemDelimitationItem", out); break;
    case Event::sequence_end: end(reader, "SequenceDelimitationItem", out); break;
    case Event::end: flush(out); break;
    case Event::need_input: break;
  }
}

void DumpFormat::begin(const core::ElementHeader& header, bool is_fragment, std::string& out) {
  flush(out);  // a value that was skipped
  const bool is_open = header.length == core::kUndefinedLength;
  if (!is_fragment && (header.vr == Vr::sq || is_open)) {
    const bool is_pixels = header.vr == Vr::ob || header.vr == Vr::ow;
    const std::string_view what = is_pixels ? "(encapsulated pixels)" : is_open ? "(sequence, undefined length)" : "(sequence)";
    out += line(header, code_of(header.vr), what, is_pixels ? "1" : "-", keyword_of(header.tag));
    return;
  }
  header_ = header;
  if (is_fragment) header_.vr = Vr::ob;
  value_.clear();
  separators_ = 0;
  pending_ = true;
  if (header.length == 0) flush(out);
}

void DumpFormat::append(const core::ElementReader& reader, std::string& out) {
  const std::string_view piece = core::text_of(reader.bytes());
  const std::size_t room = value_max_ + 1 - std::min(value_.size(), value_max_ + 1);
  value_ += piece.substr(0, room);  // one byte more than is shown says that there is more
  if (is_text(header_.vr) && !has_one_value(header_.vr)) separators_ += static_cast<std::uint64_t>(std::ranges::count(piece, '\\'));
  if (reader.value_left() == 0) flush(out);
}

bool DumpFormat::has_enough() const {
  const bool counts_separators = is_text(header_.vr) && !has_one_value(header_.vr);
  return pending_ && !counts_separators && value_.size() > value_max_;
}

void DumpFormat::flush(std::string& out) {
  if (!pending_) return;
  pending_ = false;
  out += pending_line();
}

std::string DumpFormat::pending_line() const {
  const bool is_fragment = header_.tag == core::kItemTag;
  return line(header_, is_fragment ? "pi" : code_of(header_.vr), value(), multiplicity(), is_fragment ? "Item" : keyword_of(header_.tag));
}

std::string DumpFormat::value() const {
  if (header_.length == 0) return "(no value)";
  const bool is_numeric = number_bytes(header_.vr) != 0 && header_.length % number_bytes(header_.vr) == 0;
  const bool is_hex = !is_text(header_.vr) && !is_numeric;
  const std::size_t bytes_max = is_hex ? (value_max_ + kHexCharactersPerByte - 1) / kHexCharactersPerByte : value_max_;
  const bool is_cut = value_.size() > bytes_max;
  std::string_view shown = std::string_view{value_}.substr(0, bytes_max);
  if (!is_text(header_.vr)) return (is_hex ? hex(shown) : numbers(header_.vr, shown)) + (is_cut ? "..." : "");
  if (is_cut) return "[" + escaped(whole_characters(shown)) + "...";
  while (!shown.empty() && (shown.back() == ' ' || shown.back() == '\0')) shown.remove_suffix(1);
  return "[" + escaped(shown) + "]";
}

std::string DumpFormat::multiplicity() const {
  if (header_.length == 0) return "0";
  if (is_text(header_.vr)) return std::to_string(separators_ + 1);
  const std::size_t size = number_bytes(header_.vr);
  return size == 0 ? "1" : std::to_string(header_.length / size);
}

void DumpFormat::item(const core::ElementHeader& header, std::string& out) {
  flush(out);
  out += line(header, "na", header.length == core::kUndefinedLength ? "(item, undefined length)" : "(item)", "-", "Item");
}

/// The end of a defined length is not in the file, and indentation shows it.
void DumpFormat::end(const core::ElementReader& reader, std::string_view what, std::string& out) {
  flush(out);
  const bool is_in_file = reader.offset() != reader.header().offset;
  if (is_in_file) out += line(reader.header(), "na", "(delimiter)", "-", what);
}

}  // namespace scanferry::firmware
