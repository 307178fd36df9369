// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <scanferry/core/time.hpp>
#include <scanferry/platform/log.hpp>

namespace scanferry::platform {

/// Lines on standard error, each in one write, so that they stay whole whoever else writes there. Any thread may use it.
class LinuxLog final : public Log {
 public:
  explicit LinuxLog(LogLevel lowest) : lowest_{lowest} {}
  void write(LogLevel level, std::string_view area, std::string_view line) override;

 private:
  LogLevel lowest_;
};

/// "2026-01-31T12:00:00.123Z info  pusher pacs1: stored\n". What could forge or garble a line becomes a space.
std::string log_line(core::WallTime at, LogLevel level, std::string_view area, std::string_view line);

}  // namespace scanferry::platform
