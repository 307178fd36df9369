// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include <scanferry/platform/platform.hpp>
#include <scanferry/platform/sim/clock.hpp>
#include <scanferry/platform/sim/disk.hpp>
#include <scanferry/platform/sim/log.hpp>
#include <scanferry/platform/sim/network.hpp>
#include <scanferry/platform/sim/storage_thread.hpp>
#include <scanferry/platform/sim/vfs.hpp>
#include <scanferry/platform/sim/world.hpp>

namespace scanferry::platform::sim {

/// What runs on a machine from boot to power cut. Its coroutines may refer to it.
class Program {
 public:
  virtual ~Program() = default;
};

/// One machine: a disk that survives, and a process that does not. The io_context is used as a queue of ready work only:
/// no socket, no timer, and nobody ever blocks in it.
class SimNode final : public Machine {
 public:
  SimNode(World& world, Fabric& fabric, std::string host);
  ~SimNode();
  SimNode(const SimNode&) = delete;
  SimNode& operator=(const SimNode&) = delete;

  /// Makes the program at each boot and spawns its coroutines.
  using MakeProgram = std::function<std::unique_ptr<Program>(SimNode&)>;
  void boot(const MakeProgram& make);
  /// Runs `task` on this machine. An exception that leaves it is a failure of the world.
  void spawn(Task<void> task);

  /// The power fails: not one more instruction of the program runs, and the disk decides what survived.
  void power_off(CutMode mode = CutMode::random);
  /// The process is killed; disk caches and the rest of the machine live on.
  void kill();
  [[nodiscard]] bool is_on() const { return context_ != nullptr; }
  /// The program, whose coroutines have ended by themselves, is destroyed in good order; the machine idles.
  void exit();
  /// All spawned coroutines have ended by themselves.
  [[nodiscard]] bool idle() const { return running_ == 0; }
  /// Called, outside the machine, after the disk lost its power during an operation and the machine with it.
  void on_power_lost(std::function<void()> hook) { power_lost_ = std::move(hook); }

  /// Puts another Store between the program and the disk, from the next boot on. The SQLite VFS stays on the disk. Borrowed.
  void interpose(Store& store);

  Platform& platform() { return *platform_; }
  World& world() { return world_; }
  SimDisk& disk() { return disk_; }
  SimLog& log() { return log_; }
  SimNetwork& network() { return network_; }
  SimClock& clock() { return clock_; }
  [[nodiscard]] const SimStorageThread& storage() const { return storage_; }
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] NodeId id() const { return id_; }

  bool run_one() override;
  void after_step() override;

 private:
  /// Destroys everything that a process has, in the one order that works.
  void end_process();

  World& world_;
  Fabric& fabric_;
  std::string host_;
  NodeId id_;
  SimRandom random_;
  SimDisk disk_;
  SimLog log_;
  SimClock clock_;
  SimNetwork network_;
  SimStorageThread storage_;
  SqliteVfs vfs_;
  std::optional<Platform> platform_;
  std::unique_ptr<boost::asio::io_context> context_;
  std::unique_ptr<Program> program_;
  std::uint64_t running_{0};
  std::function<void()> power_lost_;
};

}  // namespace scanferry::platform::sim
