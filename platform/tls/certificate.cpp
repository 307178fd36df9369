// SPDX-License-Identifier: Apache-2.0
#include "certificate.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

#include <boost/asio/ip/address.hpp>

namespace scanferry::platform {
namespace {

constexpr std::string_view kPrefix = "sha256:";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<TlsFingerprint> parse_fingerprint(std::string_view text) {
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  TlsFingerprint fingerprint{};
  for (std::size_t i{0}; i < fingerprint.size(); ++i) {
    if (i > 0 && text.starts_with(':')) text.remove_prefix(1);
    if (text.size() < 2 || digit(text[0]) < 0 || digit(text[1]) < 0) return std::nullopt;
    fingerprint[i] = static_cast<std::byte>(digit(text[0]) * 16 + digit(text[1]));
    text.remove_prefix(2);
  }
  if (!text.empty()) return std::nullopt;
  return fingerprint;
}

std::string to_string(const TlsFingerprint& fingerprint) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : fingerprint) {
    text += digits[std::to_integer<unsigned>(byte) >> 4U];
    text += digits[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

std::int64_t days_left(const TlsCertificate& certificate, core::WallTime now) {
  return std::chrono::floor<std::chrono::days>(certificate.valid_until - now).count();
}

std::string expiry_warning(const TlsCertificate& certificate, std::string_view whose, core::WallTime now, core::Millis notice) {
  const auto left = certificate.valid_until - now;
  if (left > notice) return {};
  const auto days = days_left(certificate, now);
  std::string words{"the certificate of "};
  words.append(whose).append(" (").append(certificate.subject).append(left < core::Millis{0} ? ") has expired on " : ") expires on ");
  words.append(tls::date_text(certificate.valid_until));
  if (left >= core::Millis{0}) words.append(", ").append(std::to_string(days)).append(days == 1 ? " day left" : " days left");
  return words.append(": renew it");
}

namespace tls {
namespace {

/// Longer names are cut; they are for people.
constexpr std::size_t kNameLength = 256;
/// So many names of one certificate are told.
constexpr std::size_t kNamesMax = 8;

// RFC 5280 4.2.1.6: GeneralName's context-specific tags.
constexpr int kDnsName = 2;
constexpr int kIpAddress = 7;

int kind_of(const mbedtls_asn1_buf& name) { return name.tag & 0x1F; }

std::string distinguished(const mbedtls_x509_name& name) {
  char text[kNameLength];
  const int length = mbedtls_x509_dn_gets(text, sizeof text, &name);
  return length < 0 ? std::string{"a name too long to show"} : std::string{text, static_cast<std::size_t>(length)};
}

std::string printable(core::ByteView bytes) {
  std::string text{core::text_of(bytes).substr(0, kNameLength)};
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::string address_text(core::ByteView bytes) {
  namespace ip = boost::asio::ip;
  const auto fill = [bytes](auto octets) {
    std::memcpy(octets.data(), bytes.data(), octets.size());
    return octets;
  };
  if (bytes.size() == 4) return ip::address_v4{fill(ip::address_v4::bytes_type{})}.to_string();
  if (bytes.size() == 16) return ip::address_v6{fill(ip::address_v6::bytes_type{})}.to_string();
  return {};
}

bool has_alternative_names(const mbedtls_x509_crt& certificate) { return certificate.subject_alt_names.buf.p != nullptr; }

/// Calls `visit(kind, bytes)` for each alternative name.
template <class Visit>
void each_name(const mbedtls_x509_crt& certificate, Visit visit) {
  if (!has_alternative_names(certificate)) return;
  for (const auto* name = &certificate.subject_alt_names; name != nullptr; name = name->next) visit(kind_of(name->buf), view(name->buf));
}

std::string common_name(const mbedtls_x509_crt& certificate) {
  for (const auto* name = &certificate.subject; name != nullptr; name = name->next) {
    if (name->oid.len == 3 && std::memcmp(name->oid.p, "\x55\x04\x03", 3) == 0) return printable(view(name->val));
  }
  return {};
}

std::string names_of(const mbedtls_x509_crt& certificate) {
  if (!has_alternative_names(certificate)) return common_name(certificate);
  std::string names;
  std::size_t count{0};
  each_name(certificate, [&](int kind, core::ByteView bytes) {
    const auto name = kind == kDnsName ? printable(bytes) : kind == kIpAddress ? address_text(bytes) : std::string{};
    if (name.empty() || ++count > kNamesMax) return;
    if (!names.empty()) names += ", ";
    names += name;
  });
  return names;
}

}  // namespace

std::string library_words(int code) {
  char text[160];
  mbedtls_strerror(code, text, sizeof text);
  return text;
}

core::WallTime wall_time_of(const mbedtls_x509_time& time) {
  using namespace std::chrono;
  const year_month_day date{year{time.year}, month{static_cast<unsigned>(time.mon)}, day{static_cast<unsigned>(time.day)}};
  return sys_days{date} + hours{time.hour} + minutes{time.min} + seconds{time.sec};
}

std::string date_text(core::WallTime time) {
  using namespace std::chrono;
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss clock{floor<minutes>(time - midnight)};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d UTC", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()));
  return text;
}

TlsCertificate describe(const mbedtls_x509_crt& certificate) {
  TlsCertificate out;
  out.subject = distinguished(certificate.subject);
  out.issuer = distinguished(certificate.issuer);
  out.names = names_of(certificate);
  out.valid_from = wall_time_of(certificate.valid_from);
  out.valid_until = wall_time_of(certificate.valid_to);
  mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), certificate.raw.p, certificate.raw.len, raw(core::ByteBuffer{out.fingerprint}));
  return out;
}

bool is_address(std::string_view host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

bool is_for_address(const mbedtls_x509_crt& certificate, std::string_view host) {
  boost::system::error_code error;
  const auto wanted = boost::asio::ip::make_address(host, error);
  if (error) return false;
  if (!has_alternative_names(certificate)) return common_name(certificate) == host;
  bool found{false};
  each_name(certificate,
            [&](int kind, core::ByteView bytes) { found = found || (kind == kIpAddress && address_text(bytes) == wanted.to_string()); });
  return found;
}

}  // namespace tls
}  // namespace scanferry::platform
