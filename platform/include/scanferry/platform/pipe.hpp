// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/time.hpp>
#include <scanferry/platform/error.hpp>

namespace scanferry::platform {

/// Bytes that another process hands over: standard input.
class PipeReader {
 public:
  virtual ~PipeReader() = default;
  /// Blocks (storage thread only) until there are bytes; returns how many, 0 at the end, `timed_out` when none came within
  /// `patience`, `cancelled` after close().
  virtual Result<std::size_t> read(core::ByteBuffer into, core::Millis patience) = 0;
  /// Ends the read under way and all later ones. From any thread; the reader must outlive the read that it ends.
  virtual void close() = 0;
};

}  // namespace scanferry::platform
