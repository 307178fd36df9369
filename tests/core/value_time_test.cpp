// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <optional>
#include <string_view>

#include <scanferry/core/value_time.hpp>

using namespace scanferry::core;
using namespace std::string_view_literals;

namespace {

struct Bad {
  std::string_view text;
  std::size_t offset;
};

template <class T>
void check_bad(Result<T> (*parse)(std::string_view), std::initializer_list<Bad> rows) {
  for (const Bad& row : rows) {
    CAPTURE(row.text);
    const auto result = parse(row.text);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == Errc::bad_value);
    CHECK(result.error().offset == row.offset);
    CHECK_FALSE(result.error().what.empty());
  }
}

}  // namespace

TEST_CASE("dates are days of the calendar") {
  CHECK(parse_date("20240229") == Date{2024, 2, 29});
  CHECK(parse_date("20000229 ") == Date{2000, 2, 29});
  CHECK(parse_date("1993.08.22") == Date{1993, 8, 22});
  check_bad(parse_date, {{"", 0},
                         {"20230229", 6},
                         {"19000229", 6},
                         {"20240431", 6},
                         {"20241301", 4},
                         {"20240001", 4},
                         {"20240100", 6},
                         {"2024010", 6},
                         {"202401011", 8},
                         {"2024.1.1", 5},
                         {"2024.01", 7},
                         {" 20240101", 0},
                         {"2O240101", 0}});
}

