// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <scanferry/platform/tls.hpp>

namespace scanferry::platform::tls {

/// What a failed handshake is told with.
struct Circumstances {
  TlsRole role{TlsRole::client};  ///< ours
  TlsProfile profile{TlsProfile::bcp195};
  bool have_certificate{false};
};

/// "bad_certificate" (RFC 8446 6, RFC 5246 7.2); "alert 99" for one that is not there.
std::string alert_name(int alert);
/// What the peer's fatal alert means for us, and what to do.
std::string alert_words(int alert, const Circumstances& at);
/// What an error of mbedTLS in a handshake means, and what to do; for errors without words of their own.
std::string handshake_words(int code, const Circumstances& at);
/// What a peer whose first byte is no TLS record's speaks instead; empty for one that speaks TLS.
std::string not_tls_words(std::byte first, TlsRole role);
/// What a peer that leaves or says nothing in the middle of a handshake may be.
std::string_view silence_hint(TlsRole role);

}  // namespace scanferry::platform::tls
