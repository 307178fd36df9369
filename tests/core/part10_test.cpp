// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <scanferry/core/element_writer.hpp>
#include <scanferry/core/implementation.hpp>
#include <scanferry/core/part10.hpp>

#include "element_text.hpp"

using namespace scanferry::core;
using namespace scanferry::tests;

namespace {

const std::string kPreamble(128, 'p');
const std::string kFront = kPreamble + "DICM";
const std::string kSyntax = short_element(0x0002, 0x0010, "UI", uid_value("1.2.840.10008.1.2.1"));
const std::string kDataSet = short_element(0x0008, 0x0016, "UI", "1.2 ");

std::string with_length(const std::string& meta) {
  return short_element(0x0002, 0x0000, "UL", le32(static_cast<std::uint32_t>(meta.size()))) + meta;
}

struct Reading {
  Result<FileMeta> meta;
  std::string findings;    // one line each
  std::size_t fed{0};      // bytes
};

Reading read_in_pieces(const std::string& file, std::size_t piece) {
  FileMetaReader reader{file.size()};
  Reading reading{FileMeta{}, {}, 0};
  for (std::size_t calls = 0;; ++calls) {
    REQUIRE(calls < 4 * file.size() + 1000);
    const auto at = static_cast<std::size_t>(std::min<std::uint64_t>(reader.offset(), file.size()));
    const ByteView rest = bytes_of(file).subspan(at);
    const std::vector<std::byte> bytes(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(std::min(piece, rest.size())));
    reading.fed += bytes.size();
    const auto is_complete = reader.take(bytes);
    if (is_complete && !*is_complete) continue;
    for (const Finding& finding : reader.findings()) {
      reading.findings += std::to_string(finding.offset) + " " + std::string{finding.what} + "\n";
    }
    reading.meta = is_complete ? Result<FileMeta>{reader.meta()} : std::unexpected{is_complete.error()};
    return reading;
  }
}

/// What is read must not depend on the pieces.
Reading read(const std::string& file) {
  const Reading whole = read_in_pieces(file, file.size() + 1);
  for (const std::size_t piece : {1, 7, 143, 144, 145}) {
    CAPTURE(piece);
    const Reading pieces = read_in_pieces(file, piece);
    CHECK(pieces.findings == whole.findings);
    REQUIRE(pieces.meta.has_value() == whole.meta.has_value());
    if (whole.meta) CHECK(pieces.meta->data_set_offset == whole.meta->data_set_offset);
    if (whole.meta) CHECK(pieces.meta->transfer_syntax_uid == whole.meta->transfer_syntax_uid);
    if (!whole.meta) CHECK(pieces.meta.error().offset == whole.meta.error().offset);
  }
  return whole;
}

bool says(const Reading& reading, std::string_view words) { return reading.findings.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("a file that is as the standard says has no findings") {
  const std::string meta = with_length(short_element(0x0002, 0x0002, "UI", uid_value("1.2.3")) + kSyntax);
  const Reading reading = read(kFront + meta + kDataSet);
  REQUIRE(reading.meta.has_value());
  CHECK(reading.findings.empty());
  CHECK(reading.meta->has_meta);
  CHECK(reading.meta->sop_class_uid.view() == "1.2.3");
  CHECK(reading.meta->sop_instance_uid.empty());
  CHECK(reading.meta->transfer_syntax_uid.view() == "1.2.840.10008.1.2.1");
  CHECK(reading.meta->syntax == transfer_syntax_of("1.2.840.10008.1.2.1"));
  CHECK(reading.meta->data_set_offset == kFront.size() + meta.size());
}

TEST_CASE("what is no DICOM file is told so") {
  for (const std::string& file : {std::string{}, std::string(131, 'x'), std::string(1000, 'x'), std::string(4096, '\0'),
                                  std::string(4096, '\xFF'), std::string{"SOMETHING LIKE UI A TEXT FILE WITH CS AND UL IN IT"}}) {
    const Reading reading = read(file);
    REQUIRE_FALSE(reading.meta.has_value());
    CHECK(reading.meta.error().code == Errc::not_dicom);
  }
}

TEST_CASE("damaged beginnings are found, with what was assumed") {
  struct Row {
    const char* name;
    std::string front;
    std::string data_set;
    const char* finding;
    Encoding encoding;
    bool has_meta;
  };
  const std::string big{"\0\x08\0\x16UI\0\4""1.2\0", 12};
  const std::string implicit = implicit_element(0x0008, 0x0016, "1.2 ");
  const auto kExplicit = Encoding::explicit_little_endian;
  const Row rows[] = {
      {"no preamble", with_length(kSyntax), kDataSet, "the preamble and", kExplicit, true},
      {"the prefix alone", "DICM" + with_length(kSyntax), kDataSet, "the preamble is missing", kExplicit, true},
      {"a wrong prefix", kPreamble + "dicm" + with_length(kSyntax), kDataSet, "\"DICM\" is missing", kExplicit, true},
      {"no prefix", kPreamble + with_length(kSyntax), kDataSet, "\"DICM\" is missing", kExplicit, true},
      {"explicit data set only", "", kDataSet, "no File Meta Information", kExplicit, false},
      {"big endian data set only", "", big, "no File Meta Information", Encoding::explicit_big_endian, false},
      {"implicit data set only", "", implicit, "no File Meta Information", Encoding::implicit_little_endian, false},
      {"no meta behind the prefix", kFront, implicit, "no File Meta Information", Encoding::implicit_little_endian, false},
      {"no group length", kFront + kSyntax, kDataSet, "no group length", kExplicit, true},
      {"no transfer syntax", kFront + with_length(short_element(0x0002, 0x0002, "UI", "1.2 ")), big, "no Transfer Syntax UID",
       Encoding::explicit_big_endian, true},
      {"an empty one", kFront + with_length(short_element(0x0002, 0x0010, "UI", "")), implicit, "no Transfer Syntax UID",
       Encoding::implicit_little_endian, true},
      {"one that is not true", kFront + with_length(kSyntax), implicit, "not encoded as", Encoding::implicit_little_endian, true},
      {"meta in implicit VR",
       kFront + implicit_element(0x0002, 0x0000, le32(28)) + implicit_element(0x0002, 0x0010, uid_value("1.2.840.10008.1.2.1")),
       kDataSet, "in Implicit VR", kExplicit, true},
      {"meta twice", kFront + with_length(kSyntax) + with_length(kSyntax), kDataSet, "comes twice", kExplicit, true},
      {"plain behind deflated", kFront + with_length(short_element(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1.99")), kDataSet,
       "deflated", kExplicit, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Reading reading = read(row.front + row.data_set + std::string(200, '\0'));
    REQUIRE(reading.meta.has_value());
    CHECK(says(reading, row.finding));
    CHECK(reading.meta->has_meta == row.has_meta);
    CHECK(reading.meta->syntax.encoding == row.encoding);
    CHECK_FALSE(reading.meta->syntax.is_deflated);
    CHECK(reading.meta->data_set_offset == row.front.size());
  }
}

TEST_CASE("a prefix within a data set without preamble is a part of its values") {
  const std::string first = short_element(0x0008, 0x0005, "CS", "ISO_IR 100");
  const std::string file = first + short_element(0x0008, 0x1030, "LO", std::string(128 - first.size() - 8, 'x') + "DICM") + kDataSet;
  const Reading reading = read(file + std::string(100, ' '));
  REQUIRE(reading.meta.has_value());
  CHECK(reading.meta->data_set_offset == 0);
}

TEST_CASE("the elements count, not a wrong group length") {
  for (const std::uint32_t stated : {0U, 1U, 4000U, 0xFFFFFFFFU}) {
    CAPTURE(stated);
    const std::string meta_bytes = short_element(0x0002, 0x0000, "UL", le32(stated)) + kSyntax;
    const Reading reading = read(kFront + meta_bytes + kDataSet);
    REQUIRE(reading.meta.has_value());
    CHECK(says(reading, "group length of File Meta Information is wrong"));
    CHECK(reading.meta->data_set_offset == kFront.size() + meta_bytes.size());
  }
}

TEST_CASE("UIDs lose their padding, whichever it is") {
  for (const std::string& padding : {std::string(1, '\0'), std::string{" "}, std::string(3, '\0'), std::string(200, ' ')}) {
    const Reading reading = read(kFront + short_element(0x0002, 0x0003, "UI", "1.2.3" + padding) + kDataSet);
    REQUIRE(reading.meta.has_value());
    CHECK(reading.meta->sop_instance_uid.view() == "1.2.3");
  }
}

TEST_CASE("private information of any length is passed over, other elements up to 64 KB") {
  const std::string large(1000000, 'x');
  const std::string meta = kSyntax + long_element(0x0002, 0x0102, "OB", 1000000) + large;
  const std::string file = kFront + with_length(meta) + kDataSet;
  const Reading reading = read_in_pieces(file, 512);
  REQUIRE(reading.meta.has_value());
  CHECK(reading.findings.empty());
  CHECK(reading.fed < 3000);
  CHECK(reading.meta->data_set_offset == file.size() - kDataSet.size());
  const auto with_text = [](std::size_t bytes) {
    return kFront + kSyntax + long_element(0x0002, 0x0020, "UT", static_cast<std::uint32_t>(bytes)) + std::string(bytes, 'x') + kDataSet;
  };
  CHECK(read_in_pieces(with_text(60000), 4096).meta.has_value());
  const auto refused = read_in_pieces(with_text(70000), 4096).meta;
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::bad_length);
}

TEST_CASE("what cannot be File Meta Information is named with its place") {
  struct Row {
    const char* name;
    std::string meta;
    Errc code;
  };
  const std::string long_uid(65, '1');
  const Row rows[] = {
      {"a UID with letters", short_element(0x0002, 0x0003, "UI", "1.2a"), Errc::bad_value},
      {"a long UID", short_element(0x0002, 0x0003, "UI", long_uid), Errc::bad_length},
      {"a very long UID", short_element(0x0002, 0x0003, "UI", std::string(500, '1')), Errc::bad_length},
      {"a length beyond the file", long_element(0x0002, 0x0001, "OB", 0xFFFFFFFE), Errc::truncated},
      {"undefined length of text", long_element(0x0002, 0x0003, "UC", kUndefined), Errc::bad_length},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto meta = read(kFront + kSyntax + row.meta).meta;
    REQUIRE_FALSE(meta.has_value());
    CHECK(meta.error().code == row.code);
    CHECK(meta.error().offset == kFront.size() + kSyntax.size());
    CHECK(meta.error().tag.group == 0x0002);
  }
}

TEST_CASE("a file may end with its File Meta Information but not within the next element's first bytes") {
  CHECK(read(kFront + kSyntax).meta.has_value());
  const auto cut = read(kFront + kSyntax + "\x08").meta;
  REQUIRE_FALSE(cut.has_value());
  CHECK(cut.error().code == Errc::truncated);
  CHECK(cut.error().offset == kFront.size() + kSyntax.size());
  const std::string deflated = kFront + short_element(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1.99") + std::string{"\3\0", 2};
  CHECK(read(deflated).meta.has_value());
}

TEST_CASE("each beginning of File Meta Information is no whole") {
  const std::string file = kFront + with_length(short_element(0x0002, 0x0002, "UI", "1.2 ") + kSyntax) + kDataSet;
  const std::size_t meta_end = file.size() - kDataSet.size();
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size);
    const auto meta = read(file.substr(0, size)).meta;
    const bool is_complete = size == meta_end || size >= meta_end + 8;
    REQUIRE(meta.has_value() == is_complete);
    if (!meta) CHECK(meta.error().code == (size < kFront.size() ? Errc::not_dicom : Errc::truncated));
    if (!meta) CHECK(meta.error().offset <= size);
  }
}

TEST_CASE("the File Meta Information that is written is read") {
  std::vector<std::byte> memory(1000);
  ElementWriter out{memory};
  write_file_meta(out, {"1.2.840.10008.5.1.4.1.1.7", "1.2.3", "1.2.840.10008.1.2.1"});
  const auto size = out.finish();
  REQUIRE(size.has_value());
  const std::string meta = long_element(0x0002, 0x0001, "OB", 2) + std::string{"\0\1", 2} +
                           short_element(0x0002, 0x0002, "UI", uid_value("1.2.840.10008.5.1.4.1.1.7")) +
                           short_element(0x0002, 0x0003, "UI", uid_value("1.2.3")) + kSyntax +
                           short_element(0x0002, 0x0012, "UI", uid_value(std::string{kImplementationClassUid})) +
                           short_element(0x0002, 0x0013, "SH", padded(std::string{kImplementationVersionName}));
  CHECK(text_of(ByteView{memory}.first(*size)) == std::string(128, '\0') + "DICM" + with_length(meta));
  const Reading reading = read(std::string{text_of(ByteView{memory}.first(*size))} + kDataSet);
  REQUIRE(reading.meta.has_value());
  CHECK(reading.findings.empty());
  CHECK(reading.meta->sop_instance_uid.view() == "1.2.3");
}
