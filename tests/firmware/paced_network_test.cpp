// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "agent/paced_network.hpp"

using namespace scanferry;
using namespace scanferry::firmware;
using namespace std::chrono_literals;

TEST_CASE("bytes are spread to so many a second, however they come") {
  const core::Instant begin{5s};
  for (const std::uint64_t piece : {1U, 999U, 16'384U, 1'000'000U}) {
    CAPTURE(piece);
    Pace pace{1'000'000};
    auto at = begin;
    std::uint64_t sent = 0;
    for (; sent < 3'000'000; sent += piece) at = pace.book(piece, at);
    // The last piece begins when all before it are through.
    CHECK(at - begin == core::Millis{static_cast<std::int64_t>((sent - piece) / 1000)});
  }
}

TEST_CASE("what was not used is not saved up") {
  Pace pace{1000};
  CHECK(pace.book(100, core::Instant{1s}) == core::Instant{1s});
  CHECK(pace.book(100, core::Instant{60s}) == core::Instant{60s});
  CHECK(pace.book(100, core::Instant{60s}) == core::Instant{60s} + 100ms);
}
