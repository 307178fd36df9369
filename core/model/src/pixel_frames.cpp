// SPDX-License-Identifier: Apache-2.0
#include "pixel_frames.hpp"

#include <algorithm>
#include <string>

#include <scanferry/core/value_number.hpp>
#include <scanferry/model/element_text.hpp>

namespace scanferry::model {
namespace {

namespace at = core::attribute;

using FragmentItem = std::variant<core::ByteView, StoredValue>;

constexpr std::uint64_t kItemHeaderBytes = 8;
constexpr std::string_view kRleLossless = "1.2.840.10008.1.2.5";

/// A value of VR US, or `otherwise` where there is none.
std::uint16_t number_of(const DataSet& data_set, core::Attribute attribute, std::uint16_t otherwise) {
  const Element* const element = data_set.find(attribute.tag);
  return element != nullptr && element->bytes().size() >= 2 ? core::load_le16(element->bytes().data()) : otherwise;
}

std::uint64_t size_of(const FragmentItem& item) {
  const auto* const bytes = std::get_if<core::ByteView>(&item);
  return bytes != nullptr ? bytes->size() : std::get<StoredValue>(item).range.size;
}

Result<void> append_item(const Document& document, const FragmentItem& item, std::vector<std::byte>& to) {
  if (const auto* const bytes = std::get_if<core::ByteView>(&item)) {
    to.insert(to.end(), bytes->begin(), bytes->end());
    return {};
  }
  const SourceRange range = std::get<StoredValue>(item).range;
  const std::size_t before = to.size();
  to.resize(before + static_cast<std::size_t>(range.size));
  const auto got = document.data_source()->read_at(range.offset, core::ByteBuffer{to}.subspan(before));
  if (!got) return std::unexpected{got.error()};
  if (*got != range.size) return std::unexpected{Error{"the file shrank while it was read", range.offset, {}}};
  return {};
}

}  // namespace

Result<PixelFrames> PixelFrames::of(const Document& document) {
  PixelFrames frames{document};
  frames.element_ = document.data_set().find(at::kPixelData.tag);
  if (frames.element_ == nullptr) return std::unexpected{Error{"the object has no Pixel Data", 0, {}}};
  if (auto done = frames.describe(); !done) return std::unexpected{done.error()};
  if (frames.element_->is_encapsulated()) {
    if (document.transfer_syntax() != kRleLossless) return frames.fail("the pixels are compressed in a way that is not decoded here");
    if (auto done = frames.find_fragments(); !done) return std::unexpected{done.error()};
  } else if (frames.element_->value_size() / frames.layout_.bytes() < frames.count_) {
    return frames.fail("Pixel Data is shorter than its rows, columns and frames");
  }
  return frames;
}

std::unexpected<Error> PixelFrames::fail(std::string_view what) const {
  return std::unexpected{Error{std::string{what}, element_->source.offset, "PixelData"}};
}

Result<void> PixelFrames::describe() {
  const DataSet& data_set = document_->data_set();
  layout_.rows = number_of(data_set, at::kRows, 0);
  layout_.columns = number_of(data_set, at::kColumns, 0);
  layout_.samples_per_pixel = number_of(data_set, at::kSamplesPerPixel, 1);
  layout_.is_by_plane = number_of(data_set, at::kPlanarConfiguration, 0) == 1;
  const std::uint16_t bits = number_of(data_set, at::kBitsAllocated, 0);
  if (bits == 0 || bits % 8 != 0) return fail("pixels of " + std::to_string(bits) + " bits are not taken apart; whole bytes are");
  layout_.bytes_per_sample = bits / 8;
  const auto photometric = trimmed_text(data_set.find(at::kPhotometricInterpretation.tag));
  if (photometric.ends_with("_422") || photometric.ends_with("_420")) return fail("pixels whose colours are subsampled are not taken apart");
  if (const auto frames = trimmed_text(data_set.find(at::kNumberOfFrames.tag)); !frames.empty()) {
    const auto number = core::parse_integer(frames);
    if (!number || *number < 1) return fail("NumberOfFrames is not a number of frames");
    count_ = static_cast<std::uint64_t>(*number);
  }
  if (layout_.bytes() == 0) return fail("Rows, Columns or SamplesPerPixel is missing or 0");
  return {};
}

/// PS3.5 A.4: behind the Basic Offset Table there is one fragment for each frame, or the table says with which each begins.
Result<void> PixelFrames::find_fragments() {
  const std::size_t items = std::get<Fragments>(element_->value).items.size();
  if (items < 2 || items - 1 < count_) return fail("there are fewer fragments than frames");
  if (count_ == 1) {
    first_items_ = {1, items};
  } else if (items - 1 == count_) {
    for (std::size_t n = 1; n <= items; ++n) first_items_.push_back(n);
  } else {
    return find_fragments(offset_table());
  }
  return {};
}

Result<void> PixelFrames::find_fragments(std::span<const std::uint64_t> offsets) {
  if (offsets.size() != count_) return fail("there are more fragments than frames, and no offset table says which are whose");
  const auto& items = std::get<Fragments>(element_->value).items;
  std::uint64_t offset = 0;
  for (std::size_t n = 1; n < items.size(); ++n) {
    if (first_items_.size() < offsets.size() && offsets[first_items_.size()] == offset) first_items_.push_back(n);
    offset += kItemHeaderBytes + size_of(items[n]);
  }
  first_items_.push_back(items.size());
  return first_items_.size() == count_ + 1 ? Result<void>{} : fail("an offset table names places where no fragment begins");
}

std::vector<std::uint64_t> PixelFrames::offset_table() const {
  std::vector<std::uint64_t> offsets;
  if (const Element* const extended = document_->data_set().find(at::kExtendedOffsetTable.tag); extended != nullptr) {
    const auto bytes = extended->bytes();
    for (std::size_t n = 0; n + 8 <= bytes.size(); n += 8) {
      offsets.push_back(core::load_le32(&bytes[n]) | std::uint64_t{core::load_le32(&bytes[n + 4])} << 32U);
    }
    return offsets;
  }
  std::vector<std::byte> table;
  if (!append_item(*document_, std::get<Fragments>(element_->value).items[0], table)) return {};
  for (std::size_t n = 0; n + 4 <= table.size(); n += 4) offsets.push_back(core::load_le32(&table[n]));
  return offsets;
}

Result<core::ByteView> PixelFrames::frame(std::uint64_t n) { return element_->is_encapsulated() ? decoded_frame(n) : native_frame(n); }

Result<core::ByteView> PixelFrames::native_frame(std::uint64_t n) {
  const auto size = static_cast<std::size_t>(layout_.bytes());
  if (!std::holds_alternative<StoredValue>(element_->value)) return element_->bytes().subspan(static_cast<std::size_t>(n) * size, size);
  frame_.resize(size);
  for (std::size_t done = 0; done < size;) {
    const auto got = document_->read_value(*element_, n * size + done, core::ByteBuffer{frame_}.subspan(done));
    if (!got) return std::unexpected{got.error()};
    if (*got == 0) return fail("the file shrank while it was read");
    done += *got;
  }
  return core::ByteView{frame_};
}

Result<core::ByteView> PixelFrames::decoded_frame(std::uint64_t n) {
  const auto& items = std::get<Fragments>(element_->value).items;
  fragment_.clear();
  for (std::size_t item = first_items_[static_cast<std::size_t>(n)]; item < first_items_[static_cast<std::size_t>(n) + 1]; ++item) {
    if (auto done = append_item(*document_, items[item], fragment_); !done) return std::unexpected{done.error()};
  }
  if (layout_.bytes() / core::kRleGrowthMax > fragment_.size()) return fail("an RLE frame is too short for its rows and columns");
  frame_.resize(static_cast<std::size_t>(layout_.bytes()));
  if (const auto done = core::decode_rle(fragment_, layout_, frame_); !done) {
    return fail("frame " + std::to_string(n + 1) + ", at its byte " + std::to_string(done.error().offset) + ": " + std::string{done.error().what});
  }
  return core::ByteView{frame_};
}

}  // namespace scanferry::model
