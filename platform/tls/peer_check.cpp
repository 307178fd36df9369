// SPDX-License-Identifier: Apache-2.0
#include "peer_check.hpp"

#include <algorithm>

#include "certificate.hpp"

namespace scanferry::platform::tls {
namespace {

constexpr std::uint32_t kDates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
/// We are the only ones to use it: the certificate is not a pinned one.
constexpr std::uint32_t kNotPinned = MBEDTLS_X509_BADCERT_OTHER;

}  // namespace

int PeerCheck::callback(void* context, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags) {
  return static_cast<PeerCheck*>(context)->judge(*certificate, depth, *flags);
}

int PeerCheck::judge(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags) {
  flags &= ~kDates;  // those are by the C library's clock
  if (depth == 0) {
    peer_ = describe(certificate);
    flags = judge_own(certificate, flags);
  } else if (trust_.verify == TlsVerify::full) {
    flags |= judge_dates(certificate);
  } else {
    flags = 0;
  }
  flags_ |= flags;
  if ((flags & kDates) != 0 && !stale_) stale_ = describe(certificate);
  // Where no CA is asked for, mbedTLS only fails when told to.
  return trust_.verify == TlsVerify::pinned && flags != 0 ? MBEDTLS_ERR_X509_FATAL_ERROR : 0;
}

std::uint32_t PeerCheck::judge_dates(const mbedtls_x509_crt& certificate) const {
  const auto now = clock_.wall_now();
  if (now > wall_time_of(certificate.valid_to)) return MBEDTLS_X509_BADCERT_EXPIRED;
  if (now < wall_time_of(certificate.valid_from)) return MBEDTLS_X509_BADCERT_FUTURE;
  return 0;
}

std::uint32_t PeerCheck::judge_own(const mbedtls_x509_crt& certificate, std::uint32_t flags) const {
  if (trust_.verify == TlsVerify::none) return 0;
  if (trust_.verify == TlsVerify::pinned) flags = 0;
  flags |= judge_dates(certificate);
  if (!trust_.pinned.empty() && !is_pinned(peer_->fingerprint)) flags |= kNotPinned;
  const bool has_to_be_named = trust_.verify == TlsVerify::full && trust_.role == TlsRole::client && is_address(name_);
  if (has_to_be_named && !is_for_address(certificate, name_)) flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  return flags;
}

bool PeerCheck::judge_again(const mbedtls_x509_crt* certificate) {
  const bool is_asked_for = trust_.role == TlsRole::client || trust_.verify != TlsVerify::none;
  if (certificate == nullptr) {
    if (is_asked_for && trust_.verify != TlsVerify::none) flags_ |= MBEDTLS_X509_BADCERT_MISSING;
    return flags_ == 0;
  }
  std::uint32_t flags{0};
  (void)judge(*certificate, 0, flags);
  return flags == 0;
}

bool PeerCheck::is_pinned(const TlsFingerprint& fingerprint) const {
  return std::ranges::find(trust_.pinned, fingerprint) != trust_.pinned.end();
}

std::string PeerCheck::date_words() const {
  const auto now = clock_.wall_now();
  const auto whose = "the certificate " + stale_->subject;
  if (now > stale_->valid_until) return whose + " has expired on " + date_text(stale_->valid_until) + ": the peer needs a new one";
  return whose + " is valid from " + date_text(stale_->valid_from) + " on only, and it is " + date_text(now) +
         " by our clock: set the clock, here or where it was made";
}

std::string PeerCheck::strangers_words() const {
  auto words = "its certificate " + peer_->subject + ", issued by " + peer_->issuer +
               ", is of no CA that we trust: add the CA's certificate to " + trust_.ca_path +
               ", or pin sha256:" + to_string(peer_->fingerprint) + " if it is the right one";
  return words;
}

std::string PeerCheck::name_words() const {
  const auto names = peer_->names.empty() ? "nobody" : peer_->names;
  return "its certificate is for " + names + ", not for " + name_ +
         ": dial it by a name that is there, set that as the server name, or have the certificate made again";
}

std::string PeerCheck::why(std::uint32_t flags) const {
  if (flags == static_cast<std::uint32_t>(-1)) flags = 0;  // what mbedTLS says when a callback stopped it
  flags |= flags_;
  const auto has = [flags](std::uint32_t flag) { return (flags & flag) != 0; };
  if (has(MBEDTLS_X509_BADCERT_MISSING) || !peer_)
    return "it showed no certificate, and we demand one: give it one, or set verify = \"none\"";
  if (has(kNotPinned)) {
    return "its certificate " + peer_->subject +
           " is none of those pinned: if it is the right one, pin sha256:" + to_string(peer_->fingerprint);
  }
  if (has(MBEDTLS_X509_BADCERT_REVOKED)) return "its certificate " + peer_->subject + " has been revoked";
  if (has(kDates) && stale_) return date_words();
  if (has(MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY)) {
    return "a certificate of its chain has a key or a signature too weak to trust: have it made again, with SHA-256 and RSA of 2048 bits "
           "or P-256, or pin it";
  }
  if (has(MBEDTLS_X509_BADCERT_NOT_TRUSTED)) return strangers_words();
  if (has(MBEDTLS_X509_BADCERT_CN_MISMATCH)) return name_words();
  if (has(MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE | MBEDTLS_X509_BADCERT_NS_CERT_TYPE)) {
    return "its certificate " + peer_->subject + " is not made for a TLS " + (trust_.role == TlsRole::client ? "server" : "client") +
           " (key usage): have it made again, or pin it";
  }
  char text[200];
  const int length = mbedtls_x509_crt_verify_info(text, sizeof text, "", flags);
  return "its certificate " + peer_->subject + " is not good: " + std::string{text, length > 0 ? static_cast<std::size_t>(length) - 1 : 0};
}

}  // namespace scanferry::platform::tls
