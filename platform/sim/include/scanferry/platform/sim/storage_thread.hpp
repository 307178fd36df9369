// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include <scanferry/platform/sim/disk.hpp>
#include <scanferry/platform/sim/world.hpp>
#include <scanferry/platform/storage_thread.hpp>

namespace scanferry::platform::sim {

/// The seam's StorageThread: jobs run through the World, one after the other. A job's work happens at one moment, and its
/// owner hears of it after the virtual time that the disk took: power may fail in between.
class SimStorageThread final : public StorageThread {
 public:
  SimStorageThread(World& world, NodeId owner, SimDisk& disk) : world_{world}, owner_{owner}, disk_{disk} {}

  /// The thread is gone with the jobs that it did not run yet.
  void drop();
  /// A job is under way: the only time at which a program may use the disk.
  [[nodiscard]] bool running() const { return running_; }

 private:
  struct Waiting {
    StorageJob* job;
    WaitId done;
  };
  Task<void> execute(StorageJob& job) override;
  void start_next();
  void run(std::uint64_t session);

  World& world_;
  NodeId owner_;
  SimDisk& disk_;
  std::deque<Waiting> jobs_;
  std::uint64_t session_{0};
  bool busy_{false};
  bool running_{false};
};

}  // namespace scanferry::platform::sim
