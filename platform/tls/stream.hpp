// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/network.hpp>

#include "settings.hpp"

namespace scanferry::platform::tls {

/// TLS over a stream of any kind. The first read or write does the handshake, unless handshake() was called before. What it needs
/// for an operation under way lives as long as that operation.
///
/// Memory: a TlsEngine, mbedTLS's own records, and for writes of files one more buffer of 16 KB: less than 100 KB.
class TlsStream final : public ByteStream {
 public:
  TlsStream(std::shared_ptr<TlsSettings> settings, std::unique_ptr<ByteStream> plain, std::string host);
  ~TlsStream() override { TlsStream::close(); }
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  Task<Result<void>> handshake(core::Instant deadline);
  Task<Result<std::size_t>> read_some(core::ByteBuffer into, core::Instant deadline) override;
  Task<Result<void>> write(core::ByteView head, FileRange range, core::Instant deadline) override;
  /// Says good-bye first where that needs no waiting: peers take its absence for an attack.
  void close() override;
  [[nodiscard]] std::string peer() const override;
  [[nodiscard]] const TlsInfo* tls() const override;

 private:
  struct Connection;
  using Shared = std::shared_ptr<Connection>;
  static Task<Result<void>> secure(Shared connection, core::Instant deadline);
  static Task<Result<std::size_t>> read(Shared connection, core::ByteBuffer into, core::Instant deadline);
  static Task<Result<void>> write_to(Shared connection, core::ByteView head, FileRange range, core::Instant deadline);

  Shared connection_;
};

}  // namespace scanferry::platform::tls
