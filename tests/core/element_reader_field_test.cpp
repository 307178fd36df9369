// SPDX-License-Identifier: Apache-2.0
// What the field writes and the standard does not allow: read all the same, with a finding.
#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

#include <scanferry/core/element_reader.hpp>

#include "element_text.hpp"
#include "element_trace.hpp"

using namespace scanferry::core;
using namespace scanferry::tests;
using namespace std::string_literals;

namespace {

constexpr auto kExplicit = Encoding::explicit_little_endian;
constexpr auto kImplicit = Encoding::implicit_little_endian;

const std::string kSequence = long_element(0x0008, 0x1140, "SQ", kUndefined);
const std::string kLeaf = short_element(0x0008, 0x1155, "UI", "1.2 ");
const std::string kLeafText = "0008,1155 UI 4\n1.2 \n";
const std::string kName = short_element(0x0010, 0x0010, "PN", "Doe ");
const std::string kNameText = "element 0 0010,0010 PN 4\nDoe \n";
const std::string kPixels = long_element(0x7FE0, 0x0010, "OB", kUndefined);

std::string sequence_of(std::uint32_t length) { return long_element(0x0008, 0x1140, "SQ", length); }
std::string delimiter(unsigned element, std::uint32_t length) { return tag_bytes(0xFFFE, element) + le32(length); }

struct Row {
  const char* name;
  Encoding encoding;
  std::string input;
  std::string text;      // without the last line, which tells the end
  std::string findings;  // offset and tag, and the beginning of what; lines
};

/// Each expected line begins the line that is there.
void check_lines(const std::string& lines, const std::string& expected) {
  std::size_t at = 0;
  std::size_t line = 0;
  while (at < expected.size()) {
    const std::string want = expected.substr(at, expected.find('\n', at) - at);
    CHECK(lines.substr(line, want.size()) == want);
    at += want.size() + 1;
    line = lines.find('\n', line) + 1;
  }
  CHECK(lines.substr(line).empty());
}

const std::string kItems = "element 0 0008,1140 SQ u\nitem 1 FFFE,E000 ?? u\nelement 2 " + kLeafText + "item end 1\n";

const Row kRows[] = {
    {"odd lengths", kExplicit, short_element(0x0010, 0x0010, "PN", "Doe") + kPixels + item(0) + item(1) + "z" + sequence_delimiter(),
     "element 0 0010,0010 PN 3\nDoe\nelement 0 7FE0,0010 OB u\nfragment 1 FFFE,E000 ?? 0\nfragment 1 FFFE,E000 ?? 1\nz\nsequence end 0\n",
     "0 0010,0010 an odd length\n31 FFFE,E000 an odd length\n"},
    {"an item delimiter with a length", kExplicit,
     kSequence + item(kUndefined) + kLeaf + delimiter(0xE00D, 4) + "abcd" + sequence_delimiter() + kName,
     kItems + "sequence end 0\n" + kNameText, "32 FFFE,E00D a delimiter with a length\n"},
    {"a sequence delimiter with a length and nothing behind", kExplicit,
     kSequence + item(kUndefined) + kLeaf + item_delimiter() + delimiter(0xE0DD, kUndefined) + kName,
     kItems + "sequence end 0\n" + kNameText, "40 FFFE,E0DD a delimiter with a length\n"},
    {"a missing item delimiter before the sequence's", kExplicit, kSequence + item(kUndefined) + kLeaf + sequence_delimiter() + kName,
     kItems + "sequence end 0\n" + kNameText, "32 FFFE,E0DD the delimiter of\n"},
    {"a missing item delimiter before an item", kExplicit, kSequence + item(kUndefined) + item(12) + kLeaf + sequence_delimiter(),
     "element 0 0008,1140 SQ u\nitem 1 FFFE,E000 ?? u\nitem end 1\nitem 1 FFFE,E000 ?? 12\nelement 2 " + kLeafText +
         "item end 1\nsequence end 0\n",
     "20 FFFE,E000 the delimiter of\n"},
    {"missing delimiters at the end", kExplicit, kSequence + item(kUndefined) + kLeaf, kItems + "sequence end 0\n",
     "32 FFFE,E00D the delimiter of\n32 FFFE,E0DD the delimiter of\n"},
    {"a missing sequence delimiter before an element", kExplicit, kSequence + item(12) + kLeaf + kName,
     "element 0 0008,1140 SQ u\nitem 1 FFFE,E000 ?? 12\nelement 2 " + kLeafText + "item end 1\nsequence end 0\n" + kNameText,
     "32 0010,0010 the delimiter of\n"},
    {"a missing delimiter after fragments", kExplicit, kPixels + item(0) + item(2) + "zz",
     "element 0 7FE0,0010 OB u\nfragment 1 FFFE,E000 ?? 0\nfragment 1 FFFE,E000 ?? 2\nzz\nsequence end 0\n",
     "30 FFFE,E0DD the delimiter of\n"},
    {"a missing delimiter before trailing padding", kExplicit, kPixels + item(0) + long_element(0xFFFC, 0xFFFC, "OB", 2) + "\0\0"s,
     "element 0 7FE0,0010 OB u\nfragment 1 FFFE,E000 ?? 0\nsequence end 0\nelement 0 FFFC,FFFC OB 2\n\0\0\n"s,
     "20 FFFC,FFFC the delimiter of\n"},
    {"delimiters in defined lengths", kExplicit,
     sequence_of(36) + item(20) + kLeaf + item_delimiter() + sequence_delimiter() + kName,
     "element 0 0008,1140 SQ 36\nitem 1 FFFE,E000 ?? 20\nelement 2 " + kLeafText + "item end 1\nsequence end 0\n" + kNameText,
     "32 FFFE,E00D a delimiter that belongs to nothing\n40 FFFE,E0DD a delimiter that belongs to nothing\n"},
    {"delimiters in the data set", kExplicit, item_delimiter() + sequence_delimiter() + kName, kNameText,
     "0 FFFE,E00D a delimiter that belongs to nothing\n8 FFFE,E0DD a delimiter that belongs to nothing\n"},
    {"an open item in a sequence of defined length", kExplicit, sequence_of(20) + item(kUndefined) + kLeaf + kName,
     "element 0 0008,1140 SQ 20\nitem 1 FFFE,E000 ?? u\nelement 2 " + kLeafText + "item end 1\nsequence end 0\n" + kNameText,
     "32 FFFE,E00D the delimiter of\n"},
    {"an item longer than its sequence", kExplicit, sequence_of(20) + item(200) + kLeaf + kName,
     "element 0 0008,1140 SQ 20\nitem 1 FFFE,E000 ?? 200\nelement 2 " + kLeafText + "item end 1\nsequence end 0\n" + kNameText,
     "12 FFFE,E000 a sequence or item that is longer\n"},
    {"a sequence whose length reaches into what follows", kExplicit, sequence_of(30) + item(12) + kLeaf + kName,
     "element 0 0008,1140 SQ 30\nitem 1 FFFE,E000 ?? 12\nelement 2 " + kLeafText + "item end 1\nsequence end 0\n" + kNameText,
     "32 0010,0010 the sequence's length reaches beyond\n"},
    {"no item in a sequence of defined length", kExplicit, sequence_of(12) + kLeaf + kName,
     "element 0 0008,1140 SQ 12\nsequence end 0\n" + kNameText, "12 0008,1155 a sequence holds items only\n"},
    {"an implicit element among explicit ones", kExplicit, implicit_element(0x0008, 0x1155, "1.2 ") + kName,
     "element 0 " + kLeafText + kNameText, "0 0008,1155 an element in Implicit VR\n"},
    {"an implicit private sequence among explicit elements", kExplicit,
     tag_bytes(0x0009, 0x1001) + le32(kUndefined) + item(kUndefined) + implicit_element(0x0008, 0x1155, "1.2 ") + item_delimiter() +
         sequence_delimiter() + kName,
     "element 0 0009,1001 UN u\nitem 1 FFFE,E000 ?? u\nelement 2 " + kLeafText + "item end 1\nsequence end 0\n" + kNameText,
     "0 0009,1001 an element in Implicit VR\n"},
    {"no VR and a 16-bit length", kExplicit, short_element(0x0008, 0x1030, "??", "ab") + kName,
     "element 0 0008,1030 ?? 2\nab\n" + kNameText, "0 0008,1030 what should be the VR is none\n"},
    {"no VR in big endian", Encoding::explicit_big_endian, "\x00\x08\x10\x30\0\0\0\2ab"s, "element 0 0008,1030 ?? 2\nab\n",
     "0 0008,1030 what should be the VR is none\n"},
    {"an unknown VR and a 32-bit length", kExplicit, long_element(0x0009, 0x1001, "ZZ", 2) + "ab" + kName,
     "element 0 0009,1001 ?? 2\nab\n" + kNameText, "0 0009,1001 a VR that this edition does not know\n"},
    {"an unknown VR and a 16-bit length", kExplicit, short_element(0x0009, 0x1001, "ZZ", "ab") + kName,
     "element 0 0009,1001 ?? 2\nab\n" + kNameText, "0 0009,1001 a VR that no edition knows\n"},
    {"reserved bytes that are not zero", kExplicit, tag_bytes(0x0042, 0x0011) + "OB" + le16(7) + le32(2) + "ab",
     "element 0 0042,0011 OB 2\nab\n", "0 0042,0011 reserved bytes\n"},
    {"fragments outside of Pixel Data", kExplicit, long_element(0x0042, 0x0011, "OB", kUndefined) + item(2) + "ab" + sequence_delimiter(),
     "element 0 0042,0011 OB u\nfragment 1 FFFE,E000 ?? 2\nab\nsequence end 0\n", "0 0042,0011 an undefined length outside Pixel Data\n"},
    {"a private creator that is a sequence", kImplicit, tag_bytes(0x0009, 0x0010) + le32(kUndefined) + item(0) + sequence_delimiter(),
     "element 0 0009,0010 SQ u\nitem 1 FFFE,E000 ?? 0\nitem end 1\nsequence end 0\n", "0 0009,0010 an undefined length of what\n"},
    {"zeros behind the last element", kExplicit, kName + std::string(21, '\0'), kNameText, "12 0000,0000 zeros follow\n"},
    {"a few zeros behind the last element", kImplicit, implicit_element(0x0010, 0x0010, "Doe ") + std::string(5, '\0'), kNameText,
     "12 0000,0000 zeros follow\n"},
};

}  // namespace

