// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <scanferry/core/time.hpp>

namespace scanferry::core {

/// Exponential back-off with full jitter above a floor.
struct RetryPolicy {
  Millis first{1000};     ///< the first delay's upper bound
  Millis longest{300000}; ///< no delay exceeds this

  /// The wait before try number `failures + 1`, `failures` >= 1: between half of and the whole of
  /// min(longest, first * 2^(failures-1)), chosen by `random` (64 uniform bits).
  [[nodiscard]] Millis delay(std::uint32_t failures, std::uint64_t random) const;
};

/// Says whether a link is worth trying. Closed: use it. Open: not before `next_try`. After `next_try` one probe may pass
/// (half-open); its outcome closes the breaker or opens it for longer. Fed by C-ECHO and by real transfers alike.
class CircuitBreaker {
 public:
  explicit CircuitBreaker(RetryPolicy policy) : policy_{policy} {}

  [[nodiscard]] bool may_try(Instant now) const { return failures_ == 0 || now >= next_try_; }
  [[nodiscard]] bool is_closed() const { return failures_ == 0; }
  /// Meaningful while open.
  [[nodiscard]] Instant next_try() const { return next_try_; }
  [[nodiscard]] std::uint32_t failures() const { return failures_; }

  void succeeded();
  void failed(Instant now, std::uint64_t random);
  /// The link was proved good by other means, or somebody asked for a try at once.
  void try_now();

 private:
  RetryPolicy policy_;
  std::uint32_t failures_{0};
  Instant next_try_{};
};

}  // namespace scanferry::core
