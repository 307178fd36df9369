// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace scanferry::core {

/// A length of time. Every timer of the product counts in whole milliseconds.
using Millis = std::chrono::duration<std::int64_t, std::milli>;

/// Names the monotonic time line; nothing here reads it. Time is always an argument: it comes from platform::Clock.
struct MonotonicTimeline {
  using rep = Millis::rep;
  using period = Millis::period;
  using duration = Millis;
  using time_point = std::chrono::time_point<MonotonicTimeline>;
  static constexpr bool is_steady = true;
};

/// A moment on the monotonic time line; its zero means nothing. For deadlines and back-off.
using Instant = MonotonicTimeline::time_point;
/// A moment of civil time, UTC. For DA/TM values and for people; may step, so never for deadlines.
using WallTime = std::chrono::sys_time<Millis>;

/// Later than any deadline: an idle wait that only an event ends.
inline constexpr Instant kNever = Instant::max();

}  // namespace scanferry::core
