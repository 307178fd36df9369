// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace scanferry::platform {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// Where the agent tells what it does. A line never holds patient data: instances are named by UID.
class Log {
 public:
  virtual ~Log() = default;
  /// One line without its end; `area` is the part of the agent that speaks ("ingest", "pusher pacs1").
  virtual void write(LogLevel level, std::string_view area, std::string_view line) = 0;
};

}  // namespace scanferry::platform
