// SPDX-License-Identifier: Apache-2.0
#include "character_terms.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "character_codes.hpp"
#include "utf8.hpp"

namespace scanferry::model {
namespace {

/// What PS3.3 C.12.1.1.2 names by an ISO registration number, and the part of ISO 8859 that it is, 0 for none.
struct Registration {
  std::uint8_t number;
  CodeSet set;
  std::uint8_t part_of_8859;
};
constexpr Registration kRegistrations[] = {
    {6, CodeSet::ascii, 0},         {100, CodeSet::latin_1, 1},   {101, CodeSet::latin_2, 2},     {109, CodeSet::latin_3, 3},
    {110, CodeSet::latin_4, 4},     {144, CodeSet::cyrillic, 5},  {127, CodeSet::arabic, 6},      {126, CodeSet::greek, 7},
    {138, CodeSet::hebrew, 8},      {148, CodeSet::latin_5, 9},   {203, CodeSet::latin_9, 15},    {166, CodeSet::thai, 11},
    {13, CodeSet::katakana, 0},     {87, CodeSet::jis_x_0208, 0}, {159, CodeSet::jis_x_0212, 0},  {149, CodeSet::ks_x_1001, 0},
    {58, CodeSet::gb_2312, 0},      {192, CodeSet::utf_8, 0},
};

/// Names from elsewhere, in capitals and without what is neither letter nor digit. Not here: names of vendors' code pages that
/// only resemble a set of the standard, and "CYRILLIC" and the like, which several sets could be.
struct Alias {
  char name[13];
  CodeSet set;
};
constexpr Alias kAliases[] = {
    {"ASCII", CodeSet::ascii},         {"USASCII", CodeSet::ascii},       {"ISO646", CodeSet::ascii},
    {"LATIN1", CodeSet::latin_1},      {"LATIN2", CodeSet::latin_2},      {"LATIN3", CodeSet::latin_3},
    {"LATIN4", CodeSet::latin_4},      {"LATIN5", CodeSet::latin_5},      {"LATIN9", CodeSet::latin_9},
    {"TIS620", CodeSet::thai},         {"JISX0201", CodeSet::katakana},   {"JISX0208", CodeSet::jis_x_0208},
    {"JISX0212", CodeSet::jis_x_0212}, {"KSC5601", CodeSet::ks_x_1001},   {"KSX1001", CodeSet::ks_x_1001},
    {"EUCKR", CodeSet::ks_x_1001},     {"GB2312", CodeSet::gb_2312},      {"EUCCN", CodeSet::gb_2312},
    {"ISO2022GBK", CodeSet::gbk},      {"CP936", CodeSet::gbk},           {"GBK", CodeSet::gbk},
    {"GB18030", CodeSet::gb18030},     {"UTF8", CodeSet::utf_8},          {"ISO10646UTF8", CodeSet::utf_8},
};

const Registration* registration_of(CodeSet set) {
  const auto* const found = std::ranges::find(kRegistrations, set, &Registration::set);
  return found == std::end(kRegistrations) ? nullptr : found;
}

/// Capitals and digits only. At most as long as the longest name: what is longer is none.
std::string compact(std::string_view text) {
  constexpr std::size_t kLongest = 16;
  std::string name;
  for (const char c : text) {
    const bool is_small = c >= 'a' && c <= 'z';
    if (is_small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) name += static_cast<char>(is_small ? c - 'a' + 'A' : c);
    if (name.size() > kLongest) return {};
  }
  return name;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// 0 for what is no number of three digits at most.
unsigned small_number(std::string_view digits) {
  if (digits.size() > 3 || digits.starts_with('0')) return 0;
  unsigned number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number;
}

/// [ISO] [2022] [IR] and a registration number; [ISO] 8859 and a part.
std::optional<Term> read_registration(std::string_view name) {
  const bool has_iso = take_prefix(name, "ISO");
  if (take_prefix(name, "8859")) {
    const unsigned part = small_number(name);
    if (part == 0) return std::nullopt;
    const auto* const found = std::ranges::find(kRegistrations, part, &Registration::part_of_8859);
    if (found == std::end(kRegistrations)) return std::nullopt;
    return Term{found->set, false, false};
  }
  const bool is_2022 = take_prefix(name, "2022");
  const bool has_ir = take_prefix(name, "IR");
  const unsigned number = small_number(name);
  if (!has_ir && !(has_iso && is_2022)) return std::nullopt;
  const auto* const found = std::ranges::find(kRegistrations, number, &Registration::number);
  if (found == std::end(kRegistrations)) return std::nullopt;
  return Term{found->set, is_2022 || is_two_byte(found->set), false};
}

std::string_view without_padding(std::string_view text) {
  constexpr std::string_view kPadding{" \0", 2};
  const std::size_t first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kPadding) + 1 - first);
}

/// `text` in quotes, for a person: short, and nothing but printable ASCII.
std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 32;
  std::string out = "\"";
  for (const char c : text.substr(0, kShown)) {
    if (c >= ' ' && c < 0x7F) {
      out += c;
    } else {
      out += "\\x" + hex_digits(static_cast<std::uint8_t>(c), 2);
    }
  }
  return out + (text.size() > kShown ? "...\"" : "\"");
}

}  // namespace

