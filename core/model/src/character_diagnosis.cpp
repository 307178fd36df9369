// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <scanferry/core/value_text.hpp>
#include <scanferry/model/character_set.hpp>

#include "character_codes.hpp"
#include "utf8.hpp"

namespace scanferry::model {
namespace {

/// What text of unknown origin is usually found to be, most telling first.
constexpr std::string_view kCandidates[] = {"ISO_IR 192", "GB18030", "ISO 2022 IR 149", "ISO_IR 100"};

bool is_high(char c) { return static_cast<std::uint8_t>(c) >= 0x80; }
bool has_high(std::string_view raw) { return std::ranges::any_of(raw, is_high); }
bool has_escape(std::string_view raw) { return raw.find(static_cast<char>(kEscape)) != std::string_view::npos; }

std::string name_of(const CharacterSet& set) {
  const std::string value = set.value();
  return value.empty() ? "the default repertoire" : value;
}

std::string describe(const TextFlaw& flaw, const CharacterSet& set, bool is_affected) {
  const std::string offset = std::to_string(flaw.offset);
  const std::string place = hex_digits(flaw.byte, 2) + " hex at offset " + offset;
  switch (flaw.kind) {
    case TextFlawKind::not_in_set:
      if (!is_affected) return "bytes above 127 (" + place + ") where the default repertoire is the only one allowed";
      if (set.value().empty()) {
        const std::string known = set.is_understood() ? "" : " that is known";
        return "bytes above 127 (" + place + "), but no character set is declared" + known;
      }
      return "the byte " + place + " is no character of " + name_of(set);
    case TextFlawKind::truncated: return "the byte " + place + " begins a character of " + name_of(set) + " that has no end";
    case TextFlawKind::unknown_escape:
      return "ESC at offset " + offset + " begins no escape sequence that " + name_of(set) + " allows";
    case TextFlawKind::undeclared_escape:
      return "the escape sequence at offset " + offset + " selects a set that is not declared in " + name_of(set);
    case TextFlawKind::missing_reset:
      return "the delimiter at offset " + offset + " comes before the return to the character set of value 1";
  }
  return {};
}

/// True for Latin text that nobody writes: each word with a byte above 127 has no others, and they are in pairs. Chinese and
/// Korean names under a wrong ISO_IR 100 look like this.
bool looks_like_pairs(std::string_view raw) {
  std::size_t high_bytes = 0;
  std::size_t run = 0;
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  for (std::size_t i = 0; i <= raw.size(); ++i) {
    if (i < raw.size() && is_high(raw[i])) {
      ++run;
      continue;
    }
    const bool touches_letter =
        run > 0 && ((i < raw.size() && is_letter(raw[i])) || (i > run && is_letter(raw[i - run - 1])));
    if (touches_letter || run % 2 != 0) return false;
    high_bytes += run;
    run = 0;
  }
  return high_bytes >= 4;
}

bool is_latin(CodeSet set) {
  return (set >= CodeSet::latin_1 && set <= CodeSet::latin_4) || set == CodeSet::latin_5 || set == CodeSet::latin_9;
}

/// Bytes that are of the declared set, but look more like `term`.
bool is_suspect(const CharacterSet& declared, std::string_view raw, std::string_view term) {
  if (term == "ISO_IR 192") return declared.first() != CodeSet::utf_8;
  return is_latin(declared.first()) && term != "ISO_IR 100" && looks_like_pairs(raw);
}

std::string on_one_line(std::string text) {
  // Controls of one byte, and those of two, C2 80 to C2 9F, which a terminal would obey, too.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || is_c1) text.replace(i, is_c1 ? 2 : 1, " ");
  }
  return text;
}

std::string list(const std::vector<Reading>& readings) {
  std::string text;
  for (const Reading& reading : readings) {
    text += text.empty() ? "" : ", ";
    text += std::string{reading.term} + " (\"" + on_one_line(reading.text) + "\")";
  }
  return text;
}

}  // namespace

std::vector<Reading> possible_readings(std::string_view raw, core::Vr vr) {
  std::vector<Reading> readings;
  if (!has_high(raw) || !core::has_character_set(vr)) return readings;
  for (const std::string_view term : kCandidates) {
    const Decoded decoded = CharacterSet::of(term).decode(raw, vr);
    if (!decoded.flaw) readings.push_back({term, std::string{utf8_prefix(decoded.text, kReadingBytesMax)}});
  }
  return readings;
}

std::string diagnose(const CharacterSet& declared, std::string_view raw, core::Vr vr) {
  if (!has_high(raw) && !has_escape(raw)) return {};
  const Decoded decoded = declared.decode(raw, vr);
  if (!decoded.flaw && (!has_high(raw) || has_escape(raw))) return {};
  std::vector<Reading> readings = possible_readings(raw, vr);
  if (decoded.flaw) {
    const std::string sentence = describe(*decoded.flaw, declared, core::has_character_set(vr));
    return readings.empty() ? sentence : sentence + "; all of them would be valid as " + list(readings);
  }
  std::erase_if(readings, [&](const Reading& reading) { return !is_suspect(declared, raw, reading.term); });
  if (readings.empty()) return {};
  return "the bytes are valid in " + name_of(declared) + ", but look like " + list(readings);
}

}  // namespace scanferry::model
