// SPDX-License-Identifier: Apache-2.0
#include "character_decoder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <scanferry/core/utf8.hpp>

#include "utf8.hpp"

namespace scanferry::model {
namespace {

/// What all three ways of reading share: the place in the value and the text so far.
class Reader {
 public:
  explicit Reader(std::string_view raw) : raw_(raw) { out_.text.reserve(raw.size()); }

  bool at_end() const { return at_ == raw_.size(); }
  std::size_t left() const { return raw_.size() - at_; }
  std::uint8_t peek(std::size_t ahead = 0) const { return byte_at(raw_, at_ + ahead); }
  std::string_view rest() const { return raw_.substr(at_); }

  /// `bytes` bytes are one character.
  void put(char32_t character, std::size_t bytes) {
    const bool reads_as_kept = character == kKeptByteMark && has_hex_pair(raw_, at_ + bytes);
    if (reads_as_kept) return escape(bytes);
    append_utf8(out_.text, character);
    at_ += bytes;
  }
  void skip(std::size_t bytes) { at_ += bytes; }

  void note(TextFlawKind kind) {
    if (!out_.flaw) out_.flaw = TextFlaw{kind, at_, peek()};
  }

  /// `bytes` bytes have no meaning.
  void keep(TextFlawKind kind, std::size_t bytes = 1) {
    note(kind);
    escape(bytes);
  }

  Decoded take() { return std::move(out_); }

 private:
  void escape(std::size_t bytes) {
    for (; bytes > 0; --bytes, ++at_, ++out_.kept_bytes) {
      append_utf8(out_.text, kKeptByteMark);
      out_.text += hex_digits(peek(), 2);
    }
  }

  std::string_view raw_;
  std::size_t at_{0};
  Decoded out_;
};

/// One character of ISO_IR 192; each byte of what is not well formed is kept by itself.
void read_utf8(Reader& in) {
  if (in.peek() == kEscape) return in.keep(TextFlawKind::unknown_escape);
  std::string_view rest = in.rest();
  const char32_t character = core::take_character(rest);
  if (character == core::kNoCharacter) return in.keep(TextFlawKind::not_in_set);
  in.put(character, in.left() - rest.size());
}

bool is_gb_lead(std::uint8_t byte) { return byte >= 0x81 && byte <= 0xFE; }
bool is_gb_digit(std::uint8_t byte) { return byte >= 0x30 && byte <= 0x39; }

void read_gb_four(Reader& in) {
  if (in.left() < 4 || !is_gb_lead(in.peek(2)) || !is_gb_digit(in.peek(3))) return in.keep(TextFlawKind::truncated);
  const std::array bytes{in.peek(), in.peek(1), in.peek(2), in.peek(3)};
  const char32_t character = gb18030_character(bytes);
  if (character == core::kNoCharacter) return in.keep(TextFlawKind::not_in_set, bytes.size());
  in.put(character, bytes.size());
}

/// One character of GB18030 or GBK. The second byte of two may be that of a backslash or circumflex, and is none.
void read_gb(Reader& in, bool has_four_bytes) {
  const std::uint8_t lead = in.peek();
  if (lead == kEscape) return in.keep(TextFlawKind::unknown_escape);
  if (lead < 0x80) return in.put(lead, 1);
  if (!is_gb_lead(lead)) return in.keep(TextFlawKind::not_in_set);
  if (in.left() < 2) return in.keep(TextFlawKind::truncated);
  const std::uint8_t trail = in.peek(1);
  if (has_four_bytes && is_gb_digit(trail)) return read_gb_four(in);
  if (trail < 0x40 || trail == 0x7F || trail == 0xFF) return in.keep(TextFlawKind::truncated);
  const char32_t character = gb18030_character(lead, trail);
  if (!has_four_bytes && is_private_use(character)) return in.keep(TextFlawKind::not_in_set, 2);
  in.put(character, 2);
}

/// Sets of one and two bytes with the code extensions of ISO 2022 as PS3.5 6.1.2.5 has them: G0 is what bytes below 80 hex
/// mean, G1 the others.
class Iso2022 {
 public:
  Iso2022(const CharacterSet& declared, Delimiters delimiters) : declared_(declared), delimiters_(delimiters) { reset(); }