TEST_CASE("what the field writes is read, and said") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    for (const std::uint64_t end : {std::uint64_t{row.input.size()}, ElementReader::kUnknownEnd}) {
      const Trace trace = read_all_ways(row.encoding, row.input, end);
      CHECK(trace.text == row.text + "end " + std::to_string(row.input.size()) + "\n");
      check_lines(trace.findings, row.findings);
      CHECK_FALSE(trace.error.has_value());
    }
  }
}

TEST_CASE("a sequence that the file ends in is read to there, and then it is an error") {
  for (const std::string& input : {sequence_of(100) + item(12) + kLeaf, sequence_of(20) + item(100) + kLeaf}) {
    const Trace trace = read_all_ways(kExplicit, input, input.size());
    CHECK(trace.text.ends_with("element 2 " + kLeafText + (input[8] == 100 ? "item end 1\n" : "")));
    REQUIRE(trace.error.has_value());
    CHECK(trace.error->code == Errc::truncated);
    CHECK(trace.error->offset == input.size());
  }
}

TEST_CASE("zeros that are not the last are an error") {
  const Trace trace = read_all_ways(kExplicit, kName + std::string(30, '\0') + "x");
  REQUIRE(trace.error.has_value());
  CHECK(trace.error->offset == kName.size());
  CHECK(trace.text == kNameText);
}

