// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/jpeg_frame.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace scanferry::core {
namespace {

// ISO/IEC 10918-1 table B.1, second bytes of markers.
constexpr std::uint8_t kTem = 0x01;
constexpr std::uint8_t kSof0 = 0xC0;
constexpr std::uint8_t kSof15 = 0xCF;
constexpr std::uint8_t kDht = 0xC4;
constexpr std::uint8_t kJpg = 0xC8;
constexpr std::uint8_t kDac = 0xCC;
constexpr std::uint8_t kRst0 = 0xD0;
constexpr std::uint8_t kSoi = 0xD8;
constexpr std::uint8_t kEoi = 0xD9;
constexpr std::uint8_t kSos = 0xDA;
constexpr std::uint8_t kApp0 = 0xE0;
constexpr std::uint8_t kApp14 = 0xEE;

std::unexpected<Error> failed(Errc code, std::string_view what, std::size_t offset) {
  return std::unexpected{Error{code, what, offset}};
}

std::unexpected<Error> cut(std::size_t offset) { return failed(Errc::truncated, "the JPEG ends before its start of scan", offset); }

std::uint8_t byte_at(ByteView bytes, std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); }

struct Segment {
  std::uint8_t marker{0};
  ByteView content;  // after the two length bytes
  std::size_t offset{0};
  std::size_t end{0};
};

bool stands_alone(std::uint8_t marker) { return marker == kTem || (marker >= kRst0 && marker <= kEoi); }

/// B.1.1.2: a marker is FF, any number of fill bytes FF, and a byte that is neither 00 nor FF.
Result<Segment> read_segment(ByteView head, std::size_t offset) {
  std::size_t at = offset;
  if (at < head.size() && byte_at(head, at) != 0xFF) return failed(Errc::bad_value, "no JPEG marker where one must be", at);
  while (at < head.size() && byte_at(head, at) == 0xFF) ++at;
  if (at >= head.size()) return cut(offset);
  const std::uint8_t marker = byte_at(head, at++);
  if (stands_alone(marker)) return Segment{marker, {}, offset, at};
  if (head.size() - at < 2) return cut(offset);
  const std::size_t length = load_be16(&head[at]);
  if (length < 2) return failed(Errc::bad_length, "a JPEG segment is shorter than its own length field", offset);
  if (length > head.size() - at) return cut(offset);
  return Segment{marker, head.subspan(at + 2, length - 2), offset, at + length};
}

bool is_frame_header(std::uint8_t marker) {
  return marker >= kSof0 && marker <= kSof15 && marker != kDht && marker != kJpg && marker != kDac;
}

/// B.2.2 table B.1: what the SOF markers other than baseline stand for.
std::string_view process_of(std::uint8_t marker) {
  switch (marker) {
    case 0xC1: return "extended sequential JPEG: only baseline (8 bit, Huffman) is taken";
    case 0xC2: return "progressive JPEG: only baseline is taken; switch the camera to baseline";
    case 0xC3: return "lossless JPEG: only baseline is taken";
    case 0xC5:
    case 0xC6:
    case 0xC7: return "hierarchical JPEG: only baseline is taken";
    default: return "arithmetic-coded JPEG: only baseline is taken";
  }
}

struct FrameHeader {
  JpegFrame frame;
  std::array<std::uint8_t, 3> component_ids{};
};

