// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/value_text.hpp>

#include <algorithm>

namespace scanferry::core {
namespace {

/// Takes the text up to the next `end`, and that character, off `rest`; all of it where there is none.
std::string_view take_until(std::string_view& rest, char end) {
  const std::string_view taken{rest.data(), std::min(rest.find(end), rest.size())};
  rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
  return taken;
}

}  // namespace

std::string_view trimmed(Vr vr, std::string_view value) {
  while (!value.empty() && (value.back() == ' ' || value.back() == '\0')) value.remove_suffix(1);
  while (ignores_leading_spaces(vr) && !value.empty() && value.front() == ' ') value.remove_prefix(1);
  return value;
}

TextValues::Iterator::Iterator(Vr vr, std::string_view field)
    : rest_{field}, is_split_{!is_single_text(vr)}, is_end_{field.empty()} {
  measure();
}

void TextValues::Iterator::measure() { size_ = is_split_ ? std::min(rest_.find('\\'), rest_.size()) : rest_.size(); }

TextValues::Iterator& TextValues::Iterator::operator++() {
  if (is_last()) {
    rest_.remove_prefix(size_);
    is_end_ = true;
  } else {
    rest_.remove_prefix(size_ + 1);
  }
  measure();
  return *this;
}

std::size_t TextValues::count() const {
  if (field_.empty()) return 0;
  if (is_single_text(vr_)) return 1;
  return static_cast<std::size_t>(std::ranges::count(field_, '\\')) + 1;
}

std::optional<std::string_view> TextValues::at(std::size_t index) const {
  for (const std::string_view value : *this) {
    if (index-- == 0) return value;
  }
  return std::nullopt;
}

PersonName split_person_name(std::string_view value) {
  std::string_view rest = trimmed(Vr::pn, value);
  PersonName name;
  name.alphabetic = take_until(rest, '=');
  name.ideographic = take_until(rest, '=');
  name.phonetic = rest;
  return name;
}

NameComponents split_name_group(std::string_view group) {
  NameComponents name;
  name.family = take_until(group, '^');
  name.given = take_until(group, '^');
  name.middle = take_until(group, '^');
  name.prefix = take_until(group, '^');
  name.suffix = group;
  return name;
}

}  // namespace scanferry::core
