// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "device.hpp"
#include "pacs_site.hpp"

namespace scanferry::tests {

using PacsSites = std::vector<std::unique_ptr<PacsSite>>;

/// Lets everything go wrong that the options ask for, at times drawn from the world's chance, until heal().
class Troubles {
 public:
  Troubles(platform::sim::World& world, platform::sim::Fabric& fabric, Device& device, PacsSites& sites, const RunOptions& options);

  void begin();
  /// From now on nothing goes wrong any more; what is under way still has to be survived.
  void heal();

 private:
  void plan_power();
  void plan_disk();
  void plan_pacs();
  void plan_clock();
  platform::sim::ConnectionPlan plan_connection();
  /// Does `act` at `times` random moments, unless healed by then.
  void at_random(std::uint32_t times, const std::function<void()>& act);
  /// Begins and ends a spell `times` times.
  void spells(std::uint32_t times, const std::function<void()>& begin, const std::function<void()>& end);
  [[nodiscard]] core::Millis moment(core::Millis below);

  platform::sim::World& world_;
  platform::sim::Fabric& fabric_;
  Device& device_;
  PacsSites& sites_;
  const RunOptions& options_;
  platform::sim::Prng prng_;
  bool healed_{false};
};

}  // namespace scanferry::tests
