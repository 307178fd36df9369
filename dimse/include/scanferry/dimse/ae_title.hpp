// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <scanferry/core/fixed_string.hpp>

namespace scanferry::dimse {

/// An Application Entity title without padding, PS3.5 6.2 (AE).
using AeTitle = core::FixedString<16>;

/// True for what PS3.5 6.2 allows as an AE: 1 to 16 characters, no backslash, no control characters, not only spaces.
bool is_valid_ae_title(std::string_view text);

}  // namespace scanferry::dimse
