// SPDX-License-Identifier: Apache-2.0
#include "words.hpp"

#include <algorithm>
#include <iterator>

#include "mbedtls.hpp"
#include "profile.hpp"

namespace scanferry::platform::tls {
namespace {

struct Alert {
  int number;
  std::string_view name;
};

constexpr Alert kAlerts[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
};

std::string nothing_in_common(const Circumstances& at) {
  return "no TLS version and cipher suite of our profile " + std::string{name_of(at.profile)} +
         " suits both sides: " + std::string{way_out(at.profile)};
}

constexpr std::string_view kGiveUsOne = "if the peer wants a certificate of ours, set certificate and key";

/// What the alert says of us.
std::string meaning(int alert, const Circumstances& at) {
  const bool bare = !at.have_certificate;
  switch (alert) {
    case 40:
      return nothing_in_common(at) + (bare ? "; " + std::string{kGiveUsOne} : "");
    case 41:
    case 116:
      return "it wants a certificate of ours: set certificate and key";
    case 42:
    case 43:
    case 46:
    case 49:
      if (bare) return "it does not let us in without a certificate: set certificate and key";
      return "it does not accept our certificate: have the peer's administrator look why, and register ours there";
    case 44:
      return "our certificate has been revoked: get a new one";
    case 45:
      return "it says that our certificate has expired: renew it, or set the peer's clock";
    case 48:
      return "it does not know the CA of our certificate: register the CA, or our certificate, there";
    case 51:
      return "it cannot verify our signature: does our key belong to the certificate that it knows?";
    case 70:
    case 71:
    case 86:
      return nothing_in_common(at);
    case 112:
      return "no certificate of its own is for the name that we asked for: dial it by its name, or set the server name";
    case 80:
      return "it has trouble of its own: look into its log";
    default:
      return "look into its log";
  }
}

bool is_any(int code, std::initializer_list<int> codes) { return std::ranges::find(codes, code) != codes.end(); }

constexpr auto kNothingInCommon = {
#ifdef MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN
    MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN,
#endif
#ifdef MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE
    MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE,
#endif
#ifdef MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE
    MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE,
#endif
#ifdef MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION
    MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION,
#endif
#ifdef MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION
    MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION,
#endif
    MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE - 1'000'000,  // never; so that the list is none without elements
};

constexpr auto kNoClientCertificate = {
#ifdef MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE
    MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE,
#endif
    MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE - 1'000'000,
};

}  // namespace

std::string alert_name(int alert) {
  const auto found = std::ranges::find(kAlerts, alert, &Alert::number);
  return found == std::end(kAlerts) ? "alert " + std::to_string(alert) : std::string{found->name};
}

std::string alert_words(int alert, const Circumstances& at) {
  return "the peer broke off with " + alert_name(alert) + ": " + meaning(alert, at);
}

std::string handshake_words(int code, const Circumstances& at) {
  if (is_any(code, kNothingInCommon)) return nothing_in_common(at);
  if (is_any(code, kNoClientCertificate)) return "it showed no certificate, and we demand one: give it one, or set verify = \"none\"";
  // As clients of TLS 1.3 may, whose alert comes before their keys do.
  if (code == MBEDTLS_ERR_SSL_INVALID_MAC)
    return "the peer broke off with words that cannot be read, or what it sends is damaged: look into its log";
  return "what it sends is no proper TLS handshake (" + library_words(code) + "): is the address right?";
}

std::string not_tls_words(std::byte first, TlsRole role) {
  const auto type = std::to_integer<unsigned>(first);
  // Content types of RFC 5246 6.2.1 and of RFC 6520; a hello of SSL 2.0 is too old to be worth words.
  if (type >= 0x14 && type <= 0x18) return {};
  const bool is_pdu = type >= 0x01 && type <= 0x07;  // PS3.8 9.3
  if (!is_pdu) return "what it sends is neither TLS nor DICOM: is the address right?";
  return role == TlsRole::client ? "the peer speaks plain DICOM, not TLS: dial its TLS port, or switch TLS off for it"
                                 : "the peer speaks plain DICOM, not TLS: switch TLS on there, or let it dial our plain port";
}

std::string_view silence_hint(TlsRole role) {
  return role == TlsRole::client ? "; a peer that speaks plain DICOM may do so: is it its TLS port?" : "; is it a client for TLS?";
}

}  // namespace scanferry::platform::tls
