// SPDX-License-Identifier: Apache-2.0
#include "network.hpp"

#include <utility>

#include "system_error.hpp"
#include "tcp_listener.hpp"
#include "tcp_stream.hpp"

namespace scanferry::platform {
namespace {

constexpr const char* kAllIpv4 = "0.0.0.0";
constexpr const char* kAllIpv6 = "::";

/// When to give up one of `left` addresses: a dead one takes no more than its share of the time.
core::Instant share_of(core::Instant deadline, std::size_t left) {
  const auto now = steady_now();
  return deadline <= now ? deadline : now + (deadline - now) / static_cast<std::int64_t>(left);
}

/// "pacs.example:104", or "pacs.example:104 (192.0.2.7:104)" where that says more.
std::string name_for(const std::string& asked, const SocketAddress& address) {
  auto numeric = to_string(address);
  return numeric == asked ? asked : asked + " (" + numeric + ")";
}

}  // namespace

Task<Result<std::unique_ptr<ByteStream>>> LinuxNetwork::dial(std::string host, std::uint16_t port, core::Instant deadline) {
  const auto asked = host_and_port(host, port);
  const auto addresses = co_await resolver_.resolve(host, port, deadline);
  if (!addresses) co_return std::unexpected{addresses.error()};
  Result<std::unique_ptr<ByteStream>> stream = failure(Errc::unknown_host, "connect to", asked, "the name has no address");
  for (std::size_t i{0}; i < addresses->size() && !stream; ++i) {
    const auto& address = (*addresses)[i];
    stream = co_await TcpStream::connect(io_, address, name_for(asked, address), share_of(deadline, addresses->size() - i));
  }
  co_return std::move(stream);
}

Result<std::unique_ptr<Listener>> LinuxNetwork::listen(std::string address, std::uint16_t port) {
  const bool everywhere = address.empty();
  const auto name = everywhere ? "port " + std::to_string(port) : host_and_port(address, port);
  const auto found = look_up(everywhere ? kAllIpv6 : address, port, Lookup::numeric_only);
  if (!found) return failure(Errc::unknown_host, "listen on", name, "the address must be numeric");
  auto listener = TcpListener::open(io_, found->front(), name);
  if (!listener && everywhere && listener.error().code == Errc::unreachable) {  // a kernel without IPv6
    if (const auto ipv4 = look_up(kAllIpv4, port, Lookup::numeric_only)) listener = TcpListener::open(io_, ipv4->front(), name);
  }
  return listener;
}

}  // namespace scanferry::platform
