// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include "example_object.hpp"

using namespace scanferry;
using namespace scanferry::model;
using namespace scanferry::tests;
using namespace std::string_literals;

namespace at = core::attribute;

namespace {

constexpr std::string_view kRle = "1.2.840.10008.1.2.5";

std::string image_header(unsigned frames, unsigned bits) {
  return short_element(0x0028, 0x0002, "US", le16(1)) + short_element(0x0028, 0x0004, "CS", "MONOCHROME2 ") +
         short_element(0x0028, 0x0008, "IS", padded(std::to_string(frames))) + short_element(0x0028, 0x0010, "US", le16(2)) +
         short_element(0x0028, 0x0011, "US", le16(3)) + short_element(0x0028, 0x0100, "US", le16(bits));
}

/// Two frames of 2 x 3 samples.
std::string native_file(unsigned bits) {
  const std::string pixels = bits == 8 ? "aaabcdeeeeee" : "aaabcdeeeeeeffffffghijkl";
  return file_with(kExplicitLittleEndian, image_header(2, bits) +
                                              long_element(0x7FE0, 0x0010, bits == 8 ? "OB" : "OW", static_cast<std::uint32_t>(pixels.size())) + pixels);
}

std::string converted(const std::string& file, std::string_view syntax, std::uint64_t held_value_bytes = ReadLimits{}.held_value_bytes) {
  const MemorySource source{core::bytes_of(file)};
  ReadLimits options;
  options.held_value_bytes = held_value_bytes;
  const auto document = Document::read(source, options);
  REQUIRE(document);
  return written(*document, syntax);
}

std::string refusal(const std::string& file, std::string_view syntax) {
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  StringSink sink;
  const auto done = write_part10(*document, syntax, sink);
  REQUIRE_FALSE(done);
  CHECK(sink.text.empty());
  return done.error().text();
}

std::string fragment(const std::string& bytes) { return item(static_cast<std::uint32_t>(bytes.size())) + bytes; }

/// One segment that begins behind the header.
std::string rle_frame(const std::string& segment) {
  std::string header = le32(1) + le32(64);
  header.resize(64);
  return header + segment;
}

std::string rle_file(unsigned frames, const std::string& items) {
  return file_with(kRle, image_header(frames, 8) + long_element(0x7FE0, 0x0010, "OB", kUndefined) + items + sequence_delimiter());
}

}  // namespace

TEST_CASE("pixels become RLE Lossless, and come back in every uncompressed transfer syntax") {
  for (const unsigned bits : {8U, 16U}) {
    const std::string native = native_file(bits);
    const std::string rle = converted(native, kRle);
    CHECK(rle.find("aaab") == std::string::npos);
    for (const auto syntax : {kExplicitLittleEndian, kImplicitLittleEndian, kExplicitBigEndian, kDeflated}) {
      CAPTURE(bits, syntax);
      CHECK((converted(rle, syntax) == converted(native, syntax)));
      CHECK((converted(converted(native, syntax), kRle) == rle));
    }
  }
}

TEST_CASE("frames of an odd size in big endian words are the same, in memory or not") {
  std::string header = image_header(2, 8);
  const std::string rows = tag_bytes(0x0028, 0x0010) + "US" + le16(2);
  header.replace(header.find(rows) + rows.size(), 2, le16(3));
  const std::string file = file_with(kExplicitLittleEndian, header + long_element(0x7FE0, 0x0010, "OW", 18) + "abcdefghijklmnopqr");
  const std::string rle = converted(file, kRle);
  const std::string turned = converted(file, kExplicitBigEndian);
  for (const std::uint64_t held : {12U, 64U * 1024U}) {
    CHECK((converted(turned, kRle, held) == rle));
    CHECK((converted(turned, kExplicitLittleEndian, held) == converted(file, kExplicitLittleEndian)));
  }
}

TEST_CASE("an RLE frame is one fragment behind an empty offset table") {
  const std::string rle = converted(native_file(8), kRle);
  const std::string pixels = long_element(0x7FE0, 0x0010, "OB", kUndefined) + item(0) +
                             fragment(rle_frame("\xFE" "a" "\x02" "bcd")) + fragment(rle_frame("\xFE" "e" "\xFE" "e")) + sequence_delimiter();
  CHECK(rle.ends_with(pixels));
}

TEST_CASE("frames in several fragments are put together") {
  const std::string first = rle_frame("\xFB" "a");
  const std::string second = rle_frame("\xFB" "b");
  const auto cut = [](const std::string& frame) { return fragment(frame.substr(0, 40)) + fragment(frame.substr(40)); };
  const std::string table = le32(0) + le32(static_cast<std::uint32_t>(cut(first).size()));
  CHECK(converted(rle_file(1, item(0) + cut(first)), kExplicitLittleEndian).ends_with("aaaaaa"));
  CHECK(converted(rle_file(2, fragment(table) + cut(first) + cut(second)), kExplicitLittleEndian).ends_with("aaaaaabbbbbb"));
  CHECK(refusal(rle_file(2, item(0) + cut(first) + cut(second)), kExplicitLittleEndian).find("no offset table") != std::string::npos);
  const std::string wrong = le32(0) + le32(50);
  CHECK(refusal(rle_file(2, fragment(wrong) + cut(first) + cut(second)), kExplicitLittleEndian).find("where no fragment begins") != std::string::npos);
}

TEST_CASE("native pixels have no offset table") {
  const std::string pixels = long_element(0x7FE0, 0x0010, "OB", kUndefined) + item(0) + fragment(rle_frame("\xFB" "a")) + sequence_delimiter();
  const std::string tables = long_element(0x7FE0, 0x0001, "OV", 8) + le32(0) + le32(0) + long_element(0x7FE0, 0x0002, "OV", 8) + le32(70) + le32(0);
  const std::string with_tables = file_with(kRle, image_header(1, 8) + tables + pixels);
  CHECK((converted(with_tables, kExplicitLittleEndian) == converted(file_with(kRle, image_header(1, 8) + pixels), kExplicitLittleEndian)));
  CHECK(converted(with_tables, kRle).find(tables) != std::string::npos);
}

TEST_CASE("pixels that cannot be transcoded are refused before anything is written") {
  CHECK(refusal(rle_file(2, item(0) + fragment(rle_frame("\xFB" "a"))), kExplicitLittleEndian).find("fewer fragments than frames") != std::string::npos);
  CHECK(refusal(native_file(8).replace(native_file(8).find("MONOCHROME2 "), 12, "YBR_FULL_422"), kRle).find("subsampled") != std::string::npos);
  std::string many = native_file(8);
  many.replace(many.find("2 ", many.find("MONOCHROME2 ") + 12), 2, "99");
  CHECK(refusal(many, kRle).find("shorter than its rows") != std::string::npos);
  CHECK(refusal(native_file(8), "1.2.840.10008.1.2.4.50").find("no encoder") != std::string::npos);
}

TEST_CASE("a huge frame in a few bytes takes no memory") {
  std::string file = rle_file(1, item(0) + fragment(rle_frame("\xFB" "a")));
  for (const unsigned element : {0x0010U, 0x0011U}) {
    const std::string tag = tag_bytes(0x0028, element) + "US" + le16(2);
    file.replace(file.find(tag) + tag.size(), 2, le16(0xFFFF));
  }
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  StringSink sink;
  const auto done = write_part10(*document, kExplicitLittleEndian, sink);
  REQUIRE_FALSE(done);
  CHECK(done.error().what.find("too short") != std::string::npos);
}
