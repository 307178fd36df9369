// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <scanferry/platform/tls.hpp>

#include "mbedtls.hpp"

namespace scanferry::platform::tls {

/// What a peer's certificate is held against.
struct Trust {
  TlsRole role{TlsRole::client};  ///< ours
  TlsVerify verify{TlsVerify::full};
  std::vector<TlsFingerprint> pinned;
  std::string ca_path;  ///< for words
};

/// Judges the certificates of one peer. mbedTLS looks at signatures, CAs and names; dates are judged here, by our clock, as are
/// pins and numeric addresses.
class PeerCheck {
 public:
  /// Borrows `trust` and `clock`. `name`: what a server's certificate must be for.
  PeerCheck(const Trust& trust, const Clock& clock, std::string name) : trust_{trust}, clock_{clock}, name_{std::move(name)} {}

  /// What mbedTLS calls for each certificate of the chain, the peer's own (depth 0) last; `context` is the PeerCheck.
  static int callback(void* context, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags);

  /// Judges what no callback saw, because the handshake was abbreviated: the certificate of the first one, or none.
  /// False: why() says what is wrong.
  bool judge_again(const mbedtls_x509_crt* certificate);

  /// The callback saw the peer's own certificate: the handshake is a full one.
  [[nodiscard]] bool saw_certificate() const { return peer_.has_value(); }
  [[nodiscard]] const std::optional<TlsCertificate>& peer() const { return peer_; }

  /// What is wrong with the certificates, and what to do, given what mbedTLS found in the end.
  [[nodiscard]] std::string why(std::uint32_t flags) const;

 private:
  [[nodiscard]] std::uint32_t judge_dates(const mbedtls_x509_crt& certificate) const;
  [[nodiscard]] std::uint32_t judge_own(const mbedtls_x509_crt& certificate, std::uint32_t flags) const;
  int judge(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags);
  [[nodiscard]] bool is_pinned(const TlsFingerprint& fingerprint) const;
  [[nodiscard]] std::string date_words() const;
  [[nodiscard]] std::string strangers_words() const;
  [[nodiscard]] std::string name_words() const;

  const Trust& trust_;
  const Clock& clock_;
  std::string name_;
  std::optional<TlsCertificate> peer_;
  std::uint32_t flags_{0};               ///< of all certificates so far
  std::optional<TlsCertificate> stale_;  ///< the first one whose dates are wrong, from the top
};

}  // namespace scanferry::platform::tls
