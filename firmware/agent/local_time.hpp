// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <scanferry/core/time.hpp>

namespace scanferry::firmware {

/// A moment as values of DA and TM say it, PS3.5 6.2: "20260131", "120000.123".
struct LocalTime {
  std::string date;
  std::string time;
};
/// Where local time is `utc_offset` ahead of UTC.
LocalTime local_time(core::WallTime now, core::Millis utc_offset);

}  // namespace scanferry::firmware
