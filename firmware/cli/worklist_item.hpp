// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"
#include "cli/carried.hpp"

namespace scanferry::firmware {

/// What a performed procedure step has of what was scheduled, PS3.17 J, from a file: a worklist item in DICOM, or one line of
/// `worklist --json`. Blocks. A failure names the file.
Result<Keys> keys_of_worklist(platform::Store& store, const std::string& path);

}  // namespace scanferry::firmware
