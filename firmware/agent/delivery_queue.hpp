// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <set>
#include <string>

#include <scanferry/platform/platform.hpp>

#include "agent/ledger.hpp"

namespace scanferry::firmware {

/// What waits for one destination, in order of acceptance, and what of it is under way: however many take from it, each object is
/// with one of them only. Memory: kBatch deliveries and the ids of those under way.
class DeliveryQueue {
 public:
  DeliveryQueue(platform::Platform& platform, Ledger& ledger, std::string destination, core::Millis longest_wait)
      : platform_{platform}, ledger_{ledger}, destination_{std::move(destination)}, longest_wait_{longest_wait} {}

  /// Looks for more in the ledger when nothing is ready.
  platform::Task<Result<void>> refill();
  /// Ready, and not taken yet.
  [[nodiscard]] const std::deque<Delivery>& ready() const { return ready_; }
  /// The ledger had no more when it was last asked.
  [[nodiscard]] bool is_exhausted() const { return exhausted_; }
  /// The first that is ready; under way until `ended`.
  Delivery take();
  void ended(const Delivery& delivery) { under_way_.erase(delivery.instance.id); }
  /// Whatever was to be sent next is asked for again: something that came before it may be due once more.
  void forget_ready() { ready_.clear(); }
  [[nodiscard]] std::size_t under_way() const { return under_way_.size(); }

 private:
  [[nodiscard]] bool is_known(std::int64_t instance_id) const;

  platform::Platform& platform_;
  Ledger& ledger_;
  std::string destination_;
  core::Millis longest_wait_;
  std::deque<Delivery> ready_;
  std::set<std::int64_t> under_way_;
  bool exhausted_{false};
};

}  // namespace scanferry::firmware
