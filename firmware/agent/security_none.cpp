// SPDX-License-Identifier: Apache-2.0
// A build without TLS (SCANFERRY_TLS).
#include "agent/security.hpp"

namespace scanferry::firmware {
namespace {

class NoSecureNetwork final : public platform::Network {
 public:
  platform::Task<platform::Result<std::unique_ptr<platform::ByteStream>>> dial(std::string host, std::uint16_t port, core::Instant) override {
    co_return std::unexpected{platform::Error{platform::Errc::insecure, text("cannot connect to ", host, ":", port, " with TLS: this program was built without it")}};
  }
  platform::Result<std::unique_ptr<platform::Listener>> listen(std::string, std::uint16_t) override {
    return std::unexpected{platform::Error{platform::Errc::insecure, "cannot listen with TLS: this program was built without it"}};
  }
};

}  // namespace

std::unique_ptr<platform::Network> make_secure_network(const platform::Platform&, const SecurityConfig&) {
  return std::make_unique<NoSecureNetwork>();
}

platform::Task<Result<std::unique_ptr<platform::Network>>> load_listening_network(platform::Platform, SecurityConfig) {
  co_return no_luck("cannot listen with TLS: this program was built without it");
}

}  // namespace scanferry::firmware
