// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <scanferry/model/document.hpp>
#include <scanferry/model/tag_path.hpp>

namespace scanferry::model {

/// What `set_value` may do to elements that are not there.
enum class SetMode : std::uint8_t {
  insert,  ///< make them, with the sequences and the one item more that lead there
  ask,     ///< as `insert`; the value is a matching key, PS3.4 C.2.2.2: ranges, wild cards, lists
  modify,  ///< leave it: what is not there is an error
};

/// Sets the value of each element that `path` leads to; in UTF-8, with backslashes between several values, numbers in decimal
/// digits, tags as (gggg,eeee), bytes as hexadecimal digits; sequences take the number of items as nothing but "". The VR
/// is `vr`, else that of the element, else the dictionary's. Gives back how many were set. SOP Class and Instance UID are set in File
/// Meta Information, too, where they are there. After an error nothing was made that was not there; of several elements some may be set.
/// Errors: the way does not exist, the VR is not known, the value is not one of its VR, its characters are not in the Specific
/// Character Set of the data set.
Result<std::size_t> set_value(Document& document, const TagPath& path, std::string_view value, SetMode mode,
                              std::optional<core::Vr> vr = {});

/// Removes each element that `path` leads to, or, where its last step names items, these items. Gives back how many.
std::size_t erase(Document& document, const TagPath& path);

}  // namespace scanferry::model
