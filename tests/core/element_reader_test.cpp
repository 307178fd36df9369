// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <scanferry/core/element_reader.hpp>

#include "element_text.hpp"
#include "element_trace.hpp"

using namespace scanferry::core;
using namespace scanferry::tests;
using Event = ElementReader::Event;

namespace {

constexpr auto kExplicit = Encoding::explicit_little_endian;
constexpr auto kImplicit = Encoding::implicit_little_endian;

std::string sized(const std::string& content, std::uint32_t length) { return content + le32(length); }

}  // namespace

TEST_CASE("elements of both length forms are read in Explicit VR") {
  const std::string input = short_element(0x0010, 0x0010, "PN", "Doe^Jane") + short_element(0x0010, 0x0020, "LO", "") +
                            long_element(0x0042, 0x0011, "OB", 3) + "abc" + long_element(0x0009, 0x1001, "UN", 0) +
                            long_element(0x0009, 0x1002, "ZZ", 2) + "zz";
  CHECK(read_all_ways(kExplicit, input).text ==
        "element 0 0010,0010 PN 8\nDoe^Jane\n"
        "element 0 0010,0020 LO 0\n"
        "element 0 0042,0011 OB 3\nabc\n"
        "element 0 0009,1001 UN 0\n"
        "element 0 0009,1002 ?? 2\nzz\n"
        "end 65\n");
}

TEST_CASE("in Implicit VR the dictionary says the VR") {
  const std::string input = implicit_element(0x0010, 0x0010, "Doe ") + implicit_element(0x0009, 0x0010, "ACME") +
                            implicit_element(0x0009, 0x1001, "xx") + implicit_element(0x0008, 0x0000, le32(7));
  CHECK(read_all_ways(kImplicit, input).text ==
        "element 0 0010,0010 PN 4\nDoe \n"
        "element 0 0009,0010 LO 4\nACME\n"
        "element 0 0009,1001 UN 2\nxx\n" +
            ("element 0 0008,0000 UL 4\n" + le32(7)) + "\nend 46\n");
}

TEST_CASE("nested sequences of both kinds of length give the same events") {
  const std::string leaf = short_element(0x0008, 0x1155, "UI", "1.2 ");
  const auto n = [](const std::string& text) { return static_cast<std::uint32_t>(text.size()); };
  const std::string defined_inner = long_element(0x0040, 0xA170, "SQ", 8 + n(leaf)) + item(n(leaf)) + leaf;
  const std::string defined = long_element(0x0008, 0x1140, "SQ", 16 + n(defined_inner)) + item(n(defined_inner)) + defined_inner + item(0);
  const std::string undefined_inner =
      long_element(0x0040, 0xA170, "SQ", kUndefined) + item(kUndefined) + leaf + item_delimiter() + sequence_delimiter();
  const std::string undefined = long_element(0x0008, 0x1140, "SQ", kUndefined) + item(kUndefined) + undefined_inner + item_delimiter() +
                                item(kUndefined) + item_delimiter() + sequence_delimiter();
  const auto without_lengths = [](std::string text) {
    std::string lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      std::string line = text.substr(at, end - at);
      if (line.find("SQ") != std::string::npos || line.starts_with("item ")) line.resize(line.rfind(' '));
      lines += line.starts_with("end ") ? "end\n" : line + "\n";
      at = end + 1;
    }
    return lines;
  };
  const std::string expected =
      "element 0 0008,1140 SQ\n"
      "item 1 FFFE,E000 ??\n"
      "element 2 0040,A170 SQ\n"
      "item 3 FFFE,E000 ??\n"
      "element 4 0008,1155 UI 4\n1.2 \n"
      "item end\n"
      "sequence end 2\n"
      "item end\n"
      "item 1 FFFE,E000 ??\n"
      "item end\n"
      "sequence end 0\n"
      "end\n";
  CHECK(without_lengths(read_all_ways(kExplicit, defined).text) == expected);
  CHECK(without_lengths(read_all_ways(kExplicit, undefined).text) == expected);
}

TEST_CASE("UN of undefined length holds Implicit VR, and what follows is Explicit VR again") {
  const std::string inside = implicit_element(0x0008, 0x1155, "1.2 ");
  const std::string input = long_element(0x0009, 0x1001, "UN", kUndefined) + item(kUndefined) + inside +
                            sized(tag_bytes(0x0008, 0x1140), kUndefined) + item(static_cast<std::uint32_t>(inside.size())) + inside +
                            sequence_delimiter() + item_delimiter() + sequence_delimiter() + short_element(0x0010, 0x0040, "CS", "F ");
  CHECK(read_all_ways(kExplicit, input).text ==
        "element 0 0009,1001 UN u\n"
        "item 1 FFFE,E000 ?? u\n"
        "element 2 0008,1155 UI 4\n1.2 \n"
        "element 2 0008,1140 SQ u\n"
        "item 3 FFFE,E000 ?? 12\n"
        "element 4 0008,1155 UI 4\n1.2 \n"
        "item end 3\n"
        "sequence end 2\n"
        "item end 1\n"
        "sequence end 0\n"
        "element 0 0010,0040 CS 2\nF \n"
        "end 94\n");
}

