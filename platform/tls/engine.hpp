// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include <scanferry/platform/tls.hpp>

#include "mbedtls.hpp"
#include "settings.hpp"

namespace scanferry::platform::tls {

#if defined(MBEDTLS_SSL_OUT_CONTENT_LEN)
inline constexpr std::size_t kPlainBytesMax = MBEDTLS_SSL_OUT_CONTENT_LEN;
#else
inline constexpr std::size_t kPlainBytesMax = MBEDTLS_SSL_MAX_CONTENT_LEN;
#endif
static_assert(kPlainBytesMax <= 16'384, "no record carries more (RFC 5246 6.2.1)");

/// One connection's TLS without any waiting: bytes of the network go in and come out, and so does what they carry.
///
/// Memory: two buffers of one record inside mbedTLS (33.5 KB as Debian builds it) and the two below, whatever a peer sends; some KB
/// more during the handshake, bounded by the one record that each of its messages must fit into.
class TlsEngine {
 public:
  /// What a step came to: `bytes` are those it read or took.
  enum class Outcome : std::uint8_t {
    done,
    wants_input,   ///< feed and call again
    wants_output,  ///< take what output() has and call again
    ended,         ///< the peer has said good-bye
    failed,        ///< error() says why; for good
  };
  struct Step {
    Outcome outcome{};
    std::size_t bytes{0};
  };

  /// `name`: what a server's certificate must be for; `peer`: for words and for the session to take up.
  TlsEngine(std::shared_ptr<TlsSettings> settings, std::string name, std::string peer);
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  /// Where to put bytes of the network; empty while there are some that no step has taken.
  core::ByteBuffer input_space();
  void received(std::size_t bytes);
  /// The network has come to its end.
  void input_ended() { input_ended_ = true; }

  /// Bytes for the network; valid until the next step or sent().
  [[nodiscard]] core::ByteView output() const { return core::ByteView{output_}.first(output_bytes_); }
  void sent(std::size_t bytes);

  Step handshake();
  Step read(core::ByteBuffer into);
  /// Takes up to plain_bytes_max(). output() must be empty: so a record always finds room.
  Step write(core::ByteView bytes);
  /// What one record carries, as agreed with the peer; no more than kPlainBytesMax.
  [[nodiscard]] std::size_t plain_bytes_max() const;
  /// Puts our good-bye into output(), if there is a connection to end.
  void close();

  [[nodiscard]] bool is_secure() const { return secure_; }
  [[nodiscard]] bool has_failed() const { return !error_.detail.empty(); }
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] const TlsInfo& info() const { return info_; }

 private:
  /// As much as one read of the network gives; several small records at once.
  static constexpr std::size_t kInputBytes = 16U << 10U;
  /// One record with all that goes around it, and an alert.
  static constexpr std::size_t kOutputBytes = kPlainBytesMax + 2048;

  static int on_send(void* engine, const unsigned char* bytes, std::size_t size);
  static int on_receive(void* engine, unsigned char* into, std::size_t size);

  Step fail(std::string why, Errc code = Errc::insecure);
  Step handshake_failed(int code);
  Step handshake_done();
  Step read_failed(int code);
  [[nodiscard]] int alert() const;
  void set_up();

  std::shared_ptr<TlsSettings> settings_;
  std::string name_;
  std::string peer_;
  PeerCheck check_;
  SslContext ssl_;
  TlsInfo info_;
  Error error_;
  bool begun_{false};
  bool offered_{false};  ///< a session to take up
  bool secure_{false};
  bool ended_{false};
  bool input_ended_{false};
  std::optional<std::byte> first_;  ///< byte of the peer
  std::size_t input_begin_{0};
  std::size_t input_end_{0};
  std::size_t output_bytes_{0};
  std::array<std::byte, kInputBytes> input_;
  std::array<std::byte, kOutputBytes> output_;
};

static_assert(sizeof(TlsEngine) <= 40U << 10U, "with mbedTLS's own two records: less than 80 KB for each connection");

}  // namespace scanferry::platform::tls
