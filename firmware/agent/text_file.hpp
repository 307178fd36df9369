// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// The whole of a small file, of 4 MiB at most. Blocks. A failure names it.
Result<std::string> read_text_file(platform::Store& store, const std::string& path);

}  // namespace scanferry::firmware
