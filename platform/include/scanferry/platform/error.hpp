// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace scanferry::platform {

/// What the world outside refused.
enum class Errc : std::uint8_t {
  timed_out,     ///< the deadline passed
  refused,       ///< nobody listens there
  unreachable,   ///< no route, host or network down
  unknown_host,  ///< the name does not resolve
  reset,         ///< the peer or the network broke the connection
  end_of_stream, ///< the peer closed its side in good order
  cancelled,     ///< our own close() ended the wait
  in_use,        ///< address or lock already taken
  not_found,
  exists,
  denied,        ///< permission, or a read-only file system
  no_space,      ///< disk or quota full
  insecure,      ///< TLS: the peer is not who it must be, or there is no agreement; trying again alone does not help
  unreadable,    ///< the file that was to be sent cannot be read; the transport was well
  io,            ///< anything else; `detail` has the system's words
};

/// One error of the platform. `detail` names the operation and its object (path, host:port) and the system's reason.
struct Error {
  Errc code{};
  std::string detail;
};

template <class T>
using Result = std::expected<T, Error>;

/// "timed out", "connection refused", ...
std::string_view name_of(Errc code);

}  // namespace scanferry::platform
