// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/core/delivery.hpp>

using namespace scanferry::core;

TEST_CASE("an outcome leads to one state") {
  struct Row {
    Outcome outcome;
    std::uint32_t attempts;
    DeliveryState state;
  };
  const Row rows[] = {
      {Outcome::stored, 1, DeliveryState::stored},
      {Outcome::stored, 1000, DeliveryState::stored},
      {Outcome::stored_with_warning, 1, DeliveryState::stored_with_warning},
      {Outcome::hold, 1, DeliveryState::held},
      {Outcome::retry_later, 1, DeliveryState::pending},
      {Outcome::retry_later, kObjectAttemptsMax - 1, DeliveryState::pending},
      {Outcome::retry_later, kObjectAttemptsMax, DeliveryState::held},
      {Outcome::unknown, 1000, DeliveryState::pending},
      {Outcome::link_failed, 1000, DeliveryState::pending},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.outcome), row.attempts);
    CHECK(next_state(row.outcome, row.attempts) == row.state);
  }
}

TEST_CASE("states have names for people") {
  CHECK(name_of(DeliveryState::pending) == "pending");
  CHECK(name_of(DeliveryState::stored) == "stored");
  CHECK(name_of(DeliveryState::stored_with_warning) == "stored with warning");
  CHECK(name_of(DeliveryState::held) == "held");
  CHECK(name_of(DeliveryState::dropped) == "dropped");
}
