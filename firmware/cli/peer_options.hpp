// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <CLI/CLI.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/config.hpp"

namespace scanferry::firmware {

/// Who we are and whom we talk to, both as read from a command line.
struct Peer {
  dimse::AeTitle calling;
  DestinationConfig destination;

  /// Connecting, associating and each response may take so long.
  void limit_stages(double seconds);
  /// Each response may take so long; connecting and associating do not take longer, and seldom as long.
  void limit_response(double seconds);
};

/// The options that name a peer: AET@host:port, or a destination of the agent's configuration; and how it is spoken to.
class PeerOptions {
 public:
  void add_to(CLI::App& command);
  /// Blocks when there is a configuration to read.
  [[nodiscard]] Result<Peer> resolve(platform::Store& store) const;
  /// As it was written.
  [[nodiscard]] const std::string& name() const { return peer_; }

 private:
  std::string aet_;
  std::string config_;
  std::string peer_;
  SecurityConfig security_;
  UserConfig user_;
};

}  // namespace scanferry::firmware
