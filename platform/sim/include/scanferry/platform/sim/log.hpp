// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <string>

#include <scanferry/platform/log.hpp>
#include <scanferry/platform/sim/world.hpp>

namespace scanferry::platform::sim {

/// The last lines of one machine's log, to be read after a failure.
class SimLog final : public Log {
 public:
  static constexpr std::size_t kLinesMax = 400;

  explicit SimLog(World& world) : world_{world} {}
  void write(LogLevel level, std::string_view area, std::string_view line) override;

  [[nodiscard]] const std::deque<std::string>& lines() const { return lines_; }
  /// Called with each line and its area.
  using Listener = std::function<void(std::string_view area, std::string_view line)>;
  void listen(Listener listener) { listener_ = std::move(listener); }
  /// Prints each line at once to standard error, too.
  void echo(bool on) { echo_ = on; }

 private:
  World& world_;
  std::deque<std::string> lines_;
  Listener listener_;
  bool echo_{false};
};

}  // namespace scanferry::platform::sim
