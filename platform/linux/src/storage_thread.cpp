// SPDX-License-Identifier: Apache-2.0
#include "storage_thread.hpp"

#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "thread.hpp"

namespace scanferry::platform {

/// Starts the wait: Asio calls it with the handler that continues the coroutine.
struct LinuxStorageThread::Submit {
  LinuxStorageThread* thread;
  StorageJob* job;

  template <class Handler>
  void operator()(Handler&& handler) const {
    thread->submit(Entry{job, std::forward<Handler>(handler)});
  }
};

LinuxStorageThread::LinuxStorageThread(boost::asio::io_context& io)
    : io_{io}, thread_{start_thread([this] { work(); })} {}

void LinuxStorageThread::request_stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
}

void LinuxStorageThread::stop() {
  request_stop();
  if (thread_.joinable()) thread_.join();
  queue_.clear();
}

Task<void> LinuxStorageThread::execute(StorageJob& job) {
  const Submit submit{this, &job};
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(submit, boost::asio::use_awaitable);
}

void LinuxStorageThread::submit(Entry entry) {
  {
    const std::lock_guard lock{mutex_};
    queue_.push_back(std::move(entry));
  }
  changed_.notify_one();
}

void LinuxStorageThread::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Entry entry = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    entry.job->run();
    boost::asio::post(io_, [resume = std::move(entry.resume)]() mutable { resume(); });
    lock.lock();
  }
}

}  // namespace scanferry::platform
