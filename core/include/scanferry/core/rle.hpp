// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/result.hpp>

namespace scanferry::core {

/// How the native pixels of one frame lie in memory, PS3.3 C.7.6.3.1.
struct FrameLayout {
  std::uint16_t rows{0};
  std::uint16_t columns{0};
  std::uint16_t samples_per_pixel{1};
  std::uint16_t bytes_per_sample{1};  ///< Bits Allocated / 8; samples are little endian
  bool is_by_plane{false};            ///< Planar Configuration 1: all of the first sample, then all of the second

  [[nodiscard]] constexpr std::uint64_t pixels() const { return std::uint64_t{rows} * columns; }
  [[nodiscard]] constexpr std::uint64_t bytes() const { return pixels() * samples_per_pixel * bytes_per_sample; }
};

/// The most bytes that a frame takes as RLE: header, segments that do not shrink at all, and their padding. 0: RLE Lossless has no
/// place for such a frame (PS3.5 G.5: at most 15 segments; here whole bytes, too).
std::uint64_t rle_bytes_max(const FrameLayout& layout);

/// A frame has at most so many times the bytes that it takes as RLE: a run of 128 takes two.
inline constexpr std::uint64_t kRleGrowthMax = 64;

/// Encodes one frame as RLE Lossless, PS3.5 Annex G: one segment for each byte of a sample, most significant first, each row by itself.
/// `frame` has layout.bytes(), `into` at least rle_bytes_max(). Gives back how much of it was used: even.
Result<std::size_t> encode_rle(ByteView frame, const FrameLayout& layout, ByteBuffer into);

/// Decodes one frame. `fragment` may have padding behind; `into` has layout.bytes() at least. Runs across rows, which others write, are
/// taken. Errors: a header that does not fit the layout, a segment beyond the fragment, one that ends early or goes on past the last
/// pixel; `into` is then filled in part.
Result<void> decode_rle(ByteView fragment, const FrameLayout& layout, ByteBuffer into);

}  // namespace scanferry::core
