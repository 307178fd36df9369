// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <scanferry/core/time.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// One line to standard output: results. The line's end is added.
void print(std::string_view line);
/// One line to standard error: "scanferry: ...".
void print_error(std::string_view line);

/// Words of a file or a peer for one line of a terminal: what it would obey, control characters of C0 and C1 and DEL, is a '?'.
std::string harmless(std::string_view text);

/// `text` as a JSON string, quotes included. What a terminal would obey is escaped.
std::string json_string(std::string_view text);

/// "12.3 MB"
std::string megabytes(std::uint64_t bytes);

/// A line that is redrawn on standard error while long work goes on; silent unless that is a terminal.
class Progress {
 public:
  explicit Progress(bool wanted);
  ~Progress();  ///< clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of `total` `unit`s and `bytes`, at most ten times a second. A `total` of 0 is unknown.
  void show(core::Instant now, std::uint64_t done, std::uint64_t total, std::string_view unit, std::uint64_t bytes);
  /// Makes room for another line.
  void clear();

 private:
  bool on_;
  bool drawn_{false};
  core::Instant last_{};
};

}  // namespace scanferry::firmware
