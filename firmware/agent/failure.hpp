// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include <scanferry/core/result.hpp>
#include <scanferry/platform/error.hpp>

namespace scanferry::firmware {

/// Who can mend a failure decides what the agent does next.
enum class Trouble : std::uint8_t {
  bad_input,    ///< what was given is wrong: set it aside, it will not get better
  environment,  ///< disk, network or permissions: keep what was given, try again
};

/// One failure of the agent; `message` says what happened, where, and what to do, for a person.
struct Failure {
  Trouble trouble{Trouble::environment};
  std::string message;
};

template <class T>
using Result = std::expected<T, Failure>;

/// Joins text and whole numbers.
template <class... Parts>
std::string text(const Parts&... parts) {
  std::string joined;
  const auto add = [&joined](const auto& part) {
    if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(part)>>) {
      joined += std::to_string(part);
    } else {
      joined += std::string_view{part};
    }
  };
  (add(parts), ...);
  return joined;
}

template <class... Parts>
std::unexpected<Failure> bad_input(const Parts&... parts) {
  return std::unexpected{Failure{Trouble::bad_input, text(parts...)}};
}

template <class... Parts>
std::unexpected<Failure> no_luck(const Parts&... parts) {
  return std::unexpected{Failure{Trouble::environment, text(parts...)}};
}

/// A platform's error in the agent's words.
inline std::unexpected<Failure> no_luck(const platform::Error& error) { return no_luck(error.detail); }

/// An error met while reading what somebody else put there: a file that is missing or forbidden is their mistake, a disk that
/// could not be read this time is not.
inline std::unexpected<Failure> unreadable(const platform::Error& error) {
  const bool theirs = error.code == platform::Errc::not_found || error.code == platform::Errc::denied;
  return std::unexpected{Failure{theirs ? Trouble::bad_input : Trouble::environment, error.detail}};
}

/// "PatientName (0010,0010): at most 64 characters", a core error for a person.
std::string describe(const core::Error& error);

}  // namespace scanferry::firmware
