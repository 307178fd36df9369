// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace scanferry::core {

/// The tag of a Data Element, PS3.5 7.1: (gggg,eeee).
struct Tag {
  std::uint16_t group{0};
  std::uint16_t element{0};

  friend constexpr auto operator<=>(const Tag&, const Tag&) = default;
};

}  // namespace scanferry::core
