// SPDX-License-Identifier: Apache-2.0
#include "agent/security.hpp"

#include <algorithm>
#include <array>

namespace scanferry::firmware {
namespace {

constexpr std::array<std::string_view, 4> kProfiles{"bcp195", "bcp195-extended", "bcp195-rfc7525", "aes"};
constexpr std::array<std::string_view, 3> kVerifies{"full", "pinned", "none"};

Result<void> check_profile(const SecurityConfig& security) {
  if (std::ranges::find(kProfiles, security.profile) != kProfiles.end()) return {};
  return bad_input("'", security.profile, "' is no profile; known: bcp195, bcp195-extended, bcp195-rfc7525, aes");
}

}  // namespace

std::string verify_of(const SecurityConfig& security) {
  if (!security.verify.empty()) return security.verify;
  return security.ca.empty() && !security.pins.empty() ? "pinned" : "full";
}

Result<void> check(const SecurityConfig& security) {
  if (!security.is_wanted) return {};
  const std::string verify = verify_of(security);
  if (auto known = check_profile(security); !known) return known;
  if (std::ranges::find(kVerifies, verify) == kVerifies.end()) return bad_input("'", verify, "' is no way to verify; known: full, pinned, none");
  if (verify == "full" && security.ca.empty()) return bad_input("whom to trust is not said: a CA, a fingerprint, or to verify none");
  if (verify == "pinned" && security.pins.empty()) return bad_input("no fingerprint is named that the peer's certificate must have");
  return {};
}

Result<void> check_listening(const SecurityConfig& security) {
  if (!security.is_wanted) return {};
  if (security.certificate.empty()) return bad_input("who listens needs a certificate");
  return check_profile(security);
}

Route::Route(const platform::Platform& plain, const SecurityConfig& security, Side side)
    : secured_{security.is_wanted ? make_secured_network(plain, security, side) : nullptr},
      platform_{plain.clock,   plain.random, plain.store,     plain.storage, secured_ ? *secured_ : plain.network,
                plain.log, plain.sqlite_vfs} {}

platform::Task<Result<void>> Route::prepare() {
  if (!secured_) co_return Result<void>{};
  auto prepared = co_await secured_->prepare();
  if (!prepared) co_return no_luck(prepared.error());
  co_return Result<void>{};
}

}  // namespace scanferry::firmware
