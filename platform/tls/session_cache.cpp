// SPDX-License-Identifier: Apache-2.0
#include "session_cache.hpp"

#include <algorithm>

#include "ticket.hpp"

namespace scanferry::platform::tls {

bool SessionCache::offer(mbedtls_ssl_context& ssl, const std::string& peer, core::Instant now) {
  const auto found = entries_.find(peer);
  if (found == entries_.end()) return false;
  if (now - found->second.begun >= kSessionLifetime) {
    entries_.erase(found);
    return false;
  }
  return mbedtls_ssl_set_session(&ssl, found->second.session->get()) == 0;
}

void SessionCache::keep(const mbedtls_ssl_context& ssl, const std::string& peer, core::Instant now, bool resumed) {
  auto session = std::make_unique<SslSession>();
  if (mbedtls_ssl_get_session(&ssl, session->get()) != 0) return;
  const auto found = entries_.find(peer);
  const auto begun = resumed && found != entries_.end() ? found->second.begun : now;
  if (found == entries_.end() && entries_.size() >= kPeersMax) {
    entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.begun; }));
  }
  auto& entry = entries_[peer];
  entry.session = std::move(session);
  entry.begun = begun;
}

}  // namespace scanferry::platform::tls
