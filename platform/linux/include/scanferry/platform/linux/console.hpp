// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace scanferry::platform {

enum class StandardStream : std::uint8_t { output, error };

/// Whether a person looks at it.
bool is_terminal(StandardStream stream);

}  // namespace scanferry::platform
