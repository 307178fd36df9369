// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker.hpp"
#include "echo_probe.hpp"
#include "lying_store.hpp"

namespace scanferry::tests {

/// What one run did.
struct RunReport {
  std::string failure;  ///< empty: all promises were kept
  std::uint64_t trace_hash{0};
  core::Millis virtual_time{0};
  std::uint64_t power_cuts{0};
  std::uint64_t kills{0};
  std::uint64_t objects{0};     ///< stored at destinations
  std::uint64_t receptions{0};  ///< of data sets, resends included
  std::uint64_t held{0};
  std::uint64_t operations{0};  ///< of the disk
  std::uint64_t changes{0};     ///< of the disk
  std::vector<std::string> log;
};

/// How a run is watched, and what is planted in it.
struct RunSetup {
  std::optional<Lie> lie;
  bool echo_log{false};
  bool print_trace{false};
  std::uint64_t cut_at_change{0};
  std::uint64_t fail_operation{0};
  platform::sim::CutMode cut_mode{platform::sim::CutMode::random};
};

/// One simulated life: camera, agent, destinations and everything that goes wrong, from the options' seed alone.
RunReport run_once(const RunOptions& options, const RunSetup& setup);

}  // namespace scanferry::tests
