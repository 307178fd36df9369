// SPDX-License-Identifier: Apache-2.0
#include "socket_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <nss.h>
#include <sys/auxv.h>

#include <array>
#include <cstring>
#include <memory>

#include "system_error.hpp"

namespace scanferry::platform {
namespace {

const ::sockaddr_in& as_ipv4(const SocketAddress& address) { return reinterpret_cast<const ::sockaddr_in&>(address.storage); }
const ::sockaddr_in6& as_ipv6(const SocketAddress& address) { return reinterpret_cast<const ::sockaddr_in6&>(address.storage); }

std::string printed(int family, const void* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* result = ::inet_ntop(family, bytes, text.data(), text.size());
  return result == nullptr ? "?" : result;
}

std::string printed_host(const SocketAddress& address) {
  if (address.family() == AF_INET) return printed(AF_INET, &as_ipv4(address).sin_addr);
  const auto& bytes = as_ipv6(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) return printed(AF_INET, &bytes.s6_addr[12]);
  return printed(AF_INET6, &bytes);
}

/// A static program has only the "files" and "dns" services in it. The others that /etc/nsswitch.conf may name would be
/// loaded at run time, from a C library that may not be ours.
void use_built_in_services() {
  // AT_BASE is where the dynamic linker is; a static program has none.
  static const int configured = ::getauxval(AT_BASE) == 0 ? ::__nss_configure_lookup("hosts", "files dns") : 0;
  (void)configured;
}

using AddressList = std::unique_ptr<::addrinfo, decltype(&::freeaddrinfo)>;

std::unexpected<Error> lookup_failure(const std::string& host, int reason, int system_error) {
  constexpr std::string_view verb = "resolve";
  if (reason == EAI_SYSTEM) return failure(verb, host, system_error);
  if (reason == EAI_MEMORY) return failure(verb, host, ENOMEM);
  return failure(Errc::unknown_host, verb, host, ::gai_strerror(reason));
}

}  // namespace

std::uint16_t SocketAddress::port() const {
  return ntohs(family() == AF_INET ? as_ipv4(*this).sin_port : as_ipv6(*this).sin6_port);
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string to_string(const SocketAddress& address) { return host_and_port(printed_host(address), address.port()); }

Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port, Lookup lookup) {
  use_built_in_services();
  ::addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (lookup == Lookup::numeric_only ? AI_NUMERICHOST : 0);
  ::addrinfo* found{nullptr};
  const int reason = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const int system_error = errno;
  const AddressList list{found, &::freeaddrinfo};
  if (reason != 0) return lookup_failure(host, reason, system_error);
  std::vector<SocketAddress> addresses;
  for (const auto* item = list.get(); item != nullptr; item = item->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, item->ai_addr, item->ai_addrlen);
    address.length = item->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

}  // namespace scanferry::platform
