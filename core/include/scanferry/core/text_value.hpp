// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/result.hpp>

namespace scanferry::core {

/// The number of characters of well-formed UTF-8, or nothing: overlong forms, surrogates and numbers beyond U+10FFFF are not.
std::optional<std::size_t> utf8_length(std::string_view text);

/// True when every character is of the default repertoire, ISO-IR 6.
bool is_ascii(std::string_view text);

/// Says whether `value` may be the only value of `attribute`: UTF-8, and the repertoire and length of its VR, PS3.5 6.2.
/// An empty value passes. Supports AE, CS, DA, LO, PN, SH, TM and UI.
/// Errors: `bad_value` with the attribute's tag and a sentence that says what the VR allows.
Result<void> check_text(const Attribute& attribute, std::string_view value);

}  // namespace scanferry::core
