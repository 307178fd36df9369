// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <scanferry/core/tag.hpp>
#include <scanferry/core/vr.hpp>
#include <scanferry/model/character_set.hpp>

namespace scanferry::model {

/// The tag that eight hexadecimal digits, with or without (,) around them, stand for.
std::optional<core::Tag> tag_of_digits(std::string_view digits);

/// Appends the number, or for AT the tag, that `text` stands for, little endian. False when it is none of `vr`.
bool append_number(std::string& bytes, core::Vr vr, std::string_view text);

/// The padded value field that a person's text stands for: UTF-8 in the given character set, several values with backslashes
/// between, numbers in decimal digits, tags, bytes as hexadecimal digits. `is_query`: it may be a matching key, PS3.4 C.2.2.2.
/// Errors: a sentence on what is wrong.
std::expected<std::string, std::string> value_bytes(core::Vr vr, std::string_view text, const CharacterSet& characters, bool is_query = false);

}  // namespace scanferry::model
