// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <scanferry/platform/tls.hpp>

#include "agent/security.hpp"

namespace scanferry::firmware {
namespace {

platform::TlsOptions options_of(const SecurityConfig& security, Side side) {
  platform::TlsOptions tls;
  tls.profile = platform::tls_profile(security.profile).value_or(tls.profile);
  tls.verify = platform::tls_verify(verify_of(security)).value_or(tls.verify);
  tls.certificate_file = security.certificate;
  tls.key_file = security.key;
  tls.ca_path = security.ca;
  tls.pinned = security.pins;
  tls.server_name = security.name;
  if (side == Side::dialling) return tls;
  tls.role = platform::TlsRole::server;
  if (security.ca.empty() && security.pins.empty()) tls.verify = platform::TlsVerify::none;
  return tls;
}

/// A TlsContext that keeps up with its files. One call at a time.
class FreshContext {
 public:
  FreshContext(const platform::Platform& platform, platform::TlsOptions options) : platform_{platform}, options_{std::move(options)} {}

  /// For the next connection; lives as long as this.
  platform::Task<platform::Result<platform::TlsContext*>> get() {
    if (context_) {
      const auto reloaded = co_await context_->reload();
      // Better old certificates than none; the same trouble again is no news.
      if (!reloaded && reloaded.error().detail != trouble_) platform_.log.write(platform::LogLevel::warning, "tls", reloaded.error().detail);
      trouble_ = reloaded ? std::string{} : reloaded.error().detail;
      co_return context_.get();
    }
    auto loaded = co_await platform::TlsContext::load(platform_, options_);
    if (!loaded) co_return std::unexpected{loaded.error()};
    context_ = std::move(*loaded);
    co_return context_.get();
  }

 private:
  platform::Platform platform_;
  platform::TlsOptions options_;
  std::unique_ptr<platform::TlsContext> context_;
  std::string trouble_;
};

/// The handshake of a stream is part of its first read or write: who is slow or silent there holds up nobody else.
class SecuredListener final : public platform::Listener {
 public:
  SecuredListener(std::unique_ptr<platform::Listener> plain, std::shared_ptr<FreshContext> fresh)
      : plain_{std::move(plain)}, fresh_{std::move(fresh)} {}

  platform::Task<platform::Result<std::unique_ptr<platform::ByteStream>>> accept() override {
    auto stream = co_await plain_->accept();
    if (!stream) co_return std::unexpected{stream.error()};
    const auto context = co_await fresh_->get();
    if (!context) co_return std::unexpected{context.error()};
    co_return (*context)->wrap(std::move(*stream));
  }
  void close() override { plain_->close(); }
  [[nodiscard]] std::uint16_t port() const override { return plain_->port(); }

 private:
  std::unique_ptr<platform::Listener> plain_;
  std::shared_ptr<FreshContext> fresh_;
};

class TlsSecuredNetwork final : public SecuredNetwork {
 public:
  TlsSecuredNetwork(const platform::Platform& plain, platform::TlsOptions options)
      : plain_{plain.network}, fresh_{std::make_shared<FreshContext>(plain, std::move(options))} {}

  platform::Task<platform::Result<void>> prepare() override {
    const auto context = co_await fresh_->get();
    if (!context) co_return std::unexpected{context.error()};
    co_return platform::Result<void>{};
  }
  platform::Task<platform::Result<std::unique_ptr<platform::ByteStream>>> dial(std::string host, std::uint16_t port,
                                                                              core::Instant deadline) override {
    const auto context = co_await fresh_->get();
    if (!context) co_return std::unexpected{context.error()};
    auto plain = co_await plain_.dial(host, port, deadline);
    if (!plain) co_return std::move(plain);
    co_return co_await (*context)->secure(std::move(*plain), std::move(host), deadline);
  }
  platform::Result<std::unique_ptr<platform::Listener>> listen(std::string address, std::uint16_t port) override {
    auto plain = plain_.listen(std::move(address), port);
    if (!plain) return plain;
    return std::make_unique<SecuredListener>(std::move(*plain), fresh_);
  }

 private:
  platform::Network& plain_;
  std::shared_ptr<FreshContext> fresh_;
};

}  // namespace

std::unique_ptr<SecuredNetwork> make_secured_network(const platform::Platform& plain, const SecurityConfig& security, Side side) {
  return std::make_unique<TlsSecuredNetwork>(plain, options_of(security, side));
}

}  // namespace scanferry::firmware
