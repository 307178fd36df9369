// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include <scanferry/platform/clock.hpp>

namespace scanferry::platform {

using SteadyTimer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, boost::asio::io_context::executor_type>;

core::Instant steady_now();
/// The same moment on the system's clock, which counts nanoseconds and so ends earlier: kNever becomes its own last moment.
std::chrono::steady_clock::time_point to_steady(core::Instant moment);

/// An Event on an Asio timer that never fires or fires at the deadline, and is cancelled by notify().
class AsioEvent final : public Event {
 public:
  explicit AsioEvent(boost::asio::io_context& io) : timer_{io} {}
  void notify() override;
  Task<bool> wait_until(core::Instant deadline) override;

 private:
  SteadyTimer timer_;
  bool notified_{false};  ///< kept beside the timer: cancelling one that has just fired, or is not waited for, has no effect
};

}  // namespace scanferry::platform
