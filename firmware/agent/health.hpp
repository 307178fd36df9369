// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/platform.hpp>

#include "agent/config.hpp"
#include "agent/link.hpp"
#include "agent/pusher.hpp"

namespace scanferry::firmware {

/// Asks one destination by C-ECHO, on a schedule, whether it is there; tells its pusher when it is, and the log when that changes.
class Health {
 public:
  Health(platform::Platform& platform, const AgentConfig& config, Pusher& pusher);

  /// Until `stop`.
  platform::Task<void> run();
  /// An echo under way is broken off.
  void stop();

 private:
  platform::Task<Result<void>> check();
  void note(const Result<void>& result);

  platform::Platform& platform_;
  const AgentConfig& config_;
  Pusher& pusher_;
  Route route_;
  std::string area_;
  std::unique_ptr<platform::Event> wake_;
  Link* link_{nullptr};
  bool asked_{false};
  std::string trouble_;  ///< of the last echo; empty: it was answered
  bool stopping_{false};
};

}  // namespace scanferry::firmware
