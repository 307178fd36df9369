// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <scanferry/platform/platform.hpp>

#include "agent/config.hpp"
#include "agent/spool.hpp"

namespace scanferry::firmware {

/// Deletes, as the last and separate step, what every destination has stored for longer than the config wants it kept.
class Housekeeping {
 public:
  Housekeeping(platform::Platform& platform, Spool& spool, const AgentConfig& config);

  /// Until `stop`.
  platform::Task<void> run();
  void stop();

 private:
  platform::Task<Result<std::vector<std::string>>> tidy();

  platform::Platform& platform_;
  Spool& spool_;
  const AgentConfig& config_;
  std::unique_ptr<platform::Event> wake_;
  bool stopping_{false};
};

}  // namespace scanferry::firmware
