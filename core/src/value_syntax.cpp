// SPDX-License-Identifier: Apache-2.0
#include "value_syntax.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <scanferry/core/utf8.hpp>
#include <scanferry/core/value_number.hpp>
#include <scanferry/core/value_text.hpp>
#include <scanferry/core/value_time.hpp>

#include "text_cursor.hpp"

namespace scanferry::core {
namespace {

using MaybeFault = std::optional<Fault>;

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

template <class Predicate>
MaybeFault first_not(std::string_view value, Predicate is_allowed) {
  const auto at = std::ranges::find_if_not(value, is_allowed);
  if (at == value.end()) return std::nullopt;
  return Fault{ValueFault::bad_character, static_cast<std::size_t>(at - value.begin())};
}

MaybeFault first_not_of(std::string_view value, std::string_view allowed) {
  return first_not(value, [allowed](char c) { return allowed.contains(c); });
}

template <class T>
MaybeFault form_fault(const Result<T>& parsed) {
  if (parsed) return std::nullopt;
  return Fault{ValueFault::bad_form, static_cast<std::size_t>(parsed.error().offset)};
}

MaybeFault ae_fault(std::string_view value) {
  if (const auto fault = first_not(value, [](char c) { return c >= 0x20 && c < 0x7F && c != '\\'; })) return fault;
  if (std::ranges::all_of(value, [](char c) { return c == ' '; })) return Fault{ValueFault::bad_form, 0};
  return std::nullopt;
}

MaybeFault as_fault(std::string_view value) {
  if (const auto fault = first_not_of(value, "0123456789DWMY")) return fault;
  return form_fault(parse_age(value));
}

MaybeFault cs_fault(std::string_view value, bool is_query) {
  return first_not(value, [is_query](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || c == ' ' || c == '_' || (is_query && (c == '*' || c == '?'));
  });
}

MaybeFault da_fault(std::string_view value, bool is_query) {
  if (const auto fault = first_not_of(value, is_query ? "0123456789.-" : "0123456789.")) return fault;
  if (const auto fault = is_query ? form_fault(parse_date_range(value)) : form_fault(parse_date(value))) return fault;
  const std::size_t point = value.find('.');
  if (point < value.size()) return Fault{ValueFault::legacy_form, point};
  return std::nullopt;
}

MaybeFault tm_fault(std::string_view value, bool is_query) {
  if (const auto fault = first_not_of(value, is_query ? "0123456789.:-" : "0123456789.:")) return fault;
  if (const auto fault = is_query ? form_fault(parse_time_range(value)) : form_fault(parse_time(value))) return fault;
  const std::size_t colon = value.find(':');
  if (colon < value.size()) return Fault{ValueFault::legacy_form, colon};
  return std::nullopt;
}

MaybeFault dt_fault(std::string_view value, bool is_query) {
  if (const auto fault = first_not_of(value, "0123456789.+-")) return fault;
  return is_query ? form_fault(parse_date_time_range(value)) : form_fault(parse_date_time(value));
}

MaybeFault ds_fault(std::string_view value) {
  if (const auto fault = first_not_of(value, "0123456789+-Ee. ")) return fault;
  return form_fault(parse_decimal(value));
}

MaybeFault is_fault(std::string_view value) {
  if (const auto fault = first_not_of(value, "0123456789+- ")) return fault;
  const auto number = parse_integer(value);
  using Limits = std::numeric_limits<std::int32_t>;
  if (number && *number >= Limits::min() && *number <= Limits::max()) return std::nullopt;
  if (number) return Fault{ValueFault::out_of_range, 0};
  const auto offset = static_cast<std::size_t>(number.error().offset);
  // Where a digit is in the way, it is one too many even for 64 bits.
  const bool is_overflow = offset < value.size() && is_digit(value[offset]);
  return Fault{is_overflow ? ValueFault::out_of_range : ValueFault::bad_form, offset};
}

/// Text of at most `characters_max` characters, without control characters.
MaybeFault line_fault(std::string_view value, std::size_t characters_max, bool is_paragraphs_text = false) {
  std::string_view rest = value;
  for (std::size_t characters = 0; !rest.empty(); ++characters) {
    const std::size_t offset = value.size() - rest.size();
    const char32_t character = take_character(rest);
    if (character == kNoCharacter) return Fault{ValueFault::bad_encoding, offset};
    if (is_control(character) && !(is_paragraphs_text && is_layout(character))) return Fault{ValueFault::bad_character, offset};
    if (characters == characters_max) return Fault{ValueFault::too_long, offset};
  }
  return std::nullopt;
}

/// One component group, PS3.5 6.2.1: five components at most, and 64 characters with their delimiters.
MaybeFault name_group_fault(std::string_view group) {
  if (const auto fault = line_fault(group, 64)) return fault;
  std::size_t delimiters = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i] == '^' && ++delimiters == 5) return Fault{ValueFault::bad_form, i};
  }
  return std::nullopt;
}

