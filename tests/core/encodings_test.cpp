// SPDX-License-Identifier: Apache-2.0
// Every VR in every encoding, spelled out: what the writer writes is what the reader reads.
#include <catch2/catch.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <scanferry/core/element_reader.hpp>
#include <scanferry/core/element_writer.hpp>

#include "element_text.hpp"
#include "element_trace.hpp"

using namespace scanferry::core;
using namespace scanferry::tests;
using namespace std::string_literals;

namespace {

constexpr Encoding kEncodings[] = {Encoding::explicit_little_endian, Encoding::implicit_little_endian, Encoding::explicit_big_endian};
constexpr Tag kTag{0x0009, 0x1001};

std::string written(Encoding encoding, const std::function<void(ElementWriter&)>& write) {
  std::vector<std::byte> memory(80000);
  ElementWriter out{memory, encoding};
  write(out);
  const auto size = out.finish();
  REQUIRE(size.has_value());
  return std::string{text_of(ByteView{memory}.first(*size))};
}

struct Row {
  Vr vr;
  const char* code;
  bool is_long;
  std::string little;  // the value's bytes
  std::string big;
  std::function<void(ElementWriter&, const Attribute&)> write;
};

Row text_row(Vr vr, const char* code, bool is_long, const std::string& value, const std::string& encoded) {
  return {vr, code, is_long, encoded, encoded, [value](ElementWriter& out, const Attribute& attribute) { out.text(attribute, value); }};
}

template <class T>
Row number_row(Vr vr, const char* code, bool is_long, std::vector<T> values, const std::string& little, const std::string& big) {
  return {vr, code, is_long, little, big,
          [values](ElementWriter& out, const Attribute& attribute) { out.numbers(attribute, std::span<const T>{values}); }};
}

std::vector<Row> all_rows() {
  const auto bytes_row = [](Vr vr, const char* code) {
    return Row{vr, code, true, "\1\2\3\0"s, "\1\2\3\0"s,
               [](ElementWriter& out, const Attribute& attribute) { out.bytes(attribute, bytes_of("\1\2\3")); }};
  };
  return {
      text_row(Vr::ae, "AE", false, "STORE", "STORE "),
      text_row(Vr::as, "AS", false, "018M", "018M"),
      {Vr::at, "AT", false, "\x18\x00\x63\x10"s, "\x00\x18\x10\x63"s,
       [](ElementWriter& out, const Attribute& attribute) { out.at(attribute, {0x0018, 0x1063}); }},
      text_row(Vr::cs, "CS", false, "A\\B", "A\\B "),
      text_row(Vr::da, "DA", false, "20260229", "20260229"),
      text_row(Vr::ds, "DS", false, "1.5", "1.5 "),
      text_row(Vr::dt, "DT", false, "202602", "202602"),
      number_row<double>(Vr::fd, "FD", false, {1.5}, "\0\0\0\0\0\0\xF8\x3F"s, "\x3F\xF8\0\0\0\0\0\0"s),
      number_row<float>(Vr::fl, "FL", false, {-2.0F, 0.5F}, "\0\0\0\xC0\0\0\0\x3F"s, "\xC0\0\0\0\x3F\0\0\0"s),
      text_row(Vr::is, "IS", false, "-12", "-12 "),
      text_row(Vr::lo, "LO", false, "abc", "abc "),
      text_row(Vr::lt, "LT", false, "a\\b", "a\\b "),
      bytes_row(Vr::ob, "OB"),
      number_row<double>(Vr::od, "OD", true, {1.5}, "\0\0\0\0\0\0\xF8\x3F"s, "\x3F\xF8\0\0\0\0\0\0"s),
      number_row<float>(Vr::of, "OF", true, {0.5F}, "\0\0\0\x3F"s, "\x3F\0\0\0"s),
      number_row<std::uint32_t>(Vr::ol, "OL", true, {0x01020304, 5}, "\4\3\2\1\5\0\0\0"s, "\1\2\3\4\0\0\0\5"s),
      number_row<std::uint64_t>(Vr::ov, "OV", true, {0x0102030405060708}, "\x8\7\6\5\4\3\2\1", "\1\2\3\4\5\6\7\x8"),
      number_row<std::uint16_t>(Vr::ow, "OW", true, {0x0102, 0x0304}, "\2\1\4\3", "\1\2\3\4"),
      text_row(Vr::pn, "PN", false, "Doe^Jane", "Doe^Jane"),
      text_row(Vr::sh, "SH", false, "x", "x "),
      number_row<std::int32_t>(Vr::sl, "SL", false, {-2}, "\xFE\xFF\xFF\xFF", "\xFF\xFF\xFF\xFE"),
      {Vr::sq, "SQ", true, "\xFE\xFF\x00\xE0\0\0\0\0"s, "\xFF\xFE\xE0\x00\0\0\0\0"s,
       [](ElementWriter& out, const Attribute& attribute) {
         const auto sequence = out.begin_sequence(attribute);
         out.end(out.begin_item());
         out.end(sequence);
       }},
      number_row<std::int16_t>(Vr::ss, "SS", false, {-2, 1}, "\xFE\xFF\1\0"s, "\xFF\xFE\0\1"s),
      text_row(Vr::st, "ST", false, " a", " a"),
      number_row<std::int64_t>(Vr::sv, "SV", true, {-2}, "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"),
      text_row(Vr::tm, "TM", false, "235960.5", "235960.5"),
      text_row(Vr::uc, "UC", true, "abc", "abc "),
      text_row(Vr::ui, "UI", false, "1.2.3", "1.2.3\0"s),
      number_row<std::uint32_t>(Vr::ul, "UL", false, {0x01020304}, "\4\3\2\1", "\1\2\3\4"),
      bytes_row(Vr::un, "UN"),
      text_row(Vr::ur, "UR", true, "a:b", "a:b "),
      number_row<std::uint16_t>(Vr::us, "US", false, {0x0102}, "\2\1", "\1\2"),
      text_row(Vr::ut, "UT", true, "", ""),
      number_row<std::uint64_t>(Vr::uv, "UV", true, {1}, "\1\0\0\0\0\0\0\0"s, "\0\0\0\0\0\0\0\1"s),
  };
}

/// The element of `row` in `encoding`, on purpose not through the product's writer.
std::string golden(const Row& row, Encoding encoding) {
  const auto size = static_cast<char>(row.little.size());
  if (encoding == Encoding::implicit_little_endian) return "\x09\x00\x01\x10"s + size + "\0\0\0"s + row.little;
  if (encoding == Encoding::explicit_little_endian) {
    return "\x09\x00\x01\x10"s + row.code + (row.is_long ? "\0\0"s + size + "\0\0\0"s : size + "\0"s) + row.little;
  }
  return "\x00\x09\x10\x01"s + row.code + (row.is_long ? "\0\0\0\0\0"s + size : "\0"s + size) + row.big;
}

}  // namespace

