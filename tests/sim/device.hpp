// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "device_program.hpp"
#include "run_options.hpp"

namespace scanferry::tests {

/// The device with its agent, and somebody who starts it again whenever it went down: power comes back, the service manager
/// restarts a process that ended.
class Device {
 public:
  static constexpr const char* kHost = "device";
  static constexpr const char* kSpool = "/spool";
  static constexpr std::uint16_t kPort = 11112;

  Device(platform::sim::World& world, platform::sim::Fabric& fabric, const RunOptions& options);

  platform::sim::SimNode& node() { return node_; }
  platform::sim::SimDisk& disk() { return node_.disk(); }
  /// Called after each power cut, before anything runs again.
  void on_power_cut(std::function<void()> hook) { power_cut_ = std::move(hook); }

  void boot();
  void cut_power(platform::sim::CutMode mode = platform::sim::CutMode::random);
  void kill();
  /// Asks the agent to stop; it comes back after a while.
  void restart();
  /// Asks the agent to stop and stays down; false when it does not stop in time.
  bool shut_down();

  struct Tally {
    std::uint64_t boots{0};
    std::uint64_t power_cuts{0};
    std::uint64_t kills{0};
    std::uint64_t failed_starts{0};
  };
  [[nodiscard]] const Tally& tally() const { return tally_; }
  static std::string destination_name(std::uint32_t index) { return "pacs" + std::to_string(index); }

 private:
  [[nodiscard]] firmware::AgentConfig config() const;
  void boot_after(core::Millis low, core::Millis high);
  void program_ended(const std::string& why);
  void power_was_cut();

  platform::sim::World& world_;
  const RunOptions& options_;
  platform::sim::SimNode node_;
  DeviceProgram* program_{nullptr};
  std::function<void()> power_cut_;
  std::uint64_t boot_{0};  ///< names the current one, so that nothing meant for an earlier one reaches it
  bool stays_down_{false};
  Tally tally_;
};

}  // namespace scanferry::tests
