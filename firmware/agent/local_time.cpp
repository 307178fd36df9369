// SPDX-License-Identifier: Apache-2.0
#include "agent/local_time.hpp"

#include <chrono>
#include <cstdio>

namespace scanferry::firmware {

LocalTime local_time(core::WallTime now, core::Millis utc_offset) {
  const auto local = now + utc_offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<core::Millis>(local - day)};
  char out[16];
  std::snprintf(out, sizeof out, "%04d%02u%02u", static_cast<int>(date.year()) % 10'000, static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  LocalTime moment{out, {}};
  std::snprintf(out, sizeof out, "%02d%02d%02d.%03d", static_cast<int>(clock.hours().count()) % 24,
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  moment.time = out;
  return moment;
}

}  // namespace scanferry::firmware
