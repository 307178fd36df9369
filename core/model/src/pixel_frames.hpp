// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <scanferry/core/rle.hpp>
#include <scanferry/model/document.hpp>

namespace scanferry::model {

/// The frames of an object's Pixel Data one by one, as native pixels in little endian, whatever form they have in the file: native, or
/// RLE Lossless. Borrows the document. Memory: one frame, twice where it has to be decoded.
class PixelFrames {
 public:
  /// Errors: no Pixel Data, pixels that cannot be decoded here, a description (PS3.3 C.7.6.3) that they do not fit.
  static Result<PixelFrames> of(const Document& document);

  [[nodiscard]] const Element& element() const { return *element_; }
  [[nodiscard]] const core::FrameLayout& layout() const { return layout_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Of all frames, without padding.
  [[nodiscard]] std::uint64_t bytes() const { return count_ * layout_.bytes(); }
  /// The pixels of frame `n`, from 0; valid until the next call.
  Result<core::ByteView> frame(std::uint64_t n);

 private:
  explicit PixelFrames(const Document& document) : document_{&document} {}
  Result<void> describe();
  Result<void> find_fragments();
  Result<void> find_fragments(std::span<const std::uint64_t> offsets);
  [[nodiscard]] std::vector<std::uint64_t> offset_table() const;
  Result<core::ByteView> native_frame(std::uint64_t n);
  Result<core::ByteView> decoded_frame(std::uint64_t n);
  [[nodiscard]] std::unexpected<Error> fail(std::string_view what) const;

  const Document* document_;
  const Element* element_{nullptr};
  core::FrameLayout layout_;
  std::uint64_t count_{1};
  std::vector<std::size_t> first_items_;  ///< of each frame, and the one behind the last; empty where pixels are native
  std::vector<std::byte> frame_;
  std::vector<std::byte> fragment_;
};

}  // namespace scanferry::model
