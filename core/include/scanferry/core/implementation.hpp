// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace scanferry::core {

/// Who wrote a file or speaks on an association, PS3.7 D.3.3.2 and PS3.10 7.1. The UID stays as it is for ever.
inline constexpr std::string_view kImplementationClassUid = "2.25.249944176736370938606026683161180054816";
/// At most 16 characters.
inline constexpr std::string_view kImplementationVersionName = "SCANFERRY_0_1";

}  // namespace scanferry::core
