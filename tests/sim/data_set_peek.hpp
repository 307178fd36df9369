// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "wire.hpp"

namespace scanferry::tests {

/// The frames in the Pixel Data of a data set in an explicit VR little endian syntax, native (PS3.5 A.2) or encapsulated
/// with one fragment a frame (PS3.5 A.4). Nothing when the data set is not that. Written for the checkers alone.
std::optional<std::vector<Bytes>> frames_of(core::ByteView data_set);

/// Where the data set of a Part 10 file begins, PS3.10 7.1; nothing when it is no such file.
std::optional<std::size_t> data_set_offset(core::ByteView file);

}  // namespace scanferry::tests
