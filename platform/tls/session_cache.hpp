// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include <scanferry/core/time.hpp>

#include "mbedtls.hpp"

namespace scanferry::platform::tls {

/// The sessions that a client may take up again, one for each peer. A few KB each.
class SessionCache {
 public:
  /// Beyond these the oldest goes.
  static constexpr std::size_t kPeersMax = 32;

  /// Offers the session with `peer` to the handshake that `ssl` is about to begin; false when there is none.
  bool offer(mbedtls_ssl_context& ssl, const std::string& peer, core::Instant now);
  /// Keeps the session of `ssl`. One that was taken up again keeps its age.
  void keep(const mbedtls_ssl_context& ssl, const std::string& peer, core::Instant now, bool resumed);
  void forget(const std::string& peer) { entries_.erase(peer); }

 private:
  struct Entry {
    std::unique_ptr<SslSession> session;
    core::Instant begun{};
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace scanferry::platform::tls
