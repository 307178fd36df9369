// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <scanferry/core/tag.hpp>
#include <scanferry/core/uid_registry.hpp>
#include <scanferry/core/vr.hpp>

// What the generated tables are made of. They hold numbers and characters only, no pointers: nothing is relocated when the program
// starts. Texts are a run of the table's characters, and overlap where they can.
//
// A row of the dictionary is the same index in kElements, kTraitsOf, kKeywordOffsets and kKeywordSizes. The rows of one group stand
// together, ascending; kGroups says where each begins and ends with the number of rows. Most groups are below 0x0100: kLowGroups
// has the indices of 0x0000, 0x0002, ... in kGroups, or of the one before where there is no such group.

namespace scanferry::core::dictionary_table {

/// Attributes with the same mask: one bits are what their tags have in common with a row. The first family has all bits.
struct Family {
  Tag mask;
  std::uint16_t first_group;
  std::uint16_t last_group;  // behind it
};

struct Group {
  std::uint16_t group;
  std::uint16_t first_row;
};

/// What many attributes share.
struct Traits {
  std::array<Vr, 3> vrs;  // the one of Implicit VR Little Endian first; the rest unknown
  std::uint8_t values_min;
  std::uint8_t values_max;
  std::uint8_t values_step;
  bool is_retired;
};

}  // namespace scanferry::core::dictionary_table

namespace scanferry::core::uid_table {

inline constexpr unsigned kTypeBits = 6;

constexpr std::uint8_t flags(UidType type, unsigned is_retired, unsigned is_storage) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(type) | is_retired << kTypeBits | is_storage << (kTypeBits + 1));
}

}  // namespace scanferry::core::uid_table

namespace scanferry::core {

/// Bytes of arrays.
template <typename... Array>
constexpr std::size_t bytes_of_all(const Array&... arrays) {
  return ((arrays.size() * sizeof(typename Array::value_type)) + ...);
}

}  // namespace scanferry::core
