// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/network.hpp>

#include "event.hpp"
#include "file_descriptor.hpp"
#include "socket_address.hpp"

namespace scanferry::platform {

class TcpListener final : public Listener {
 public:
  /// Listens on `address` (with port); errors call it `name`.
  static Result<std::unique_ptr<TcpListener>> open(boost::asio::io_context& io, const SocketAddress& address, const std::string& name);

  TcpListener(boost::asio::io_context& io, FileDescriptor socket, SocketAddress address);
  ~TcpListener() override { TcpListener::close(); }
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  Task<Result<std::unique_ptr<ByteStream>>> accept() override;
  void close() override;
  [[nodiscard]] std::uint16_t port() const override;

 private:
  struct Socket;
  static Task<Result<std::unique_ptr<ByteStream>>> accept_from(std::shared_ptr<Socket> socket);

  std::shared_ptr<Socket> socket_;
};

}  // namespace scanferry::platform
