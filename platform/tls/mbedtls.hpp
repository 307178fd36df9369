// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/error.h>
#include <mbedtls/gcm.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include <string>

#include <scanferry/core/bytes.hpp>

#if MBEDTLS_VERSION_NUMBER < 0x021C0000
#error "mbedTLS 2.28 or 3.x is needed"
#endif

// 2.28 hides no member.
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

// Where our time_t is wider than the library's (32-bit boards), our mbedtls_ssl_session is larger than its own. We hand them over
// by address, never look inside and never copy them: the library finds its layout in more memory than it needs.

namespace scanferry::platform::tls {

inline constexpr bool kHasTls13 =
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    true;
#else
    false;
#endif

/// A structure of mbedTLS with its init and free.
template <class T, void (*Init)(T*), void (*Free)(T*)>
class Owned {
 public:
  Owned() { Init(&value_); }
  ~Owned() { Free(&value_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  T* get() { return &value_; }
  const T* get() const { return &value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_;
};

using Certificates = Owned<mbedtls_x509_crt, mbedtls_x509_crt_init, mbedtls_x509_crt_free>;
using PrivateKey = Owned<mbedtls_pk_context, mbedtls_pk_init, mbedtls_pk_free>;
using Drbg = Owned<mbedtls_ctr_drbg_context, mbedtls_ctr_drbg_init, mbedtls_ctr_drbg_free>;
using Gcm = Owned<mbedtls_gcm_context, mbedtls_gcm_init, mbedtls_gcm_free>;
using SslConfig = Owned<mbedtls_ssl_config, mbedtls_ssl_config_init, mbedtls_ssl_config_free>;
using SslContext = Owned<mbedtls_ssl_context, mbedtls_ssl_init, mbedtls_ssl_free>;
using SslSession = Owned<mbedtls_ssl_session, mbedtls_ssl_session_init, mbedtls_ssl_session_free>;

inline unsigned char* raw(core::ByteBuffer bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
inline const unsigned char* raw(core::ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
inline core::ByteView view(const mbedtls_asn1_buf& bytes) { return {reinterpret_cast<const std::byte*>(bytes.p), bytes.len}; }

/// The library's own words for one of its error codes, for what we have no better words for.
std::string library_words(int code);

}  // namespace scanferry::platform::tls
