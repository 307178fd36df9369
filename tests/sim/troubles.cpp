// SPDX-License-Identifier: Apache-2.0
#include "troubles.hpp"

namespace scanferry::tests {
namespace {

using platform::sim::ConnectionPlan;
using platform::sim::DialFate;
using platform::sim::DiskBehaviour;
using namespace std::chrono_literals;

constexpr core::Millis kSpellMax{25'000};
/// A cut in an operation strikes one of so many changes to the disk after it was armed.
constexpr std::uint64_t kChangesUntilCut = 50;

}  // namespace

Troubles::Troubles(platform::sim::World& world, platform::sim::Fabric& fabric, Device& device, PacsSites& sites, const RunOptions& options)
    : world_{world}, fabric_{fabric}, device_{device}, sites_{sites}, options_{options}, prng_{world.prng().fork()} {}

core::Millis Troubles::moment(core::Millis below) {
  return core::Millis{static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(below.count())))};
}

void Troubles::at_random(std::uint32_t times, const std::function<void()>& act) {
  for (std::uint32_t i = 0; i < times; ++i) {
    world_.after(moment(options_.trouble_lasts), [this, act] {
      if (!healed_) act();
    });
  }
}

void Troubles::spells(std::uint32_t times, const std::function<void()>& begin, const std::function<void()>& end) {
  at_random(times, [this, begin, end] {
    begin();
    world_.after(moment(kSpellMax), end);
  });
}

void Troubles::begin() {
  plan_power();
  plan_disk();
  plan_pacs();
  plan_clock();
  fabric_.set_planner([this](std::string_view, std::string_view) { return plan_connection(); });
}

void Troubles::plan_power() {
  at_random(options_.power.cuts_at_a_time, [this] { device_.cut_power(); });
  at_random(options_.power.cuts_in_an_operation,
            [this] { device_.disk().behaviour().cut_at_change = device_.disk().changes() + prng_.between(1, kChangesUntilCut); });
  at_random(options_.power.kills, [this] { device_.kill(); });
  at_random(options_.power.stops, [this] { device_.restart(); });
}

void Troubles::plan_disk() {
  auto& disk = device_.disk();
  disk.behaviour().failed_sync_drops_data = options_.disk.failed_sync_drops_data;
  const DiskBehaviour good;
  spells(
      options_.disk.full_spells, [this, &disk] { disk.behaviour().capacity_bytes = disk.used_bytes() + prng_.below(60'000); },
      [&disk, good] { disk.behaviour().capacity_bytes = good.capacity_bytes; });
  spells(
      options_.disk.read_only_spells, [&disk] { disk.behaviour().read_only = true; }, [&disk] { disk.behaviour().read_only = false; });
  spells(
      options_.disk.slow_spells,
      [this, &disk] {
        disk.behaviour().operation_time = platform::sim::Micros{static_cast<std::int64_t>(prng_.below(30'000))};
        disk.behaviour().sync_time = platform::sim::Micros{static_cast<std::int64_t>(prng_.below(500'000))};
      },
      [&disk, good] {
        disk.behaviour().operation_time = good.operation_time;
        disk.behaviour().sync_time = good.sync_time;
      });
  spells(
      options_.disk.error_spells, [this, &disk] { disk.behaviour().io_errors_per_million = options_.disk.errors_per_million; },
      [&disk] { disk.behaviour().io_errors_per_million = 0; });
}

void Troubles::plan_pacs() {
  for (const auto& site : sites_) {
    at_random(options_.pacs_restarts, [this, &site = *site] { site.restart(prng_.coin(), moment(kSpellMax)); });
    spells(
        options_.full_spells, [&site = *site] { site.pacs().behaviour().full = true; },
        [&site = *site] { site.pacs().behaviour().full = false; });
  }
}

void Troubles::plan_clock() {
  at_random(options_.wall_clock_steps, [this] {
    constexpr std::uint64_t kStepMax = 40ULL * 24 * 3'600'000;
    world_.step_wall_clock(core::Millis{static_cast<std::int64_t>(prng_.below(2 * kStepMax)) - static_cast<std::int64_t>(kStepMax)});
  });
}

ConnectionPlan Troubles::plan_connection() {
  const auto& n = options_.network;
  ConnectionPlan plan;
  plan.latency = 100us + moment(n.latency_max + 1ms);
  plan.bytes_per_second = n.bytes_per_second;
  plan.read_bytes_max = n.read_bytes_max;
  plan.window_bytes = n.window_bytes;
  if (healed_) return plan;
  if (prng_.chance(n.refused)) plan.fate = DialFate::refused;
  if (prng_.chance(n.unreachable)) plan.fate = DialFate::unreachable;
  if (prng_.chance(n.silent_dials)) plan.fate = DialFate::silent;
  // Half of the objects are shorter than this; the association request alone has a few hundred bytes.
  constexpr std::uint64_t kBytesUntilTrouble = 20'000;
  if (prng_.chance(n.resets)) plan.reset_after = prng_.below(kBytesUntilTrouble);
  if (prng_.chance(n.silences)) plan.silence_after = prng_.below(kBytesUntilTrouble);
  if (prng_.chance(n.stalls)) {
    plan.stall_after = prng_.below(kBytesUntilTrouble);
    plan.stall_for = moment(20s);
  }
  return plan;
}

void Troubles::heal() {
  healed_ = true;
  const bool drops_data = options_.disk.failed_sync_drops_data;
  device_.disk().behaviour() = DiskBehaviour{};
  device_.disk().behaviour().failed_sync_drops_data = drops_data;
  for (const auto& site : sites_) {
    site->pacs().heal();
    site->boot();
  }
}

}  // namespace scanferry::tests
