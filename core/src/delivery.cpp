// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/delivery.hpp>

namespace scanferry::core {

DeliveryState next_state(Outcome outcome, std::uint32_t attempts) {
  switch (outcome) {
    case Outcome::stored: return DeliveryState::stored;
    case Outcome::stored_with_warning: return DeliveryState::stored_with_warning;
    case Outcome::hold: return DeliveryState::held;
    case Outcome::retry_later: return attempts < kObjectAttemptsMax ? DeliveryState::pending : DeliveryState::held;
    case Outcome::unknown:
    case Outcome::link_failed: break;
  }
  return DeliveryState::pending;
}

std::string_view name_of(DeliveryState state) {
  switch (state) {
    case DeliveryState::pending: return "pending";
    case DeliveryState::stored: return "stored";
    case DeliveryState::stored_with_warning: return "stored with warning";
    case DeliveryState::dropped: return "dropped";
    case DeliveryState::held: break;
  }
  return "held";
}

}  // namespace scanferry::core
