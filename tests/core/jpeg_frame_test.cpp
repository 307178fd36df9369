// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include <scanferry/core/jpeg_frame.hpp>

using namespace scanferry::core;

namespace {

std::string be16(unsigned value) { return {static_cast<char>(value >> 8U & 0xFFU), static_cast<char>(value & 0xFFU)}; }

std::string segment(int marker, const std::string& content) {
  return std::string{'\xFF', static_cast<char>(marker)} + be16(static_cast<unsigned>(content.size() + 2)) + content;
}

/// A frame header of 480 rows and 640 columns; one component per character of `ids`, the first sampled as `sampling`.
std::string frame(int marker, const std::string& ids, int sampling = 0x11, char precision = 8, unsigned rows = 480) {
  std::string content = precision + be16(rows) + be16(640) + static_cast<char>(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) content += std::string{ids[i], static_cast<char>(i == 0 ? sampling : 0x11), '\0'};
  return segment(marker, content);
}

const std::string kSoi = "\xFF\xD8";
const std::string kYcc = "\x01\x02\x03";
const std::string kJfif = segment(0xE0, std::string{"JFIF\0\1\1\0\0\1\0\1\0\0", 14});
const std::string kScan = segment(0xDA, "scan header");

std::string adobe(char transform) { return segment(0xEE, std::string{"Adobe\0\x64\0\0\0\0", 11} + transform); }

Result<JpegFrame> read(const std::string& bytes) { return read_jpeg_frame(bytes_of(bytes)); }

}  // namespace

TEST_CASE("the frame header gives size and colour") {
  struct Row {
    const char* name;
    std::string bytes;
    int samples;
    Photometric photometric;
  };
  const Row rows[] = {
      {"gray", kSoi + kJfif + frame(0xC0, "\x01") + kScan, 1, Photometric::monochrome2},
      {"YCbCr 4:2:0", kSoi + kJfif + segment(0xDB, "tables") + frame(0xC0, kYcc, 0x22) + segment(0xC4, "codes") + kScan, 3,
       Photometric::ybr_full_422},
      {"YCbCr 4:4:4", kSoi + frame(0xC0, kYcc) + kScan, 3, Photometric::ybr_full_422},
      {"Adobe YCbCr", kSoi + adobe(1) + frame(0xC0, kYcc) + kScan, 3, Photometric::ybr_full_422},
      {"Adobe RGB", kSoi + adobe(0) + frame(0xC0, kYcc) + kScan, 3, Photometric::rgb},
      {"Adobe after the frame header", kSoi + frame(0xC0, kYcc) + adobe(0) + kScan, 3, Photometric::rgb},
      {"components named RGB", kSoi + frame(0xC0, "RGB") + kScan, 3, Photometric::rgb},
      {"JFIF wins over names", kSoi + kJfif + frame(0xC0, "RGB") + kScan, 3, Photometric::ybr_full_422},
      {"fill bytes before markers", kSoi + "\xFF\xFF\xFF" + frame(0xC0, "\x01") + "\xFF" + kScan, 1, Photometric::monochrome2},
      {"an empty comment", kSoi + segment(0xFE, "") + frame(0xC0, "\x01") + kScan, 1, Photometric::monochrome2},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto read_back = read(row.bytes);
    REQUIRE(read_back.has_value());
    CHECK(read_back->rows == 480);
    CHECK(read_back->columns == 640);
    CHECK(read_back->samples_per_pixel == row.samples);
    CHECK(read_back->photometric == row.photometric);
  }
}

TEST_CASE("other JPEG processes are refused by name") {
  struct Row {
    int marker;
    const char* word;
  };
  for (const Row& row : {Row{0xC1, "extended"}, Row{0xC2, "progressive"}, Row{0xC3, "lossless"}, Row{0xC5, "hierarchical"},
                         Row{0xC7, "hierarchical"}, Row{0xC9, "arithmetic"}, Row{0xCF, "arithmetic"}}) {
    CAPTURE(row.marker);
    const auto result = read(kSoi + frame(row.marker, kYcc) + kScan);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == Errc::unsupported);
    CHECK(result.error().what.find(row.word) != std::string_view::npos);
    CHECK(result.error().offset == 2);
  }
}

TEST_CASE("what is no usable baseline JPEG is refused") {
  struct Row {
    const char* name;
    std::string bytes;
    Errc code;
  };
  const Row rows[] = {
      {"a PNG", "\x89PNG\r\n", Errc::bad_value},
      {"12 bits", kSoi + frame(0xC0, "\x01", 0x11, 12) + kScan, Errc::unsupported},
      {"two components", kSoi + frame(0xC0, "\x01\x02") + kScan, Errc::unsupported},
      {"CMYK", kSoi + frame(0xC0, "CMYK") + kScan, Errc::unsupported},
      {"no components", kSoi + frame(0xC0, "") + kScan, Errc::bad_value},
      {"five components", kSoi + frame(0xC0, "12345") + kScan, Errc::bad_value},
      {"no height", kSoi + frame(0xC0, "\x01", 0x11, 8, 0) + kScan, Errc::unsupported},
      {"no frame header", kSoi + kJfif + kScan, Errc::bad_value},
      {"two frame headers", kSoi + frame(0xC0, "\x01") + frame(0xC0, "\x01") + kScan, Errc::bad_value},
      {"no image", kSoi + "\xFF\xD9", Errc::bad_value},
      {"no marker", kSoi + "no marker", Errc::bad_value},
      {"a segment shorter than its length", kSoi + std::string{"\xFF\xE0\x00\x01", 4} + kScan, Errc::bad_length},
      {"a short frame header", kSoi + segment(0xC0, "\x08") + kScan, Errc::bad_length},
      {"a frame header without its components", kSoi + segment(0xC0, std::string{"\x08\0\1\0\1\3\1\x11\0", 9}) + kScan, Errc::bad_length},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto result = read(row.bytes);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == row.code);
    CHECK_FALSE(result.error().what.empty());
  }
}

TEST_CASE("each beginning of a JPEG up to its scan is truncated and nothing else") {
  const std::string before_scan = kSoi + kJfif + "\xFF" + frame(0xC0, kYcc) + segment(0xC4, "codes");
  const std::string whole = before_scan + kScan + "entropy";
  for (std::size_t size = 0; size < before_scan.size() + kScan.size(); ++size) {
    CAPTURE(size);
    const auto result = read(whole.substr(0, size));
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == Errc::truncated);
  }
  CHECK(read(whole.substr(0, before_scan.size() + kScan.size())).has_value());
}

TEST_CASE("a file is complete when it ends with EOI, zero fill aside") {
  using namespace std::string_literals;
  for (const std::string& tail : {"\xFF\xD9"s, "data\xFF\xD9"s, "\xFF\xD9\0"s, "\xFF\xD9\0\0\0\0"s}) {
    CHECK(ends_with_eoi(bytes_of(tail)));
  }
  for (const std::string& tail : {""s, "\xD9"s, "\xFF"s, "\0\0"s, "\xFF\xD9x"s, "\xFF\0\xD9"s, "\xFF\xD8"s}) {
    CHECK_FALSE(ends_with_eoi(bytes_of(tail)));
  }
}
