// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/tls.hpp>

namespace scanferry::firmware {

/// A Network that dials with TLS. The certificates are read at the first dial, and again at a later one when the files have changed:
/// a renewed certificate needs no restart. One dial at a time.
class SecureNetwork final : public platform::Network {
 public:
  SecureNetwork(const platform::Platform& platform, platform::TlsOptions options) : platform_{platform}, options_{std::move(options)} {}

  platform::Task<platform::Result<std::unique_ptr<platform::ByteStream>>> dial(std::string host, std::uint16_t port,
                                                                               core::Instant deadline) override;
  platform::Result<std::unique_ptr<platform::Listener>> listen(std::string address, std::uint16_t port) override;

 private:
  platform::Task<platform::Result<void>> prepare();

  platform::Platform platform_;
  platform::TlsOptions options_;
  std::unique_ptr<platform::TlsContext> context_;
};

}  // namespace scanferry::firmware
