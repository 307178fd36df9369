// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <boost/asio/cancellation_signal.hpp>

#include "event.hpp"

namespace scanferry::platform {

/// Ends waits for one direction of a descriptor at their deadlines. A timer that a wait in time leaves behind is found again
/// by the next one, whose deadline is usually later: setting a timer costs a system call, and most deadlines never come.
class DeadlineWatch : public std::enable_shared_from_this<DeadlineWatch> {
 public:
  explicit DeadlineWatch(boost::asio::io_context& io) : timer_{io} {}

  /// To be bound to the operation that is to end at `deadline`. One operation at a time.
  boost::asio::cancellation_slot begin(core::Instant deadline);
  /// After the operation: true when the deadline ended it.
  bool end();

 private:
  void arm();
  void on_timer();

  SteadyTimer timer_;
  core::Instant deadline_{};
  core::Instant fires_at_{core::kNever};  ///< kNever: the timer does not run
  bool waiting_{false};
  bool late_{false};
  boost::asio::cancellation_signal signal_;
};

}  // namespace scanferry::platform
