// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include <scanferry/core/result.hpp>

namespace scanferry::core {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The part of `text` from `begin` up to `end`, both within it. Not by substr, whose range check can throw: that would link an
/// allocator.
constexpr std::string_view part(std::string_view text, std::size_t begin, std::size_t end) {
  return {text.data() + begin, end - begin};
}

/// The error of a value that is not what its VR allows.
inline std::unexpected<Error> wrong_value(std::string_view what, std::uint64_t offset) {
  return std::unexpected{Error{Errc::bad_value, what, offset, {}}};
}

/// Reads a text from left to right; what does not fit is not taken.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_{text} {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] char next() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] bool at_digit() const { return is_digit(next()); }

  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// Takes the digit at which it is.
  unsigned take_digit() { return static_cast<unsigned>(text_[at_++] - '0'); }

  /// Takes exactly `digits` digits as a number between the limits.
  template <class T>
  bool take_number(std::size_t digits, unsigned low, unsigned high, T& into) {
    if (text_.size() - at_ < digits) return false;
    unsigned number = 0;
    for (std::size_t i = at_; i < at_ + digits; ++i) {
      if (!is_digit(text_[i])) return false;
      number = number * 10 + static_cast<unsigned>(text_[i] - '0');
    }
    if (number < low || number > high) return false;
    into = static_cast<T>(number);
    at_ += digits;
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_{0};
};

}  // namespace scanferry::core
