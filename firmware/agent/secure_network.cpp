// SPDX-License-Identifier: Apache-2.0
#include "agent/secure_network.hpp"

#include <utility>

namespace scanferry::firmware {

platform::Task<platform::Result<std::unique_ptr<platform::ByteStream>>> SecureNetwork::dial(std::string host, std::uint16_t port,
                                                                                            core::Instant deadline) {
  if (auto ready = co_await prepare(); !ready) co_return std::unexpected{ready.error()};
  platform::TlsNetwork network{platform_.network, context_.get(), nullptr};
  co_return co_await network.dial(std::move(host), port, deadline);
}

platform::Result<std::unique_ptr<platform::Listener>> SecureNetwork::listen(std::string address, std::uint16_t port) {
  return platform_.network.listen(std::move(address), port);
}

/// Files that cannot be read again leave the certificates as they are: better old ones than none.
platform::Task<platform::Result<void>> SecureNetwork::prepare() {
  if (context_) {
    auto reloaded = co_await context_->reload();
    if (!reloaded) platform_.log.write(platform::LogLevel::warning, "tls", reloaded.error().detail);
    co_return platform::Result<void>{};
  }
  auto loaded = co_await platform::TlsContext::load(platform_, options_);
  if (!loaded) co_return std::unexpected{loaded.error()};
  context_ = std::move(*loaded);
  co_return platform::Result<void>{};
}

}  // namespace scanferry::firmware
