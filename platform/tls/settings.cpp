// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <algorithm>
#include <cstring>

#include <mbedtls/oid.h>
#include <mbedtls/pkcs5.h>

#if defined(MBEDTLS_PSA_CRYPTO_C) && MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#define SCANFERRY_TLS_HAS_PSA 1
#else
#define SCANFERRY_TLS_HAS_PSA 0
#endif

#include "certificate.hpp"
#include "profile.hpp"

namespace scanferry::platform {
namespace {

/// A file of certificates or keys is a few KB; the CAs of the whole world are 220 KB.
constexpr std::uint64_t kFileBytesMax = 1U << 20U;
/// Files of a folder of CAs.
constexpr std::size_t kTrustedFilesMax = 1000;
constexpr core::Millis kWarningPause = std::chrono::days{1};
constexpr std::size_t kWarnedMax = 64;

std::unexpected<Error> refused(std::string detail) { return std::unexpected{Error{Errc::insecure, std::move(detail)}}; }
std::unexpected<Error> refused(std::string_view what, const std::string& path, std::string_view why) {
  return refused(std::string{what}.append(" ").append(path).append(": ").append(why));
}

/// The bytes of a file, and a zero behind them that mbedTLS wants of PEM; wiped in the end.
class SecretFile {
 public:
  static Result<SecretFile> read(Store& store, const std::string& path) {
    auto file = store.open(path, OpenMode::read);
    if (!file) return std::unexpected{std::move(file.error())};
    const auto size = (*file)->size();
    if (!size) return std::unexpected{size.error()};
    if (*size > kFileBytesMax) return refused("cannot use", path, "it is too large for certificates or keys");
    SecretFile out;
    out.bytes_.resize(static_cast<std::size_t>(*size) + 1);
    const auto got = (*file)->read_at(0, core::ByteBuffer{out.bytes_}.first(out.bytes_.size() - 1));
    if (!got) return std::unexpected{got.error()};
    if (*got + 1 != out.bytes_.size()) return refused("cannot use", path, "it changed while it was read");
    return out;
  }
  SecretFile(SecretFile&&) = default;
  SecretFile& operator=(SecretFile&&) = default;
  ~SecretFile() { mbedtls_platform_zeroize(bytes_.data(), bytes_.size()); }

  [[nodiscard]] const unsigned char* data() const { return tls::raw(core::ByteView{bytes_}); }
  /// With the zero for PEM, without for DER.
  [[nodiscard]] std::size_t size() const {
    const auto text = core::text_of(core::ByteView{bytes_}.first(bytes_.size() - 1));
    return text.find("-----BEGIN ") == std::string_view::npos ? bytes_.size() - 1 : bytes_.size();
  }

 private:
  SecretFile() = default;
  std::vector<std::byte> bytes_;
};

int draw(void* random, unsigned char* into, std::size_t size) {
  auto& source = *static_cast<Random*>(random);
  while (size > 0) {
    const auto bits = source.next();
    const auto count = std::min(size, sizeof bits);
    std::memcpy(into, &bits, count);
    into += count;
    size -= count;
  }
  return 0;
}

int parse_key(mbedtls_pk_context* key, const SecretFile& file, const std::string& password, mbedtls_ctr_drbg_context* random) {
  const auto* const secret = password.empty() ? nullptr : tls::raw(core::bytes_of(password));
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_pk_parse_key(key, file.data(), file.size(), secret, password.size(), mbedtls_ctr_drbg_random, random);
#else
  static_cast<void>(random);
  return mbedtls_pk_parse_key(key, file.data(), file.size(), secret, password.size());
#endif
}

int check_pair(const mbedtls_x509_crt& certificate, const mbedtls_pk_context* key, mbedtls_ctr_drbg_context* random) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_pk_check_pair(&certificate.pk, key, mbedtls_ctr_drbg_random, random);
#else
  static_cast<void>(random);
  return mbedtls_pk_check_pair(&certificate.pk, key);
#endif
}

std::string key_trouble(int code, bool has_password) {
  if (code == MBEDTLS_ERR_PK_PASSWORD_REQUIRED) return "the key is encrypted: set its password";
  if (code == MBEDTLS_ERR_PK_PASSWORD_MISMATCH) return "the password is not the key's";
  // 2.28 reads PKCS #8 with 3DES alone; OpenSSL 3 writes AES.
  if (code == MBEDTLS_ERR_PKCS5_FEATURE_UNAVAILABLE) {
    return "it is encrypted in a way that the TLS library does not read: convert it with 'openssl rsa -aes256 -traditional' ('openssl ec "
           "-aes256')";
  }
  return "there is no private key in it that we can read (" + tls::library_words(code) + ")" +
         (has_password ? ", or its password is another" : "");
}

std::uint64_t mix(std::uint64_t so_far, std::uint64_t more) { return (so_far ^ more) * 0x100000001B3ULL; }

/// The files that `ca_path` stands for: itself, or all in the folder.
Result<std::vector<std::string>> trusted_files(const TlsOptions& options, Store& store) {
  std::vector<std::string> paths;
  if (options.ca_path.empty()) return paths;
  const auto info = store.info(options.ca_path);
  if (!info) return std::unexpected{info.error()};
  if (!info->is_directory) return std::vector{options.ca_path};
  const auto entries = store.list(options.ca_path);
  if (!entries) return std::unexpected{entries.error()};
  for (const auto& entry : *entries) {
    if (!entry.is_directory) paths.push_back(options.ca_path + "/" + entry.name);
  }
  if (paths.size() > kTrustedFilesMax) return refused("cannot use the folder", options.ca_path, "it has more than 1000 files");
  return paths;
}

}  // namespace

