// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include <scanferry/platform/log.hpp>
#include <scanferry/platform/platform.hpp>
#include <scanferry/platform/task.hpp>

namespace scanferry::platform {

/// The Linux port: one thread that runs all coroutines, one that blocks on the disk. One per process; it ignores SIGPIPE.
///
/// What the platform hands out (events, streams, listeners) must be gone before the runtime is, except what suspended
/// coroutines own: these are destroyed with the runtime, without being resumed.
class LinuxRuntime {
 public:
  /// Log lines below `lowest` are dropped.
  explicit LinuxRuntime(LogLevel lowest = LogLevel::info);
  ~LinuxRuntime();
  LinuxRuntime(const LinuxRuntime&) = delete;
  LinuxRuntime& operator=(const LinuxRuntime&) = delete;

  /// Valid as long as the runtime.
  [[nodiscard]] const Platform& platform() const;

  /// Starts a coroutine at the next turn of run(). An exception that escapes it is logged and ends the process.
  void spawn(Task<void> task);
  /// Runs until every spawned coroutine has ended, or until stop(). After the former it may be called again; in the latter
  /// case the storage thread has finished the job under way and dropped the others when run() returns.
  void run();
  /// Ends run() for good; suspended coroutines are never resumed.
  void stop();
  /// Calls `then` on the agent's thread at each SIGTERM and SIGINT.
  void on_terminate(std::function<void()> then);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace scanferry::platform
