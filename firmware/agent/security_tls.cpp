// SPDX-License-Identifier: Apache-2.0
#include "agent/secure_network.hpp"
#include "agent/security.hpp"

namespace scanferry::firmware {

namespace {

platform::TlsOptions options_of(const SecurityConfig& security) {
  platform::TlsOptions tls;
  tls.profile = platform::tls_profile(security.profile).value_or(tls.profile);
  tls.verify = platform::tls_verify(verify_of(security)).value_or(tls.verify);
  tls.certificate_file = security.certificate;
  tls.key_file = security.key;
  tls.ca_path = security.ca;
  tls.pinned = security.pins;
  tls.server_name = security.name;
  return tls;
}

class ListeningNetwork final : public platform::Network {
 public:
  ListeningNetwork(platform::Network& plain, std::unique_ptr<platform::TlsContext> context)
      : context_{std::move(context)}, network_{plain, nullptr, context_.get()} {}
  platform::Task<platform::Result<std::unique_ptr<platform::ByteStream>>> dial(std::string host, std::uint16_t port,
                                                                              core::Instant deadline) override {
    return network_.dial(std::move(host), port, deadline);
  }
  platform::Result<std::unique_ptr<platform::Listener>> listen(std::string address, std::uint16_t port) override {
    return network_.listen(std::move(address), port);
  }

 private:
  std::unique_ptr<platform::TlsContext> context_;
  platform::TlsNetwork network_;
};

}  // namespace

platform::Task<Result<std::unique_ptr<platform::Network>>> load_listening_network(platform::Platform plain, SecurityConfig security) {
  auto tls = options_of(security);
  tls.role = platform::TlsRole::server;
  if (security.ca.empty() && security.pins.empty()) tls.verify = platform::TlsVerify::none;
  auto context = co_await platform::TlsContext::load(plain, std::move(tls));
  if (!context) co_return no_luck(context.error());
  std::unique_ptr<platform::Network> network = std::make_unique<ListeningNetwork>(plain.network, std::move(*context));
  co_return std::move(network);
}

std::unique_ptr<platform::Network> make_secure_network(const platform::Platform& plain, const SecurityConfig& security) {
  return std::make_unique<SecureNetwork>(plain, options_of(security));
}

}  // namespace scanferry::firmware
