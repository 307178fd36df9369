// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include <scanferry/model/character_set.hpp>

#include "character_codes.hpp"

namespace scanferry::model {

/// See CharacterSet::encode.
std::expected<std::string, EncodeError> encode_text(const CharacterSet& set, std::string_view text, Delimiters delimiters);

}  // namespace scanferry::model
