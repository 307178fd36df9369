// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <scanferry/core/delivery.hpp>
#include <scanferry/platform/sim/clock.hpp>
#include <scanferry/platform/sim/disk.hpp>
#include <scanferry/platform/sim/vfs.hpp>

namespace scanferry::tests {

/// What a ledger says at one moment.
struct LedgerView {
  std::map<std::pair<std::string, std::string>, core::DeliveryState> deliveries;  ///< by UID and destination
  std::set<std::string> instances;
  std::uint64_t spool_bytes{0};

  [[nodiscard]] std::size_t count(core::DeliveryState state) const;
};

/// Looks into a machine's ledger without disturbing it: copies its files to a disk of its own and opens them there. Jobs are
/// whole transactions, so between two steps of the world the files are always those of a ledger at rest.
class LedgerReader {
 public:
  explicit LedgerReader(platform::sim::World& world);

  enum class Of : std::uint8_t {
    program,  ///< what the agent sees
    platter,  ///< what would be left if the power failed now and nothing unsynced survived
  };
  /// Nothing when there is no ledger, or it cannot be read.
  std::optional<LedgerView> read(const platform::sim::SimDisk& disk, Of of);

 private:
  platform::sim::SimDisk disk_;
  platform::sim::SimClock clock_;
  platform::sim::SimRandom random_;
  platform::sim::SqliteVfs vfs_;
};

}  // namespace scanferry::tests
