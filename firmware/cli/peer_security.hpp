// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <CLI/CLI.hpp>
#include <scanferry/platform/platform.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// How a peer is spoken to: plain or, in builds with TLS (SCANFERRY_TLS), as the options --tls... say.
class PeerSecurity {
 public:
  PeerSecurity();

  void add_to(CLI::App& command);
  /// The network to dial with, over that of `plain`, which outlives it; null: that of `plain` itself. Errors name the option.
  [[nodiscard]] Result<std::shared_ptr<platform::Network>> network(const platform::Platform& plain) const;

 private:
  struct Options;
  std::shared_ptr<Options> options_;
};

}  // namespace scanferry::firmware
