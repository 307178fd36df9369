// SPDX-License-Identifier: Apache-2.0
#include "check_pixels.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <scanferry/core/transfer_syntax.hpp>
#include <scanferry/core/value_number.hpp>

#include "check_condition.hpp"

namespace scanferry::model {
namespace {

namespace at = core::attribute;

constexpr std::string_view kRle = "1.2.840.10008.1.2.5";
/// A stream over all frames, not a fragment for each: MPEG-2 to HEVC, PS3.5 A.4.5 to A.4.8.
constexpr std::string_view kVideo = "1.2.840.10008.1.2.4.10";
/// Baseline and Extended; other compressions of images may be lossless.
constexpr std::array<std::string_view, 2> kLossyJpeg{"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"};
/// More are not looked at.
constexpr std::size_t kOffsetsMax = 1'000'000;

/// CT, MR, XA, XRF.
constexpr std::array<std::string_view, 4> kWithThirdValue{"1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4",
                                                          "1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2"};

struct Photometric {
  std::string_view name;
  int samples;
};
/// PS3.3 C.7.6.3.1.2.
constexpr std::array kPhotometrics = {Photometric{"MONOCHROME1", 1},
                                      Photometric{"MONOCHROME2", 1},
                                      Photometric{"PALETTE COLOR", 1},
                                      Photometric{"RGB", 3},
                                      Photometric{"YBR_FULL", 3},
                                      Photometric{"YBR_FULL_422", 3},
                                      Photometric{"YBR_PARTIAL_422", 3},
                                      Photometric{"YBR_PARTIAL_420", 3},
                                      Photometric{"YBR_ICT", 3},
                                      Photometric{"YBR_RCT", 3},
                                      Photometric{"XYB", 3},
                                      Photometric{"HSV", 3},
                                      Photometric{"ARGB", 4},
                                      Photometric{"CMYK", 4}};

std::string counted(std::int64_t count, std::string_view what) {
  return std::to_string(count).append(" ").append(what).append(count == 1 ? "" : "s");
}

class PixelCheck {
 public:
  PixelCheck(const Document& document, const Place& object, CheckLog& log) : document_{document}, object_{object}, log_{log} {
    rows_ = number(at::kRows.tag);
    columns_ = number(at::kColumns.tag);
    samples_ = number(at::kSamplesPerPixel.tag, 1);
    allocated_ = number(at::kBitsAllocated.tag);
    frames_ = number(at::kNumberOfFrames.tag, 1);
    photometric_ = trimmed_text(find(at::kPhotometricInterpretation.tag));
  }

  void check() {
    check_image_type();
    check_bits();
    check_photometric();
    const Element* const pixels = find(at::kPixelData.tag);
    if (pixels == nullptr) return;
    const auto syntax = core::transfer_syntax_of(document_.transfer_syntax());
    if (pixels->is_encapsulated()) {
      check_encapsulated(*pixels, syntax.pixels);
    } else {
      check_native(*pixels, syntax.pixels);
    }
  }

 private:
  const Element* find(core::Tag tag) const { return object_.data_set->find(tag); }
  std::int64_t number(core::Tag tag, std::int64_t otherwise = 0) const { return integer_of(*object_.data_set, tag).value_or(otherwise); }
  void error(const Element& element, std::string text, std::string value = {}) {
    log_.add(CheckSeverity::error, object_, element, std::move(text), std::move(value));
  }

  /// PS3.3 C.7.6.1.1.2; CT, MR and X-Ray images must have Value 3, too: C.8.2.1.1.1, C.8.3.1.1.1, C.8.7.1.1.1.
  void check_image_type() {
    const Element* const type = find(at::kImageType.tag);
    const auto values = type == nullptr ? std::vector<std::string>{} : plain_values(*type);
    // Numbers of bytes are no values, either, when the VR is wrong.
    if (values.empty()) return;
    const std::array<std::string_view, 3> first{"ORIGINAL", "DERIVED", "MIXED"};
    const std::array<std::string_view, 2> second{"PRIMARY", "SECONDARY"};
    if (std::ranges::find(first, values[0]) == first.end()) {
      error(*type, "must have ORIGINAL, DERIVED or MIXED as its first value", shown_text(values[0]));
    } else if (values.size() > 1 && std::ranges::find(second, values[1]) == second.end()) {
      error(*type, "must have PRIMARY or SECONDARY as its second value", shown_text(values[1]));
    } else if (values.size() < 3 && std::ranges::find(kWithThirdValue, trimmed_text(find(at::kSOPClassUID.tag))) != kWithThirdValue.end()) {
      error(*type, "must have a third value in images of this SOP Class", shown_text(trimmed_text(type)));
    }
  }

