// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <scanferry/platform/tls.hpp>

namespace scanferry::platform {
namespace {

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

}  // namespace

Task<Result<std::unique_ptr<ByteStream>>> TlsNetwork::dial(std::string host, std::uint16_t port, core::Instant deadline) {
  auto plain = co_await plain_.dial(host, port, deadline);
  if (!plain || dialling_ == nullptr) co_return std::move(plain);
  co_return co_await dialling_->secure(std::move(*plain), std::move(host), deadline);
}

Result<std::unique_ptr<Listener>> TlsNetwork::listen(std::string address, std::uint16_t port) {
  auto plain = plain_.listen(std::move(address), port);
  if (!plain || listening_ == nullptr) return plain;
  return std::make_unique<TlsListener>(std::move(*plain), *listening_);
}

}  // namespace scanferry::platform
