// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/time.hpp>
#include <scanferry/platform/error.hpp>
#include <scanferry/platform/network.hpp>
#include <scanferry/platform/platform.hpp>
#include <scanferry/platform/task.hpp>

namespace scanferry::platform {

enum class TlsRole : std::uint8_t { client, server };

/// What may be negotiated: the secure transport connection profiles of PS3.15 Annex B.
enum class TlsProfile : std::uint8_t {
  /// B.12, BCP 195 as of RFC 8996 and 9325: TLS 1.2 and, where the library has it, 1.3; ephemeral elliptic curves and
  /// authenticated encryption only. Never downgrades.
  bcp195,
  /// B.11 (retired), Extended BCP 195: TLS 1.2 only, and B.10's suites with those for ECDSA: ephemeral keys, AES-GCM;
  /// finite-field Diffie-Hellman with 2048 bits or more.
  bcp195_extended,
  /// B.9 (retired), BCP 195 as of RFC 7525: the same suites first, down to TLS_RSA_WITH_AES_128_CBC_SHA and, where the
  /// library still has it, TLS 1.0.
  bcp195_rfc7525,
  /// B.3 (retired): TLS_RSA_WITH_AES_128_CBC_SHA from TLS 1.0 on, for the oldest peers. 3DES is gone from the libraries.
  aes,
};

/// How the peer proves who it is. In each mode but `none`, dates count.
enum class TlsVerify : std::uint8_t {
  /// A certificate of a CA that we trust and, of a server, for the name that was dialled. Pins, if any, narrow this further.
  full,
  /// One of the pinned certificates, whoever issued it and for whatever name.
  pinned,
  /// No proof: a server asks for no certificate, a client takes each. Protects against listeners alone.
  none,
};

/// The names in configurations: "bcp195", "bcp195-extended", "bcp195-rfc7525", "aes"; "full", "pinned", "none".
std::optional<TlsProfile> tls_profile(std::string_view name);
std::string_view name_of(TlsProfile profile);
std::optional<TlsVerify> tls_verify(std::string_view name);
std::string_view name_of(TlsVerify verify);

/// What a configuration says about TLS in one role. Files are PEM or DER; paths are absolute.
struct TlsOptions {
  TlsRole role{TlsRole::client};
  TlsProfile profile{TlsProfile::bcp195};
  TlsVerify verify{TlsVerify::full};
  std::string certificate_file;     ///< ours, with intermediate CAs behind it; a server needs one
  std::string key_file;             ///< its private key; empty: in certificate_file, too
  std::string key_password;         ///< of an encrypted key; empty: none
  std::string ca_path;              ///< a file with CA certificates, or a folder of such files
  std::vector<std::string> pinned;  ///< SHA-256 fingerprints of whole certificates: hexadecimal, with or without colons
  std::string server_name;          ///< that the server's certificate must be for; empty: the host that was dialled
};

/// SHA-256 of a whole certificate.
using TlsFingerprint = std::array<std::byte, 32>;
/// Hexadecimal, with or without colons and a "sha256:" before it; nullopt when it is not that.
std::optional<TlsFingerprint> parse_fingerprint(std::string_view text);
/// "3f2a...": 64 lower-case digits.
std::string to_string(const TlsFingerprint& fingerprint);

/// What people ask of a certificate.
struct TlsCertificate {
  std::string subject;  ///< "CN=pacs, O=Hospital"
  std::string issuer;
  std::string names;  ///< that it is for: "pacs.example, 192.0.2.7"
  core::WallTime valid_from{};
  core::WallTime valid_until{};
  TlsFingerprint fingerprint{};
};

/// Whole days until it expires, rounded down; negative when it has.
std::int64_t days_left(const TlsCertificate& certificate, core::WallTime now);
/// "the certificate of <whose> (CN=pacs) expires on ...: renew it"; empty when there is more than `notice` left.
std::string expiry_warning(const TlsCertificate& certificate, std::string_view whose, core::WallTime now, core::Millis notice);

/// How long before the end warnings begin.
inline constexpr core::Millis kTlsExpiryNotice = std::chrono::days{30};

/// What a finished handshake agreed on.
struct TlsInfo {
  std::string version;                 ///< "TLSv1.2"
  std::string suite;                   ///< "TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256"
  bool resumed{false};                 ///< abbreviated: the peer's proof is that of an earlier connection
  std::optional<TlsCertificate> peer;  ///< none when it showed none
};

struct TlsSettings;

/// Certificates, keys and rules for the connections of one role. Outlived by its streams if need be; what it borrows of the
/// platform is not.
///
/// Time for certificates and resumption is Clock's, chance is Random's: of cryptographic quality on a device, and predictable
/// in the simulator. Two things inside mbedTLS escape us: 2.28 writes the C library's time into the first four bytes of its
/// hello, where it means nothing, and 3.6 draws the keys of TLS 1.3 through PSA from the system itself.
class TlsContext {
 public:
  /// Reads the files, on the storage thread. Errors name the file or the option and what is wrong with it.
  static Task<Result<std::unique_ptr<TlsContext>>> load(const Platform& platform, TlsOptions options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// Reads the files again if any of them changed, and gives true when connections to come use new ones; those that exist
  /// keep the old. Warns, once a day, when ours is about to expire. On an error nothing has changed, and the next call tries again. Sessions and tickets of before are void.
  /// One call at a time.
  Task<Result<bool>> reload();

  /// TLS over `plain`, with the handshake done by `deadline`. `host` is what a client dialled, for the check of the
  /// certificate; of no meaning for servers. Failed: `insecure` when there was no agreement, else what the transport said.
  Task<Result<std::unique_ptr<ByteStream>>> secure(std::unique_ptr<ByteStream> plain, std::string host, core::Instant deadline);
  /// The same, with the handshake as part of the first read or write, within its deadline.
  std::unique_ptr<ByteStream> wrap(std::unique_ptr<ByteStream> plain, std::string host = {});

  /// Our own; none: a client without one.
  [[nodiscard]] const std::optional<TlsCertificate>& certificate() const;
  [[nodiscard]] const TlsOptions& options() const;

 private:
  TlsContext(const Platform& platform, std::shared_ptr<TlsSettings> settings);

  Platform platform_;
  std::shared_ptr<TlsSettings> settings_;
};

/// True when the first bytes of a connection begin a TLS handshake. For a port that expects plain DICOM: as PDU type 16H does
/// not exist (PS3.8 9.3.1), the two are never taken for each other.
constexpr bool looks_like_tls(core::ByteView first_bytes) {
  return first_bytes.size() >= 2 && first_bytes[0] == std::byte{0x16} && first_bytes[1] == std::byte{0x03};
}

}  // namespace scanferry::platform
