// SPDX-License-Identifier: Apache-2.0
#include "agent/security.hpp"

#include <algorithm>
#include <array>

namespace scanferry::firmware {
namespace {

constexpr std::array<std::string_view, 4> kProfiles{"bcp195", "bcp195-extended", "bcp195-rfc7525", "aes"};
constexpr std::array<std::string_view, 3> kVerifies{"full", "pinned", "none"};

}  // namespace

std::string verify_of(const SecurityConfig& security) {
  if (!security.verify.empty()) return security.verify;
  return security.ca.empty() && !security.pins.empty() ? "pinned" : "full";
}

Result<void> check(const SecurityConfig& security) {
  if (!security.is_wanted) return {};
  const std::string verify = verify_of(security);
  if (std::ranges::find(kProfiles, security.profile) == kProfiles.end()) {
    return bad_input("'", security.profile, "' is no profile; known: bcp195, bcp195-extended, bcp195-rfc7525, aes");
  }
  if (std::ranges::find(kVerifies, verify) == kVerifies.end()) return bad_input("'", verify, "' is no way to verify; known: full, pinned, none");
  if (verify == "full" && security.ca.empty()) return bad_input("whom to trust is not said: a CA, a fingerprint, or to verify none");
  if (verify == "pinned" && security.pins.empty()) return bad_input("no fingerprint is named that the peer's certificate must have");
  return {};
}

Route::Route(const platform::Platform& plain, const SecurityConfig& security)
    : secure_{security.is_wanted ? make_secure_network(plain, security) : nullptr},
      platform_{plain.clock,   plain.random, plain.store,     plain.storage, secure_ ? *secure_ : plain.network,
                plain.log, plain.sqlite_vfs} {}

}  // namespace scanferry::firmware
