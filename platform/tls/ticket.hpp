// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include <scanferry/platform/clock.hpp>

#include "mbedtls.hpp"

namespace scanferry::platform::tls {

/// For so long after its full handshake a session may be taken up again; its peer's proof is not asked for meanwhile, though dates
/// and pins are looked at each time. With TLS 1.3 each use begins a new span.
inline constexpr core::Millis kSessionLifetime = std::chrono::hours{8};

/// Session tickets of a server (RFC 5077): the session, sealed with a key that never leaves memory, is the client's to keep.
/// mbedTLS has such code, too; it goes by the C library's clock.
class TicketBox {
 public:
  /// Borrows both.
  TicketBox(const Clock& clock, mbedtls_ctr_drbg_context& random) : clock_{clock}, random_{random} {}

  /// Lets the server of `config` give out and take tickets. The box must not move from then on.
  void attach(mbedtls_ssl_config& config);
  /// True once after each ticket that was taken; handshakes of one thread come one after the other.
  bool was_taken() { return std::exchange(taken_, false); }

 private:
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kNameBytes = 8;
  static constexpr std::size_t kNonceBytes = 12;
  static constexpr std::size_t kTagBytes = 16;
  /// name, nonce, when sealed: in the clear, and authenticated.
  static constexpr std::size_t kHeadBytes = kNameBytes + kNonceBytes + 8;

  struct Key {
    std::array<unsigned char, kNameBytes> name{};
    Gcm cipher;
    core::Instant made{};
    bool valid{false};
  };

  static int write(void* box, const mbedtls_ssl_session* session, unsigned char* start, const unsigned char* end, std::size_t* length,
                   std::uint32_t* lifetime);
  static int parse(void* box, mbedtls_ssl_session* session, unsigned char* ticket, std::size_t length);
  int seal(const mbedtls_ssl_session& session, core::ByteBuffer into, std::size_t& length);
  int open(mbedtls_ssl_session& session, core::ByteBuffer ticket);
  /// The key for new tickets: a new one after each lifetime, the one before it opens what it sealed.
  int rotate();
  int make(Key& key);

  const Clock& clock_;
  mbedtls_ctr_drbg_context& random_;
  std::array<Key, 2> keys_;
  std::size_t current_{0};
  bool taken_{false};
};

}  // namespace scanferry::platform::tls
