// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <scanferry/core/bytes.hpp>

namespace scanferry::fuzz {

/// An input read as a list of things to do; after its end everything is 0.
class Script {
 public:
  explicit Script(core::ByteView bytes) : rest_{bytes} {}
  std::uint8_t u8() {
    if (rest_.empty()) return 0;
    const auto value = std::to_integer<std::uint8_t>(rest_[0]);
    rest_ = rest_.subspan(1);
    return value;
  }
  std::uint16_t u16() {
    const auto low = u8();
    return static_cast<std::uint16_t>(u8() << 8U | low);
  }
  core::ByteView bytes(std::size_t count) {
    const auto taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  [[nodiscard]] bool is_over() const { return rest_.empty(); }

 private:
  core::ByteView rest_;
};

}  // namespace scanferry::fuzz