Result<std::uint64_t> TlsSettings::identity_of(const TlsOptions& options, Store& store) {
  auto paths = trusted_files(options, store);
  if (!paths) return std::unexpected{std::move(paths.error())};
  for (const auto* own : {&options.certificate_file, &options.key_file}) {
    if (!own->empty()) paths->push_back(*own);
  }
  std::uint64_t identity{0xCBF29CE484222325ULL};
  for (const auto& path : *paths) {
    const auto info = store.info(path);
    if (!info) return std::unexpected{info.error()};
    identity = mix(identity, info->identity);
  }
  return identity;
}

Result<std::shared_ptr<TlsSettings>> TlsSettings::read(const TlsOptions& options, const Platform& platform,
                                                       std::vector<std::string>& notes) {
  auto settings = std::make_shared<TlsSettings>(options, platform);
  // Before the files are read: a change in between is seen next time.
  const auto identity = identity_of(options, platform.store);
  if (!identity) return std::unexpected{identity.error()};
  settings->identity = *identity;
  if (auto done = settings->seed(); !done) return std::unexpected{std::move(done.error())};
  if (auto done = settings->read_own(platform.store, notes); !done) return std::unexpected{std::move(done.error())};
  if (auto done = settings->read_trust(platform.store, notes); !done) return std::unexpected{std::move(done.error())};
  if (auto done = settings->configure(); !done) return std::unexpected{std::move(done.error())};
  return settings;
}

Result<void> TlsSettings::seed() {
#if SCANFERRY_TLS_HAS_PSA
  if (psa_crypto_init() != PSA_SUCCESS)
    return refused("the cryptography library does not start: is there a source of randomness on this system?");
#endif
  const int result = mbedtls_ctr_drbg_seed(drbg.get(), draw, &random, nullptr, 0);
  if (result != 0) return refused("no random numbers for TLS: " + tls::library_words(result));
  return {};
}

Result<void> TlsSettings::read_own(Store& store, std::vector<std::string>& notes) {
  if (options.certificate_file.empty()) {
    if (options.role == TlsRole::server) return refused("a TLS server needs a certificate and its key: set both");
    if (!options.key_file.empty()) return refused("there is a key for TLS without a certificate: set the certificate, too");
    return {};
  }
  const auto file = SecretFile::read(store, options.certificate_file);
  if (!file) return std::unexpected{file.error()};
  const int parsed = mbedtls_x509_crt_parse(own.get(), file->data(), file->size());
  if (parsed != 0) {
    return refused("cannot use the certificate file", options.certificate_file,
                   parsed > 0 ? "not all certificates in it can be read"
                              : "there is no certificate in it that we can read (" + tls::library_words(parsed) + ")");
  }
  const auto& key_path = options.key_file.empty() ? options.certificate_file : options.key_file;
  const auto key_bytes = SecretFile::read(store, key_path);
  if (!key_bytes) return std::unexpected{key_bytes.error()};
  const int result = parse_key(key.get(), *key_bytes, options.key_password, drbg.get());
  if (result != 0) return refused("cannot use the key file", key_path, key_trouble(result, !options.key_password.empty()));
  if (check_pair(*own.get(), key.get(), drbg.get()) != 0) {
    return refused("the key in " + key_path + " does not belong to the certificate in " + options.certificate_file +
                   ": the first certificate there must be ours, those of CAs come behind it");
  }
  if (auto fits = check_purpose(notes); !fits) return fits;
  certificate = tls::describe(*own.get());
  return {};
}

Result<void> TlsSettings::check_purpose(std::vector<std::string>& notes) const {
  const bool serves = options.role == TlsRole::server;
  const std::string_view purpose = serves ? MBEDTLS_OID_SERVER_AUTH : MBEDTLS_OID_CLIENT_AUTH;
  if (mbedtls_x509_crt_check_extended_key_usage(own.get(), purpose.data(), purpose.size()) == 0) return {};
  auto words = "the certificate in " + options.certificate_file + " is not made for a TLS " + (serves ? "server" : "client") +
               " (extended key usage): have one made that is";
  if (serves) return refused(std::move(words));
  notes.push_back(std::move(words));
  return {};
}

