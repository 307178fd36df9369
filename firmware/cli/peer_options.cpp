// SPDX-License-Identifier: Apache-2.0
#include "cli/peer_options.hpp"

#include "cli/host.hpp"

namespace scanferry::firmware {

void PeerOptions::add_to(CLI::App& command) {
  command.add_option("--aet", aet_, "Our AE title; without it, that of --config, or SCANFERRY");
  command.add_option("--config", config_, "Configuration of the agent, for its destinations by name");
  command.add_option("peer", peer_, "AET@host:port, or with --config the name of a destination")->required();
  security_.add_to(command);
}

Result<Peer> PeerOptions::resolve(const platform::Platform& platform) const {
  AgentConfig config;
  config.aet = "SCANFERRY";
  if (!config_.empty()) {
    auto loaded = load_config(platform.store, config_);
    if (!loaded) return std::unexpected{loaded.error()};
    config = std::move(*loaded);
  }
  if (!aet_.empty() && !dimse::is_valid_ae_title(aet_)) return bad_input("--aet: an AE title has 1 to 16 characters and no backslash");
  auto network = security_.network(platform);
  if (!network) return std::unexpected{network.error()};
  auto destination = find_destination(config, peer_);
  if (!destination) return std::unexpected{destination.error()};
  return Peer{aet_.empty() ? config.aet : dimse::AeTitle{aet_}, std::move(*destination), std::move(*network)};
}

platform::Platform Peer::over(const platform::Platform& plain) const {
  return {plain.clock, plain.random, plain.store, plain.storage, network ? *network : plain.network, plain.log, plain.sqlite_vfs};
}

}  // namespace scanferry::firmware