  void read(Reader& in) {
    const std::uint8_t byte = in.peek();
    if (byte == kEscape) return read_escape(in);
    if (byte >= 0x80) return read_right(in, byte);
    if (is_two_byte(g0_) && byte > ' ' && byte < 0x7F) return read_pair(in, g0_);
    if (byte < ' ' || delimiters_.contains(byte)) reset();
    in.put(byte, 1);
  }

 private:
  void reset() {
    g0_ = CodeSet::ascii;
    const CodeSet first = declared_.first();
    g1_ = is_in_g0(first) ? CodeSet::none : first;
  }

  void read_escape(Reader& in) {
    const std::string_view behind = in.rest().substr(1);
    const auto* const sequence =
        std::ranges::find_if(kEscapeSequences, [behind](const EscapeSequence& one) { return behind.starts_with(one.code()); });
    if (sequence == std::end(kEscapeSequences)) return in.keep(TextFlawKind::unknown_escape);
    if (!is_declared(*sequence)) in.note(TextFlawKind::undeclared_escape);
    (is_in_g0(sequence->set) ? g0_ : g1_) = sequence->set;
    in.skip(1 + sequence->code().size());
  }

  bool is_declared(const EscapeSequence& sequence) const {
    if (sequence.code() == kRomajiEscape) return declared_.declares(CodeSet::katakana);
    return sequence.set == CodeSet::ascii || declared_.declares(sequence.set);
  }

  void read_right(Reader& in, std::uint8_t byte) {
    if (g1_ == CodeSet::none || byte < 0xA0) return in.keep(TextFlawKind::not_in_set);
    if (is_two_byte(g1_)) return read_pair(in, g1_);
    const char32_t character = character_of(g1_, byte);
    if (character == 0) return in.keep(TextFlawKind::not_in_set);
    in.put(character, 1);
  }

  void read_pair(Reader& in, CodeSet set) {
    constexpr std::uint8_t kUpper = 0x80;
    const auto half = static_cast<std::uint8_t>(in.peek() & kUpper);
    const auto is_part = [half](std::uint8_t byte) { return byte > (half | 0x20U) && byte < (half | 0x7FU); };
    if (!is_part(in.peek())) return in.keep(TextFlawKind::not_in_set);
    if (in.left() < 2 || !is_part(in.peek(1))) return read_half(in);
    const auto upper = [&in](std::size_t ahead) { return static_cast<std::uint8_t>(in.peek(ahead) | kUpper); };
    const char32_t character = character_of(set, upper(0), upper(1));
    if (character == 0) return in.keep(TextFlawKind::not_in_set, 2);
    in.put(character, 2);
  }

  /// The first byte of two, without the second. A delimiter before an escape sequence means that the writer forgot to return
  /// to the set of value 1: no pair is split by ESC.
  void read_half(Reader& in) {
    const std::uint8_t byte = in.peek();
    if (!delimiters_.contains(byte) || in.left() < 2 || in.peek(1) != kEscape) return in.keep(TextFlawKind::truncated);
    in.note(TextFlawKind::missing_reset);
    reset();
    in.put(byte, 1);
  }

  const CharacterSet& declared_;
  Delimiters delimiters_;
  CodeSet g0_{CodeSet::ascii};
  CodeSet g1_{CodeSet::none};
};

bool is_plain_ascii(std::string_view raw) {
  return core::is_ascii(raw) && raw.find(static_cast<char>(kEscape)) == std::string_view::npos;
}

}  // namespace

Decoded decode_text(const CharacterSet& set, std::string_view raw, Delimiters delimiters) {
  if (is_plain_ascii(raw)) return Decoded{std::string{raw}, std::nullopt, 0};
  Reader in{raw};
  const CodeSet first = set.first();
  if (first == CodeSet::utf_8) {
    while (!in.at_end()) read_utf8(in);
  } else if (stands_alone(first)) {
    while (!in.at_end()) read_gb(in, first == CodeSet::gb18030);
  } else {
    Iso2022 iso{set, delimiters};
    while (!in.at_end()) iso.read(in);
  }
  return in.take();
}

}  // namespace scanferry::model