TEST_CASE("encapsulated pixels come as fragments") {
  const std::string input = long_element(0x7FE0, 0x0010, "OB", kUndefined) + item(0) + item(4) + "\xFF\xD8zz" + item(2) + "yy" +
                            sequence_delimiter() + short_element(0xFFFC, 0xFFFC, "OB", "");
  const Trace trace = read_all_ways(kExplicit, input.substr(0, input.size() - 8) + long_element(0xFFFC, 0xFFFC, "OB", 2) + "..");
  CHECK(trace.text ==
        "element 0 7FE0,0010 OB u\n"
        "fragment 1 FFFE,E000 ?? 0\n"
        "fragment 1 FFFE,E000 ?? 4\n\xFF\xD8zz\n"
        "fragment 1 FFFE,E000 ?? 2\nyy\n"
        "sequence end 0\n"
        "element 0 FFFC,FFFC OB 2\n..\n"
        "end 64\n");
}

TEST_CASE("a cut is an error, unless it falls between elements that no defined length is around") {
  const std::string first = short_element(0x0010, 0x0010, "PN", "Doe^Jane");
  const std::string open = long_element(0x0008, 0x1140, "SQ", kUndefined);
  const std::string leaf = short_element(0x0008, 0x1155, "UI", "1.2 ");
  const std::string pixels = long_element(0x7FE0, 0x0010, "OB", kUndefined);
  const std::string pieces[] = {first, open, item(12) + leaf, item(kUndefined), item_delimiter(), sequence_delimiter(),
                                long_element(0x0008, 0x1140, "SQ", 20) + item(12) + leaf, pixels, item(0), item(2) + "zz",
                                sequence_delimiter()};
  const bool is_open_behind[] = {false, true, true, true, true, false, false, true, true, true, false};
  std::string input;
  std::vector<std::pair<std::size_t, bool>> boundaries{{0, false}};
  for (std::size_t i = 0; i < std::size(pieces); ++i) {
    input += pieces[i];
    boundaries.emplace_back(input.size(), is_open_behind[i]);
  }
  const Trace whole = read(kExplicit, input, 5);
  CHECK(whole.findings.empty());
  for (std::size_t size = 0; size <= input.size(); ++size) {
    CAPTURE(size);
    const std::string cut = input.substr(0, size);
    const auto boundary = std::ranges::find(boundaries, size, &std::pair<std::size_t, bool>::first);
    const bool is_boundary = boundary != boundaries.end();
    for (const std::uint64_t end : {std::uint64_t{size}, ElementReader::kUnknownEnd}) {
      const Trace trace = read_all_ways(kExplicit, cut, end);
      CHECK(trace.error.has_value() != is_boundary);
      CHECK(trace.findings.empty() == !(is_boundary && boundary->second));
      if (trace.error) CHECK(trace.error->code == Errc::truncated);
      if (trace.error) CHECK(trace.error->offset <= size);
    }
    if (size < input.size()) CHECK(read(kExplicit, cut, 5, input.size()).error.has_value());
  }
}

