// SPDX-License-Identifier: Apache-2.0
#include "event.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace scanferry::platform {

using std::chrono::steady_clock;

core::Instant steady_now() {
  return core::Instant{std::chrono::floor<core::Millis>(steady_clock::now().time_since_epoch())};
}

steady_clock::time_point to_steady(core::Instant moment) {
  constexpr auto first = std::chrono::ceil<core::Millis>(steady_clock::duration::min());
  constexpr auto last = std::chrono::floor<core::Millis>(steady_clock::duration::max());
  const auto since = moment.time_since_epoch();
  if (since >= last) return steady_clock::time_point::max();
  if (since <= first) return steady_clock::time_point::min();
  return steady_clock::time_point{since};
}

void AsioEvent::notify() {
  notified_ = true;
  timer_.cancel();
}

Task<bool> AsioEvent::wait_until(core::Instant deadline) {
  if (!notified_) {
    timer_.expires_at(to_steady(deadline));
    auto [ignored] = co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    (void)ignored;  // `notified_` says more: the timer may have fired just before notify() cancelled it
  }
  co_return std::exchange(notified_, false);
}

}  // namespace scanferry::platform
