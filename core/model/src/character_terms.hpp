// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <scanferry/model/character_set.hpp>

namespace scanferry::model {

/// One value of Specific Character Set, understood.
struct Term {
  CodeSet set{CodeSet::none};
  bool is_extended{false};  ///< it allows code extensions: "ISO 2022 ..."
  bool is_exact{false};     ///< spelled as in the standard
};

/// The defined term of `set`, with or without code extensions where there are both.
std::string term_of(CodeSet set, bool is_extended);

/// Reads one value without its padding; nothing where the meaning is in doubt.
std::optional<Term> read_term(std::string_view text);

}  // namespace scanferry::model
