// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/bytes.hpp>

namespace scanferry::model {

/// Appends `bytes` in base64 (RFC 4648 4), padded. Pieces whose sizes are multiples of 3 make one text together.
void append_base64(std::string& text, core::ByteView bytes);

/// The bytes of a base64 text; none when it is not one. Blanks and line ends are passed over.
std::optional<std::vector<std::byte>> bytes_of_base64(std::string_view text);

}  // namespace scanferry::model