TEST_CASE("impossible structure is an error with its place") {
  struct Row {
    const char* name;
    std::string input;
    Errc code;
    std::uint64_t offset;
  };
  const std::string sequence = long_element(0x0008, 0x1140, "SQ", kUndefined);
  const std::string leaf = short_element(0x0008, 0x1155, "UI", "1.2 ");
  const std::string pixels = long_element(0x7FE0, 0x0010, "OB", kUndefined);
  const Row rows[] = {
      {"no VR and an unknown tag", leaf + tag_bytes(0x0018, 0xFFFE) + "?\x01" + le16(2) + "zz", Errc::bad_value, 12},
      {"undefined length of text", long_element(0x0008, 0x0119, "UC", kUndefined), Errc::bad_length, 0},
      {"an element where an item must be", sequence + leaf, Errc::bad_value, 12},
      {"an item in the data set", item(0), Errc::bad_value, 0},
      {"delimiters without end", leaf + item_delimiter() + sequence_delimiter() + item_delimiter() + item_delimiter() + item_delimiter(),
       Errc::bad_value, 44},
      {"an item in an item of defined length", sequence + item(8) + item(0), Errc::bad_value, 20},
      {"an unknown tag of the item group", sequence + sized(tag_bytes(0xFFFE, 0xE001), 0), Errc::bad_value, 12},
      {"a value longer than its item", sequence + item(12) + short_element(0x0008, 0x1155, "UI", "1.2.3 "), Errc::bad_length, 20},
      {"a value longer than its sequence", long_element(0x0008, 0x1140, "SQ", 16) + item(12) + leaf, Errc::bad_length, 20},
      {"an item too short for an element", sequence + item(4) + le32(0) + sequence_delimiter(), Errc::bad_length, 20},
      {"an item too short for a long header", sequence + item(8) + long_element(0x0042, 0x0011, "OB", 0), Errc::bad_length, 20},
      {"a fragment of undefined length", pixels + item(kUndefined), Errc::bad_length, 12},
      {"an element among fragments", pixels + leaf, Errc::bad_value, 12},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Trace trace = read_all_ways(kExplicit, row.input);
    REQUIRE(trace.error.has_value());
    CHECK(trace.error->code == row.code);
    CHECK(trace.error->offset == row.offset);
    CHECK_FALSE(trace.error->what.empty());
  }
}

TEST_CASE("with a known end, a length beyond it is refused before any of the value is read") {
  for (const std::string& input : {long_element(0x7FE0, 0x0010, "OW", 0xFFFFFFFE),
                                   short_element(0x0010, 0x0010, "PN", "").replace(6, 2, "\xFF\xFF")}) {
    const Trace trace = read(kExplicit, input, 4, input.size());
    REQUIRE(trace.error.has_value());
    CHECK(trace.error->code == Errc::truncated);
    CHECK(trace.error->offset == 0);
    CHECK(trace.text.empty());
  }
}

TEST_CASE("nesting is followed to its limit and refused beyond") {
  const std::string level = long_element(0x0008, 0x1140, "SQ", kUndefined) + item(kUndefined);
  std::string deep;
  for (std::size_t i = 0; i < ElementReader::kDepthMax / 2; ++i) deep += level;
  std::string back;
  for (std::size_t i = 0; i < ElementReader::kDepthMax / 2; ++i) back += item_delimiter() + sequence_delimiter();
  CHECK_FALSE(read(kExplicit, deep + back, 4096).error.has_value());
  const Trace trace = read(kExplicit, deep + level, 4096);
  REQUIRE(trace.error.has_value());
  CHECK(trace.error->code == Errc::too_deep);
  CHECK(trace.error->offset == deep.size());
  CHECK(trace.error->tag == Tag{0x0008, 0x1140});
}

TEST_CASE("a value is skipped without being fed") {
  const std::string header = long_element(0x7FE0, 0x0010, "OW", 1000000);
  const std::string tail = short_element(0xFFFC, 0xFFFE, "LO", "ok");
  ElementReader reader{kExplicit, 100};
  const std::string start = header + "first ten ";
  reader.feed(bytes_of(start));
  REQUIRE(reader.next() == Event::element);
  CHECK(reader.skip_value() == 1000000 - 10);
  reader.skipped(1000);
  REQUIRE(reader.next() == Event::need_input);
  reader.feed(bytes_of("four"));
  REQUIRE(reader.next() == Event::need_input);
  CHECK(reader.value_left() == 1000000 - 1014);
  reader.skipped(reader.value_left());
  REQUIRE(reader.next() == Event::need_input);
  CHECK(reader.offset() == 100 + header.size() + 1000000);
  reader.feed(bytes_of(tail));
  REQUIRE(reader.next() == Event::element);
  CHECK(reader.header().tag == Tag{0xFFFC, 0xFFFE});
  REQUIRE(reader.next() == Event::value);
  CHECK(text_of(reader.bytes()) == "ok");
}

TEST_CASE("skipping what is fed already needs no seeking") {
  const std::string input = short_element(0x0010, 0x0010, "PN", "Doe^Jane") + short_element(0x0010, 0x0040, "CS", "F ");
  ElementReader reader{kExplicit, 0, input.size()};
  reader.feed(bytes_of(input));
  REQUIRE(reader.next() == Event::element);
  CHECK(reader.skip_value() == 0);
  REQUIRE(reader.next() == Event::element);
  CHECK(reader.header().tag == Tag{0x0010, 0x0040});
  REQUIRE(reader.next() == Event::value);
  CHECK(reader.next() == Event::end);
  CHECK(reader.next() == Event::end);
}

TEST_CASE("an empty data set ends at once") {
  CHECK(read(kExplicit, "", 1).text == "end 0\n");
  CHECK(read(kImplicit, "", 1, 0).text == "end 0\n");
}
