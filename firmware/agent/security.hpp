// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

/// The same for who listens: whose certificate is shown; senders need one where there is a CA or a fingerprint.
Result<void> check_listening(const SecurityConfig& security);

/// Who begins a connection, or who waits for one.
enum class Side : std::uint8_t { dialling, listening };

/// A Network with TLS, for one side. The files of `SecurityConfig` are read for the first connection, and again for a later one when
/// they have changed: a renewed certificate needs no restart. What cannot be read again leaves the old ones in use.
class SecuredNetwork : public platform::Network {
 public:
  /// Reads them now, for those who want to know what is wrong with them.
  virtual platform::Task<platform::Result<void>> prepare() = 0;
};
/// TLS over the network of `plain`, which outlives it. A build without TLS gives one that connects with nobody.
std::unique_ptr<SecuredNetwork> make_secured_network(const platform::Platform& plain, const SecurityConfig& security, Side side);

/// The platform for the connections with one peer, or of one port: with the network as it is, or with TLS over it.
class Route {
 public:
  /// `plain` outlives it. `security` has passed its check.
  Route(const platform::Platform& plain, const SecurityConfig& security, Side side = Side::dialling);
  [[nodiscard]] platform::Platform& platform() { return platform_; }
  /// As SecuredNetwork; without TLS there is nothing to be wrong.
  platform::Task<Result<void>> prepare();

 private:
  std::unique_ptr<SecuredNetwork> secured_;
  platform::Platform platform_;
};

}  // namespace scanferry::firmware
