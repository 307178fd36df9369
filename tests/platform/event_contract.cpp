// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "contract.hpp"

namespace scanferry::platform::contract {
namespace {

Task<void> expect(Event& event, core::Instant deadline, bool notified) {
  const bool result = co_await event.wait_until(deadline);
  REQUIRE(result == notified);
}

Task<void> notify_after(Port& port, Event& event, core::Millis time) {
  co_await pause(port, time);
  event.notify();
}

void notify_before(Port& port) {
  const auto event = port.platform().clock.make_event();
  event->notify();
  port.play(expect(*event, core::kNever, true));
}

void notify_twice_counts_once(Port& port) {
  const auto event = port.platform().clock.make_event();
  event->notify();
  event->notify();
  port.play(expect(*event, core::kNever, true));
  port.play(expect(*event, in(port, kAWhile), false));
}

void notify_during(Port& port) {
  const auto event = port.platform().clock.make_event();
  port.play(expect(*event, core::kNever, true), notify_after(port, *event, core::Millis{1}));
  port.play(expect(*event, in(port, kAmple), true), notify_after(port, *event, core::Millis{1}));
}

Task<void> expect_deadline(Port& port) {
  const auto event = port.platform().clock.make_event();
  const auto deadline = in(port, kAWhile);
  const bool notified = co_await event->wait_until(deadline);
  REQUIRE_FALSE(notified);
  REQUIRE(port.platform().clock.now() >= deadline);
  const bool notified_late = co_await event->wait_until(deadline);
  REQUIRE_FALSE(notified_late);
  event->notify();
  const bool notified_again = co_await event->wait_until(deadline);
  REQUIRE(notified_again);
}

void deadline(Port& port) { port.play(expect_deadline(port)); }

void beginning_of_time(Port& port) {
  const auto event = port.platform().clock.make_event();
  port.play(expect(*event, core::Instant::min(), false));
}

void clock_reads(Port& port) {
  auto& clock = port.platform().clock;
  const auto before = clock.now();
  port.play(pause(port, kAWhile));
  REQUIRE(clock.now() - before >= kAWhile);
  const auto offset = clock.utc_offset(clock.wall_now());
  REQUIRE(offset < std::chrono::hours{24});
  REQUIRE(offset > std::chrono::hours{-24});
}

constexpr Clause kClauses[] = {
    {"a notification before the wait is kept", notify_before},
    {"notifications do not pile up", notify_twice_counts_once},
    {"a notification ends a wait with and without a deadline", notify_during},
    {"the deadline ends a wait, and a notification that came first is told even then", deadline},
    {"a deadline in the distant past has passed", beginning_of_time},
    {"the clock goes on while we wait", clock_reads},
};

}  // namespace

std::span<const Clause> event_contract() { return kClauses; }

}  // namespace scanferry::platform::contract