TEST_CASE("UN of undefined length is in Implicit VR Little Endian, in big endian, too") {
  const std::string input = "\x00\x09\x10\x01UN\0\0\xFF\xFF\xFF\xFF"s + item(kUndefined) + implicit_element(0x0008, 0x1155, "1.2 ") +
                            item_delimiter() + sequence_delimiter() + "\x00\x10\x00\x40""CS\0\2F "s;
  CHECK(read_all_ways(Encoding::explicit_big_endian, input).text ==
        "element 0 0009,1001 UN u\nitem 1 FFFE,E000 ?? u\nelement 2 " + kLeafText +
            "item end 1\nsequence end 0\nelement 0 0010,0040 CS 2\nF \nend " + std::to_string(input.size()) + "\n");
}

TEST_CASE("what is in a sequence that stayed bytes is read by a reader for items") {
  const std::string items = item(12) + implicit_element(0x0008, 0x1155, "1.2 ") + item(kUndefined) + item_delimiter();
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{1000}}) {
    const Trace inside = trace(ElementReader::for_items({0x0008, 0x1140}, kImplicit, 0, items.size()), items, chunk);
    CHECK(inside.text == "item 1 FFFE,E000 ?? 12\nelement 2 " + kLeafText +
                             "item end 1\nitem 1 FFFE,E000 ?? u\nitem end 1\nsequence end 0\nend 36\n");
    CHECK_FALSE(inside.error.has_value());
  }
  const Trace none = trace(ElementReader::for_items({0x0008, 0x1140}, kImplicit, 0, 3), "\1\2\3", 1);
  REQUIRE(none.error.has_value());
}

TEST_CASE("mutated data sets are read the same in pieces of any size") {
  const std::string inner = long_element(0x0040, 0xA170, "SQ", 20) + item(12) + kLeaf;
  const std::string golden = kName + kSequence + item(kUndefined) + inner + item_delimiter() + sequence_delimiter() +
                             long_element(0x0009, 0x1001, "UN", kUndefined) + item(12) + implicit_element(0x0008, 0x1155, "1.2 ") +
                             sequence_delimiter() + kPixels + item(0) + item(4) + "\xFF\xD8zz" + sequence_delimiter();
  std::uint32_t state = 1;
  const auto random = [&state](std::uint32_t below) {
    state = state * 1664525U + 1013904223U;
    return (state >> 8U) % below;
  };
  constexpr unsigned char kTelling[] = {0x00, 0x01, 0x08, 0xFE, 0xFF, 0xE0, 0x0D, 0xDD};
  for (int run = 0; run < 3000; ++run) {
    CAPTURE(run);
    std::string input = golden.substr(0, golden.size() - random(4) * random(20));
    for (std::uint32_t i = random(6); i > 0; --i) {
      const bool is_telling = random(2) == 0;
      const char byte = static_cast<char>(is_telling ? kTelling[random(sizeof kTelling)] : random(256));
      input[random(static_cast<std::uint32_t>(input.size()))] = byte;
    }
    const auto encoding = static_cast<Encoding>(random(3));
    const std::uint64_t end = random(2) == 0 ? ElementReader::kUnknownEnd : input.size();
    const Trace whole = read(encoding, input, input.size(), end);
    check_same(read(encoding, input, 1, end), whole);
    check_same(read(encoding, input, 1 + random(40), end), whole);
    if (whole.error) CHECK(whole.error->offset <= input.size());
  }
}
