// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <scanferry/core/fixed_string.hpp>

namespace scanferry::core {

/// A unique identifier without padding, PS3.5 9.1: at most 64 characters.
using Uid = FixedString<64>;

/// True for what PS3.5 9.1 allows: 1 to 64 characters, digits and dots, no empty component, no leading zero.
bool is_valid_uid(std::string_view text);

/// A UID under the UUID arc, PS3.5 B.2: "2.25." and the 128 bits in decimal, marked as a UUID of version 8
/// (RFC 9562 5.8), so that no clock and no registered root is needed.
Uid uid_from_bits(std::uint64_t high, std::uint64_t low);

/// The same UID for the same `(salt, name)`, always: what was acquired once keeps its identity when it is read
/// again. `salt` is random per device, so two devices do not meet. Not a cryptographic hash.
Uid uid_from_name(std::uint64_t salt_high, std::uint64_t salt_low, std::string_view name);

}  // namespace scanferry::core
