// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <scanferry/model/character_set.hpp>

#include "character_codes.hpp"

namespace scanferry::model {

/// See CharacterSet::decode.
Decoded decode_text(const CharacterSet& set, std::string_view raw, Delimiters delimiters);

}  // namespace scanferry::model