// B.2.2:  precision 1 | lines 2 | samples per line 2 | components 1 | per component: id 1, sampling 1, table 1
Result<FrameHeader> read_frame_header(const Segment& segment) {
  const ByteView content = segment.content;
  if (content.size() < 6) return failed(Errc::bad_length, "the JPEG frame header is too short", segment.offset);
  const std::uint8_t count = byte_at(content, 5);
  if (byte_at(content, 0) != 8) return failed(Errc::unsupported, "JPEG with other than 8 bits in a sample", segment.offset);
  if (count == 2 || count == 4) return failed(Errc::unsupported, "JPEG with 2 or 4 components: give 1 or 3", segment.offset);
  if (count != 1 && count != 3) return failed(Errc::bad_value, "the JPEG has no sensible number of components", segment.offset);
  if (content.size() < 6U + 3U * count) return failed(Errc::bad_length, "the JPEG frame header is too short", segment.offset);
  FrameHeader header;
  header.frame = {load_be16(&content[1]), load_be16(&content[3]), count, Photometric::monochrome2};
  if (header.frame.rows == 0) return failed(Errc::unsupported, "JPEG that states its height only after the scan (DNL)", segment.offset);
  if (header.frame.columns == 0) return failed(Errc::bad_value, "the JPEG has no columns", segment.offset);
  for (std::size_t i = 0; i < count; ++i) header.component_ids[i] = byte_at(content, 6 + 3 * i);
  return header;
}

/// What application segments say of colour.
struct ColorHints {
  bool jfif{false};
  std::optional<std::uint8_t> adobe_transform;
};

void note_hints(const Segment& segment, ColorHints& hints) {
  const std::string_view content = text_of(segment.content);
  if (segment.marker == kApp0 && content.starts_with(std::string_view{"JFIF\0", 5})) hints.jfif = true;
  // "Adobe", version 2, two flag words 2 + 2, transform 1.
  if (segment.marker == kApp14 && content.starts_with("Adobe") && content.size() >= 12) {
    hints.adobe_transform = byte_at(segment.content, 11);
  }
}

bool is_rgb(const FrameHeader& header, const ColorHints& hints) {
  if (hints.jfif) return false;  // JFIF knows no RGB
  if (hints.adobe_transform) return *hints.adobe_transform == 0;
  return header.component_ids == std::array<std::uint8_t, 3>{'R', 'G', 'B'};
}

Photometric photometric_of(const FrameHeader& header, const ColorHints& hints) {
  if (header.frame.samples_per_pixel == 1) return Photometric::monochrome2;
  // PS3.5 8.2.1: the one term for YCbCr in baseline JPEG. Decoders take the chroma sampling from the stream itself.
  return is_rgb(header, hints) ? Photometric::rgb : Photometric::ybr_full_422;
}

}  // namespace

Result<JpegFrame> read_jpeg_frame(ByteView head) {
  if (head.size() < 2) return cut(0);
  if (byte_at(head, 0) != 0xFF || byte_at(head, 1) != kSoi) {
    return failed(Errc::bad_value, "no JPEG: the file does not begin with a Start of Image marker", 0);
  }
  ColorHints hints;
  std::optional<FrameHeader> header;
  std::size_t offset = 2;
  for (;;) {
    const auto segment = read_segment(head, offset);
    if (!segment) return std::unexpected{segment.error()};
    if (segment->marker == kSos) break;
    if (segment->marker == kEoi) return failed(Errc::bad_value, "the JPEG holds no image", segment->offset);
    if (is_frame_header(segment->marker)) {
      if (segment->marker != kSof0) return failed(Errc::unsupported, process_of(segment->marker), segment->offset);
      if (header) return failed(Errc::bad_value, "the JPEG has two frame headers", segment->offset);
      auto read = read_frame_header(*segment);
      if (!read) return std::unexpected{read.error()};
      header = *read;
    }
    note_hints(*segment, hints);
    offset = segment->end;
  }
  if (!header) return failed(Errc::bad_value, "the JPEG has no frame header before its scan", offset);
  header->frame.photometric = photometric_of(*header, hints);
  return header->frame;
}

bool ends_with_eoi(ByteView tail) {
  std::size_t size = tail.size();
  while (size > 0 && tail[size - 1] == std::byte{0}) --size;
  return size >= 2 && byte_at(tail, size - 2) == 0xFF && byte_at(tail, size - 1) == kEoi;
}

}  // namespace scanferry::core
