// SPDX-License-Identifier: Apache-2.0
#include "check_condition.hpp"

#include <algorithm>
#include <array>

#include <scanferry/core/value_number.hpp>
#include <scanferry/model/element_text.hpp>

namespace scanferry::model {
namespace {

using check_tables::Operation;
using check_tables::Step;

const Element* find(const Place& place, const Step& step) {
  const core::Tag tag{step.group, step.element};
  const Place* at = &place;
  if (step.way == check_tables::kOutwards) {
    for (; at != nullptr; at = at->outer) {
      if (const Element* const element = at->data_set->find(tag)) return element;
    }
    return nullptr;
  }
  for (unsigned i = 0; i < step.way && at != nullptr; ++i) at = at->outer;
  return at == nullptr ? nullptr : at->data_set->find(tag);
}

bool is_equal(const std::string& value, std::string_view text) {
  if (value == text) return true;
  // "1" for the 01 of a text, and 1 for the "01" of a number.
  const auto a = core::parse_integer(value);
  const auto b = core::parse_integer(text);
  return a && b && *a == *b;
}

bool compares(const Element* element, const Step& step) {
  if (element == nullptr) return false;
  const auto values = plain_values(*element);
  const std::string_view text = check_tables::text_at(step.text);
  const auto matches = [&](const std::string& value) {
    if (step.operation == Operation::equals) return is_equal(value, text);
    const auto number = core::parse_integer(value);
    const auto limit = core::parse_integer(text);
    return number && limit && *number > *limit;
  };
  if (step.number == 0) return std::ranges::any_of(values, matches);
  return values.size() >= step.number && matches(values[step.number - 1U]);
}

bool result_of(const Step& step, const Place& place) {
  switch (step.operation) {
    case Operation::present:
      return find(place, step) != nullptr;
    case Operation::empty: {
      const Element* const element = find(place, step);
      return element == nullptr || is_empty(*element);
    }
    case Operation::equals:
    case Operation::greater:
      return compares(find(place, step), step);
    case Operation::always:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<bool> holds(const check_tables::Condition& condition, const Place& place) {
  constexpr std::size_t kStackMax = 16;
  std::array<bool, kStackMax> stack{};
  std::size_t size = 0;
  for (const Step& step : check_tables::steps_of(condition)) {
    switch (step.operation) {
      case Operation::not_:
        if (size < 1) return std::nullopt;
        stack[size - 1] = !stack[size - 1];
        break;
      case Operation::and_:
      case Operation::or_:
        if (size < 2) return std::nullopt;
        --size;
        stack[size - 1] = step.operation == Operation::and_ ? stack[size - 1] && stack[size] : stack[size - 1] || stack[size];
        break;
      default:
        if (size == kStackMax) return std::nullopt;
        stack[size++] = result_of(step, place);
    }
  }
  return size == 1 ? std::optional{stack[0]} : std::nullopt;
}

std::optional<std::int64_t> integer_of(const DataSet& data_set, core::Tag tag) {
  const Element* const element = data_set.find(tag);
  if (element == nullptr) return std::nullopt;
  const auto values = plain_values(*element);
  if (values.empty()) return std::nullopt;
  const auto number = core::parse_integer(values[0]);
  return number ? std::optional{*number} : std::nullopt;
}

std::vector<std::string> plain_values(const Element& element) {
  const core::Vr vr = meaning_of(element);
  if (!core::is_text(vr)) return number_values(vr, element.bytes());
  auto values = text_values(element, CharacterSet{});
  for (auto& value : values) value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
  return values;
}

bool is_empty(const Element& element) {
  if (element.is_sequence()) return element.items().empty();
  if (element.is_encapsulated()) return false;
  if (element.value_size() == 0) return true;
  const auto bytes = element.bytes();
  return !bytes.empty() && core::is_text(meaning_of(element)) &&
         std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{' '} || b == std::byte{0}; });
}

}  // namespace scanferry::model
