// SPDX-License-Identifier: Apache-2.0
#include "profile.hpp"

#include <algorithm>
#include <utility>

namespace scanferry::platform {
namespace {

constexpr std::pair<std::string_view, TlsProfile> kProfiles[] = {
    {"bcp195", TlsProfile::bcp195},
    {"bcp195-extended", TlsProfile::bcp195_extended},
    {"bcp195-rfc7525", TlsProfile::bcp195_rfc7525},
    {"aes", TlsProfile::aes},
};
constexpr std::pair<std::string_view, TlsVerify> kVerifies[] = {
    {"full", TlsVerify::full},
    {"pinned", TlsVerify::pinned},
    {"none", TlsVerify::none},
};

template <class Table>
auto find_by_name(const Table& table, std::string_view name) -> std::optional<decltype(table[0].second)> {
  const auto found = std::ranges::find(table, name, [](const auto& row) { return row.first; });
  if (found == std::end(table)) return std::nullopt;
  return found->second;
}

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  return std::ranges::find(table, value, [](const auto& row) { return row.second; })->first;
}

}  // namespace

std::optional<TlsProfile> tls_profile(std::string_view name) { return find_by_name(kProfiles, name); }
std::string_view name_of(TlsProfile profile) { return name_in(kProfiles, profile); }
std::optional<TlsVerify> tls_verify(std::string_view name) { return find_by_name(kVerifies, name); }
std::string_view name_of(TlsVerify verify) { return name_in(kVerifies, verify); }

namespace tls {
namespace {

// AES-128 goes before AES-256: both are recommended, and boards without AES instructions feel the difference.

// RFC 9325 4.2: ephemeral keys, authenticated encryption; ChaCha20 beside what it recommends, and no finite fields, as it says.
constexpr int kBcp195[] = {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    0,
};

constexpr int kExtended[] = {
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};

constexpr int kRfc7525[] = {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_RSA_WITH_AES_128_CBC_SHA,
    0,
};

constexpr int kAes[] = {MBEDTLS_TLS_RSA_WITH_AES_128_CBC_SHA, 0};

/// PS3.15 B.10 and B.11: of finite fields at least so much.
[[maybe_unused]] constexpr unsigned kFiniteFieldBitsMin = 2048;

enum class Version : std::uint8_t { oldest, tls12, newest };

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
void limit(mbedtls_ssl_config& config, Version lowest, Version highest) {
  static_cast<void>(lowest);  // nothing below 1.2 is left in the library
  mbedtls_ssl_conf_min_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
  const bool newest = kHasTls13 && highest == Version::newest;
  mbedtls_ssl_conf_max_tls_version(&config, newest ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
}

// RFC 9325 4.2.1 and BSI TR-02102-2: 256 bits or more.
constexpr std::uint16_t kGroups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1, MBEDTLS_SSL_IANA_TLS_GROUP_BP256R1,   MBEDTLS_SSL_IANA_TLS_GROUP_BP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_BP512R1,   MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};
void choose_groups(mbedtls_ssl_config& config) { mbedtls_ssl_conf_groups(&config, kGroups); }

// As of the library itself, but PKCS #1 before PSS: 3.6.6 offers PSS to a server of TLS 1.2, too, and then refuses its signature. Most sign
// with the first that they have; for one that goes by its own order there is bcp195_extended. TLS 1.3 knows no PKCS #1 (RFC 8446 4.2.3).
constexpr std::uint16_t kSignatures[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384, MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
    MBEDTLS_TLS1_3_SIG_NONE,
};
void choose_signatures(mbedtls_ssl_config& config) { mbedtls_ssl_conf_sig_algs(&config, kSignatures); }
#else
void limit(mbedtls_ssl_config& config, Version lowest, Version highest) {
  static_cast<void>(highest);  // there is nothing above 1.2
  const int minor = lowest == Version::oldest ? MBEDTLS_SSL_MINOR_VERSION_1 : MBEDTLS_SSL_MINOR_VERSION_3;
  mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
}

// RFC 9325 4.2.1 and BSI TR-02102-2: 256 bits or more.
constexpr mbedtls_ecp_group_id kGroups[] = {
    MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_SECP521R1,
    MBEDTLS_ECP_DP_BP256R1,    MBEDTLS_ECP_DP_BP384R1,   MBEDTLS_ECP_DP_BP512R1,   MBEDTLS_ECP_DP_NONE,
};
void choose_groups(mbedtls_ssl_config& config) { mbedtls_ssl_conf_curves(&config, kGroups); }
void choose_signatures(mbedtls_ssl_config&) {}
#endif

struct Rules {
  const int* suites;
  Version lowest;
  Version highest;
};

Rules rules_of(TlsProfile profile) {
  switch (profile) {
    case TlsProfile::bcp195:
      return {kBcp195, Version::tls12, Version::newest};
    case TlsProfile::bcp195_extended:
      return {kExtended, Version::tls12, Version::tls12};
    case TlsProfile::bcp195_rfc7525:
      return {kRfc7525, Version::oldest, Version::newest};
    case TlsProfile::aes:
      return {kAes, Version::oldest, Version::tls12};
  }
  return {kBcp195, Version::tls12, Version::newest};
}

}  // namespace

void apply(TlsProfile profile, mbedtls_ssl_config& config) {
  const auto rules = rules_of(profile);
  mbedtls_ssl_conf_ciphersuites(&config, rules.suites);
  limit(config, rules.lowest, rules.highest);
  choose_groups(config);
  choose_signatures(config);
#if defined(MBEDTLS_DHM_C) && defined(MBEDTLS_SSL_CLI_C)
  // As a server the library uses a 2048-bit field (RFC 3526) by itself.
  mbedtls_ssl_conf_dhm_min_bitlen(&config, kFiniteFieldBitsMin);
#endif
}

std::string_view way_out(TlsProfile profile) {
  switch (profile) {
    case TlsProfile::bcp195:
      return "update the peer, or use the profile bcp195-extended, or bcp195-rfc7525 for an old peer";
    case TlsProfile::bcp195_extended:
      return "try the profile bcp195, or bcp195-rfc7525 for an old peer";
    case TlsProfile::bcp195_rfc7525:
      return "the peer is too old or too new: look at its TLS settings";
    case TlsProfile::aes:
      return "the peer has switched these off: use the profile bcp195";
  }
  return {};
}

}  // namespace tls
}  // namespace scanferry::platform
