// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/image_description.hpp>
#include <scanferry/core/result.hpp>

namespace scanferry::core {

/// What the frame header (SOF) of a JPEG stream says, ISO/IEC 10918-1 B.2.2.
struct JpegFrame {
  std::uint16_t rows{0};
  std::uint16_t columns{0};
  std::uint8_t samples_per_pixel{0};
  Photometric photometric{};  ///< MONOCHROME2; YBR_FULL_422 for YCbCr of any chroma sampling; RGB when an Adobe marker says so
};

/// Reads the marker segments of a baseline stream up to the start of scan; `head` may be the beginning of the file only.
/// Errors: `truncated` when `head` ends before the SOS marker; `unsupported` for progressive, lossless, arithmetic, 12 bit
/// or 2- and 4-component streams, with `what` naming which; `bad_value` when it is no JPEG.
Result<JpegFrame> read_jpeg_frame(ByteView head);

/// True when the last bytes of a file are an End of Image marker, zero fill bytes after it aside: the camera finished writing.
bool ends_with_eoi(ByteView tail);

}  // namespace scanferry::core
