// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/linux/runtime.hpp>

#include <csignal>
#include <exception>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "clock.hpp"
#include "log.hpp"
#include "network.hpp"
#include "random.hpp"
#include "storage_thread.hpp"
#include "store.hpp"

namespace scanferry::platform {
namespace {

/// Our own code does not throw: this is a bug, or no memory. The supervisor restarts the agent from what is on disk.
[[noreturn]] void die_of(const std::exception_ptr& error, Log& log) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    log.write(LogLevel::error, "runtime", std::string{"a coroutine threw: "}.append(exception.what()));
  } catch (...) {
    log.write(LogLevel::error, "runtime", "a coroutine threw something that is no std::exception");
  }
  std::terminate();
}

}  // namespace

// Destroyed from the last to the first: the storage thread is gone before the io_context destroys the coroutines whose jobs
// it runs.
struct LinuxRuntime::Parts {
  explicit Parts(LogLevel lowest) : log{lowest} {}

  boost::asio::io_context io{1};
  LinuxLog log;
  LinuxClock clock{io};
  LinuxRandom random;
  LinuxStore store;
  LinuxNetwork network{io};
  LinuxStorageThread storage{io};
  Platform platform{clock, random, store, storage, network, log, {}};
  std::optional<boost::asio::signal_set> signals;
  std::function<void()> then;
  std::size_t coroutines{0};
  bool stopped{false};

  void coroutine_ended(const std::exception_ptr& error) {
    if (error) die_of(error, log);
    if (--coroutines == 0) io.stop();
  }

  void wait_for_signal() {
    signals->async_wait([this](boost::system::error_code error, int) {
      if (error) return;
      wait_for_signal();
      then();
    });
  }
};

LinuxRuntime::LinuxRuntime(LogLevel lowest) : parts_{std::make_unique<Parts>(lowest)} {
  std::signal(SIGPIPE, SIG_IGN);  // sendfile has no MSG_NOSIGNAL
}

LinuxRuntime::~LinuxRuntime() = default;

const Platform& LinuxRuntime::platform() const { return parts_->platform; }

void LinuxRuntime::spawn(Task<void> task) {
  ++parts_->coroutines;
  boost::asio::co_spawn(parts_->io, std::move(task),
                        [parts = parts_.get()](const std::exception_ptr& error) { parts->coroutine_ended(error); });
}

void LinuxRuntime::run() {
  if (parts_->stopped || parts_->coroutines == 0) return;
  parts_->io.restart();
  const auto work = boost::asio::make_work_guard(parts_->io);  // a job of the storage thread is none for the io_context
  parts_->io.run();
  if (parts_->stopped) parts_->storage.stop();
}

void LinuxRuntime::stop() {
  parts_->stopped = true;
  parts_->storage.request_stop();
  parts_->io.stop();
}

void LinuxRuntime::on_terminate(std::function<void()> then) {
  parts_->then = std::move(then);
  if (parts_->signals) return;
  parts_->signals.emplace(parts_->io, SIGTERM, SIGINT);
  parts_->wait_for_signal();
}

}  // namespace scanferry::platform