Result<void> TlsSettings::read_trust(Store& store, std::vector<std::string>& notes) {
  trust.role = options.role;
  trust.verify = options.verify;
  trust.ca_path = options.ca_path;
  for (const auto& pin : options.pinned) {
    const auto fingerprint = parse_fingerprint(pin);
    if (!fingerprint)
      return refused("the pin '" + pin +
                     "' is no SHA-256 fingerprint: 64 hexadecimal digits, as openssl x509 -fingerprint -sha256 shows them");
    trust.pinned.push_back(*fingerprint);
  }
  if (options.verify == TlsVerify::pinned && trust.pinned.empty())
    return refused("verify is \"pinned\" and no certificate is pinned: pin one, or set a CA and verify = \"full\"");
  if (options.verify != TlsVerify::full) return {};
  const auto paths = trusted_files(options, store);
  if (!paths) return std::unexpected{paths.error()};
  for (const auto& path : *paths) {
    if (auto done = read_trusted_file(store, path, notes); !done) return done;
  }
  if (trusted->version == 0)
    return refused("there is no CA to check the peer's certificate with: set one, pin the certificate, or set verify = \"none\"");
  return {};
}

Result<void> TlsSettings::read_trusted_file(Store& store, const std::string& path, std::vector<std::string>& notes) {
  const bool alone = path == options.ca_path;
  const auto file = SecretFile::read(store, path);
  if (!file) return std::unexpected{file.error()};
  const int result = mbedtls_x509_crt_parse(trusted.get(), file->data(), file->size());
  if (result < 0 && alone)
    return refused("cannot use the CA file", path, "there is no certificate in it that we can read (" + tls::library_words(result) + ")");
  if (result < 0) notes.push_back(path + " among the CAs is no certificate that we can read: left out");
  if (result > 0) notes.push_back(std::to_string(result) + " certificates in " + path + " cannot be read: left out");
  return {};
}

Result<void> TlsSettings::configure() {
  const bool serves = options.role == TlsRole::server;
  int result = mbedtls_ssl_config_defaults(config.get(), serves ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                           MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (result != 0) return refused("TLS cannot be set up: " + tls::library_words(result));
  mbedtls_ssl_conf_rng(config.get(), mbedtls_ctr_drbg_random, drbg.get());
  tls::apply(options.profile, *config.get());
  switch (options.verify) {
    case TlsVerify::full:
      mbedtls_ssl_conf_authmode(config.get(), MBEDTLS_SSL_VERIFY_REQUIRED);
      mbedtls_ssl_conf_ca_chain(config.get(), trusted.get(), nullptr);
      break;
    // REQUIRED wants CAs; PeerCheck demands the pinned certificate itself.
    case TlsVerify::pinned:
      mbedtls_ssl_conf_authmode(config.get(), MBEDTLS_SSL_VERIFY_OPTIONAL);
      break;
    // As a client PeerCheck still wants to see the certificate, to tell of it.
    case TlsVerify::none:
      mbedtls_ssl_conf_authmode(config.get(), serves ? MBEDTLS_SSL_VERIFY_NONE : MBEDTLS_SSL_VERIFY_OPTIONAL);
      break;
  }
  if (certificate) result = mbedtls_ssl_conf_own_cert(config.get(), own.get(), key.get());
  if (result != 0) return refused("TLS cannot be set up: " + tls::library_words(result));
  if (serves) {
    tickets.attach(*config.get());
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    // In a ticket of TLS 1.3 the library leaves out the client's certificate: who is to prove something does so each time.
    if (options.verify != TlsVerify::none) mbedtls_ssl_conf_new_session_tickets(config.get(), 0);
#endif
  } else {
    mbedtls_ssl_conf_session_tickets(config.get(), MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && MBEDTLS_VERSION_NUMBER >= 0x03060100
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(config.get(), MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#endif
  }
  return {};
}

void TlsSettings::warn_of_expiry(const TlsCertificate& peer, const std::string& whose) {
  const auto words = expiry_warning(peer, whose, clock.wall_now(), kTlsExpiryNotice);
  if (words.empty()) return;
  const auto now = clock.now();
  if (const auto found = warned_.find(peer.fingerprint); found != warned_.end() && now - found->second < kWarningPause) return;
  if (warned_.size() >= kWarnedMax) warned_.clear();
  warned_[peer.fingerprint] = now;
  log.write(LogLevel::warning, "tls", words);
}

}  // namespace scanferry::platform
