// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/retry_policy.hpp>

#include <algorithm>
#include <limits>

namespace scanferry::core {
namespace {

/// min(longest, first * 2^doublings), without overflow; both at least zero.
Millis grown(Millis first, Millis longest, std::uint32_t doublings) {
  if (first == Millis::zero()) return first;
  while (doublings-- > 0 && first < longest) first = first > longest / 2 ? longest : first * 2;
  return std::min(first, longest);
}

}  // namespace

Millis RetryPolicy::delay(std::uint32_t failures, std::uint64_t random) const {
  const std::uint32_t doublings = failures == 0 ? 0 : failures - 1;
  const Millis whole = grown(std::max(first, Millis::zero()), std::max(longest, Millis::zero()), doublings);
  const Millis half = whole / 2;
  const auto span = static_cast<std::uint64_t>((whole - half).count()) + 1;
  return half + Millis{static_cast<Millis::rep>(random % span)};
}

void CircuitBreaker::succeeded() {
  failures_ = 0;
  next_try_ = Instant{};
}

void CircuitBreaker::failed(Instant now, std::uint64_t random) {
  if (failures_ < std::numeric_limits<std::uint32_t>::max()) ++failures_;
  next_try_ = now + policy_.delay(failures_, random);
}

void CircuitBreaker::try_now() { next_try_ = Instant{}; }

}  // namespace scanferry::core
