// SPDX-License-Identifier: Apache-2.0
#include "character_encoder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <scanferry/core/utf8.hpp>

#include "character_decoder.hpp"
#include "utf8.hpp"

namespace scanferry::model {
namespace {

void append_byte(std::string& out, std::uint8_t byte) { out.push_back(static_cast<char>(byte)); }

template <std::size_t N>
void append_bytes(std::string& out, const std::array<std::uint8_t, N>& bytes) {
  for (const std::uint8_t byte : bytes) append_byte(out, byte);
}

std::uint8_t hex_value(char digit) { return static_cast<std::uint8_t>(digit <= '9' ? digit - '0' : digit - 'A' + 10); }

/// One character of GB18030 or GBK; false when it has none.
bool put_gb(std::string& out, ReverseTables& tables, char32_t character, bool has_four_bytes) {
  if (character < 0x80) {
    append_byte(out, static_cast<std::uint8_t>(character));
    return true;
  }
  if (has_four_bytes || !is_private_use(character)) {
    if (const auto pair = tables.gb18030_pair_of(character)) {
      append_bytes(out, *pair);
      return true;
    }
  }
  if (has_four_bytes) append_bytes(out, ReverseTables::gb18030_four_of(character));
  return has_four_bytes;
}

/// Writes with the code extensions of ISO 2022, PS3.5 6.1.2.5. Escape sequences are written where a set is not in force
/// already; a set of two bytes is always announced, even if it is value 1 against the rules.
class Iso2022Writer {
 public:
  Iso2022Writer(const CharacterSet& declared, Delimiters delimiters, ReverseTables& tables, std::string& out)
      : declared_(declared), delimiters_(delimiters), tables_(tables), out_(out) {
    const CodeSet first = declared.first();
    g1_first_ = is_in_g0(first) || is_two_byte(first) ? CodeSet::none : first;
    g1_ = g1_first_;
  }

  bool put(char32_t character) {
    if (character < 0x80) {
      if (character < ' ' || delimiters_.contains(character)) {
        end();
      } else {
        leave_pairs();
      }
      append_byte(out_, static_cast<std::uint8_t>(character));
      return true;
    }
    if (put_in(g0_, character) || put_in(g1_, character)) return true;
    return std::ranges::any_of(declared_.declared(), [&](CodeSet set) { return put_in(set, character); });
  }

  /// A byte as it was. One of the lower half is left of a pair in G0: with the set in force it is that again, not a letter.
  void put_kept(std::uint8_t byte) {
    if (byte > ' ' && byte < 0x7F && !is_two_byte(g0_)) {
      const auto sets = declared_.declared();
      const auto pairs = std::ranges::find_if(sets, [](CodeSet set) { return is_two_byte(set) && is_in_g0(set); });
      if (pairs != sets.end()) enter(*pairs);
    }
    append_byte(out_, byte);
  }

  /// Before a delimiter and at the end: value 1 is in force again.
  void end() {
    leave_pairs();
    if (g1_ != g1_first_ && g1_first_ != CodeSet::none) escape(g1_first_);
    g1_ = g1_first_;
    is_g1_announced_ = true;
  }

 private:
  bool put_in(CodeSet set, char32_t character) {
    if (set == CodeSet::none || set == CodeSet::ascii || stands_alone(set)) return false;
    if (!is_two_byte(set)) {
      const auto byte = ReverseTables::byte_of(set, character);
      if (byte) {
        enter(set);
        append_byte(out_, *byte);
      }
      return byte.has_value();
    }
    auto pair = tables_.pair_of(set, character);
    if (!pair) return false;
    enter(set);
    const auto half = static_cast<std::uint8_t>(is_in_g0(set) ? 0x7F : 0xFF);
    append_byte(out_, (*pair)[0] & half);
    append_byte(out_, (*pair)[1] & half);
    return true;
  }