  /// PS3.5 8.1.1.
  void check_bits() {
    const Element* const allocated = find(at::kBitsAllocated.tag);
    const Element* const stored = find(at::kBitsStored.tag);
    const Element* const high = find(at::kHighBit.tag);
    if (allocated == nullptr || allocated_ == 0) return;
    if (allocated_ != 1 && allocated_ % 8 != 0) error(*allocated, "must be 1 or a multiple of 8", std::to_string(allocated_));
    if (stored == nullptr) return;
    const std::int64_t bits = number(at::kBitsStored.tag);
    if (bits > allocated_ || bits < 1)
      return error(*stored, "must be 1 to Bits Allocated, " + std::to_string(allocated_), std::to_string(bits));
    if (high == nullptr || number(at::kHighBit.tag) == bits - 1) return;
    error(*high, "must be Bits Stored less 1: " + std::to_string(bits - 1), std::to_string(number(at::kHighBit.tag)));
  }

  void check_photometric() {
    const Element* const samples = find(at::kSamplesPerPixel.tag);
    if (samples == nullptr || photometric_.empty()) return;
    const auto known = std::ranges::find(kPhotometrics, photometric_, &Photometric::name);
    if (known == kPhotometrics.end() || samples_ == known->samples) return;
    error(*samples, "must be " + std::to_string(known->samples) + ": Photometric Interpretation is " + std::string{photometric_},
          std::to_string(samples_));
  }

  /// Bytes of all frames; 0 where the attributes do not say.
  std::uint64_t expected_bytes() const {
    constexpr std::int64_t kSideMax = 0xFFFF;
    constexpr std::int64_t kSamplesMax = 4;
    constexpr std::int64_t kBitsMax = 64;
    const auto is_sane = [](std::int64_t number, std::int64_t max) { return number > 0 && number <= max; };
    if (!is_sane(rows_, kSideMax) || !is_sane(columns_, kSideMax) || !is_sane(samples_, kSamplesMax) || !is_sane(allocated_, kBitsMax) ||
        frames_ <= 0)
      return 0;
    // PS3.3 C.7.6.3.1.2: two pixels share their colors, also where they are not compressed.
    const std::int64_t samples = photometric_ == "YBR_FULL_422" || photometric_ == "YBR_PARTIAL_422" ? 2 : samples_;
    const std::int64_t frame_bits = rows_ * columns_ * samples * allocated_;
    if (frames_ > (std::numeric_limits<std::int64_t>::max() - 7) / frame_bits) return 0;
    return static_cast<std::uint64_t>((frame_bits * frames_ + 7) / 8);
  }

  void check_native(const Element& pixels, core::PixelForm form) {
    if (form == core::PixelForm::encapsulated) return error(pixels, "is native, but the transfer syntax says it is encapsulated");
    if (document_.encoding() != core::Encoding::implicit_little_endian && allocated_ > 8 && pixels.vr == core::Vr::ob) {
      // PS3.5 8.2: with OB nobody would swap the bytes.
      error(pixels, "must be OW where more than 8 bits are allocated", "OB");
    }
    if (photometric_ == "YBR_ICT" || photometric_ == "YBR_RCT" || photometric_ == "YBR_PARTIAL_420") {
      error(*find(at::kPhotometricInterpretation.tag), "is only for compressed pixels", std::string{photometric_});
    }
    const std::uint64_t expected = expected_bytes();
    const std::uint64_t even = expected + expected % 2;
    const std::uint64_t size = pixels.value_size();
    if (expected == 0 || size == even || size == expected) return;
    const bool is_short = size < even;
    const std::string what =
        std::string{is_short ? "is too short: " : "is too long: "} + std::to_string(size) + " bytes, where " + counted(frames_, "frame");
    const std::string need = " of " + std::to_string(rows_) + " x " + std::to_string(columns_) + " pixels, each of " +
                             counted(samples_, "sample") + " of " + counted(allocated_, "bit") + ", need " + std::to_string(even);
    log_.add(is_short ? CheckSeverity::error : CheckSeverity::warning, object_, pixels, what + need);
  }

