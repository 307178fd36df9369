// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include <scanferry/platform/platform.hpp>

#include "agent/association_listener.hpp"
#include "agent/config.hpp"
#include "agent/gateway.hpp"
#include "agent/health.hpp"
#include "agent/housekeeping.hpp"
#include "agent/pusher.hpp"
#include "agent/spool.hpp"
#include "agent/watched_folder.hpp"

namespace scanferry::firmware {

/// The agent: a handful of coroutines on one thread. It alone starts them, and it stops them.
class Agent {
 public:
  /// Borrows the platform, which must outlive every coroutine.
  Agent(platform::Platform platform, AgentConfig config);
  ~Agent();

  /// Opens the spool, mends what a crash left, and works until `stop`. A failure means that it could not begin.
  platform::Task<Result<void>> run();
  /// Lets the object in flight end, within the config's bound; then breaks off. May be called again: breaks off at once.
  void stop();

  /// The port on which C-ECHO is answered; 0 while there is none.
  [[nodiscard]] std::uint16_t listen_port() const { return listener_ ? listener_->port() : std::uint16_t{0}; }

 private:
  platform::Task<Result<void>> begin();
  platform::Task<void> prepare_listening();
  void tell_recovered(const Spool::Recovered& recovered);
  void start_all();
  void start_listener();
  void wake_pushers();
  void spawn(platform::Task<void> task);
  platform::Task<void> wait_for_end();
  void abort();
  void warn_of_strangers(const std::vector<DestinationCount>& counts);
  void log(platform::LogLevel level, const std::string& line) { platform_.log.write(level, "agent", line); }

  platform::Platform platform_;
  AgentConfig config_;
  boost::asio::any_io_executor executor_;      ///< of the thread that everything runs on
  std::unique_ptr<platform::Event> changed_;   ///< a coroutine ended, or a stop was asked for
  std::unique_ptr<Spool> spool_;
  std::vector<std::unique_ptr<Pusher>> pushers_;
  std::vector<std::unique_ptr<Health>> healths_;
  std::vector<std::unique_ptr<WatchedFolder>> folders_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Route> listening_;
  std::unique_ptr<AssociationListener> listener_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::size_t running_{0};
  bool stopping_{false};
  bool aborting_{false};
};

}  // namespace scanferry::firmware
