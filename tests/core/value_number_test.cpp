// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <scanferry/core/value_number.hpp>

using namespace scanferry::core;
using namespace std::string_view_literals;

namespace {

template <class T>
std::vector<T> numbers_in(std::string_view bytes, ByteOrder order) {
  std::vector<T> seen;
  for (const T number : Numbers<T>{bytes_of(bytes), order}) seen.push_back(number);
  return seen;
}

template <Number T>
void check_both_ways(T number, std::string_view big_endian) {
  std::string little{big_endian.rbegin(), big_endian.rend()};
  CHECK(numbers_in<T>(big_endian, ByteOrder::big) == std::vector<T>{number});
  CHECK(numbers_in<T>(little, ByteOrder::little) == std::vector<T>{number});
  std::array<std::byte, sizeof(T)> bytes{};
  store_number(bytes.data(), number, ByteOrder::big);
  CHECK(text_of(bytes) == big_endian);
  store_number(bytes.data(), number, ByteOrder::little);
  CHECK(text_of(bytes) == little);
}

}  // namespace

TEST_CASE("numbers are read and written in both byte orders") {
  check_both_ways<std::uint8_t>(0xFE, "\xFE"sv);
  check_both_ways<std::uint16_t>(0xFEDC, "\xFE\xDC"sv);
  check_both_ways<std::int16_t>(-2, "\xFF\xFE"sv);
  check_both_ways<std::uint32_t>(0xFEDCBA98, "\xFE\xDC\xBA\x98"sv);
  check_both_ways<std::int32_t>(std::numeric_limits<std::int32_t>::min(), "\x80\0\0\0"sv);
  check_both_ways<std::uint64_t>(0xFEDCBA9876543210, "\xFE\xDC\xBA\x98\x76\x54\x32\x10"sv);
  check_both_ways<std::int64_t>(-3, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFD"sv);
  check_both_ways<float>(-1.5F, "\xBF\xC0\0\0"sv);
  check_both_ways<double>(0.1, "\x3F\xB9\x99\x99\x99\x99\x99\x9A"sv);
}

TEST_CASE("a tag is two words, the group first in both byte orders") {
  CHECK(numbers_in<Tag>("\x18\x00\xFF\x00"sv, ByteOrder::little) == std::vector<Tag>{{0x0018, 0x00FF}});
  CHECK(numbers_in<Tag>("\x00\x18\x00\xFF"sv, ByteOrder::big) == std::vector<Tag>{{0x0018, 0x00FF}});
  std::array<std::byte, 4> bytes{};
  store_number(bytes.data(), Tag{0x0018, 0x00FF}, ByteOrder::little);
  CHECK(text_of(bytes) == "\x18\x00\xFF\x00"sv);
}

TEST_CASE("numbers are counted whole") {
  const Numbers<std::uint16_t> numbers{bytes_of("\1\0\2\0\3"sv), ByteOrder::little};
  CHECK(numbers.size() == 2);
  CHECK(numbers[1] == 2);
  CHECK(Numbers<double>{bytes_of("1234567"sv), ByteOrder::little}.empty());
}

TEST_CASE("a visitor sees the numbers of each binary VR in its type") {
  struct Row {
    Vr vr;
    std::size_t bytes;
  };
  for (const Row& row : {Row{Vr::at, 4}, Row{Vr::fd, 8}, Row{Vr::fl, 4}, Row{Vr::ob, 1}, Row{Vr::od, 8}, Row{Vr::of, 4},
                         Row{Vr::ol, 4}, Row{Vr::ov, 8}, Row{Vr::ow, 2}, Row{Vr::sl, 4}, Row{Vr::ss, 2}, Row{Vr::sv, 8},
                         Row{Vr::ul, 4}, Row{Vr::us, 2}, Row{Vr::uv, 8}}) {
    const std::array<std::byte, 16> value{};
    std::size_t count = 0;
    CAPTURE(code_of(row.vr));
    CHECK(visit_numbers(row.vr, value, ByteOrder::little, [&](const auto& numbers) { count = numbers.size(); }));
    CHECK(count == value.size() / row.bytes);
  }
  for (const Vr vr : {Vr::un, Vr::sq, Vr::lo, Vr::unknown}) {
    CHECK_FALSE(visit_numbers(vr, {}, ByteOrder::little, [](const auto&) { FAIL(); }));
  }
}

TEST_CASE("integer strings are read, also those beyond 32 bits") {
  struct Row {
    std::string_view text;
    std::int64_t number;
  };
  for (const Row& row : {Row{"0", 0}, Row{"-0", 0}, Row{" +12 ", 12}, Row{"007", 7}, Row{"-2147483648", -2147483648LL},
                         Row{"4294967295", 4294967295LL}, Row{"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
                         Row{"-9223372036854775808", std::numeric_limits<std::int64_t>::min()}}) {
    CAPTURE(row.text);
    CHECK(parse_integer(row.text) == row.number);
  }
  struct Bad {
    std::string_view text;
    std::uint64_t offset;
  };
  for (const Bad& row : {Bad{"", 0}, Bad{"  ", 0}, Bad{"-", 1}, Bad{"+-1", 1}, Bad{"1 2", 1}, Bad{"1.0", 1}, Bad{"0x1", 1},
                         Bad{"9223372036854775808", 18}, Bad{"-9223372036854775809", 19}, Bad{"99999999999999999999", 18}}) {
    CAPTURE(row.text);
    const auto result = parse_integer(row.text);
    REQUIRE_FALSE(result);
    CHECK(result.error().offset == row.offset);
  }
}

TEST_CASE("integer strings are written") {
  CHECK(format_integer(0).view() == "0");
  CHECK(format_integer(std::numeric_limits<std::int32_t>::min()).view() == "-2147483648");
  CHECK(format_integer(std::numeric_limits<std::int32_t>::max()).view() == "2147483647");
}

TEST_CASE("decimal strings are read exactly and as doubles") {
  struct Row {
    std::string_view text;
    std::string_view exact;
    double number;
  };
  for (const Row& row :
       {Row{"0", "0", 0.0}, Row{"+.50", "0.50", 0.5}, Row{"5.", "5", 5.0}, Row{" -12.5 ", "-12.5", -12.5}, Row{"007", "7", 7.0},
        Row{"1.25E-3", "0.00125", 1.25e-3}, Row{"1e+5", "100000", 1e5}, Row{"0E9", "0", 0.0}, Row{"-0.00", "-0.00", 0.0},
        Row{"3.141592653589793", "3.141592653589793", 3.141592653589793}, Row{"1E-99999999999", "1e-100000000", 0.0},
        Row{"1e-300", "1e-300", 1e-300}, Row{"123456789012345678901234567890", "123456789012345678900000000000", 1.23456789012345678e29}}) {
    CAPTURE(row.text);
    const auto decimal = parse_decimal(row.text);
    REQUIRE(decimal);
    CHECK(format_exact(*decimal).view() == row.exact);
    CHECK(parse_double(row.text) == row.number);
  }
  for (const auto text : {""sv, " "sv, "."sv, "-"sv, "E5"sv, "1E"sv, "1E+"sv, "1.2.3"sv, "1 2"sv, "--1"sv, "1,5"sv, "nan"sv, "inf"sv,
                          "0x10"sv, "1E5.0"sv}) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text));
    CHECK_FALSE(parse_double(text));
  }
  CHECK(parse_decimal("1E400"));
  CHECK_FALSE(parse_double("1E400"));
}