  void check_encapsulated(const Element& pixels, core::PixelForm form) {
    if (form == core::PixelForm::native) error(pixels, "is encapsulated, but the transfer syntax says it is native");
    if (pixels.vr != core::Vr::ob && !pixels.is_implicit)
      error(pixels, "must be OB where it is encapsulated", std::string{core::code_of(pixels.vr)});
    const auto& items = std::get<Fragments>(pixels.value).items;
    if (items.empty()) return error(pixels, "has not even a Basic Offset Table: the first item, which may be empty");
    const std::size_t fragments = items.size() - 1;
    if (fragments == 0) return error(pixels, "has no fragments");
    const std::string_view syntax = document_.transfer_syntax();
    if (syntax.starts_with(kVideo) || std::ranges::find(kLossyJpeg, syntax) != kLossyJpeg.end()) check_lossy();
    if (!syntax.starts_with(kVideo) && std::cmp_less(fragments, frames_)) {
      error(pixels, "has fewer fragments than frames: " + std::to_string(fragments) + " for " + std::to_string(frames_));
    } else if (syntax == kRle && std::cmp_not_equal(fragments, frames_)) {
      error(pixels, "has " + std::to_string(fragments) + " fragments for " + counted(frames_, "frame") + ": RLE has one for each");
    }
    if (!syntax.starts_with(kVideo)) check_offsets(pixels, items);
  }

  /// PS3.3 C.7.6.1.1.5: these pixels have lost information, whatever else was done to them.
  void check_lossy() {
    constexpr std::string_view kWhy = ": the transfer syntax loses information";
    const Element* const lossy = find(at::kLossyImageCompression.tag);
    if (lossy == nullptr) {
      log_.missing(CheckSeverity::warning, object_, at::kLossyImageCompression.tag, std::string{"is missing"}.append(kWhy));
    } else if (trimmed_text(lossy) != "01") {
      error(*lossy, std::string{"must be 01"}.append(kWhy), shown_text(trimmed_text(lossy)));
    }
  }

  /// PS3.5 A.4: for each frame the offset of its first fragment from the first fragment of all.
  void check_offsets(const Element& pixels, const std::vector<std::variant<core::ByteView, StoredValue>>& items) {
    const auto* const table = std::get_if<StoredValue>(&items[0]);
    if (table == nullptr || table->range.size == 0 || table->range.size > 4 * kOffsetsMax) return;
    const std::uint64_t count = table->range.size / 4;
    if (std::cmp_not_equal(count, frames_)) {
      return error(pixels, "has a Basic Offset Table of " + std::to_string(count) + " offsets for " + counted(frames_, "frame"));
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(table->range.size));
    if (const auto got = document_.data_source()->read_at(table->range.offset, bytes); !got || *got != bytes.size()) return;
    std::vector<std::uint64_t> starts;
    for (std::size_t i = 1; i < items.size(); ++i) {
      if (const auto* const fragment = std::get_if<StoredValue>(&items[i])) starts.push_back(fragment->range.offset);
    }
    if (starts.empty()) return;
    std::size_t frame = 0;
    for (const std::uint32_t offset : core::Numbers<std::uint32_t>{bytes, core::ByteOrder::little}) {
      ++frame;
      if (std::ranges::binary_search(starts, starts.front() + offset)) continue;
      return error(pixels, "has a wrong Basic Offset Table: no fragment begins at the offset of frame " + std::to_string(frame),
                   std::to_string(offset));
    }
  }

  const Document& document_;
  const Place& object_;
  CheckLog& log_;
  std::int64_t rows_{0};
  std::int64_t columns_{0};
  std::int64_t samples_{1};
  std::int64_t allocated_{0};
  std::int64_t frames_{1};
  std::string_view photometric_;
};

}  // namespace

void check_pixels(const Document& document, const Place& object, CheckLog& log) { PixelCheck{document, object, log}.check(); }

}  // namespace scanferry::model
