// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/result.hpp>
#include <scanferry/core/uid.hpp>

namespace scanferry::core {

/// What a C-STORE needs to know of a Part 10 file, PS3.10 7.1.
struct FileMeta {
  Uid sop_class_uid;
  Uid sop_instance_uid;
  Uid transfer_syntax_uid;
  std::uint64_t data_set_offset{0};  ///< bytes from the start of the file
};

/// The longest beginning of a file that `read_file_meta` asks for.
inline constexpr std::size_t kFileMetaBytesMax = 4096;

/// Reads preamble, prefix and group 0002 from the first bytes of a file; `head` is the whole file or at least
/// kFileMetaBytesMax bytes of it. A UID may be empty when the file has none; the caller decides what it needs.
/// Errors: `not_dicom` without "DICM"; `truncated`, `bad_length`, `bad_value` with offset and tag.
Result<FileMeta> read_file_meta(ByteView head);

}  // namespace scanferry::core
