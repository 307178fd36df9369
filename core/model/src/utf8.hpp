// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace scanferry::model {

/// Appends a Unicode scalar value.
void append_utf8(std::string& text, char32_t character);

/// `number` in capital hexadecimal digits, with leading zeros up to `digits_min`.
std::string hex_digits(std::uint32_t number, std::size_t digits_min);

/// The longest beginning of well-formed `text` that has at most `bytes_max` bytes and ends between two characters.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

}  // namespace scanferry::model