TEST_CASE("all VRs of the standard have golden bytes") {
  const auto rows = all_rows();
  REQUIRE(rows.size() == 34);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(static_cast<std::size_t>(rows[i].vr) == i + 1);
    CHECK(code_of(rows[i].vr) == rows[i].code);
    CHECK(has_long_length(rows[i].vr) == rows[i].is_long);
  }
}

TEST_CASE("each VR is written in each encoding") {
  for (const Row& row : all_rows()) {
    for (const Encoding encoding : kEncodings) {
      CAPTURE(row.code, name_of(encoding));
      const Attribute attribute{kTag, row.vr};
      CHECK(written(encoding, [&](ElementWriter& out) { row.write(out, attribute); }) == golden(row, encoding));
    }
  }
}

TEST_CASE("each VR is read in each encoding") {
  for (const Row& row : all_rows()) {
    for (const Encoding encoding : kEncodings) {
      CAPTURE(row.code, name_of(encoding));
      const std::string input = golden(row, encoding);
      const Trace trace = read_all_ways(encoding, input, input.size());
      CHECK(trace.findings.empty());
      CHECK_FALSE(trace.error.has_value());
      const bool has_vr = encoding != Encoding::implicit_little_endian;
      const std::string& value = encoding == Encoding::explicit_big_endian ? row.big : row.little;
      const std::string header = "element 0 0009,1001 " + (has_vr ? row.code : "UN"s) + " " + std::to_string(value.size()) + "\n";
      const std::string content = row.vr == Vr::sq && has_vr ? "item 1 FFFE,E000 ?? 0\nitem end 1\nsequence end 0\n"
                                  : value.empty()            ? ""
                                                             : value + "\n";
      CHECK(trace.text == header + content + "end " + std::to_string(input.size()) + "\n");
    }
  }
}

TEST_CASE("bytes that are in little endian are turned by the words of their VR") {
  for (const Row& row : all_rows()) {
    if (row.vr == Vr::sq) continue;
    const Attribute attribute{kTag, row.vr};
    CHECK(written(Encoding::explicit_big_endian, [&](ElementWriter& out) { out.bytes(attribute, bytes_of(row.little)); }) ==
          golden(row, Encoding::explicit_big_endian));
  }
}

TEST_CASE("the words of big endian are those of their VR") {
  const auto rows = all_rows();
  for (const Row& row : rows) {
    const std::size_t size = word_bytes(row.vr);
    std::string turned = row.little;
    for (std::size_t i = 0; i + size <= turned.size(); i += size) {
      std::reverse(turned.begin() + static_cast<std::ptrdiff_t>(i), turned.begin() + static_cast<std::ptrdiff_t>(i + size));
    }
    if (row.vr != Vr::sq) CHECK(turned == row.big);
  }
}

TEST_CASE("a value beyond its 16-bit length becomes UN, in little endian") {
  const std::vector<std::uint16_t> words(0x8000, 0x0102);
  const Attribute attribute{kTag, Vr::us};
  const auto write = [&](ElementWriter& out) { out.numbers(attribute, std::span<const std::uint16_t>{words}); };
  const std::string little = written(Encoding::explicit_little_endian, write);
  CHECK(little.substr(0, 14) == "\x09\x00\x01\x10UN\0\0\0\0\1\0\2\1"s);
  CHECK(written(Encoding::explicit_big_endian, write).substr(0, 14) == "\x00\x09\x10\x01UN\0\0\0\1\0\0\2\1"s);
  CHECK(written(Encoding::implicit_little_endian, write).substr(0, 10) == "\x09\x00\x01\x10\0\0\1\0\2\1"s);
  const std::vector<Tag> tags(0x4000, Tag{0x0102, 0x0304});
  const Attribute pointers{kTag, Vr::at};
  CHECK(written(Encoding::explicit_big_endian, [&](ElementWriter& out) { out.tags(pointers, tags); }).substr(0, 16) ==
        "\x00\x09\x10\x01UN\0\0\0\1\0\0\2\1\4\3"s);
}