  /// By the standard G0 and G1 are apart. There are readers that take each escape sequence for all eight bits: for them G0 is
  /// ASCII while G1 is used, and G1 is announced again after a change of G0.
  void enter(CodeSet set) {
    if (is_in_g0(set)) {
      if (g0_ != set) escape(set);
      g0_ = set;
      return;
    }
    leave_pairs();
    if (g1_ != set || !is_g1_announced_) escape(set);
    g1_ = set;
    is_g1_announced_ = true;
  }

  void leave_pairs() {
    if (g0_ == CodeSet::ascii) return;
    append_byte(out_, kEscape);
    out_ += declared_.first() == CodeSet::katakana ? kRomajiEscape : escape_of(CodeSet::ascii);
    g0_ = CodeSet::ascii;
    is_g1_announced_ = false;
  }

  void escape(CodeSet set) {
    append_byte(out_, kEscape);
    out_ += escape_of(set);
  }

  const CharacterSet& declared_;
  Delimiters delimiters_;
  ReverseTables& tables_;
  std::string& out_;
  CodeSet g0_{CodeSet::ascii};
  CodeSet g1_{CodeSet::none};
  CodeSet g1_first_{CodeSet::none};
  bool is_g1_announced_{true};
};

/// Takes a text apart: characters, kept bytes, and what neither is.
class TextWriter {
 public:
  TextWriter(const CharacterSet& set, Delimiters delimiters) : set_(set), iso_(set, delimiters, tables_, out_) {}

  std::expected<std::string, EncodeError> write(std::string_view text) {
    out_.reserve(text.size());
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t at = text.size() - rest.size();
      const char32_t character = core::take_character(rest);
      if (character == core::kNoCharacter) return std::unexpected{EncodeError{"the text is not well-formed UTF-8", at}};
      if (character == kKeptByteMark && has_hex_pair(rest, 0)) {
        put_kept(rest[0], rest[1]);
        rest.remove_prefix(2);
      } else if (character == kEscape || !put(character)) {
        return std::unexpected{missing(character, at)};
      }
    }
    iso_.end();
    return std::move(out_);
  }

  bool has_kept_bytes() const { return has_kept_bytes_; }

 private:
  void put_kept(char high, char low) {
    const auto byte = static_cast<std::uint8_t>(hex_value(high) << 4U | hex_value(low));
    stands_alone(set_.first()) ? append_byte(out_, byte) : iso_.put_kept(byte);
    has_kept_bytes_ = true;
  }

  bool put(char32_t character) {
    switch (set_.first()) {
      case CodeSet::utf_8: append_utf8(out_, character); return true;
      case CodeSet::gb18030: return put_gb(out_, tables_, character, true);
      case CodeSet::gbk: return put_gb(out_, tables_, character, false);
      default: return iso_.put(character);
    }
  }

  EncodeError missing(char32_t character, std::size_t offset) const {
    std::string message = "U+" + hex_digits(character, 4);
    if (character > ' ' && character != 0x7F && !(character >= 0x80 && character < 0xA0)) {
      message += " (";
      append_utf8(message, character);
      message += ')';
    }
    const std::string value = set_.value();
    message += value.empty() ? " is not in the default repertoire" : " is not in the character set " + value;
    return {std::move(message), offset};
  }

  const CharacterSet& set_;
  std::string out_;
  ReverseTables tables_;
  Iso2022Writer iso_;
  bool has_kept_bytes_{false};
};

}  // namespace

std::expected<std::string, EncodeError> encode_text(const CharacterSet& set, std::string_view text, Delimiters delimiters) {
  TextWriter writer{set, delimiters};
  auto raw = writer.write(text);
  if (raw && writer.has_kept_bytes() && decode_text(set, *raw, delimiters).text != text) {
    return std::unexpected{EncodeError{"a byte kept from the file (U+FFFD and two digits) would get another meaning here", 0}};
  }
  return raw;
}

}  // namespace scanferry::model
