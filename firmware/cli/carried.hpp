// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scanferry/model/document.hpp>

namespace scanferry::firmware {

/// What a data set is to have, as `identifier_of` reads it: PATH[:VR][=VALUE], the later over the earlier.
using Keys = std::vector<std::string>;

/// Adds what makes at `to` of another data set what is at `from` (both paths to one element) of `document`: values, or items with all
/// that the dictionary knows. Nothing when it is not there, or empty.
void carry(const model::Document& document, std::string_view from, const std::string& to, Keys& keys);

/// Adds one of a code sequence at `path`, PS3.3 8.8.
void add_code(const std::string& path, std::string_view value, std::string_view scheme, std::string_view meaning, Keys& keys);

}  // namespace scanferry::firmware
