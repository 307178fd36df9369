// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>

#include <scanferry/core/retry_policy.hpp>

using namespace scanferry::core;
using namespace std::chrono_literals;

TEST_CASE("the delay doubles up to its longest and stays within its half") {
  const RetryPolicy policy{Millis{1000}, Millis{300000}};
  std::int64_t whole = 1000;
  for (std::uint32_t failures = 1; failures < 200; ++failures) {
    CAPTURE(failures);
    for (const std::uint64_t random : {0ULL, 1ULL, 499ULL, 12345678901ULL, ~0ULL}) {
      const auto delay = policy.delay(failures, random).count();
      CHECK(delay >= whole / 2);
      CHECK(delay <= whole);
    }
    whole = std::min<std::int64_t>(whole * 2, 300000);
  }
}

TEST_CASE("chance reaches both ends of the delay") {
  const RetryPolicy policy{Millis{1000}, Millis{300000}};
  CHECK(policy.delay(1, 0) == 500ms);
  CHECK(policy.delay(1, 500) == 1000ms);
  CHECK(policy.delay(1, 501) == 500ms);
  CHECK(policy.delay(3, 2000) == 4000ms);
}

TEST_CASE("extreme policies neither overflow nor go negative") {
  const Millis huge = Millis::max();
  for (const RetryPolicy policy : {RetryPolicy{Millis{0}, Millis{0}}, RetryPolicy{Millis{0}, huge}, RetryPolicy{huge, huge},
                                   RetryPolicy{Millis{1}, huge}, RetryPolicy{Millis{5000}, Millis{100}}, RetryPolicy{Millis{-5}, Millis{-1}}}) {
    for (const std::uint32_t failures : {0U, 1U, 2U, 63U, 64U, 4294967295U}) {
      const Millis delay = policy.delay(failures, 0x123456789ABCDEFULL);
      CHECK(delay >= Millis::zero());
      CHECK(delay <= std::max(policy.longest, Millis::zero()));
    }
  }
}

TEST_CASE("a breaker opens on failure, lets a probe pass when its wait is over, and closes on success") {
  CircuitBreaker breaker{RetryPolicy{Millis{1000}, Millis{8000}}};
  const Instant start{1h};
  CHECK(breaker.is_closed());
  CHECK(breaker.may_try(start));

  breaker.failed(start, 0);
  CHECK_FALSE(breaker.is_closed());
  CHECK(breaker.next_try() == start + 500ms);
  CHECK_FALSE(breaker.may_try(start + 499ms));
  CHECK(breaker.may_try(start + 500ms));

  breaker.failed(start + 500ms, 0);
  CHECK(breaker.failures() == 2);
  CHECK(breaker.next_try() == start + 1500ms);

  breaker.succeeded();
  CHECK(breaker.is_closed());
  CHECK(breaker.failures() == 0);
  CHECK(breaker.may_try(start));
}

TEST_CASE("somebody may ask for a try at once without closing the breaker") {
  CircuitBreaker breaker{RetryPolicy{}};
  breaker.failed(Instant{1h}, 0);
  breaker.try_now();
  CHECK_FALSE(breaker.is_closed());
  CHECK(breaker.may_try(Instant{1ms}));
  breaker.failed(Instant{2h}, 0);
  CHECK(breaker.next_try() == Instant{2h} + 1000ms);
}
