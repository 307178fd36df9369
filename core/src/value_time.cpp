// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/value_time.hpp>

#include <algorithm>
#include <cstddef>

#include <scanferry/core/value_text.hpp>

#include "text_cursor.hpp"
#include "vr_texts.hpp"

namespace scanferry::core {
namespace {

unsigned days_in(const Date& date) {
  const bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
  if (date.month == 2) return leap ? 29 : 28;
  return date.month == 4 || date.month == 6 || date.month == 9 || date.month == 11 ? 30 : 31;
}

/// One to six digits after the point.
bool take_fraction(TextCursor& in, Time& time) {
  std::uint32_t digit = 0;
  std::uint32_t unit = 100'000;
  for (; unit != 0 && in.take_number(1, 0, 9, digit); unit /= 10) {
    time.microsecond += digit * unit;
    ++time.fraction_digits;
  }
  time.precision = Precision::fraction;
  return time.fraction_digits != 0;
}

/// HH, HHMM, HHMMSS or HHMMSS.F, with `separator` between the pairs of digits where it is one. False: what follows is wrong.
bool take_time(TextCursor& in, char separator, Time& time) {
  if (!in.take_number(2, 0, 23, time.hour)) return false;
  time.precision = Precision::hour;
  if (separator != '\0' ? !in.take(separator) : !in.at_digit()) return true;
  if (!in.take_number(2, 0, 59, time.minute)) return false;
  time.precision = Precision::minute;
  if (separator != '\0' ? !in.take(separator) : !in.at_digit()) return true;
  if (!in.take_number(2, 0, 60, time.second)) return false;
  time.precision = Precision::second;
  return !in.take('.') || take_fraction(in, time);
}

bool take_date(TextCursor& in, Date& date) {
  if (!in.take_number(4, 0, 9999, date.year)) return false;
  const bool is_legacy = in.take('.');
  if (!in.take_number(2, 1, 12, date.month)) return false;
  if (is_legacy && !in.take('.')) return false;
  return in.take_number(2, 1, days_in(date), date.day);
}

/// YYYYMMDDHHMMSS.F up to where its digits end.
bool take_date_time(TextCursor& in, DateTime& point) {
  if (!in.take_number(4, 0, 9999, point.date.year)) return false;
  point.precision = Precision::year;
  if (!in.at_digit()) return true;
  if (!in.take_number(2, 1, 12, point.date.month)) return false;
  point.precision = Precision::month;
  if (!in.at_digit()) return true;
  if (!in.take_number(2, 1, days_in(point.date), point.date.day)) return false;
  point.precision = Precision::day;
  if (!in.at_digit()) return true;
  if (!take_time(in, '\0', point.time)) return false;
  point.precision = point.time.precision;
  return true;
}

/// PS3.5 6.2: from -1200 to +1400, and not -0000.
bool take_offset(TextCursor& in, std::optional<std::int16_t>& offset_minutes) {
  const bool is_negative = in.next() == '-';
  if (!in.take('+') && !in.take('-')) return true;
  int hours = 0;
  int minutes = 0;
  const TextCursor start = in;
  if (!in.take_number(2, 0, is_negative ? 12 : 14, hours) || !in.take_number(2, 0, 59, minutes)) return false;
  const int total = hours * 60 + minutes;
  if (total > (is_negative ? 720 : 840) || (is_negative && total == 0)) {
    in = start;
    return false;
  }
  offset_minutes = static_cast<std::int16_t>(is_negative ? -total : total);
  return true;
}

/// True where the hyphen at `at` begins the offset from UTC of a value, and does not stand between two.
bool is_offset(std::string_view text, std::size_t at) {
  const std::size_t end = at + 5;
  if (at == 0 || end > text.size() || (end < text.size() && text[end] != '-')) return false;
  TextCursor in{part(text, at, end)};
  std::optional<std::int16_t> minutes;
  return take_offset(in, minutes) && in.at_end();
}

template <class T>
Result<Range<T>> parse_range(std::string_view value, std::size_t hyphen, Result<T> (*parse)(std::string_view)) {
  Range<T> range;
  if (hyphen >= value.size()) {
    const auto single = parse(value);
    if (!single) return std::unexpected{single.error()};
    return Range<T>{*single, *single};
  }
  if (hyphen > 0) {
    const auto first = parse(part(value, 0, hyphen));
    if (!first) return std::unexpected{first.error()};
    range.first = *first;
  }
  const std::string_view rest = part(value, hyphen + 1, value.size());
  if (rest.empty() && range.first) return range;
  const auto last = parse(rest);
  if (!last) return wrong_value(last.error().what, last.error().offset + hyphen + 1);
  range.last = *last;
  return range;
}

/// Appends `digits` digits; the callers' texts have room for all that they append.
template <std::size_t N>
void put(FixedString<N>& text, std::uint32_t number, std::uint32_t digits) {
  std::uint32_t divisor = 1;
  for (std::uint32_t i = 1; i < digits; ++i) divisor *= 10;
  for (; divisor != 0; divisor /= 10) {
    const char digit = static_cast<char>('0' + number / divisor % 10);
    static_cast<void>(text.append({&digit, 1}));
  }
}

template <std::size_t N>
void put_time(FixedString<N>& text, const Time& time) {
  put(text, time.hour, 2);
  if (time.precision >= Precision::minute) put(text, time.minute, 2);
  if (time.precision >= Precision::second) put(text, time.second, 2);
  if (time.precision != Precision::fraction) return;
  static_cast<void>(text.append("."));
  const auto digits = std::clamp<std::uint32_t>(time.fraction_digits, 1, 6);
  std::uint32_t fraction = time.microsecond;
  for (std::uint32_t i = digits; i < 6; ++i) fraction /= 10;
  put(text, fraction, digits);
}

}  // namespace

Result<Date> parse_date(std::string_view value) {
  TextCursor in{trimmed(Vr::da, value)};
  Date date;
  if (!take_date(in, date) || !in.at_end()) return wrong_value(vr_text::kDa, in.offset());
  return date;
}

Result<Time> parse_time(std::string_view value) {
  const std::string_view text = trimmed(Vr::tm, value);
  TextCursor in{text};
  Time time;
  const bool is_legacy = text.size() > 2 && text[2] == ':';
  if (!take_time(in, is_legacy ? ':' : '\0', time) || !in.at_end()) return wrong_value(vr_text::kTm, in.offset());
  return time;
}

Result<DateTime> parse_date_time(std::string_view value) {
  TextCursor in{trimmed(Vr::dt, value)};
  DateTime point;
  if (!take_date_time(in, point) || !take_offset(in, point.offset_minutes) || !in.at_end()) {
    return wrong_value(vr_text::kDt, in.offset());
  }
  return point;
}

Result<Age> parse_age(std::string_view value) {
  TextCursor in{trimmed(Vr::as, value)};
  Age age;
  if (!in.take_number(3, 0, 999, age.count)) return wrong_value(vr_text::kAs, in.offset());
  age.unit = in.next();
  const bool is_unit = in.take('D') || in.take('W') || in.take('M') || in.take('Y');
  if (!is_unit || !in.at_end()) return wrong_value(vr_text::kAs, in.offset());
  return age;
}

Result<Range<Date>> parse_date_range(std::string_view value) {
  const std::string_view text = trimmed(Vr::da, value);
  return parse_range(text, text.find('-'), parse_date);
}

Result<Range<Time>> parse_time_range(std::string_view value) {
  const std::string_view text = trimmed(Vr::tm, value);
  return parse_range(text, text.find('-'), parse_time);
}

Result<Range<DateTime>> parse_date_time_range(std::string_view value) {
  const std::string_view text = trimmed(Vr::dt, value);
  std::size_t hyphen = text.find('-');
  while (hyphen < text.size() && is_offset(text, hyphen)) hyphen = text.find('-', hyphen + 1);
  return parse_range(text, hyphen, parse_date_time);
}

DateText format(Date date) {
  DateText text;
  put(text, date.year, 4);
  put(text, date.month, 2);
  put(text, date.day, 2);
  return text;
}

TimeText format(const Time& time) {
  TimeText text;
  put_time(text, time);
  return text;
}

DateTimeText format(const DateTime& point) {
  DateTimeText text;
  put(text, point.date.year, 4);
  if (point.precision >= Precision::month) put(text, point.date.month, 2);
  if (point.precision >= Precision::day) put(text, point.date.day, 2);
  if (point.precision >= Precision::hour) {
    Time time = point.time;
    time.precision = point.precision;
    put_time(text, time);
  }
  if (!point.offset_minutes) return text;
  const int offset = *point.offset_minutes;
  const auto minutes = static_cast<std::uint32_t>(offset < 0 ? -offset : offset);
  static_cast<void>(text.append(offset < 0 ? "-" : "+"));
  put(text, minutes / 60 * 100 + minutes % 60, 4);
  return text;
}

AgeText format(Age age) {
  AgeText text;
  put(text, age.count, 3);
  static_cast<void>(text.append({&age.unit, 1}));
  return text;
}

}  // namespace scanferry::core
