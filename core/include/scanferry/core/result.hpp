// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include <scanferry/core/tag.hpp>

namespace scanferry::core {

/// What was wrong with data or with a description of data.
enum class Errc : std::uint8_t {
  truncated,      ///< the input ends inside a structure
  bad_length,     ///< a length that cannot be: beyond its container, odd where even is required
  bad_value,      ///< a value outside its repertoire or range
  unsupported,    ///< legal DICOM that this build does not do
  no_room,        ///< the caller's buffer is too small
  not_dicom,      ///< no Part 10 preamble and no recognisable data set
  too_deep,       ///< nesting beyond the stated limit
};

/// One error of core. `what` points to static text; it says what is wrong and what to do.
struct Error {
  Errc code{};
  std::string_view what;
  std::uint64_t offset{0};  ///< where in the input, in bytes; 0 where it has no meaning
  Tag tag{};                ///< the element concerned; (0000,0000) where none is
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace scanferry::core
