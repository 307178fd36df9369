// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <string_view>

namespace scanferry::core {

/// A string of at most `Capacity` characters held in place: UIDs, AE titles and comments without a heap.
template <std::size_t Capacity>
class FixedString {
 public:
  constexpr FixedString() = default;
  /// Keeps the first `Capacity` characters of `text`; the callers that must refuse longer text check it first.
  constexpr FixedString(std::string_view text) { assign(text); }  // NOLINT: a string is a string
  constexpr FixedString(const char* text) : FixedString(std::string_view{text}) {}  // NOLINT

  constexpr void assign(std::string_view text) {
    size_ = std::min(text.size(), Capacity);
    std::copy_n(text.begin(), size_, chars_.begin());
  }
  /// False, and nothing appended, when `text` does not fit.
  constexpr bool append(std::string_view text) {
    if (text.size() > Capacity - size_) return false;
    std::copy_n(text.begin(), text.size(), chars_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += text.size();
    return true;
  }
  constexpr void clear() { size_ = 0; }

  [[nodiscard]] constexpr std::string_view view() const { return {chars_.data(), size_}; }
  constexpr operator std::string_view() const { return view(); }  // NOLINT
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  static constexpr std::size_t capacity() { return Capacity; }

  friend constexpr bool operator==(const FixedString& a, const FixedString& b) { return a.view() == b.view(); }
  friend constexpr auto operator<=>(const FixedString& a, const FixedString& b) { return a.view() <=> b.view(); }

 private:
  std::array<char, Capacity> chars_{};
  std::size_t size_{0};
};

}  // namespace scanferry::core
