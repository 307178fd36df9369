// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <scanferry/platform/platform.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// Whether and how a peer is spoken to with TLS. Names as platform/tls.hpp has them; paths are absolute.
struct SecurityConfig {
  bool is_wanted{false};
  std::string profile{"bcp195"};
  std::string verify;       ///< empty: "pinned" where there are pins and no CA, else "full"
  std::string ca;           ///< a file, or a folder of files
  std::string certificate;  ///< ours
  std::string key;          ///< empty: in the file of the certificate
  std::string name;         ///< that the peer's certificate must be for; empty: the host
  std::vector<std::string> pins;
};

/// "pinned", "full" or "none".
std::string verify_of(const SecurityConfig& security);
/// What cannot be meant, in words that name no option: whom to trust was not said, a name is not known.
Result<void> check(const SecurityConfig& security);

/// The platform on the way to one peer: with the network as it is, or with TLS over it. A build without TLS dials nobody who wants it.
class Route {
 public:
  /// `plain` outlives it. `security` has passed `check`.
  Route(const platform::Platform& plain, const SecurityConfig& security);
  [[nodiscard]] platform::Platform& platform() { return platform_; }

 private:
  std::unique_ptr<platform::Network> secure_;
  platform::Platform platform_;
};

/// TLS over the network of `plain`, which outlives it.
std::unique_ptr<platform::Network> make_secure_network(const platform::Platform& plain, const SecurityConfig& security);

/// For whoever connects to us: TLS with our certificate, and with theirs where `security` has a CA. `plain` outlives it.
platform::Task<Result<std::unique_ptr<platform::Network>>> load_listening_network(platform::Platform plain, SecurityConfig security);

}  // namespace scanferry::firmware
