// SPDX-License-Identifier: Apache-2.0
#include "agent/secure_network.hpp"
#include "agent/security.hpp"

namespace scanferry::firmware {

std::unique_ptr<platform::Network> make_secure_network(const platform::Platform& plain, const SecurityConfig& security) {
  platform::TlsOptions tls;
  tls.profile = platform::tls_profile(security.profile).value_or(tls.profile);
  tls.verify = platform::tls_verify(verify_of(security)).value_or(tls.verify);
  tls.certificate_file = security.certificate;
  tls.key_file = security.key;
  tls.ca_path = security.ca;
  tls.pinned = security.pins;
  tls.server_name = security.name;
  return std::make_unique<SecureNetwork>(plain, std::move(tls));
}

}  // namespace scanferry::firmware
