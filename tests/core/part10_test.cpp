// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include <scanferry/core/part10.hpp>

#include "element_text.hpp"

using namespace scanferry::core;
using namespace scanferry::tests;

namespace {

const std::string kFront = std::string(128, 'p') + "DICM";
const std::string kSyntax = short_element(0x0002, 0x0010, "UI", std::string{"1.2.840.10008.1.2\0", 18});
const std::string kDataSet = short_element(0x0008, 0x0016, "UI", "1.2 ");

Result<FileMeta> read(const std::string& file) { return read_file_meta(bytes_of(file)); }

}  // namespace

TEST_CASE("a file without preamble and prefix is no DICOM file") {
  for (const std::string& file : {std::string{}, std::string(131, 'x'), std::string(1000, 'x'), std::string(128, '\0') + "DICN"}) {
    const auto meta = read(file);
    REQUIRE_FALSE(meta.has_value());
    CHECK(meta.error().code == Errc::not_dicom);
  }
}

TEST_CASE("missing UIDs are empty and the data set begins where group 0002 ends") {
  const auto meta = read(kFront + kSyntax + kDataSet);
  REQUIRE(meta.has_value());
  CHECK(meta->sop_class_uid.empty());
  CHECK(meta->sop_instance_uid.empty());
  CHECK(meta->transfer_syntax_uid.view() == "1.2.840.10008.1.2");
  CHECK(meta->data_set_offset == kFront.size() + kSyntax.size());
}

TEST_CASE("the elements count, not a wrong group length") {
  for (const std::uint32_t stated : {0U, 1U, 4000U, 0xFFFFFFFFU}) {
    CAPTURE(stated);
    const std::string meta_bytes = short_element(0x0002, 0x0000, "UL", le32(stated)) + kSyntax;
    const auto meta = read(kFront + meta_bytes + kDataSet);
    REQUIRE(meta.has_value());
    CHECK(meta->data_set_offset == kFront.size() + meta_bytes.size());
  }
}

TEST_CASE("UIDs lose their padding, whichever it is") {
  for (const std::string& padding : {std::string(1, '\0'), std::string{" "}, std::string(3, '\0')}) {
    const auto meta = read(kFront + short_element(0x0002, 0x0003, "UI", "1.2.3" + padding) + kDataSet);
    REQUIRE(meta.has_value());
    CHECK(meta->sop_instance_uid.view() == "1.2.3");
  }
}

TEST_CASE("what cannot be File Meta Information is named with its place") {
  struct Row {
    const char* name;
    std::string meta;
    Errc code;
  };
  const std::string long_uid(65, '1');
  const Row rows[] = {
      {"implicit VR", tag_bytes(0x0002, 0x0010) + le32(4) + "1.2 ", Errc::bad_value},
      {"a UID with letters", short_element(0x0002, 0x0003, "UI", "1.2a"), Errc::bad_value},
      {"a long UID", short_element(0x0002, 0x0003, "UI", long_uid), Errc::bad_length},
      {"a length beyond the file", long_element(0x0002, 0x0001, "OB", 0xFFFFFFFE), Errc::truncated},
      {"undefined length", long_element(0x0002, 0x0001, "OB", kUndefined), Errc::truncated},
      {"a length beyond what is read", long_element(0x0002, 0x0102, "OB", 5000) + std::string(5000, 'x'), Errc::bad_length},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto meta = read((kFront + kSyntax + row.meta).substr(0, kFileMetaBytesMax));
    REQUIRE_FALSE(meta.has_value());
    CHECK(meta.error().code == row.code);
    CHECK(meta.error().offset == kFront.size() + kSyntax.size());
    CHECK(meta.error().tag.group == 0x0002);
  }
}

TEST_CASE("a file may end with its File Meta Information but not within the next tag") {
  CHECK(read(kFront + kSyntax).has_value());
  CHECK_FALSE(read(kFront + kSyntax + "\x08").has_value());
}
