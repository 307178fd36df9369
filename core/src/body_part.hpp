// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace scanferry::core {

/// True for a Body Part Examined that the body has once: such objects have no Laterality (PS3.3 C.7.3.1, type 2C).
/// Terms of PS3.16 Annex L; a term that is not known here may be paired, and an empty Laterality then says "unknown".
bool is_unpaired(std::string_view body_part);

}  // namespace scanferry::core
