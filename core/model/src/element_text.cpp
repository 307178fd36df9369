// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/element_text.hpp>

#include <cmath>
#include <concepts>
#include <cstdint>

#include <scanferry/core/decimal.hpp>
#include <scanferry/core/value_number.hpp>
#include <scanferry/core/value_text.hpp>
#include <scanferry/model/tag_path.hpp>

namespace scanferry::model {
namespace {

using core::Vr;

constexpr core::Tag kSpecificCharacterSet{0x0008, 0x0005};

/// Not by std::to_chars: for floating point it brings 130 KB into a static program.
std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  return std::string{core::format_exact(core::to_decimal(number)).view()};
}

/// The fewest digits that name `number` among all floats.
std::string number_text(float number) {
  if (!std::isfinite(number)) return number_text(double{number});
  const core::Decimal exact = core::to_decimal(double{number});
  for (std::uint64_t unit = 10; unit / 10 <= exact.digits; unit *= 10) {
    // From few digits to many: the unit of rounding becomes smaller.
    std::uint64_t step = 1;
    std::int32_t exponent = exact.exponent;
    for (std::uint64_t rest = exact.digits; rest >= unit; rest /= 10) {
      step *= 10;
      ++exponent;
    }
    core::Decimal rounded{(exact.digits + step / 2) / step, exponent, exact.is_negative};
    if (static_cast<float>(core::to_double(rounded)) != number) continue;
    while (rounded.digits != 0 && rounded.digits % 10 == 0) {
      rounded.digits /= 10;
      ++rounded.exponent;
    }
    return std::string{core::format_exact(rounded).view()};
  }
  return std::string{core::format_exact(exact).view()};
}

std::string number_text(core::Tag tag) { return tag_text(tag); }

template <std::integral Number>
std::string number_text(Number number) {
  return std::to_string(number);
}

std::string_view without_padding(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  return text;
}

}  // namespace

CharacterSet character_set_in(const DataSet& data_set, const CharacterSet& around) {
  const Element* const element = data_set.find(kSpecificCharacterSet);
  return element == nullptr ? around : CharacterSet::of(core::text_of(element->bytes()));
}

Vr meaning_of(const Element& element) {
  if (element.is_sequence()) return Vr::sq;
  if (element.vr != Vr::un) return element.vr == Vr::unknown ? Vr::un : element.vr;
  const Vr vr = core::vr_in_dictionary(element.tag);
  return vr == Vr::unknown || vr == Vr::sq ? Vr::un : vr;
}

std::vector<std::string> text_values(const Element& element, const CharacterSet& characters) {
  const Vr vr = meaning_of(element);
  const std::string text = characters.decode(core::text_of(element.bytes()), vr).text;
  std::vector<std::string> values;
  if (without_padding(text).empty()) return values;
  for (const std::string_view value : core::TextValues{vr, text}) values.emplace_back(without_padding(value));
  return values;
}

std::vector<std::string> number_values(Vr vr, core::ByteView bytes) {
  std::vector<std::string> values;
  if (number_bytes(vr) == 0) return values;
  core::visit_numbers(vr, bytes, core::ByteOrder::little, [&values](const auto& numbers) {
    for (const auto number : numbers) values.push_back(number_text(number));
  });
  return values;
}

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

}  // namespace scanferry::model
