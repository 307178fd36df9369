// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/value_number.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "text_cursor.hpp"
#include "vr_texts.hpp"

namespace scanferry::core {
namespace {

/// At the first character of a number between its padding.
TextCursor inside(std::string_view value) {
  while (!value.empty() && (value.back() == ' ' || value.back() == '\0')) value.remove_suffix(1);
  TextCursor in{value};
  while (in.take(' ')) {
  }
  return in;
}

/// True for a minus.
bool take_sign(TextCursor& in) {
  if (in.take('-')) return true;
  static_cast<void>(in.take('+'));
  return false;
}

/// Far beyond every double, and two of them still add up in 32 bits.
constexpr std::int32_t kExponentMax = 100'000'000;

/// Takes digits into `decimal`, each one worth ten times less than the one before.
std::size_t take_digits(TextCursor& in, Decimal& decimal, bool is_fraction) {
  constexpr std::uint64_t kFull = (std::numeric_limits<std::uint64_t>::max() - 9) / 10;
  std::size_t digits = 0;
  for (; in.at_digit(); ++digits) {
    const unsigned digit = in.take_digit();
    const bool is_kept = decimal.digits <= kFull;
    if (is_kept) decimal.digits = decimal.digits * 10 + digit;
    if (is_kept && is_fraction && decimal.exponent > -kExponentMax) --decimal.exponent;
    if (!is_kept && !is_fraction && decimal.exponent < kExponentMax) ++decimal.exponent;
  }
  return digits;
}

/// What follows an E. False where no number does.
bool take_exponent(TextCursor& in, Decimal& decimal) {
  const bool is_negative = take_sign(in);
  if (!in.at_digit()) return false;
  std::int32_t exponent = 0;
  while (in.at_digit()) {
    exponent = std::min(exponent * 10 + static_cast<std::int32_t>(in.take_digit()), kExponentMax);
  }
  decimal.exponent += is_negative ? -exponent : exponent;
  return true;
}

using Digits = FixedString<20>;

Digits digits_of(std::uint64_t number) {
  std::array<char, Digits::capacity()> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  return {std::string_view{&digits[first], digits.size() - first}};
}

/// A text that may turn out too long.
template <class Text>
class Draft {
 public:
  void put(std::string_view text) { fits_ = text_.append(text) && fits_; }
  void put_zeros(int count) {
    for (; count > 0 && fits_; --count) put("0");
  }
  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] const Text& text() const { return text_; }

 private:
  Text text_;
  bool fits_{true};
};

/// -12.5, 0.00125, 125000
template <class Text>
Draft<Text> fixed_point(const Decimal& decimal) {
  const Digits digits = digits_of(decimal.digits);
  const int point = static_cast<int>(digits.size()) + decimal.exponent;
  Draft<Text> draft;
  if (decimal.is_negative) draft.put("-");
  if (point <= 0) {
    draft.put("0.");
    draft.put_zeros(-point);
    draft.put(digits);
  } else if (decimal.exponent >= 0) {
    draft.put(digits);
    draft.put_zeros(decimal.exponent);
  } else {
    draft.put(part(digits, 0, static_cast<std::size_t>(point)));
    draft.put(".");
    draft.put(part(digits, static_cast<std::size_t>(point), digits.size()));
  }
  return draft;
}

/// -1.25e-7
template <class Text>
Draft<Text> floating_point(const Decimal& decimal) {
  const Digits digits = digits_of(decimal.digits);
  const int exponent = static_cast<int>(digits.size()) - 1 + decimal.exponent;
  Draft<Text> draft;
  if (decimal.is_negative) draft.put("-");
  draft.put(part(digits, 0, 1));
  if (digits.size() > 1) draft.put(".");
  draft.put(part(digits, 1, digits.size()));
  draft.put(exponent < 0 ? "e-" : "e");
  draft.put(digits_of(static_cast<std::uint64_t>(exponent < 0 ? -exponent : exponent)));
  return draft;
}

/// Plain where that fits, else with an exponent, else one that does not fit.
template <class Text>
Draft<Text> drafted(const Decimal& decimal) {
  const auto plain = fixed_point<Text>(decimal);
  return plain.fits() ? plain : floating_point<Text>(decimal);
}

/// Rounded to `count` digits less, and no zeros at the end.
Decimal without_digits(Decimal decimal, int count) {
  std::uint64_t unit = 1;
  for (int i = 0; i < count; ++i) unit *= 10;
  decimal.digits = (decimal.digits + unit / 2) / unit;
  decimal.exponent += count;
  for (; decimal.digits != 0 && decimal.digits % 10 == 0; decimal.digits /= 10) ++decimal.exponent;
  return decimal;
}

}  // namespace

Result<std::int64_t> parse_integer(std::string_view value) {
  TextCursor in = inside(value);
  const bool is_negative = take_sign(in);
  if (!in.at_digit()) return wrong_value(vr_text::kIs, in.offset());
  std::int64_t number = 0;
  while (in.at_digit()) {
    // Counted below zero, which reaches one further.
    const std::size_t offset = in.offset();
    const auto digit = static_cast<std::int64_t>(in.take_digit());
    if (number < (std::numeric_limits<std::int64_t>::min() + digit) / 10) return wrong_value(vr_text::kIs, offset);
    number = number * 10 - digit;
  }
  if (!in.at_end()) return wrong_value(vr_text::kIs, in.offset());
  if (is_negative) return number;
  if (number == std::numeric_limits<std::int64_t>::min()) return wrong_value(vr_text::kIs, in.offset() - 1);
  return -number;
}

Result<Decimal> parse_decimal(std::string_view value) {
  TextCursor in = inside(value);
  Decimal decimal;
  decimal.is_negative = take_sign(in);
  std::size_t digits = take_digits(in, decimal, false);
  if (in.take('.')) digits += take_digits(in, decimal, true);
  if (digits == 0) return wrong_value(vr_text::kDs, in.offset());
  if ((in.take('E') || in.take('e')) && !take_exponent(in, decimal)) return wrong_value(vr_text::kDs, in.offset());
  if (!in.at_end()) return wrong_value(vr_text::kDs, in.offset());
  return decimal;
}

Result<double> parse_double(std::string_view value) {
  const auto decimal = parse_decimal(value);
  if (!decimal) return std::unexpected{decimal.error()};
  const double number = to_double(*decimal);
  if (!std::isfinite(number)) return wrong_value("the number is beyond what a double holds, 1.8E308: read it as text", 0);
  return number;
}

IntegerText format_integer(std::int32_t number) {
  IntegerText text;
  if (number < 0) static_cast<void>(text.append("-"));  // 1 + 10 characters at most
  const std::int64_t wide = number;
  static_cast<void>(text.append(digits_of(static_cast<std::uint64_t>(wide < 0 ? -wide : wide))));
  return text;
}

ExactText format_exact(const Decimal& decimal) {
  Decimal plain = decimal;
  if (plain.digits == 0) plain.exponent = std::min<std::int32_t>(plain.exponent, 0);
  return drafted<ExactText>(plain).text();
}

Result<DecimalText> format_decimal(double number) {
  if (!std::isfinite(number)) return wrong_value(vr_text::kDs, 0);
  const Decimal exact = to_decimal(number);
  auto draft = drafted<DecimalText>(exact);
  // Some digits always fit: "-1.23456789e-308" has 16 characters.
  for (int less = 1; !draft.fits(); ++less) draft = drafted<DecimalText>(without_digits(exact, less));
  return draft.text();
}

}  // namespace scanferry::core
