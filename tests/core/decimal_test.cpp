// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <scanferry/core/decimal.hpp>

using namespace scanferry::core;

namespace {

std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

double read_by_library(Decimal decimal) {
  const std::string text = std::to_string(decimal.digits) + "e" + std::to_string(decimal.exponent);
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc{}) return value;
  return decimal.exponent > 0 ? std::numeric_limits<double>::infinity() : 0;
}

}  // namespace

TEST_CASE("the double nearest to a decimal is found, also at the ends of the range and between two") {
  struct Row {
    Decimal decimal;
    double value;
  };
  const Row rows[] = {
      {{0, 0, false}, 0},
      {{0, 400, false}, 0},
      {{15, -1, true}, -1.5},
      {{1, 22, false}, 1e22},
      {{1, 23, false}, 1e23},
      {{9007199254740993, 0, false}, 9007199254740992},  // halfway: to even
      {{9007199254740995, 0, false}, 9007199254740996},
      {{17976931348623157, 292, false}, std::numeric_limits<double>::max()},
      {{17976931348623159, 292, false}, std::numeric_limits<double>::infinity()},
      {{1, 310, false}, std::numeric_limits<double>::infinity()},
      {{22250738585072014, -324, false}, std::numeric_limits<double>::min()},
      {{49406564584124654, -340, false}, std::numeric_limits<double>::denorm_min()},
      {{24703282292062327, -340, false}, 0},
      {{24703282292062328, -340, false}, std::numeric_limits<double>::denorm_min()},
      {{std::numeric_limits<std::uint64_t>::max(), 0, false}, 18446744073709551616.0},
      {{std::numeric_limits<std::uint64_t>::max(), -400, false}, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.decimal.digits, row.decimal.exponent);
    CHECK(bits_of(to_double(row.decimal)) == bits_of(row.value));
  }
}

TEST_CASE("random decimals are read as the standard library reads them") {
  std::mt19937_64 random{1};
  for (int i = 0; i < 20000; ++i) {
    const Decimal decimal{random() >> random() % 64, static_cast<std::int32_t>(random() % 700) - 360, false};
    CAPTURE(decimal.digits, decimal.exponent);
    REQUIRE(bits_of(to_double(decimal)) == bits_of(read_by_library(decimal)));
  }
}

TEST_CASE("random doubles have as few digits as the standard library gives them, and come back") {
  std::mt19937_64 random{2};
  for (int i = 0; i < 5000; ++i) {
    std::uint64_t bits = random();
    if (i % 5 == 0) bits &= 0x800FFFFFFFFFFFFF;  // below the normal numbers
    const auto value = std::bit_cast<double>(bits);
    if (!std::isfinite(value) || value == 0) continue;
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
    const Decimal decimal = to_decimal(value);
    CAPTURE(bits);
    REQUIRE(bits_of(to_double(decimal)) == bits);
    const std::string mantissa{text, std::find(text, end, 'e')};
    REQUIRE(static_cast<std::ptrdiff_t>(std::to_string(decimal.digits).size()) ==
            std::count_if(mantissa.begin(), mantissa.end(), [](char c) { return c >= '0' && c <= '9'; }));
  }
}

TEST_CASE("zero keeps its sign") {
  CHECK(to_decimal(-0.0).is_negative);
  CHECK(to_decimal(-0.0).digits == 0);
  CHECK(std::signbit(to_double({0, 0, true})));
}
