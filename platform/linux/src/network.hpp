// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanferry/platform/network.hpp>

#include "resolver.hpp"

namespace scanferry::platform {

/// TCP.
class LinuxNetwork final : public Network {
 public:
  explicit LinuxNetwork(boost::asio::io_context& io) : io_{io}, resolver_{io} {}
  Task<Result<std::unique_ptr<ByteStream>>> dial(std::string host, std::uint16_t port, core::Instant deadline) override;
  Result<std::unique_ptr<Listener>> listen(std::string address, std::uint16_t port) override;

 private:
  boost::asio::io_context& io_;
  Resolver resolver_;
};

}  // namespace scanferry::platform