/// PS3.5 6.2.1: three component groups at most.
MaybeFault pn_fault(std::string_view value) {
  std::size_t begin = 0;
  for (int groups = 1;; ++groups) {
    const std::size_t end = std::min(value.find('=', begin), value.size());
    if (const auto fault = name_group_fault(part(value, begin, end))) return Fault{fault->code, begin + fault->offset};
    if (end == value.size()) return std::nullopt;
    if (groups == 3) return Fault{ValueFault::bad_form, end};
    begin = end + 1;
  }
}

/// PS3.5 9.1: no empty component, and no leading zero in one of several digits.
MaybeFault ui_fault(std::string_view value) {
  if (const auto fault = first_not_of(value, "0123456789.")) return fault;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(value.find('.', begin), value.size());
    if (end == begin || (end - begin > 1 && value[begin] == '0')) return Fault{ValueFault::bad_form, begin};
    if (end == value.size()) return std::nullopt;
    begin = end + 1;
  }
}

bool is_hex(char c) { return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }

/// RFC 3986 2: reserved and unreserved characters, others percent-encoded.
MaybeFault ur_fault(std::string_view value) {
  const auto is_uri_character = [](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view{"-._~:/?#[]@!$&'()*+,;=%"}.contains(c);
  };
  if (const auto fault = first_not(value, is_uri_character)) return fault;
  for (std::size_t i = value.find('%'); i < value.size(); i = value.find('%', i + 1)) {
    if (i + 2 >= value.size() || !is_hex(value[i + 1]) || !is_hex(value[i + 2])) return Fault{ValueFault::bad_form, i};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Fault> find_fault(Vr vr, std::string_view value, bool is_query) {
  switch (vr) {
    case Vr::ae: return ae_fault(value);
    case Vr::as: return as_fault(value);
    case Vr::cs: return cs_fault(value, is_query);
    case Vr::da: return da_fault(value, is_query);
    case Vr::ds: return ds_fault(value);
    case Vr::dt: return dt_fault(value, is_query);
    case Vr::is: return is_fault(value);
    case Vr::lo: return line_fault(value, 64);
    case Vr::lt: return line_fault(value, 10240, true);
    case Vr::pn: return pn_fault(value);
    case Vr::sh: return line_fault(value, 16);
    case Vr::st: return line_fault(value, 1024, true);
    case Vr::tm: return tm_fault(value, is_query);
    case Vr::uc: return line_fault(value, kUnlimited);
    case Vr::ui: return ui_fault(value);
    case Vr::ur: return ur_fault(value);
    case Vr::ut: return line_fault(value, kUnlimited, true);
    default: return std::nullopt;
  }
}

std::optional<std::size_t> value_bytes_max(Vr vr, bool is_query) {
  switch (vr) {
    case Vr::as: return 4;
    case Vr::da: return is_query ? 18 : 8;
    case Vr::is: return 12;
    case Vr::tm: return is_query ? 28 : 14;
    case Vr::ae:
    case Vr::cs:
    case Vr::ds: return 16;
    case Vr::dt: return is_query ? 54 : 26;
    case Vr::ui: return 64;
    default: return std::nullopt;
  }
}

}  // namespace scanferry::core
