// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The tables that charset/generate.py writes when the program is built: numbers of Unicode's Basic Multilingual Plane, 0 where
/// a cell has no character.
namespace scanferry::model::tables {

extern const std::uint16_t kSingleByte[11 * 96];     ///< A0 to FF hex, in the order of CodeSet::latin_1 to CodeSet::thai
extern const std::uint16_t kJisX0208[84 * 94];      ///< by row and column, as the next two
extern const std::uint16_t kJisX0212[77 * 94];
extern const std::uint16_t kKsX1001[93 * 94];
extern const std::uint16_t kGb18030[126 * 190];     ///< the two-byte part: lead 81 to FE, trail 40 to 7E and 80 to FE hex
extern const std::uint16_t kGb18030Ranges[2 * 207]; ///< the four-byte part: first character, first index; then the end
extern const std::uint16_t kGb2312Runs[2 * 15];     ///< cells of 94 x 94 that GB 2312 has: first, last

}  // namespace scanferry::model::tables
