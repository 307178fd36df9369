// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <scanferry/core/tag.hpp>

namespace scanferry::core {

/// Something that the standard does not allow and that was read all the same. `what` points to static text; it says what is
/// odd and how it was taken.
struct Finding {
  std::string_view what;
  std::uint64_t offset{0};  ///< of the header concerned, in bytes
  Tag tag{};                ///< of that header; (0000,0000) where there is none
};

}  // namespace scanferry::core
