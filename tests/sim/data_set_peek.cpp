// SPDX-License-Identifier: Apache-2.0
#include "data_set_peek.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace scanferry::tests {
namespace {

constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFF;
constexpr std::uint32_t kItem = 0xFFFEE000;
constexpr std::uint32_t kItemEnd = 0xFFFEE00D;
constexpr std::uint32_t kSequenceEnd = 0xFFFEE0DD;
constexpr std::uint32_t kPixelData = 0x7FE00010;

struct Element {
  std::uint32_t tag;
  std::string vr;
  std::uint32_t length;
};

std::uint32_t read_tag(Unwire& in) {
  const std::uint32_t group = in.le16();
  return group << 16U | in.le16();
}

// PS3.5 7.1.2: these have two reserved bytes and a length of 32 bits.
bool has_long_form(std::string_view vr) {
  static constexpr std::string_view kLong[] = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"};
  return std::ranges::find(kLong, vr) != std::end(kLong);
}

Element read_element(Unwire& in) {
  Element element{read_tag(in), in.text(2), 0};
  if (!has_long_form(element.vr)) {
    element.length = in.le16();
    return element;
  }
  (void)in.le16();
  element.length = in.le32();
  return element;
}

void skip_value(Unwire& in, const Element& element);

void skip_items(Unwire& in) {
  while (in.good() && !in.empty()) {
    const auto tag = read_tag(in);
    const auto length = in.le32();
    if (tag == kSequenceEnd) return;
    if (length != kUndefinedLength) {
      (void)in.take(length);
      continue;
    }
    for (;;) {
      const auto element = read_element(in);
      if (element.tag == kItemEnd || !in.good()) break;
      skip_value(in, element);
    }
  }
}

void skip_value(Unwire& in, const Element& element) {
  if (element.length == kUndefinedLength) {
    skip_items(in);
  } else {
    (void)in.take(element.length);
  }
}

struct Geometry {
  std::size_t rows{0}, columns{0}, samples{1}, bits{0}, frames{1};
};

void note(Geometry& geometry, const Element& element, Unwire value) {
  switch (element.tag) {
    case 0x00280002: geometry.samples = value.le16(); break;
    case 0x00280010: geometry.rows = value.le16(); break;
    case 0x00280011: geometry.columns = value.le16(); break;
    case 0x00280100: geometry.bits = value.le16(); break;
    case 0x00280008: {
      auto text = value.text(element.length);
      text.erase(0, text.find_first_not_of(' '));  // PS3.5 6.2: an IS may be padded on both sides
      std::from_chars(text.data(), text.data() + text.size(), geometry.frames);
      break;
    }
    default: break;
  }
}

std::optional<std::vector<Bytes>> native_frames(core::ByteView pixels, const Geometry& g) {
  const auto frame_bytes = g.rows * g.columns * g.samples * g.bits / 8;
  const auto whole = frame_bytes * g.frames;
  if (frame_bytes == 0 || pixels.size() != whole + whole % 2) return std::nullopt;
  std::vector<Bytes> frames;
  for (std::size_t i = 0; i < g.frames; ++i) {
    const auto frame = pixels.subspan(i * frame_bytes, frame_bytes);
    frames.emplace_back(frame.begin(), frame.end());
  }
  return frames;
}

std::optional<std::vector<Bytes>> fragments(Unwire& in, const Geometry& g) {
  std::vector<Bytes> items;
  for (;;) {
    const auto tag = read_tag(in);
    const auto length = in.le32();
    if (!in.good()) return std::nullopt;
    if (tag == kSequenceEnd) break;
    if (tag != kItem || length % 2 != 0) return std::nullopt;
    const auto value = in.take(length);
    items.emplace_back(value.begin(), value.end());
  }
  if (!in.good() || !in.empty() || items.size() != g.frames + 1) return std::nullopt;
  items.erase(items.begin());  // the Basic Offset Table
  return items;
}

}  // namespace

std::optional<std::vector<Bytes>> frames_of(core::ByteView data_set) {
  Unwire in{data_set};
  Geometry geometry;
  std::uint32_t last_tag = 0;
  while (!in.empty()) {
    const auto element = read_element(in);
    if (!in.good() || element.tag <= last_tag) return std::nullopt;
    last_tag = element.tag;
    if (element.tag == kPixelData) {
      if (element.length == kUndefinedLength) return fragments(in, geometry);
      auto pixels = in.take(element.length);
      return in.good() && in.empty() ? native_frames(pixels, geometry) : std::nullopt;
    }
    if (element.length == kUndefinedLength) {
      skip_items(in);
    } else {
      note(geometry, element, Unwire{in.take(element.length)});
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> data_set_offset(core::ByteView file) {
  constexpr std::size_t kMagicAt = 128;
  constexpr std::size_t kGroupLengthBytes = 12;
  if (file.size() < kMagicAt + 4 + kGroupLengthBytes) return std::nullopt;
  Unwire in{file.subspan(kMagicAt)};
  if (in.text(4) != "DICM") return std::nullopt;
  const auto element = read_element(in);
  if (element.tag != 0x00020000 || element.length != 4) return std::nullopt;
  const auto offset = kMagicAt + 4 + kGroupLengthBytes + in.le32();
  if (offset > file.size()) return std::nullopt;
  return offset;
}

}  // namespace scanferry::tests
