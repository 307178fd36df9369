// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <scanferry/platform/tls.hpp>

namespace scanferry::platform {

class TlsListener final : public Listener {
 public:
  TlsListener(std::unique_ptr<Listener> plain, TlsContext& context) : plain_{std::move(plain)}, context_{context} {}

  Task<Result<std::unique_ptr<ByteStream>>> accept() override {
    auto accepted = co_await plain_->accept();
    if (!accepted) co_return std::unexpected{std::move(accepted.error())};
    co_return context_.wrap(std::move(*accepted));
  }
  void close() override { plain_->close(); }
  [[nodiscard]] std::uint16_t port() const override { return plain_->port(); }

 private:
  std::unique_ptr<Listener> plain_;
  TlsContext& context_;
};

/// A Network whose connections are secured. A dial ends with the handshake done. An accepted stream does its handshake with its
/// first read or write, within the deadline of that: so a slow or silent client holds up nobody else, without a coroutine that
/// nobody owns.
class TlsNetwork final : public Network {
 public:
  /// Borrows all; a null context leaves that direction plain.
  TlsNetwork(Network& plain, TlsContext* dialling, TlsContext* listening) : plain_{plain}, dialling_{dialling}, listening_{listening} {}

  Task<Result<std::unique_ptr<ByteStream>>> dial(std::string host, std::uint16_t port, core::Instant deadline) override;
  Result<std::unique_ptr<Listener>> listen(std::string address, std::uint16_t port) override;

 private:
  Network& plain_;
  TlsContext* dialling_;
  TlsContext* listening_;
};

inline Task<Result<std::unique_ptr<ByteStream>>> TlsNetwork::dial(std::string host, std::uint16_t port, core::Instant deadline) {
  auto plain = co_await plain_.dial(host, port, deadline);
  if (!plain || dialling_ == nullptr) co_return std::move(plain);
  co_return co_await dialling_->secure(std::move(*plain), std::move(host), deadline);
}

inline Result<std::unique_ptr<Listener>> TlsNetwork::listen(std::string address, std::uint16_t port) {
  auto plain = plain_.listen(std::move(address), port);
  if (!plain || listening_ == nullptr) return plain;
  return std::make_unique<TlsListener>(std::move(*plain), *listening_);
}

}  // namespace scanferry::platform
