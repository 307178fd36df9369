// SPDX-License-Identifier: Apache-2.0
// A build without TLS: there is no option for it, so nobody believes to have it.
#include "cli/peer_security.hpp"

namespace scanferry::firmware {

struct PeerSecurity::Options {};

PeerSecurity::PeerSecurity() = default;

void PeerSecurity::add_to(CLI::App&) {}

Result<std::shared_ptr<platform::Network>> PeerSecurity::network(const platform::Platform&) const {
  return std::shared_ptr<platform::Network>{};
}

}  // namespace scanferry::firmware
