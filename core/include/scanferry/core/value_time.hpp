// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/result.hpp>

namespace scanferry::core {

/// A day of the Gregorian calendar, DA.
struct Date {
  std::uint16_t year{0};
  std::uint8_t month{1};  ///< 1 to 12
  std::uint8_t day{1};    ///< 1 to 31
  friend auto operator<=>(const Date&, const Date&) = default;
};

/// How far a text went: what is finer is not known. `fraction` comes with a number of digits.
enum class Precision : std::uint8_t { year, month, day, hour, minute, second, fraction };

/// A time of the day, TM; what the precision leaves out is zero.
struct Time {
  std::uint8_t hour{0};    ///< 0 to 23
  std::uint8_t minute{0};  ///< 0 to 59
  std::uint8_t second{0};  ///< 0 to 60: a leap second
  Precision precision{Precision::second};  ///< hour at least
  std::uint8_t fraction_digits{0};         ///< 1 to 6 with Precision::fraction
  std::uint32_t microsecond{0};            ///< 0 to 999,999
  friend auto operator<=>(const Time&, const Time&) = default;
};

/// A point of time, DT; what the precision leaves out is the first month, day and instant.
struct DateTime {
  Date date;
  Time time;  ///< its precision counts from `precision` hour on
  Precision precision{Precision::second};
  std::optional<std::int16_t> offset_minutes;  ///< local time minus UTC, -720 to 840; absent: as (0008,0201) says
  friend auto operator<=>(const DateTime&, const DateTime&) = default;
};

/// A query's range, PS3.4 C.2.2.2.5, both ends included. One of them may be open; of a single value they are equal.
template <class T>
struct Range {
  std::optional<T> first;
  std::optional<T> last;
  friend bool operator==(const Range&, const Range&) = default;
};

/// An age, AS.
struct Age {
  std::uint16_t count{0};  ///< 0 to 999
  char unit{'Y'};          ///< D, W, M or Y: days, weeks, months, years
  friend bool operator==(const Age&, const Age&) = default;
};

/// The readers of one value, with or without its trailing padding. Errors: `bad_value`, a text that says what the VR allows, and
/// the offset in the value where it stops being that.
/// Dates and times of ACR-NEMA 300, the predecessor of DICOM, are read, too: 1993.08.22 and 10:11:12.5 (PS3.5 6.2 notes).
Result<Date> parse_date(std::string_view value);
Result<Time> parse_time(std::string_view value);
Result<DateTime> parse_date_time(std::string_view value);
Result<Age> parse_age(std::string_view value);

/// The same for values of a query: A-B, A-, -B, or one value.
/// In a DT, "-" and four digits are an offset from UTC where they can be one and the text or its first half ends there:
/// "2007-0500" is a year in New York, "2007-2008" are two years.
Result<Range<Date>> parse_date_range(std::string_view value);
Result<Range<Time>> parse_time_range(std::string_view value);
Result<Range<DateTime>> parse_date_time_range(std::string_view value);

using DateText = FixedString<8>;
using TimeText = FixedString<13>;
using DateTimeText = FixedString<26>;
using AgeText = FixedString<4>;

/// The texts of values within the ranges stated above, as precise as they are, without padding.
DateText format(Date date);
TimeText format(const Time& time);
DateTimeText format(const DateTime& point);
AgeText format(Age age);

/// A range as text: two bounds of one value each, with "-" between them; equal bounds are one value. Not both may be open.
template <class T>
auto format(const Range<T>& range) {
  FixedString<2 * decltype(format(T{}))::capacity() + 1> text;
  if (range.first) static_cast<void>(text.append(format(*range.first)));  // two values and a hyphen always fit
  if (range.first && range.first == range.last) return text;
  static_cast<void>(text.append("-"));
  if (range.last) static_cast<void>(text.append(format(*range.last)));
  return text;
}

}  // namespace scanferry::core
