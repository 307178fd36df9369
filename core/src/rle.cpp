// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/rle.hpp>

#include <algorithm>

namespace scanferry::core {
namespace {

/// PS3.5 G.5: the number of segments and the offsets of 15, 32 bits each.
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kSegmentsMax = 15;
/// PS3.5 G.3.1: 1 to 128 bytes behind one that counts them.
constexpr std::size_t kRunMax = 128;
/// A shorter run costs more than it saves where it would break a literal run.
constexpr std::size_t kRunWorthIt = 3;

template <class Byte>
struct Plane {
  Byte* first;
  std::size_t stride;
  std::size_t size;

  Byte& operator[](std::size_t n) const { return first[n * stride]; }
  [[nodiscard]] Plane row(std::size_t n, std::size_t columns) const { return {first + n * columns * stride, stride, columns}; }
};

std::size_t segments_of(const FrameLayout& layout) { return std::size_t{layout.samples_per_pixel} * layout.bytes_per_sample; }

bool is_possible(const FrameLayout& layout) {
  const std::size_t segments = segments_of(layout);
  return layout.pixels() > 0 && segments > 0 && segments <= kSegmentsMax;
}

/// Where the bytes of a segment lie among the pixels, PS3.5 G.2.
template <class Byte>
Plane<Byte> plane_of(std::span<Byte> frame, const FrameLayout& layout, std::size_t segment) {
  const std::size_t bytes = layout.bytes_per_sample;
  const std::size_t sample = segment / bytes;
  const std::size_t byte = bytes - 1 - segment % bytes;
  const auto pixels = static_cast<std::size_t>(layout.pixels());
  const std::size_t first = (layout.is_by_plane ? sample * pixels * bytes : sample * bytes) + byte;
  return {frame.data() + first, layout.is_by_plane ? bytes : bytes * layout.samples_per_pixel, pixels};
}

/// How many bytes from `at` on are the same, up to kRunMax.
std::size_t run_at(const Plane<const std::byte>& row, std::size_t at) {
  const std::size_t end = std::min(row.size, at + kRunMax);
  std::size_t next = at + 1;
  while (next < end && row[next] == row[at]) ++next;
  return next - at;
}

/// How many bytes from `at` on are better written one by one.
std::size_t literal_at(const Plane<const std::byte>& row, std::size_t at) {
  const std::size_t end = std::min(row.size, at + kRunMax);
  std::size_t next = at + 1;
  while (next < end && run_at(row, next) < kRunWorthIt) ++next;
  return next - at;
}

/// PS3.5 G.3.1. `to` has room for the worst case.
std::byte* encode_row(const Plane<const std::byte>& row, std::byte* to) {
  for (std::size_t at = 0; at < row.size;) {
    if (const std::size_t run = run_at(row, at); run > 1) {
      *to++ = static_cast<std::byte>(257 - run);
      *to++ = row[at];
      at += run;
      continue;
    }
    const std::size_t literal = literal_at(row, at);
    *to++ = static_cast<std::byte>(literal - 1);
    for (std::size_t i = 0; i < literal; ++i) *to++ = row[at + i];
    at += literal;
  }
  return to;
}

/// PS3.5 G.3.2. What is behind the last pixel is padding.
Result<void> decode_segment(ByteView segment, const Plane<std::byte>& plane, std::uint64_t offset) {
  const auto fail = [offset](Errc code, std::string_view what, std::size_t at) { return std::unexpected{Error{code, what, offset + at, {}}}; };
  std::size_t at = 0;
  for (std::size_t filled = 0; filled < plane.size;) {
    if (at >= segment.size()) return fail(Errc::truncated, "an RLE segment ends before its last pixel", at);
    const auto count = std::to_integer<unsigned>(segment[at]);
    if (count == 128) {
      ++at;
      continue;
    }
    const bool is_literal = count < 128;
    const std::size_t run = is_literal ? count + 1 : 257 - count;
    const std::size_t taken = is_literal ? run : 1;
    if (taken > segment.size() - at - 1) return fail(Errc::truncated, "an RLE segment ends inside a run", at);
    if (run > plane.size - filled) return fail(Errc::bad_length, "an RLE segment goes on past its last pixel", at);
    const std::byte* const from = &segment[at + 1];
    for (std::size_t i = 0; i < run; ++i) plane[filled + i] = from[is_literal ? i : 0];
    filled += run;
    at += 1 + taken;
  }
  return {};
}

}  // namespace

std::uint64_t rle_bytes_max(const FrameLayout& layout) {
  if (!is_possible(layout)) return 0;
  const std::uint64_t row = layout.columns + (layout.columns + kRunMax - 1) / kRunMax;
  return kHeaderBytes + segments_of(layout) * (layout.rows * row + 1);
}

Result<std::size_t> encode_rle(ByteView frame, const FrameLayout& layout, ByteBuffer into) {
  if (!is_possible(layout)) return std::unexpected{Error{Errc::unsupported, "RLE Lossless has no place for pixels like these", 0, {}}};
  if (frame.size() < layout.bytes()) return std::unexpected{Error{Errc::truncated, "the frame has fewer bytes than its rows and columns", 0, {}}};
  if (into.size() < rle_bytes_max(layout)) return std::unexpected{Error{Errc::no_room, "the buffer is too small for an RLE frame", 0, {}}};
  std::fill_n(into.begin(), kHeaderBytes, std::byte{0});
  store_le32(into.data(), static_cast<std::uint32_t>(segments_of(layout)));
  std::byte* to = into.data() + kHeaderBytes;
  for (std::size_t segment = 0; segment < segments_of(layout); ++segment) {
    store_le32(&into[4 + 4 * segment], static_cast<std::uint32_t>(to - into.data()));
    const auto plane = plane_of(frame, layout, segment);
    for (std::size_t row = 0; row < layout.rows; ++row) to = encode_row(plane.row(row, layout.columns), to);
    if ((to - into.data()) % 2 != 0) *to++ = std::byte{0};
  }
  return static_cast<std::size_t>(to - into.data());
}

Result<void> decode_rle(ByteView fragment, const FrameLayout& layout, ByteBuffer into) {
  if (!is_possible(layout)) return std::unexpected{Error{Errc::unsupported, "RLE Lossless has no place for pixels like these", 0, {}}};
  if (into.size() < layout.bytes()) return std::unexpected{Error{Errc::no_room, "the buffer is too small for the frame", 0, {}}};
  if (fragment.size() < kHeaderBytes) return std::unexpected{Error{Errc::truncated, "an RLE frame has a header of 64 bytes", 0, {}}};
  const std::uint32_t segments = load_le32(fragment.data());
  if (segments != segments_of(layout)) {
    return std::unexpected{Error{Errc::bad_value, "an RLE frame has not as many segments as its samples have bytes", 0, {}}};
  }
  for (std::size_t segment = 0; segment < segments; ++segment) {
    const std::size_t entry = 4 + 4 * segment;
    const std::uint32_t begin = load_le32(&fragment[entry]);
    const std::uint64_t end = segment + 1 < segments ? load_le32(&fragment[entry + 4]) : fragment.size();
    if (begin < kHeaderBytes || begin > end || end > fragment.size()) {
      return std::unexpected{Error{Errc::bad_length, "an RLE segment lies outside of its frame", entry, {}}};
    }
    const auto bytes = fragment.subspan(begin, static_cast<std::size_t>(end) - begin);
    if (auto done = decode_segment(bytes, plane_of(into, layout, segment), begin); !done) return done;
  }
  return {};
}

}  // namespace scanferry::core
