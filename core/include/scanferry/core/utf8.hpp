// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace scanferry::core {

/// What `take_character` gives where there is no well-formed character.
inline constexpr char32_t kNoCharacter = 0xFFFFFFFF;

/// Takes one character off the front of `text`, which is not empty. kNoCharacter, and nothing taken, when it is not well
/// formed: overlong forms, surrogates and numbers beyond U+10FFFF are not.
char32_t take_character(std::string_view& text);

/// The number of characters of well-formed UTF-8, or nothing.
std::optional<std::size_t> utf8_length(std::string_view text);

/// True when every character is of the default repertoire, ISO-IR 6.
bool is_ascii(std::string_view text);

}  // namespace scanferry::core
