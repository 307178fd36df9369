// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <scanferry/platform/tls.hpp>

#include "mbedtls.hpp"

namespace scanferry::platform::tls {

TlsCertificate describe(const mbedtls_x509_crt& certificate);
core::WallTime wall_time_of(const mbedtls_x509_time& time);
/// "2031-05-04 12:00 UTC".
std::string date_text(core::WallTime time);

/// True for "192.0.2.7" and "2001:db8::7".
bool is_address(std::string_view host);
/// True when the certificate is for the numeric address `host`; mbedTLS 2.28 checks names alone. As with names there, the common
/// name counts when the certificate has no alternative names.
bool is_for_address(const mbedtls_x509_crt& certificate, std::string_view host);

}  // namespace scanferry::platform::tls
