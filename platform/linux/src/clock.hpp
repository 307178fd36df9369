// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <scanferry/platform/clock.hpp>

#include "event.hpp"

namespace scanferry::platform {

class LinuxClock final : public Clock {
 public:
  explicit LinuxClock(boost::asio::io_context& io) : io_{io} {}
  [[nodiscard]] core::Instant now() const override { return steady_now(); }
  [[nodiscard]] core::WallTime wall_now() const override;
  [[nodiscard]] core::Millis utc_offset(core::WallTime at) const override;
  std::unique_ptr<Event> make_event() override { return std::make_unique<AsioEvent>(io_); }

 private:
  boost::asio::io_context& io_;
};

}  // namespace scanferry::platform