std::string term_of(CodeSet set, bool is_extended) {
  if (set == CodeSet::gb18030) return "GB18030";
  if (set == CodeSet::gbk) return "GBK";
  const Registration* const found = registration_of(set);
  if (found == nullptr) return {};
  const bool is_2022 = is_two_byte(set) || (is_extended && !stands_alone(set));
  return (is_2022 ? "ISO 2022 IR " : "ISO_IR ") + std::to_string(found->number);
}

std::optional<Term> read_term(std::string_view text) {
  const std::string name = compact(text);
  if (name.empty()) return std::nullopt;
  const auto* const alias = std::ranges::find_if(kAliases, [&name](const Alias& one) { return name == one.name; });
  auto term = alias == std::end(kAliases) ? read_registration(name) : Term{alias->set, is_two_byte(alias->set), false};
  if (!term) return std::nullopt;
  // PS3.3 table C.12-2: the default repertoire has no term of its own without code extensions.
  const bool is_defined = term->set != CodeSet::ascii || term->is_extended;
  term->is_extended = term->is_extended && !stands_alone(term->set);
  term->is_exact = is_defined && text == term_of(term->set, term->is_extended);
  return term;
}

/// Reads the values one after another and remembers what there is to say about them.
class TermReader {
 public:
  explicit TermReader(bool has_several) : has_several_(has_several) { result_.is_extended_ = has_several; }

  void add(std::string_view raw, bool is_first) {
    const std::string_view text = without_padding(raw);
    if (text.empty()) {
      if (is_first && has_several_) append(CodeSet::ascii);
      return;
    }
    const auto term = read_term(text);
    if (!term) {
      complain(text, std::string{"which cannot be understood; "} + (is_first ? "read as the default repertoire" : "ignored"));
      if (is_first) {
        result_.is_understood_ = false;
        append(CodeSet::ascii);
      }
      return;
    }
    is_first ? add_first(text, raw, *term) : add_other(text, *term);
  }

  CharacterSet result() {
    const bool is_default = result_.count_ == 1 && result_.first() == CodeSet::ascii && !result_.is_extended_;
    if (is_default || result_.count_ == 0) {
      result_.count_ = 0;
      result_.is_extended_ = false;
    }
    return result_;
  }
  std::string take_complaint() { return std::move(complaint_); }

 private:
  void add_first(std::string_view text, std::string_view raw, const Term& term) {
    append(term.set);
    result_.is_extended_ = term.is_extended || (has_several_ && !stands_alone(term.set));
    // Values of two bytes alone leave open what holds without an escape sequence; real writers mean the set itself.
    const bool is_legal_first = !is_two_byte(term.set) && (term.is_extended == result_.is_extended_);
    if (!term.is_exact || !is_legal_first) {
      taken_as(text, is_two_byte(term.set) ? "\\" + term_of(term.set, true) : term_of(term.set, result_.is_extended_));
    } else if (raw.find('\0') != std::string_view::npos) {
      complain(text, "padded with NUL instead of a space");
    }
  }

  void add_other(std::string_view text, const Term& term) {
    const CodeSet first = result_.first();
    if (stands_alone(first)) return complain(text, "beside " + term_of(first, false) + ", which allows no other; ignored");
    if (stands_alone(term.set)) return complain(text, "which is only allowed as the single value; ignored");
    if (!term.is_exact || !term.is_extended) taken_as(text, term_of(term.set, true));
    append(term.set);
  }

  void append(CodeSet set) {
    if (!result_.declares(set)) result_.declared_[result_.count_++] = set;
  }

  void taken_as(std::string_view text, const std::string& term) {
    complain(text, term == "ISO_IR 6" ? "which needs no term; taken as the default repertoire" : "taken as " + quoted(term));
  }

  void complain(std::string_view text, const std::string& what) {
    constexpr std::size_t kComplaintsMax = 4;
    if (++complaints_ > kComplaintsMax) return;
    complaint_ += complaint_.empty() ? "Specific Character Set says " : "; it says ";
    complaint_ += quoted(text) + ", " + what;
  }

  bool has_several_;
  CharacterSet result_;
  std::string complaint_;
  std::size_t complaints_{0};
};

CharacterSet CharacterSet::of(std::string_view specific_character_set, std::string* complaint) {
  TermReader reader{specific_character_set.find('\\') != std::string_view::npos};
  bool is_first = true;
  for (std::size_t at = 0; at <= specific_character_set.size(); is_first = false) {
    const std::size_t end = std::min(specific_character_set.find('\\', at), specific_character_set.size());
    reader.add(specific_character_set.substr(at, end - at), is_first);
    at = end + 1;
  }
  const CharacterSet set = reader.result();
  if (complaint != nullptr) *complaint = reader.take_complaint();
  return set;
}

}  // namespace scanferry::model
