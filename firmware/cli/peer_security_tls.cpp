// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "agent/secure_network.hpp"
#include "cli/peer_security.hpp"

namespace scanferry::firmware {

struct PeerSecurity::Options {
  bool is_wanted{false};
  platform::TlsOptions tls;
  std::string profile{"bcp195"};
  std::string verify;
};

PeerSecurity::PeerSecurity() : options_{std::make_shared<Options>()} {}

void PeerSecurity::add_to(CLI::App& command) {
  auto* tls = command.add_flag("--tls", options_->is_wanted, "With TLS; say whom to trust by --tls-ca or --tls-pin");
  const auto add = [&](const char* name, std::string& value, const char* about) { return command.add_option(name, value, about)->needs(tls); };
  add("--tls-ca", options_->tls.ca_path, "The CA that the peer's certificate must come from: a file, or a folder of files");
  add("--tls-cert", options_->tls.certificate_file, "Our certificate, where the peer asks for one");
  add("--tls-key", options_->tls.key_file, "Its private key; without it, the file of --tls-cert");
  add("--tls-name", options_->tls.server_name, "The name that the peer's certificate must be for; without it, the host");
  add("--tls-profile", options_->profile, "What may be agreed on (PS3.15 B): bcp195, bcp195-extended, bcp195-rfc7525, aes")
      ->capture_default_str()->check(CLI::IsMember({"bcp195", "bcp195-extended", "bcp195-rfc7525", "aes"}));
  command.add_option("--tls-pin", options_->tls.pinned, "SHA-256 fingerprint of the peer's certificate; may be given more than once")
      ->allow_extra_args(false)->needs(tls);
  add("--tls-verify", options_->verify, "full: by CA and name; pinned: by fingerprint; none: not at all")
      ->check(CLI::IsMember({"full", "pinned", "none"}));
}

Result<std::shared_ptr<platform::Network>> PeerSecurity::network(const platform::Platform& plain) const {
  if (!options_->is_wanted) return std::shared_ptr<platform::Network>{};
  platform::TlsOptions tls = options_->tls;
  for (std::string* path : {&tls.ca_path, &tls.certificate_file, &tls.key_file}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).string();
  }
  tls.profile = platform::tls_profile(options_->profile).value_or(tls.profile);
  const bool by_pins_alone = tls.ca_path.empty() && !tls.pinned.empty();
  if (by_pins_alone) tls.verify = platform::TlsVerify::pinned;
  if (!options_->verify.empty()) tls.verify = platform::tls_verify(options_->verify).value_or(tls.verify);
  if (tls.verify == platform::TlsVerify::full && tls.ca_path.empty()) {
    return bad_input("--tls: say whom to trust: --tls-ca FILE, --tls-pin FINGERPRINT, or --tls-verify none");
  }
  return std::make_shared<SecureNetwork>(plain, std::move(tls));
}

}  // namespace scanferry::firmware
