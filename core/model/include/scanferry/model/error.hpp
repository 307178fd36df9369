// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include <scanferry/core/result.hpp>

namespace scanferry::model {

/// What went wrong, and where.
struct Error {
  std::string what;         ///< one sentence: what is wrong, where it helps what to do
  std::uint64_t offset{0};  ///< bytes from the start of the file, of the element concerned; of inflated data where it is deflated
  std::string path;         ///< of the element concerned, as TagPath writes it; empty where there is none

  /// "WHAT, at byte OFFSET, in PATH".
  [[nodiscard]] std::string text() const;
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace scanferry::model
