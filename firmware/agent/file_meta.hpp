// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <scanferry/core/part10.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// Reads the File Meta Information of `file`; nothing when it is no DICOM file at all. `path` is for messages.
/// Blocks. Errors: the file cannot be read; its File Meta Information is broken.
Result<std::optional<core::FileMeta>> read_file_meta(platform::File& file, std::uint64_t file_bytes, const std::string& path);

}  // namespace scanferry::firmware
