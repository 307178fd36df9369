// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

#include <scanferry/core/rle.hpp>

#include "element_text.hpp"

using namespace scanferry::core;
using namespace scanferry::tests;
using namespace std::string_literals;

namespace {

std::string encoded(const std::string& frame, const FrameLayout& layout) {
  std::vector<std::byte> into(static_cast<std::size_t>(rle_bytes_max(layout)));
  const auto size = encode_rle(bytes_of(frame), layout, into);
  REQUIRE(size);
  CHECK(*size % 2 == 0);
  return std::string{text_of(ByteView{into}.first(*size))};
}

Result<std::string> decoded(const std::string& fragment, const FrameLayout& layout) {
  std::vector<std::byte> into(static_cast<std::size_t>(layout.bytes()));
  if (const auto done = decode_rle(bytes_of(fragment), layout, into); !done) return std::unexpected{done.error()};
  return std::string{text_of(into)};
}

std::string header(const std::vector<std::uint32_t>& offsets) {
  std::string bytes = le32(static_cast<std::uint32_t>(offsets.size()));
  for (const auto offset : offsets) bytes += le32(offset);
  bytes.resize(64);
  return bytes;
}

}  // namespace

TEST_CASE("an RLE frame has a header, and a segment for each byte of a sample, the most significant first") {
  const FrameLayout words{.rows = 2, .columns = 3, .bytes_per_sample = 2};
  // By rows: 0101 0101 0101, then 0201 0302 0403.
  const std::string frame = le16(0x0101) + le16(0x0101) + le16(0x0101) + le16(0x0201) + le16(0x0302) + le16(0x0403);
  const std::string high = "\xFE\x01\x02\x02\x03\x04"s;
  const std::string low = "\xFE\x01\x02\x01\x02\x03"s;
  CHECK(encoded(frame, words) == header({64, 70}) + high + low);
  CHECK(decoded(header({64, 70}) + high + low, words) == frame);
}

TEST_CASE("colours are in planes of their own, wherever they come from") {
  const std::string red = "\x01\xAA\xBB\0"s;  // a literal run of two, and padding to an even length
  const std::string fragment = header({64, 68, 70}) + "\x01\x10\x11\0"s + "\xFF\x20"s + "\xFF\x30"s;
  const FrameLayout by_pixel{.rows = 1, .columns = 2, .samples_per_pixel = 3};
  FrameLayout by_plane = by_pixel;
  by_plane.is_by_plane = true;
  CHECK(encoded("\x10\x20\x30\x11\x20\x30", by_pixel) == fragment);
  CHECK(encoded("\x10\x11\x20\x20\x30\x30", by_plane) == fragment);
  CHECK(decoded(fragment, by_pixel) == "\x10\x20\x30\x11\x20\x30"s);
  CHECK(decoded(fragment, by_plane) == "\x10\x11\x20\x20\x30\x30"s);
}

TEST_CASE("what others write is read: runs across rows, a byte that says nothing, padding") {
  const FrameLayout layout{.rows = 2, .columns = 3};
  CHECK(decoded(header({64}) + "\xFB\x07\0\0"s, layout) == "\7\7\7\7\7\7"s);
  CHECK(decoded(header({64}) + "\x80\xFD\x07\x80\x01\x08\x09"s, layout) == "\7\7\7\7\x08\x09"s);
}

TEST_CASE("an RLE frame that is none is refused with its place") {
  const FrameLayout layout{.rows = 2, .columns = 3};
  struct Row {
    std::string fragment;
    Errc code;
    std::uint64_t offset;
  };
  const Row rows[] = {
      {"", Errc::truncated, 0},
      {header({64, 66}) + "\xFB\x07", Errc::bad_value, 0},
      {header({63}) + "\xFB\x07", Errc::bad_length, 4},
      {header({80}) + "\xFB\x07", Errc::bad_length, 4},
      {header({64}) + "\xFC\x07", Errc::truncated, 66},
      {header({64}) + "\xFC", Errc::truncated, 64},
      {header({64}) + "\x05\1\2\3", Errc::truncated, 64},
      {header({64}) + "\xFA\x07", Errc::bad_length, 64},
  };
  for (const Row& row : rows) {
    CAPTURE(row.offset);
    const auto pixels = decoded(row.fragment, layout);
    REQUIRE_FALSE(pixels);
    CHECK(pixels.error().code == row.code);
    CHECK(pixels.error().offset == row.offset);
  }
}

TEST_CASE("frames that RLE Lossless has no place for are refused") {
  for (const FrameLayout& layout : {FrameLayout{.rows = 0, .columns = 4}, FrameLayout{.rows = 4, .columns = 4, .bytes_per_sample = 0},
                                    FrameLayout{.rows = 4, .columns = 4, .samples_per_pixel = 4, .bytes_per_sample = 4}}) {
    CHECK(rle_bytes_max(layout) == 0);
    std::vector<std::byte> room(1024);
    CHECK(encode_rle(room, layout, room).error().code == Errc::unsupported);
    CHECK(decode_rle(room, layout, room).error().code == Errc::unsupported);
  }
}

TEST_CASE("random frames of every layout come back, and no truncation of them harms") {
  std::mt19937 random{7};
  for (int n = 0; n < 300; ++n) {
    FrameLayout layout;
    layout.rows = static_cast<std::uint16_t>(1 + random() % 5);
    layout.columns = static_cast<std::uint16_t>(1 + random() % 300);
    layout.samples_per_pixel = random() % 2 == 0 ? 1 : 3;
    layout.bytes_per_sample = static_cast<std::uint16_t>(1U << (random() % 3));
    layout.is_by_plane = random() % 2 == 0;
    std::string frame(static_cast<std::size_t>(layout.bytes()), '\0');
    // Few values, so that there are runs of all lengths.
    for (char& byte : frame) byte = static_cast<char>(random() % (1 + static_cast<unsigned>(n) % 7) == 0 ? random() % 256 : 5);
    const std::string fragment = encoded(frame, layout);
    CHECK((decoded(fragment, layout) == frame));
    for (std::size_t size = 0; size + 1 < fragment.size(); size += 1 + random() % 50) CHECK_FALSE(decoded(fragment.substr(0, size), layout));
  }
}
