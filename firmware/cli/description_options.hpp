// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "agent/acquisition.hpp"

namespace scanferry::firmware {

/// The options that describe an acquisition on a command line: what a sidecar says in a folder.
class DescriptionOptions {
 public:
  void add_to(CLI::App& command);
  /// What they say together. A failure names the option.
  [[nodiscard]] Result<Acquisition> acquisition() const;

 private:
  Acquisition values_;
  std::string kind_{"us-multiframe"};
  std::string photometric_;
  std::uint16_t bits_stored_{0};
  double frame_time_ms_{0};
};

}  // namespace scanferry::firmware
