// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery_queue.hpp"

#include <algorithm>

namespace scanferry::firmware {
namespace {

/// Deliveries looked up at a time, and the memory they take.
constexpr std::size_t kBatch = 64;

}  // namespace

bool DeliveryQueue::is_known(std::int64_t instance_id) const {
  const auto is_it = [instance_id](const Delivery& delivery) { return delivery.instance.id == instance_id; };
  return under_way_.contains(instance_id) || std::ranges::any_of(ready_, is_it);
}

platform::Task<Result<void>> DeliveryQueue::refill() {
  if (!ready_.empty()) co_return Result<void>{};
  const auto now = platform_.clock.wall_now();
  const auto limit = kBatch + under_way_.size();  // the ledger names those that are under way once more
  const auto look = [this, now, limit] { return ledger_.due(destination_, limit, now, longest_wait_); };
  auto due = co_await platform_.storage.run(look);
  if (!due) co_return std::unexpected{due.error()};
  exhausted_ = due->size() < limit;
  // Another may have filled it meanwhile: what it found comes first.
  for (auto& delivery : *due) {
    if (!is_known(delivery.instance.id)) ready_.push_back(std::move(delivery));
  }
  co_return Result<void>{};
}

Delivery DeliveryQueue::take() {
  Delivery first = std::move(ready_.front());
  ready_.pop_front();
  under_way_.insert(first.instance.id);
  return first;
}

}  // namespace scanferry::firmware