TEST_CASE("decimal strings are written in the fewest characters that come back, and never in more than 16") {
  struct Row {
    double number;
    std::string_view text;
  };
  for (const Row& row : {Row{0.0, "0"},
                         Row{-0.0, "-0"},
                         Row{0.1, "0.1"},
                         Row{-12.5, "-12.5"},
                         Row{100000, "100000"},
                         Row{1e15, "1000000000000000"},
                         Row{1e16, "1e16"},
                         Row{1e-10, "0.0000000001"},
                         Row{1.5e-20, "1.5e-20"},
                         Row{1.0 / 3, "0.33333333333333"},
                         Row{-1.0 / 3, "-0.3333333333333"},
                         Row{2.0 / 3, "0.66666666666667"},
                         Row{3.141592653589793, "3.14159265358979"},
                         Row{999999999999999.9, "1000000000000000"},
                         Row{-1.7976931348623157e308, "-1.797693135e308"},
                         Row{-2.2250738585072014e-308, "-2.22507386e-308"},
                         Row{5e-324, "5e-324"}}) {
    CAPTURE(row.number);
    const auto text = format_decimal(row.number);
    REQUIRE(text);
    CHECK(text->view() == row.text);
  }
  CHECK_FALSE(format_decimal(std::numeric_limits<double>::infinity()));
  CHECK_FALSE(format_decimal(std::nan("")));
}
