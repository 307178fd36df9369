// SPDX-License-Identifier: Apache-2.0
#include "tcp_stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "deadline_watch.hpp"
#include "outgoing.hpp"
#include "system_error.hpp"

namespace scanferry::platform {
namespace {

namespace asio = boost::asio;

/// A peer that vanished without a word is noticed after about two minutes even where nobody waits for it.
constexpr int kKeepAliveIdleSeconds = 60;
constexpr int kKeepAliveIntervalSeconds = 15;
constexpr int kKeepAliveProbes = 4;
/// A peer that takes everything at once must not keep the other coroutines waiting for longer than this takes.
constexpr std::uint64_t kBurstBytes = 4U << 20U;

void set_option(int socket, int level, int option, int value) {
  // Each is a wish: without it the connection is slower to work or to break, and still right.
  (void)::setsockopt(socket, level, option, &value, sizeof value);
}

int pending_error(int socket) {
  int error{0};
  ::socklen_t length{sizeof error};
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

/// A timed-out read may be tried again; one that TCP itself has given up may not.
std::unexpected<Error> broken(std::string_view verb, const std::string& peer, int system_error) {
  auto error = failure(verb, peer, system_error);
  if (error.error().code == Errc::timed_out || error.error().code == Errc::unreachable) error.error().code = Errc::reset;
  return error;
}

}  // namespace

struct TcpStream::Socket {
  asio::io_context& io;
  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> descriptor;
  std::string peer;
  std::shared_ptr<DeadlineWatch> reading{std::make_shared<DeadlineWatch>(io)};
  std::shared_ptr<DeadlineWatch> writing{std::make_shared<DeadlineWatch>(io)};
  std::uint64_t burst_bytes{0};  ///< sent since others could run

  [[nodiscard]] int fd() { return descriptor.native_handle(); }

  /// The kernel delays acknowledgements by up to 40 ms, and a peer that left Nagle's algorithm on waits for them in the middle
  /// of a message. The kernel forgets this wish whenever it likes, so it is repeated.
  void acknowledge_at_once() { set_option(fd(), IPPROTO_TCP, TCP_QUICKACK, 1); }

  [[nodiscard]] std::unexpected<Error> closed(std::string_view verb) const {
    return failure(Errc::cancelled, verb, peer, "we closed the connection");
  }
  /// What ended an operation of Asio.
  [[nodiscard]] std::unexpected<Error> why(std::string_view verb, const boost::system::error_code& error, bool late) const {
    if (late) return failure(Errc::timed_out, verb, peer, "the time is up");
    if (error == asio::error::operation_aborted) return closed(verb);
    if (error == asio::error::eof) return failure(Errc::end_of_stream, verb, peer, "the peer has closed the connection");
    return broken(verb, peer, error.value());
  }
};

FileDescriptor open_socket(int family) {
  FileDescriptor socket{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.is_open()) tune(socket.get());
  return socket;
}

void tune(int socket) {
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
}

TcpStream::TcpStream(asio::io_context& io, FileDescriptor socket, std::string peer)
    : socket_{std::make_shared<Socket>(io, decltype(Socket::descriptor){io, socket.get()}, std::move(peer))} {
  socket.release();
}

std::string TcpStream::peer() const { return socket_->peer; }

void TcpStream::close() {
  boost::system::error_code ignored;  // the descriptor is gone in any case
  socket_->descriptor.close(ignored);
}

void TcpStream::close_with(core::ByteView last_words) {
  if (socket_->descriptor.is_open() && !last_words.empty()) {
    (void)::send(socket_->fd(), last_words.data(), last_words.size(), MSG_DONTWAIT | MSG_NOSIGNAL);  // as promised: or not
  }
  close();
}

Task<Result<std::size_t>> TcpStream::read_some(core::ByteBuffer into, core::Instant deadline) {
  return read(socket_, into, deadline);
}

Task<Result<void>> TcpStream::write(core::ByteView head, FileRange range, core::Instant deadline) {
  return write_to(socket_, head, range, deadline);
}

Task<Result<std::size_t>> TcpStream::read(Shared socket, core::ByteBuffer into, core::Instant deadline) {
  constexpr std::string_view verb = "read from";
  if (!socket->descriptor.is_open()) co_return socket->closed(verb);
  socket->acknowledge_at_once();
  auto token = asio::bind_cancellation_slot(socket->reading->begin(deadline), asio::as_tuple(asio::use_awaitable));
  const auto buffer = asio::buffer(into.data(), into.size());
  const auto [error, bytes] = co_await socket->descriptor.async_read_some(buffer, token);
  const bool late = socket->reading->end();
  if (error) co_return socket->why(verb, error, late && error == asio::error::operation_aborted);
  socket->acknowledge_at_once();
  co_return bytes;
}

Task<Result<void>> TcpStream::wait_writable(Shared socket, core::Instant deadline) {
  auto token = asio::bind_cancellation_slot(socket->writing->begin(deadline), asio::as_tuple(asio::use_awaitable));
  const auto [error] = co_await socket->descriptor.async_wait(asio::posix::descriptor_base::wait_write, token);
  const bool late = socket->writing->end();
  if (error) co_return socket->why("write to", error, late && error == asio::error::operation_aborted);
  co_return Result<void>{};
}

Task<Result<void>> TcpStream::write_to(Shared socket, core::ByteView head, FileRange range, core::Instant deadline) {
  Outgoing message{head, range};
  while (!message.is_done()) {
    if (!socket->descriptor.is_open()) co_return socket->closed("write to");
    const auto sent = message.send_some(socket->fd(), socket->peer);
    if (!sent) co_return std::unexpected{sent.error()};
    socket->burst_bytes += *sent;
    if (*sent == 0) {
      socket->burst_bytes = 0;
      if (auto ready = co_await wait_writable(socket, deadline); !ready) co_return ready;
    } else if (socket->burst_bytes >= kBurstBytes) {
      socket->burst_bytes = 0;
      co_await asio::post(socket->io, asio::use_awaitable);
    }
  }
  co_return Result<void>{};
}

Task<Result<std::unique_ptr<ByteStream>>> TcpStream::connect(asio::io_context& io, SocketAddress address, std::string name,
                                                             core::Instant deadline) {
  constexpr std::string_view verb = "connect to";
  auto descriptor = open_socket(address.family());
  if (!descriptor.is_open()) co_return failure(verb, name);
  const auto start = [&] { return ::connect(descriptor.get(), address.get(), address.length); };
  // A connect that a signal interrupts goes on in the background like any other non-blocking one.
  if (start() != 0 && errno != EINPROGRESS && errno != EINTR) co_return failure(verb, name);
  auto stream = std::make_unique<TcpStream>(io, std::move(descriptor), to_string(address));
  if (auto ready = co_await wait_writable(stream->socket_, deadline); !ready) {
    co_return failure(ready.error().code, verb, name, name_of(ready.error().code));
  }
  if (const int error = pending_error(stream->socket_->fd()); error != 0) co_return failure(verb, name, error);
  co_return std::move(stream);
}

}  // namespace scanferry::platform
