// SPDX-License-Identifier: Apache-2.0
#include "deadline_watch.hpp"

namespace scanferry::platform {

boost::asio::cancellation_slot DeadlineWatch::begin(core::Instant deadline) {
  deadline_ = deadline;
  waiting_ = true;
  late_ = false;
  if (deadline_ < fires_at_) arm();
  return signal_.slot();
}

bool DeadlineWatch::end() {
  waiting_ = false;
  return late_;
}

void DeadlineWatch::arm() {
  fires_at_ = deadline_;
  timer_.expires_at(to_steady(deadline_));
  timer_.async_wait([watch = weak_from_this()](boost::system::error_code error) {
    const auto self = watch.lock();
    if (!error && self) self->on_timer();
  });
}

void DeadlineWatch::on_timer() {
  fires_at_ = core::kNever;
  if (!waiting_) return;
  if (steady_now() < deadline_) {
    if (deadline_ != core::kNever) arm();
    return;
  }
  late_ = true;
  signal_.emit(boost::asio::cancellation_type::total);
}

}  // namespace scanferry::platform
