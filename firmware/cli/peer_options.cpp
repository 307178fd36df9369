// SPDX-License-Identifier: Apache-2.0
#include "cli/peer_options.hpp"

#include <filesystem>

#include "cli/host.hpp"

namespace scanferry::firmware {
namespace {

SecurityConfig with_absolute_paths(SecurityConfig security) {
  for (std::string* path : {&security.ca, &security.certificate, &security.key}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).string();
  }
  return security;
}

}  // namespace

void PeerOptions::add_to(CLI::App& command) {
  command.add_option("--aet", aet_, "Our AE title; without it, that of --config, or SCANFERRY");
  command.add_option("--config", config_, "Configuration of the agent, for its destinations by name");
  command.add_option("peer", peer_, "AET@host:port, or with --config the name of a destination")->required();
  auto* tls = command.add_flag("--tls", security_.is_wanted, "With TLS; --tls-ca or --tls-pin says whom to trust");
  const auto add = [&](const char* name, std::string& value, const char* about) { return command.add_option(name, value, about)->needs(tls); };
  add("--tls-ca", security_.ca, "The CA that the peer's certificate must come from: a file, or a folder of files");
  add("--tls-cert", security_.certificate, "Our certificate, where the peer asks for one");
  add("--tls-key", security_.key, "Its private key; without it, the file of --tls-cert");
  add("--tls-name", security_.name, "The name that the peer's certificate must be for; without it, the host");
  add("--tls-profile", security_.profile, "What may be agreed on (PS3.15 B): bcp195, bcp195-extended, bcp195-rfc7525, aes")->capture_default_str();
  command.add_option("--tls-pin", security_.pins, "SHA-256 fingerprint of the peer's certificate; may be given more than once")
      ->allow_extra_args(false)->needs(tls);
  add("--tls-verify", security_.verify, "full: by CA and name; pinned: by fingerprint; none: not at all");
}

Result<Peer> PeerOptions::resolve(platform::Store& store) const {
  AgentConfig config;
  config.aet = "SCANFERRY";
  if (!config_.empty()) {
    auto loaded = load_config(store, config_);
    if (!loaded) return std::unexpected{loaded.error()};
    config = std::move(*loaded);
  }
  if (!aet_.empty() && !dimse::is_valid_ae_title(aet_)) return bad_input("--aet: an AE title has 1 to 16 characters and no backslash");
  if (const auto meant = check(security_); !meant) return bad_input("--tls: ", meant.error().message, "; see --tls-ca, --tls-pin and --tls-verify");
  auto destination = find_destination(config, peer_);
  if (!destination) return std::unexpected{destination.error()};
  if (security_.is_wanted) destination->security = with_absolute_paths(security_);
  return Peer{aet_.empty() ? config.aet : dimse::AeTitle{aet_}, std::move(*destination)};
}

}  // namespace scanferry::firmware
