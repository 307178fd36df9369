// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <scanferry/platform/network.hpp>

#include "event.hpp"
#include "file_descriptor.hpp"
#include "socket_address.hpp"

namespace scanferry::platform {

/// A non-blocking TCP socket. What it needs for an operation under way lives as long as that operation.
class TcpStream final : public ByteStream {
 public:
  /// `socket` is connected or connecting.
  TcpStream(boost::asio::io_context& io, FileDescriptor socket, std::string peer);
  ~TcpStream() override { TcpStream::close(); }
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  Task<Result<std::size_t>> read_some(core::ByteBuffer into, core::Instant deadline) override;
  Task<Result<void>> write(core::ByteView head, FileRange range, core::Instant deadline) override;
  void close() override;
  void close_with(core::ByteView last_words) override;
  [[nodiscard]] std::string peer() const override;

  /// Connects to `address`; errors call it `name`.
  static Task<Result<std::unique_ptr<ByteStream>>> connect(boost::asio::io_context& io, SocketAddress address, std::string name,
                                                           core::Instant deadline);

 private:
  struct Socket;
  using Shared = std::shared_ptr<Socket>;
  static Task<Result<std::size_t>> read(Shared socket, core::ByteBuffer into, core::Instant deadline);
  static Task<Result<void>> write_to(Shared socket, core::ByteView head, FileRange range, core::Instant deadline);
  static Task<Result<void>> wait_writable(Shared socket, core::Instant deadline);

  Shared socket_;
};

/// A socket for `family` with everything set that a connection of ours has; accepted ones get the same by `tune`.
FileDescriptor open_socket(int family);
void tune(int socket);

}  // namespace scanferry::platform
