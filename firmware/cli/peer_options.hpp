// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/config.hpp"
#include "cli/peer_security.hpp"

namespace scanferry::firmware {

/// Who we are and whom we talk to, both as read from a command line.
struct Peer {
  dimse::AeTitle calling;
  DestinationConfig destination;
  std::shared_ptr<platform::Network> network;  ///< that leads to the peer; null: the platform's own

  /// `plain` with that network.
  [[nodiscard]] platform::Platform over(const platform::Platform& plain) const;
};

/// The options that name a peer: AET@host:port, or a destination of the agent's configuration.
class PeerOptions {
 public:
  void add_to(CLI::App& command);
  /// Blocks when there is a configuration to read. The peer's network is over that of `platform`, which outlives it.
  [[nodiscard]] Result<Peer> resolve(const platform::Platform& platform) const;
  /// As it was written.
  [[nodiscard]] const std::string& name() const { return peer_; }

 private:
  std::string aet_;
  std::string config_;
  std::string peer_;
  PeerSecurity security_;
};

}  // namespace scanferry::firmware
