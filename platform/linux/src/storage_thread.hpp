// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <boost/asio/io_context.hpp>

#include <scanferry/platform/storage_thread.hpp>

namespace scanferry::platform {

class LinuxStorageThread final : public StorageThread {
 public:
  explicit LinuxStorageThread(boost::asio::io_context& io);
  ~LinuxStorageThread() { stop(); }
  LinuxStorageThread(const LinuxStorageThread&) = delete;
  LinuxStorageThread& operator=(const LinuxStorageThread&) = delete;

  /// No job begins any more. The coroutines of those that wait for their turn are never resumed.
  void request_stop();
  /// The same, and waits for the end of the job under way.
  void stop();

 protected:
  Task<void> execute(StorageJob& job) override;

 private:
  struct Entry {
    StorageJob* job;
    std::move_only_function<void()> resume;  ///< continues the coroutine; on the agent's thread only
  };
  struct Submit;

  void submit(Entry entry);
  void work();

  boost::asio::io_context& io_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> queue_;  ///< no longer than there are coroutines
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace scanferry::platform
