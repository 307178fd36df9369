// SPDX-License-Identifier: Apache-2.0
// A build without TLS (SCANFERRY_TLS).
#include "agent/security.hpp"

namespace scanferry::firmware {
namespace {

class NoSecuredNetwork final : public SecuredNetwork {
 public:
  platform::Task<platform::Result<void>> prepare() override { co_return refusal("no TLS"); }
  platform::Task<platform::Result<std::unique_ptr<platform::ByteStream>>> dial(std::string host, std::uint16_t port, core::Instant) override {
    co_return refusal(text("cannot connect to ", host, ":", port, " with TLS"));
  }
  platform::Result<std::unique_ptr<platform::Listener>> listen(std::string, std::uint16_t) override { return refusal("cannot listen with TLS"); }

 private:
  static std::unexpected<platform::Error> refusal(const std::string& what) {
    return std::unexpected{platform::Error{platform::Errc::insecure, what + ": this program was built without it"}};
  }
};

}  // namespace

std::unique_ptr<SecuredNetwork> make_secured_network(const platform::Platform&, const SecurityConfig&, Side) {
  return std::make_unique<NoSecuredNetwork>();
}

}  // namespace scanferry::firmware
