// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/text_value.hpp>

#include <algorithm>
#include <cstdint>

#include <scanferry/core/uid.hpp>

namespace scanferry::core {
namespace {

constexpr std::uint32_t kNoCharacter = 0xFFFFFFFF;

/// The text up to the first `end`. Not by substr, whose range check can throw: that would link an allocator.
std::string_view before(std::string_view text, char end) { return {text.data(), std::min(text.find(end), text.size())}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

std::size_t sequence_length(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

/// Takes one character off `text`; kNoCharacter when it is not well formed.
std::uint32_t take_character(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text[0]);
  const std::size_t length = sequence_length(lead);
  if (length == 0 || length > text.size()) return kNoCharacter;
  std::uint32_t character = length == 1 ? lead : lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return kNoCharacter;
    character = character << 6U | (byte & 0x3FU);
  }
  const bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (overlong || surrogate || character > 0x10FFFF) return kNoCharacter;
  text.remove_prefix(length);
  return character;
}

/// PS3.5 6.1.3: the control characters of C0 and C1, and DELETE.
bool is_control(std::uint32_t character) { return character < 0x20 || (character >= 0x7F && character < 0xA0); }

bool is_text_line(std::string_view text, std::size_t characters_max) {
  std::size_t characters = 0;
  while (!text.empty()) {
    const std::uint32_t character = take_character(text);
    if (character == kNoCharacter || is_control(character) || character == '\\') return false;
    ++characters;
  }
  return characters <= characters_max;
}

bool is_code_string(std::string_view text) {
  return text.size() <= 16 && std::ranges::all_of(text, [](char c) {
           return is_digit(c) || (c >= 'A' && c <= 'Z') || c == ' ' || c == '_';
         });
}

bool is_ae_title(std::string_view text) {
  const auto is_printable = [](char c) { return c >= 0x20 && c < 0x7F && c != '\\'; };
  return text.size() <= 16 && std::ranges::all_of(text, is_printable) && !std::ranges::all_of(text, [](char c) { return c == ' '; });
}

/// Two digits at `at` as a number between the limits.
bool is_between(std::string_view text, std::size_t at, int low, int high) {
  if (!is_digit(text[at]) || !is_digit(text[at + 1])) return false;
  const int number = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return number >= low && number <= high;
}

bool is_date(std::string_view text) {
  if (text.size() != 8 || !all_digits(text) || !is_between(text, 4, 1, 12)) return false;
  const int year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  const int month = (text[4] - '0') * 10 + (text[5] - '0');
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const bool short_month = month == 4 || month == 6 || month == 9 || month == 11;
  return is_between(text, 6, 1, month == 2 ? (leap ? 29 : 28) : (short_month ? 30 : 31));
}

bool is_time(std::string_view text) {
  const std::string_view whole = before(text, '.');
  if (whole.size() != 2 && whole.size() != 4 && whole.size() != 6) return false;
  if (!is_between(whole, 0, 0, 23)) return false;
  if (whole.size() >= 4 && !is_between(whole, 2, 0, 59)) return false;
  if (whole.size() == 6 && !is_between(whole, 4, 0, 60)) return false;  // 60: a leap second
  if (whole.size() == text.size()) return true;
  std::string_view fraction = text;
  fraction.remove_prefix(whole.size() + 1);
  return whole.size() == 6 && !fraction.empty() && fraction.size() <= 6 && all_digits(fraction);
}

/// PS3.5 6.2.1: up to three groups of up to five components.
bool is_person_name(std::string_view text) {
  for (int groups = 1;; ++groups) {
    const std::string_view group = before(text, '=');
    if (!is_text_line(group, 64) || std::ranges::count(group, '^') > 4) return false;
    if (group.size() == text.size()) return true;
    if (groups == 3) return false;
    text.remove_prefix(group.size() + 1);
  }
}

struct Rule {
  bool passed{false};
  std::string_view allowed;
};

Rule rule_of(Vr vr, std::string_view value) {
  switch (vr) {
    case Vr::ae: return {is_ae_title(value), "an AE title (AE) has 1 to 16 ASCII characters, no backslash and not spaces alone"};
    case Vr::cs: return {is_code_string(value), "a code string (CS) has at most 16 of: capital letters, digits, space, underscore"};
    case Vr::da: return {is_date(value), "a date (DA) is YYYYMMDD and a day of the calendar"};
    case Vr::lo: return {is_text_line(value, 64), "a long string (LO) has at most 64 characters, no backslash, no control characters"};
    case Vr::sh: return {is_text_line(value, 16), "a short string (SH) has at most 16 characters, no backslash, no control characters"};
    case Vr::pn:
      return {is_person_name(value),
              "a person name (PN) has at most 3 groups (=) of at most 5 components (^) and 64 characters each, "
              "no backslash, no control characters"};
    case Vr::tm: return {is_time(value), "a time (TM) is HH, HHMM, HHMMSS or HHMMSS.F with 1 to 6 digits after the point"};
    case Vr::ui: return {is_valid_uid(value), "a UID has at most 64 digits and dots, no empty component and no leading zero in one"};
    default: return {false, "no rule for this value representation"};
  }
}

}  // namespace

std::optional<std::size_t> utf8_length(std::string_view text) {
  std::size_t characters = 0;
  for (; !text.empty(); ++characters) {
    if (take_character(text) == kNoCharacter) return std::nullopt;
  }
  return characters;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
}

Result<void> check_text(const Attribute& attribute, std::string_view value) {
  if (value.empty()) return {};
  if (!utf8_length(value)) return std::unexpected{Error{Errc::bad_value, "text must be well-formed UTF-8", 0, attribute.tag}};
  const Rule rule = rule_of(attribute.vr, value);
  if (!rule.passed) return std::unexpected{Error{Errc::bad_value, rule.allowed, 0, attribute.tag}};
  return {};
}

}  // namespace scanferry::core
