// SPDX-License-Identifier: Apache-2.0
#include "tcp_listener.hpp"

#include <netinet/in.h>

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "system_error.hpp"
#include "tcp_stream.hpp"

namespace scanferry::platform {
namespace {

namespace asio = boost::asio;

/// Connections that the kernel completes before we take them.
constexpr int kBacklog = 512;

constexpr std::string_view kListen = "listen on";

/// Before a port is known to be ours, it must not be refused for connections that ended a minute ago; and an IPv6 socket for
/// all interfaces serves IPv4 too.
void prepare(int socket, int family) {
  const int yes{1};
  const int no{0};
  (void)::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (family == AF_INET6) (void)::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
}

/// These concern one connection that broke before it was taken; the next may be fine.
bool is_of_one_connection(int error) {
  return error == ECONNABORTED || error == EPROTO || error == ENETDOWN || error == EHOSTDOWN || error == EHOSTUNREACH ||
         error == ENETUNREACH || error == EINTR;
}

}  // namespace

struct TcpListener::Socket {
  asio::io_context& io;
  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> descriptor;
  SocketAddress address;

  [[nodiscard]] std::unexpected<Error> closed() const {
    return failure(Errc::cancelled, kListen, to_string(address), "we closed it");
  }
};

Result<std::unique_ptr<TcpListener>> TcpListener::open(asio::io_context& io, const SocketAddress& address, const std::string& name) {
  auto socket = open_socket(address.family());
  if (!socket.is_open()) return failure(kListen, name);
  prepare(socket.get(), address.family());
  if (::bind(socket.get(), address.get(), address.length) != 0) return failure(kListen, name);
  if (::listen(socket.get(), kBacklog) != 0) return failure(kListen, name);
  SocketAddress bound;
  if (::getsockname(socket.get(), bound.get(), &bound.length) != 0) return failure(kListen, name);
  return std::make_unique<TcpListener>(io, std::move(socket), bound);
}

TcpListener::TcpListener(asio::io_context& io, FileDescriptor socket, SocketAddress address)
    : socket_{std::make_shared<Socket>(io, decltype(Socket::descriptor){io, socket.get()}, address)} {
  socket.release();
}

void TcpListener::close() {
  boost::system::error_code ignored;  // the descriptor is gone in any case
  socket_->descriptor.close(ignored);
}

std::uint16_t TcpListener::port() const { return socket_->address.port(); }

Task<Result<std::unique_ptr<ByteStream>>> TcpListener::accept() { return accept_from(socket_); }

Task<Result<std::unique_ptr<ByteStream>>> TcpListener::accept_from(std::shared_ptr<Socket> socket) {
  while (socket->descriptor.is_open()) {
    SocketAddress peer;
    FileDescriptor taken{
        ::accept4(socket->descriptor.native_handle(), peer.get(), &peer.length, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (taken.is_open()) {
      tune(taken.get());
      co_return std::make_unique<TcpStream>(socket->io, std::move(taken), to_string(peer));
    }
    const int error = errno;
    if (is_of_one_connection(error)) continue;
    if (error != EAGAIN) co_return failure("accept a connection on", to_string(socket->address), error);
    const auto [ignored] = co_await socket->descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                                                                  asio::as_tuple(asio::use_awaitable));
    (void)ignored;  // cancelled by close(), or the next accept tells
  }
  co_return socket->closed();
}

}  // namespace scanferry::platform
