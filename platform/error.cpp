// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/error.hpp>

namespace scanferry::platform {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::timed_out: return "timed out";
    case Errc::refused: return "connection refused";
    case Errc::unreachable: return "host unreachable";
    case Errc::unknown_host: return "unknown host";
    case Errc::reset: return "connection lost";
    case Errc::end_of_stream: return "connection closed by the peer";
    case Errc::cancelled: return "cancelled";
    case Errc::in_use: return "already in use";
    case Errc::not_found: return "not found";
    case Errc::exists: return "already there";
    case Errc::denied: return "permission denied";
    case Errc::no_space: return "no space left";
    case Errc::insecure: return "not secure";
    case Errc::unreadable: return "unreadable file";
    case Errc::io: return "input/output error";
  }
  return "unknown error";
}

}  // namespace scanferry::platform
