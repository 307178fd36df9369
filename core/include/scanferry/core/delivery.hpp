// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace scanferry::core {

/// What one attempt to deliver an instance meant.
enum class Outcome : std::uint8_t {
  stored,               ///< the peer answered success
  stored_with_warning,  ///< stored, and the peer said something about it
  retry_later,          ///< the peer cannot now; the same object may pass later
  hold,                 ///< the peer will not take this object; a person must look
  unknown,              ///< the link broke after data began: it may be stored; send the same UID again, alone
  link_failed,          ///< nothing of the object was sent
};

/// The state of one delivery (instance x destination) in the ledger.
enum class DeliveryState : std::uint8_t {
  pending,
  stored,
  stored_with_warning,
  held,     ///< a person must look
  dropped,  ///< given up by a person: the object is not to go there any more
};

/// How often a peer may answer "retry later" for one object, for reasons that are the object's own, before it is held.
inline constexpr std::uint32_t kObjectAttemptsMax = 8;

/// The state after an attempt; `attempts` counts those in which the peer answered about this object, this one included.
DeliveryState next_state(Outcome outcome, std::uint32_t attempts);

/// "pending", "stored", "stored with warning", "held", "dropped": for people and for `--json` alike.
std::string_view name_of(DeliveryState state);

}  // namespace scanferry::core
