// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/image_description.hpp>
#include <scanferry/core/result.hpp>

namespace scanferry::core {

/// Header bytes never exceed this for any description whose text passes `validate`.
inline constexpr std::size_t kImageHeaderBytesMax = 8192;
/// Bytes at the start of the preamble that the application may use, PS3.10 7.1.
inline constexpr std::size_t kPreambleBytes = 128;

/// Where things are in a built header, offsets in bytes from the start of the file.
struct HeaderLayout {
  std::size_t size{0};                     ///< everything before the first pixel byte (for JPEG: before the first frame's item)
  std::size_t data_set_offset{0};          ///< the data set starts here: what a C-STORE sends, PS3.10 7.1
  std::size_t number_of_frames_offset{0};  ///< value of (0028,0008), kNumberOfFramesBytes wide; 0: the object has none
  std::size_t pixel_length_offset{0};      ///< 32-bit length of native Pixel Data; 0: encapsulated (undefined length)
  std::size_t frame_pointer_offset{0};     ///< Frame Increment Pointer that must go when there is but one frame; 0: it may stay
};

/// Number of Frames is written as an IS of this fixed width, so that it can be set when acquisition ends. The spaces stand in
/// front (PS3.5 6.2 allows both): archives on DCMTK drop those behind, and would not keep the bytes that they were sent.
inline constexpr std::size_t kNumberOfFramesBytes = 12;

/// Writes preamble, File Meta Information (PS3.10 7.1) and the data set up to the first pixel byte into `buffer`:
/// native Pixel Data up to and including its length; JPEG up to and including an empty Basic Offset Table item (PS3.5 A.4).
/// Elements ascend by tag; sequences have defined lengths; the result is a function of the description alone.
/// Errors: what `validate` says; `no_room` when `buffer` is too small (kImageHeaderBytesMax always suffices).
Result<HeaderLayout> build_image_header(const ImageDescription& image, ByteBuffer buffer);

/// The 12 characters of Number of Frames for `frames`.
std::array<std::byte, kNumberOfFramesBytes> number_of_frames_value(std::uint32_t frames);

/// PS3.3 C.8.6.3 forbids a Frame Increment Pointer in an object that turned out to have one frame. Takes it out of `header_end`,
/// the header's bytes from `frame_pointer_offset` on. They stay as many: what follows moves up, and Burned In Annotation gets
/// blanks in front of its word.
void drop_frame_pointer(ByteBuffer header_end);

/// The 8 bytes before a JPEG frame of `frame_bytes` bytes: an Item tag and its even length, PS3.5 A.4.
/// The frame is followed by one zero byte when `frame_bytes` is odd.
std::array<std::byte, 8> frame_item_header(std::uint32_t frame_bytes);

/// The 8 bytes that end encapsulated Pixel Data: Sequence Delimitation Item, PS3.5 A.4.
std::array<std::byte, 8> sequence_delimiter();

}  // namespace scanferry::core
