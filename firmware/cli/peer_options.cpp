// SPDX-License-Identifier: Apache-2.0
#include "cli/peer_options.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/host.hpp"

namespace scanferry::firmware {
namespace {

void make_absolute(std::initializer_list<std::string*> paths) {
  for (std::string* path : paths) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).string();
  }
}

}  // namespace

void Peer::limit_stages(double seconds) {
  const core::Millis limit{static_cast<std::int64_t>(seconds * 1000)};
  destination.connect_timeout = limit;
  destination.timeouts.associate = limit;
  destination.timeouts.response = limit;
}

void Peer::limit_response(double seconds) {
  const core::Millis limit{static_cast<std::int64_t>(seconds * 1000)};
  destination.connect_timeout = std::min(destination.connect_timeout, limit);
  destination.timeouts.associate = std::min(destination.timeouts.associate, limit);
  destination.timeouts.response = limit;
}

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
  auto* user = command.add_option("--user", user_.name, "The user that we are, for a peer that asks; without --tls it goes over the wire in clear");
  command.add_option("--user-passcode-file", user_.passcode_file, "File whose first line is the passcode of --user")->needs(user);
  auto* type = command.add_option("--user-token-type", user_.token_type, "Instead of --user, a token: kerberos, saml or jwt");
  command.add_option("--user-token-file", user_.token_file, "The file that has it")->needs(type);
  command.add_flag("--user-must-confirm", user_.must_confirm, "Go on only when the peer says that it believes it");
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
  if (const auto meant = check(user_); !meant) return bad_input("--user: ", meant.error().message);
  auto destination = find_destination(config, peer_);
  if (!destination) return std::unexpected{destination.error()};
  if (security_.is_wanted) {
    destination->security = security_;
    make_absolute({&destination->security.ca, &destination->security.certificate, &destination->security.key});
  }
  if (!user_.name.empty() || !user_.token_type.empty()) {
    destination->user = user_;
    make_absolute({&destination->user.passcode_file, &destination->user.token_file});
  }
  return Peer{aet_.empty() ? config.aet : dimse::AeTitle{aet_}, std::move(*destination)};
}

}  // namespace scanferry::firmware