TEST_CASE("times are as precise as they are written") {
  CHECK(parse_time("07") == Time{7, 0, 0, Precision::hour, 0, 0});
  CHECK(parse_time("0709 ") == Time{7, 9, 0, Precision::minute, 0, 0});
  CHECK(parse_time("235960") == Time{23, 59, 60, Precision::second, 0, 0});
  CHECK(parse_time("070907.0705 ") == Time{7, 9, 7, Precision::fraction, 4, 70'500});
  CHECK(parse_time("070907.123456") == Time{7, 9, 7, Precision::fraction, 6, 123'456});
  CHECK(parse_time("10:11:12.5") == Time{10, 11, 12, Precision::fraction, 1, 500'000});
  CHECK(parse_time("10:11") == Time{10, 11, 0, Precision::minute, 0, 0});
  check_bad(parse_time, {{"", 0},
                         {"24", 0},
                         {"021 ", 2},
                         {"1060", 2},
                         {"101061", 4},
                         {"1011.5", 4},
                         {"101112.", 7},
                         {"101112.1234567", 13},
                         {"10:1112", 5},
                         {".5", 0}});
}

TEST_CASE("points of time are shortened from the right and keep their offset") {
  const auto year = parse_date_time("2007-0500");
  REQUIRE(year);
  CHECK(year->date == Date{2007, 1, 1});
  CHECK(year->precision == Precision::year);
  CHECK(year->offset_minutes == -300);

  const auto full = parse_date_time("19530827111300.0+1400 ");
  REQUIRE(full);
  CHECK(full->date == Date{1953, 8, 27});
  CHECK(full->time == Time{11, 13, 0, Precision::fraction, 1, 0});
  CHECK(full->precision == Precision::fraction);
  CHECK(full->offset_minutes == 840);

  CHECK(parse_date_time("195308")->precision == Precision::month);
  CHECK(parse_date_time("20240229")->precision == Precision::day);
  CHECK(parse_date_time("2024022910")->precision == Precision::hour);
  CHECK_FALSE(parse_date_time("20240229")->offset_minutes.has_value());
  CHECK(parse_date_time("2024-1200")->offset_minutes == -720);
  CHECK(parse_date_time("2024+0000")->offset_minutes == 0);
  check_bad(parse_date_time, {{"", 0},
                              {"195", 0},
                              {"19531", 4},
                              {"20230229", 6},
                              {"2024-1201", 5},
                              {"2024+1401", 5},
                              {"2024-0000", 5},
                              {"2024+0060", 7},
                              {"2024+01", 7},
                              {"2024.5", 4},
                              {"2024Z", 4}});
}

TEST_CASE("ages are three digits and a unit") {
  CHECK(parse_age("018M") == Age{18, 'M'});
  CHECK(parse_age("000D") == Age{0, 'D'});
  CHECK(parse_age("999W") == Age{999, 'W'});
  CHECK(parse_age("040Y") == Age{40, 'Y'});
  check_bad(parse_age, {{"18M", 0}, {"018", 3}, {"018m", 3}, {"0018M", 3}, {"018MM", 4}});
}

TEST_CASE("ranges have two ends, of which one may be open") {
  const Date first{2020, 1, 1};
  const Date last{2020, 12, 31};
  CHECK(parse_date_range("20200101-20201231") == Range<Date>{first, last});
  CHECK(parse_date_range("20200101- ") == Range<Date>{first, std::nullopt});
  CHECK(parse_date_range("-20201231") == Range<Date>{std::nullopt, last});
  CHECK(parse_date_range("20200101") == Range<Date>{first, first});
  CHECK(parse_time_range("10-1130")->last == Time{11, 30, 0, Precision::minute, 0, 0});
  check_bad(parse_date_range, {{"-", 1}, {"", 0}, {"20200101-2020", 13}, {"20200101-20200102-20200103", 17}, {"2020-20200101", 4}});
  check_bad(parse_time_range, {{"-", 1}, {"10-25", 3}});
}

TEST_CASE("in a range of points of time a hyphen is an offset where it can be one") {
  struct Row {
    std::string_view text;
    std::optional<int> first_year;
    std::optional<int> last_year;
    std::optional<int> first_offset;
  };
  const Row rows[] = {
      {"2007", 2007, 2007, {}},
      {"2007-0500", 2007, 2007, -300},
      {"2007-2008", 2007, 2008, {}},
      {"2007-0500-", 2007, {}, -300},
      {"2007-", 2007, {}, {}},
      {"-2007", {}, 2007, {}},
      {"-2007-0500", {}, 2007, {}},
      {"2007-0500-2008-0500", 2007, 2008, -300},
      {"2007+0100-2008", 2007, 2008, 60},
      {"20070101-20080101", 2007, 2008, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto range = parse_date_time_range(row.text);
    REQUIRE(range);
    CHECK(range->first.has_value() == row.first_year.has_value());
    CHECK(range->last.has_value() == row.last_year.has_value());
    if (range->first) CHECK(range->first->date.year == row.first_year);
    if (range->last) CHECK(range->last->date.year == row.last_year);
    if (range->first) CHECK(range->first->offset_minutes == row.first_offset);
    CHECK(format(*range).view() == row.text);
  }
  check_bad(parse_date_time_range, {{"-", 1}, {"2007-2008-2009", 10}});
}

TEST_CASE("what was read is written as it was") {
  for (const auto text : {"20240229"sv, "00010101"sv}) CHECK(format(*parse_date(text)).view() == text);
  for (const auto text : {"00"sv, "2359"sv, "235960"sv, "070907.0705"sv, "070907.000001"sv}) {
    CHECK(format(*parse_time(text)).view() == text);
  }
  for (const auto text : {"2024"sv, "202402"sv, "20240229"sv, "2024022910"sv, "202402291011"sv, "20240229101112"sv,
                          "20240229101112.123456+0545"sv, "2024-0330"sv}) {
    CHECK(format(*parse_date_time(text)).view() == text);
  }
  for (const auto text : {"018M"sv, "000D"sv}) CHECK(format(*parse_age(text)).view() == text);
  for (const auto text : {"20200101-20201231"sv, "20200101-"sv, "-20201231"sv, "20200101"sv}) {
    CHECK(format(*parse_date_range(text)).view() == text);
  }
  CHECK(format(*parse_date("1993.08.22")).view() == "19930822");
}
