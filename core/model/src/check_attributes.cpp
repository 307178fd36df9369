// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/value_number.hpp>

#include "check_condition.hpp"
#include "check_modules.hpp"

namespace scanferry::model {
namespace {

using check_tables::Attribute;
using check_tables::TermKind;
using check_tables::Type;

constexpr core::Tag kContentSequence{0x0040, 0xA730};

bool is_conditional(Type type) { return type == Type::one_conditional || type == Type::two_conditional; }
bool needs_value(Type type) { return type == Type::one || type == Type::one_conditional; }

std::string_view name_of(Type type) {
  switch (type) {
    case Type::one:
      return "type 1";
    case Type::one_conditional:
      return "type 1C";
    case Type::two:
      return "type 2";
    case Type::two_conditional:
      return "type 2C";
    case Type::three:
      return "type 3";
  }
  return {};
}

std::string of_module(const Attribute& attribute, const Demand& demand) {
  return std::string{name_of(attribute.type)}.append(" of module ").append(demand.module);
}

CheckSeverity severity_of(const Attribute& attribute, const Demand& demand) {
  return attribute.is_doubted || demand.here == Force::doubted ? CheckSeverity::warning : CheckSeverity::error;
}

CheckSeverity severity_of(TermKind kind) {
  if (kind == TermKind::note) return CheckSeverity::note;
  return kind == TermKind::error ? CheckSeverity::error : CheckSeverity::warning;
}

bool is_term(std::string_view terms, std::string_view value) {
  while (!terms.empty()) {
    const auto end = std::min(terms.find('|'), terms.size());
    const std::string_view term = terms.substr(0, end);
    if (term == value) return true;
    const auto number = core::parse_integer(term);
    const auto other = core::parse_integer(value);
    if (number && other && *number == *other) return true;
    terms.remove_prefix(std::min(end + 1, terms.size()));
  }
  return false;
}

std::string list_of(std::string_view terms) {
  std::string list{terms};
  for (std::size_t bar = list.find('|'); bar != std::string::npos; bar = list.find('|', bar)) list.replace(bar, 1, ", ");
  return list;
}

}  // namespace

void AttributeCheck::check(const Place& place, std::span<const Demand> demands) {
  for (const Demand& demand : demands) check_list(place, demand);
  for (const Element& element : place.data_set->elements()) {
    if (element.tag.group % 2 == 0) check_inside(place, demands, element);
  }
}

void AttributeCheck::check_list(const Place& place, const Demand& demand) {
  for (const Attribute& attribute : check_tables::attributes_of(demand.list)) {
    if (!attribute.is_repeating) {
      check_one(place, demand, attribute, attribute.tag());
      continue;
    }
    // Each group of the data set is one overlay, or one curve.
    std::uint16_t before = 0;
    for (const Element& element : place.data_set->elements()) {
      const std::uint16_t group = element.tag.group;
      if ((group & 0xFF00U) != attribute.group || group == before) continue;
      // Other modules use that group, too.
      if (group % 2 != 0 || check_tables::find_attribute(demand.list, element.tag) == nullptr) continue;
      before = group;
      check_one(place, demand, attribute, {group, attribute.element});
    }
  }
}

void AttributeCheck::check_one(const Place& place, const Demand& demand, const Attribute& attribute, core::Tag tag) {
  const Element* const element = place.data_set->find(tag);
  if (element == nullptr) {
    if (demand.here != Force::known && attribute.type != Type::three) check_missing(place, demand, attribute, tag);
    return;
  }
  if (demand.here == Force::known) return;
  if (needs_value(attribute.type) && is_empty(*element)) {
    log_.add(severity_of(attribute, demand), place, *element,
             std::string{"is empty, and "} + of_module(attribute, demand) + ", which needs a value");
  }
  if (attribute.terms != check_tables::kNone) check_terms(place, attribute, *element);
}

void AttributeCheck::check_missing(const Place& place, const Demand& demand, const Attribute& attribute, core::Tag tag) {
  const std::string what = of_module(attribute, demand) + " is missing";
  if (!is_conditional(attribute.type)) return log_.missing(severity_of(attribute, demand), place, tag, what);
  const auto& condition = check_tables::kConditions[attribute.condition];
  const auto words = check_tables::text_at(condition.words);
  const auto is_required = holds(condition, place);
  if (is_required.value_or(false)) {
    const std::string why = words.empty() ? ", and its condition holds" : ": " + std::string{words};
    return log_.missing(condition.is_weak ? CheckSeverity::warning : severity_of(attribute, demand), place, tag, what + why);
  }
  if (is_required || !options_.with_notes || demand.here != Force::full) return;
  log_.missing(CheckSeverity::note, place, tag, what + ", its condition is not checked" + (words.empty() ? "" : ": " + std::string{words}));
}

void AttributeCheck::check_terms(const Place& place, const Attribute& attribute, const Element& element) {
  const auto& terms = check_tables::kTerms[attribute.terms];
  const std::string_view list = check_tables::text_at(terms.text);
  for (const std::string& value : plain_values(element)) {
    if (value.empty() || is_term(list, value)) continue;
    const std::string_view what = terms.kind == TermKind::note ? "is no defined term; those are " : "must be one of ";
    return log_.add(severity_of(terms.kind), place, element, std::string{what} + list_of(list), shown_text(value));
  }
}

void AttributeCheck::check_inside(const Place& place, std::span<const Demand> demands, const Element& element) {
  std::vector<Demand> inner;
  bool is_known = demands.empty();
  for (const Demand& demand : demands) {
    const Attribute* const attribute = check_tables::find_attribute(demand.list, element.tag);
    if (attribute == nullptr) continue;
    is_known = true;
    const bool is_new = std::ranges::none_of(inner, [attribute](const Demand& one) { return one.list == attribute->children; });
    if (attribute->children != 0 && is_new) inner.push_back({attribute->children, demand.module, demand.inside, demand.inside});
  }
  if (!is_known && element.tag.element != 0 && core::find_entry(element.tag)) {
    log_.add(
        CheckSeverity::note, place, element,
        place.outer == nullptr ? "is in no module of this IOD that the tables have" : "is not in this sequence, as far as the tables know");
  }
  // Content items have content items, PS3.3 C.17.3.
  if (inner.empty() && element.tag == kContentSequence && place.sequence == kContentSequence) inner.assign(demands.begin(), demands.end());
  if (inner.empty()) return;
  for (std::size_t i = 0; i < element.items().size(); ++i) check(place_of(place, element, i), inner);
}

}  // namespace scanferry::model
