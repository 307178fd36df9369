// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <scanferry/core/time.hpp>
#include <scanferry/platform/task.hpp>

namespace scanferry::platform {

/// A wait that a deadline or another coroutine of the same thread can end. Notifications do not pile up: one that comes
/// while nobody waits makes the next wait return at once.
class Event {
 public:
  virtual ~Event() = default;
  virtual void notify() = 0;
  /// True when notified, false when `deadline` came first. At most one coroutine waits on an Event at a time.
  virtual Task<bool> wait_until(core::Instant deadline) = 0;
};

/// The only source of time.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Monotonic; survives steps of the wall clock, not a reboot.
  [[nodiscard]] virtual core::Instant now() const = 0;
  /// UTC; may step, and may be wrong on a device without a battery-backed clock.
  [[nodiscard]] virtual core::WallTime wall_now() const = 0;
  /// The local offset from UTC at `at`, for DA and TM values, which are local.
  [[nodiscard]] virtual core::Millis utc_offset(core::WallTime at) const = 0;
  virtual std::unique_ptr<Event> make_event() = 0;
};

}  // namespace scanferry::platform
