// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include <scanferry/platform/error.hpp>

namespace scanferry::platform {

/// An IPv4 or IPv6 address with its port.
struct SocketAddress {
  ::sockaddr_storage storage{};
  ::socklen_t length{sizeof storage};

  [[nodiscard]] ::sockaddr* get() { return reinterpret_cast<::sockaddr*>(&storage); }
  [[nodiscard]] const ::sockaddr* get() const { return reinterpret_cast<const ::sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] std::uint16_t port() const;
};

/// "192.0.2.7:104", "[2001:db8::1]:104"; an IPv4 address in IPv6 dress is shown as what it is.
std::string to_string(const SocketAddress& address);
/// The same form for a host that may be a name.
std::string host_and_port(const std::string& host, std::uint16_t port);

enum class Lookup : std::uint8_t { numeric_only, names };

/// The addresses of `host`, in the order of preference. With names it may block for as long as the name servers take.
Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port, Lookup lookup);

}  // namespace scanferry::platform
