// SPDX-License-Identifier: Apache-2.0
#include "system_error.hpp"

#include <cstring>
#include <string>

namespace scanferry::platform {

Errc errc_of(int system_error) {
  switch (system_error) {
    case ETIMEDOUT: return Errc::timed_out;
    case ECONNREFUSED: return Errc::refused;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: return Errc::unreachable;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN: return Errc::reset;
    case ECANCELED: return Errc::cancelled;
    case EADDRINUSE:
    case EBUSY:
    case ETXTBSY:
    case EWOULDBLOCK: return Errc::in_use;
    case ENOENT:
    case ENOTDIR: return Errc::not_found;
    case EEXIST:
    case ENOTEMPTY: return Errc::exists;
    case EACCES:
    case EPERM:
    case EROFS: return Errc::denied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Errc::no_space;
    default: return Errc::io;
  }
}

std::unexpected<Error> failure(std::string_view verb, std::string_view object, int system_error) {
  const char* words = ::strerrordesc_np(system_error);
  return failure(errc_of(system_error), verb, object, words == nullptr ? "unknown system error" : words);
}

std::unexpected<Error> failure(Errc code, std::string_view verb, std::string_view object, std::string_view why) {
  std::string detail{"cannot "};
  detail.append(verb).append(" ").append(object).append(": ").append(why);
  return std::unexpected{Error{code, std::move(detail)}};
}

}  // namespace scanferry::platform
