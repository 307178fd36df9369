// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <scanferry/platform/platform.hpp>

#include "agent/config.hpp"
#include "agent/spool.hpp"

namespace scanferry::firmware {

/// Deletes, as the last and separate step, what every destination has stored for longer than the config wants it kept; and
/// closes what another process began to write and left behind when it died.
class Housekeeping {
 public:
  Housekeeping(platform::Platform& platform, Spool& spool, const AgentConfig& config);

  /// Until `stop`.
  platform::Task<void> run();
  void stop();

 private:
  platform::Task<void> mend();
  platform::Task<Result<std::vector<std::string>>> tidy();
  void complain(const std::string& what);

  platform::Platform& platform_;
  Spool& spool_;
  const AgentConfig& config_;
  std::unique_ptr<platform::Event> wake_;
  std::vector<std::string> destinations_;
  std::string told_;  ///< said once, not every minute
  bool stopping_{false};
};

}  // namespace scanferry::firmware
