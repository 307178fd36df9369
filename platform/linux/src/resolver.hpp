// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "event.hpp"
#include "socket_address.hpp"

namespace scanferry::platform {

/// Host names to addresses. getaddrinfo(3) cannot be interrupted and may block for half a minute, so each name gets a thread
/// of its own: a dead name server delays neither the disk nor another destination. Numeric addresses need none.
class Resolver {
 public:
  explicit Resolver(boost::asio::io_context& io);
  /// Does not wait for lookups under way; they end on their own and nobody hears of them.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  Task<Result<std::vector<SocketAddress>>> resolve(std::string host, std::uint16_t port, core::Instant deadline);

 private:
  struct Door;
  struct Question;
  Result<void> start(const std::shared_ptr<Question>& question, const std::shared_ptr<AsioEvent>& answered);

  boost::asio::io_context& io_;
  std::shared_ptr<Door> door_;
};

}  // namespace scanferry::platform
