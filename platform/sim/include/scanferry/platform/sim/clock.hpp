// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <scanferry/platform/clock.hpp>
#include <scanferry/platform/sim/world.hpp>

namespace scanferry::platform::sim {

/// The seam's Clock over the World's time, for one machine.
class SimClock final : public Clock {
 public:
  SimClock(World& world, NodeId owner) : world_{world}, owner_{owner} {}

  [[nodiscard]] core::Instant now() const override { return world_.now(); }
  [[nodiscard]] core::WallTime wall_now() const override { return world_.wall_now(); }
  [[nodiscard]] core::Millis utc_offset(core::WallTime) const override { return kUtcOffset; }
  std::unique_ptr<Event> make_event() override;

 private:
  /// Not a whole hour, so that a mix-up of UTC and local time shows.
  static constexpr core::Millis kUtcOffset{5 * 3'600'000 + 45 * 60'000};

  World& world_;
  NodeId owner_;
};

}  // namespace scanferry::platform::sim
