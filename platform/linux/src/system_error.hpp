// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <expected>
#include <string_view>

#include <scanferry/platform/error.hpp>

namespace scanferry::platform {

/// The port's one translation of errno.
Errc errc_of(int system_error);

/// "cannot <verb> <object>: <the system's words>".
std::unexpected<Error> failure(std::string_view verb, std::string_view object, int system_error = errno);
/// The same with our own code and words.
std::unexpected<Error> failure(Errc code, std::string_view verb, std::string_view object, std::string_view why);

/// Calls `call` again as long as a signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

}  // namespace scanferry::platform
