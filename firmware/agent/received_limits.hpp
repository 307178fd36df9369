// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanferry/model/document.hpp>

namespace scanferry::firmware {

/// How much of a received object is read for what it calls itself, which stands near its begin: what a peer makes of the rest must not
/// fill our memory. Some 6 MB at most, and the object is kept as it came all the same.
inline constexpr model::ReadLimits kReceivedLimits{.held_value_bytes = 256, .elements = 10'000, .inflated_bytes = 1U << 20U, .stop_before_pixels = true};

}  // namespace scanferry::firmware
