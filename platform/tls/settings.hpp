// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <scanferry/platform/tls.hpp>

#include "mbedtls.hpp"
#include "peer_check.hpp"
#include "session_cache.hpp"
#include "ticket.hpp"

namespace scanferry::platform {

/// What the connections of a TlsContext share until it is reloaded: everything from the files, the generator of random numbers, and
/// what can be taken up again. Neither moves nor changes its files' content.
struct TlsSettings {
  TlsSettings(TlsOptions chosen, const Platform& platform)
      : options{std::move(chosen)}, clock{platform.clock}, log{platform.log}, random{platform.random}, tickets{clock, *drbg.get()} {}

  /// Reads and checks everything. Blocks: storage thread only. `notes` gets what is odd but no error.
  static Result<std::shared_ptr<TlsSettings>> read(const TlsOptions& options, const Platform& platform, std::vector<std::string>& notes);
  /// Changes when a file does. Blocks: storage thread only.
  static Result<std::uint64_t> identity_of(const TlsOptions& options, Store& store);

  /// Warns in the log, once a day for each certificate.
  void warn_of_expiry(const TlsCertificate& peer, const std::string& whose);

  const TlsOptions options;
  Clock& clock;
  Log& log;
  Random& random;
  std::uint64_t identity{0};
  tls::Drbg drbg;
  tls::Certificates own;
  tls::PrivateKey key;
  tls::Certificates trusted;
  tls::Trust trust;
  std::optional<TlsCertificate> certificate;
  tls::SslConfig config;
  tls::SessionCache sessions;
  tls::TicketBox tickets;

 private:
  Result<void> seed();
  Result<void> read_own(Store& store, std::vector<std::string>& notes);
  /// A certificate may say what it is for (RFC 5280 4.2.1.12). A server of mbedTLS does not use another, without a word; of clients
  /// some servers do not mind.
  Result<void> check_purpose(std::vector<std::string>& notes) const;
  Result<void> read_trust(Store& store, std::vector<std::string>& notes);
  Result<void> read_trusted_file(Store& store, const std::string& path, std::vector<std::string>& notes);
  Result<void> configure();

  std::map<TlsFingerprint, core::Instant> warned_;
};

}  // namespace scanferry::platform
