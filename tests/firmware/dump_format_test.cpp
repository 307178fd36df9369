// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "cli/dump_format.hpp"

using namespace scanferry;

namespace {

std::string le16(unsigned v) { return {static_cast<char>(v & 0xFFU), static_cast<char>(v >> 8U & 0xFFU)}; }
std::string le32(std::uint32_t v) { return le16(v & 0xFFFFU) + le16(v >> 16U); }
std::string tag(unsigned group, unsigned element) { return le16(group) + le16(element); }
std::string element(unsigned group, unsigned number, const std::string& vr, const std::string& value) {
  const auto length = static_cast<std::uint32_t>(value.size());
  const bool is_long = vr == "OB" || vr == "OW" || vr == "UN" || vr == "UT" || vr == "SQ";
  return tag(group, number) + vr + (is_long ? le16(0) + le32(length) : le16(length)) + value;
}
std::string implicit(unsigned group, unsigned number, const std::string& value) {
  return tag(group, number) + le32(static_cast<std::uint32_t>(value.size())) + value;
}
std::string open_element(unsigned group, unsigned number, const std::string& vr) {
  return tag(group, number) + vr + le16(0) + le32(0xFFFFFFFF);
}
std::string item(std::uint32_t length) { return tag(0xFFFE, 0xE000) + le32(length); }
const std::string kItemEnd = tag(0xFFFE, 0xE00D) + le32(0);
const std::string kSequenceEnd = tag(0xFFFE, 0xE0DD) + le32(0);

std::string with_meta(const std::string& transfer_syntax, const std::string& data_set) {
  return std::string(128, '\0') + "DICM" + element(0x0002, 0x0010, "UI", transfer_syntax) + data_set;
}
const std::string kExplicit{"1.2.840.10008.1.2.1\0", 20};
const std::string kImplicit{"1.2.840.10008.1.2\0", 18};

struct Shown {
  std::string lines;
  std::string error;
};

Shown dump(const std::string& content, std::size_t value_max = 64) {
  const model::MemorySource source{core::bytes_of(content)};
  const auto document = model::Document::read(source);
  if (!document) return {{}, document.error().text()};
  Shown shown;
  firmware::DumpFormat{*document, {.value_max = value_max}, [&shown](std::string_view lines) { shown.lines += lines; }}.show_all();
  if (document->defect()) shown.error = document->defect()->text();
  return shown;
}

/// The lines of a data set in Explicit VR, without titles and runs of spaces.
std::string lines_of(const std::string& data_set, std::size_t value_max = 64) {
  const Shown shown = dump(with_meta(kExplicit, data_set), value_max);
  CHECK(shown.error.empty());
  const std::string all = shown.lines.substr(shown.lines.find('\n', shown.lines.find("# Data set")) + 1);
  std::string lines;
  for (const char c : all) {
    if (c != ' ' || lines.empty() || lines.back() != ' ') lines += c;
  }
  return lines;
}

}  // namespace

TEST_CASE("a dump shows the meta information and the data set in columns") {
  CHECK(dump(with_meta(kExplicit, element(0x0010, 0x0010, "PN", "Doe^Jane"))).lines ==
        "# File Meta Information\n"
        "(0002,0010) UI [1.2.840.10008.1.2.1] =ExplicitVRLittleEndian #  20, 1 TransferSyntaxUID\n"
        "# Data set, transfer syntax 1.2.840.10008.1.2.1 (Explicit VR Little Endian)\n"
        "(0010,0010) PN [Doe^Jane]                               #   8, 1 PatientName\n");
}

TEST_CASE("values are shown after their VR") {
  struct Row {
    std::string bytes;
    const char* line;
  };
  const Row rows[] = {
      {element(0x0008, 0x0008, "CS", "A\\B\\C "), "(0008,0008) CS [A\\B\\C] # 6, 3 ImageType\n"},
      {element(0x0010, 0x0020, "LO", ""), "(0010,0020) LO (no value) # 0, 0 PatientID\n"},
      {element(0x0010, 0x4000, "LT", "a\\b"), "(0010,4000) LT [a\\b] # 3, 1 PatientComments\n"},
      {element(0x0028, 0x0010, "US", le16(65535) + le16(1)), "(0028,0010) US 65535\\1 # 4, 2 Rows\n"},
      {element(0x0028, 0x0106, "SS", le16(0xFFFF)), "(0028,0106) SS -1 # 2, 1 SmallestImagePixelValue\n"},
      {element(0x0018, 0x6020, "SL", le32(0x80000000)), "(0018,6020) SL -2147483648 # 4, 1 ReferencePixelX0\n"},
      {element(0x0028, 0x0009, "AT", tag(0x0018, 0x1063)), "(0028,0009) AT (0018,1063) # 4, 1 FrameIncrementPointer\n"},
      {element(0x0018, 0x602C, "FD", le32(0) + le32(0x3FF80000)), "(0018,602c) FD 1.5 # 8, 1 PhysicalDeltaX\n"},
      {element(0x0009, 0x1001, "FL", le32(0x3DCCCCCD)), "(0009,1001) FL 0.1 # 4, 1 PrivateData\n"},
      {element(0x0028, 0x0010, "US", "odd"), "(0028,0010) US 6F\\64\\64 # 3, 1 Rows\n"},
      {element(0x0009, 0x1001, "UN", "\x01\xAB"), "(0009,1001) UN 01\\AB # 2, 1 PrivateData\n"},
      {element(0x0008, 0xFFFE, "OB", "z"), "(0008,fffe) OB 7A # 1, 1 Unknown\n"},
  };
  for (const Row& row : rows) CHECK(lines_of(row.bytes) == row.line);
}

TEST_CASE("text is read in its character set, and bytes that are not of it are shown and diagnosed") {
  const std::string latin = element(0x0008, 0x0005, "CS", "ISO_IR 100");
  CHECK_THAT(lines_of(latin + element(0x0010, 0x0010, "PN", "M\xFCller\n")),
             Catch::EndsWith("(0010,0010) PN [M\u00fcller\\x0A] # 7, 1 PatientName\n"));
  const std::string undeclared = lines_of(element(0x0010, 0x0010, "PN", "M\xFCller"));
  CHECK_THAT(undeclared, Catch::StartsWith("(0010,0010) PN [M\\xFCller] # 6, 1 PatientName\n# bytes above 127"));
  CHECK_THAT(undeclared, Catch::Contains("ISO_IR 100"));
}

TEST_CASE("long values are cut between characters and say so") {
  CHECK(lines_of(element(0x0010, 0x4000, "LT", "abcdef"), 5) == "(0010,4000) LT [abcde... # 6, 1 PatientComments\n");
  CHECK(lines_of(element(0x0010, 0x4000, "LT", "abcde"), 5) == "(0010,4000) LT [abcde] # 5, 1 PatientComments\n");
  const std::string utf8 = element(0x0008, 0x0005, "CS", "ISO_IR 192");
  CHECK_THAT(lines_of(utf8 + element(0x0010, 0x4000, "LT", "abc\U0001F600zz"), 5),
             Catch::EndsWith("(0010,4000) LT [abc\U0001F600z... # 9, 1 PatientComments\n"));
  CHECK(lines_of(element(0x0010, 0x1000, "LO", "abcd\\efgh"), 5) == "(0010,1000) LO [abcd\\... # 9, 2 OtherPatientIDs\n");
  CHECK(lines_of(element(0x7FE0, 0x0010, "OW", std::string(200000, 'A')) + element(0xFFFC, 0xFFFC, "OB", "z"), 6) ==
        "(7fe0,0010) OW 41\\41... # 200000, 1 PixelData\n(fffc,fffc) OB 7A # 1, 1 DataSetTrailingPadding\n");
}

TEST_CASE("sequences are indented and counted") {
  const std::string leaf = element(0x0008, 0x1155, "UI", "1.2 ");
  CHECK(lines_of(element(0x0008, 0x1140, "SQ", item(12) + leaf)) ==
        "(0008,1140) SQ (sequence, 1 item) # 20, - ReferencedImageSequence\n"
        " (fffe,e000) na (item) # 12, - Item\n"
        " (0008,1155) UI [1.2] # 4, 1 ReferencedSOPInstanceUID\n");
  CHECK(lines_of(open_element(0x0008, 0x1140, "SQ") + item(0xFFFFFFFF) + leaf + kItemEnd + item(0) + kSequenceEnd) ==
        "(0008,1140) SQ (sequence, 2 items) # u/l, - ReferencedImageSequence\n"
        " (fffe,e000) na (item) # u/l, - Item\n"
        " (0008,1155) UI [1.2] # 4, 1 ReferencedSOPInstanceUID\n"
        " (fffe,e000) na (item) # 0, - Item\n");
}

TEST_CASE("fragments of encapsulated pixels are listed") {
  CHECK(lines_of(open_element(0x7FE0, 0x0010, "OB") + item(0) + item(2) + "\xFF\xD8" + kSequenceEnd) ==
        "(7fe0,0010) OB (encapsulated pixels) # u/l, 1 PixelData\n"
        " (fffe,e000) pi (no value) # 0, 1 Item\n"
        " (fffe,e000) pi FF\\D8 # 2, 1 Item\n");
}

TEST_CASE("private data is named after its creator") {
  CHECK(lines_of(element(0x0009, 0x0010, "LO", "ACME") + element(0x0009, 0x1001, "LO", "x ")) ==
        "(0009,0010) LO [ACME] # 4, 1 PrivateCreator\n"
        "(0009,1001) LO [x] # 2, 1 \"ACME\"\n");
}

TEST_CASE("UIDs are named") {
  CHECK(lines_of(element(0x0008, 0x0016, "UI", std::string{"1.2.840.10008.5.1.4.1.1.6.1\0", 28})) ==
        "(0008,0016) UI [1.2.840.10008.5.1.4.1.1.6.1] =UltrasoundImageStorage # 28, 1 SOPClassUID\n");
}

TEST_CASE("the elements of a path are shown, each under its way") {
  const std::string leaf = element(0x0008, 0x1155, "UI", "1.2 ");
  const std::string content = with_meta(kExplicit, element(0x0008, 0x1140, "SQ", item(12) + leaf + item(12) + leaf));
  const model::MemorySource source{core::bytes_of(content)};
  const auto document = model::Document::read(source);
  REQUIRE(document);
  std::string lines;
  firmware::DumpFormat format{*document, {}, [&lines](std::string_view more) { lines += more; }};
  CHECK(format.show(*model::TagPath::parse("ReferencedImageSequence[*].ReferencedSOPInstanceUID")) == 2);
  CHECK(lines.find("# ReferencedImageSequence[1].ReferencedSOPInstanceUID\n(0008,1155) UI [1.2]") != std::string::npos);
  CHECK(format.show(*model::TagPath::parse("ReferencedImageSequence[2].ReferencedSOPInstanceUID")) == 0);
  CHECK(format.show(*model::TagPath::parse("PatientName")) == 0);
}

TEST_CASE("files in Implicit VR and files without preamble or meta information are shown") {
  const std::string name = "(0010,0010) PN [Doe]";
  const auto has_name = [&name](const std::string& content) {
    const Shown shown = dump(content);
    return shown.error.empty() && shown.lines.find(name) != std::string::npos;
  };
  CHECK(has_name(with_meta(kImplicit, implicit(0x0010, 0x0010, "Doe "))));
  CHECK(has_name(element(0x0002, 0x0010, "UI", kImplicit) + implicit(0x0010, 0x0010, "Doe ")));
  CHECK(has_name(element(0x0008, 0x0060, "CS", "US") + element(0x0010, 0x0010, "PN", "Doe ")));
  CHECK(has_name(implicit(0x0008, 0x0060, "US") + implicit(0x0010, 0x0010, "Doe ")));
}

TEST_CASE("what is no DICOM, broken or not shown is said with its place, after all that could be read") {
  for (const std::string& content : {std::string{}, std::string{"short"}, std::string(500, 'x'), std::string(500, '\0')}) {
    CHECK(dump(content).error.find("this is no DICOM file") == 0);
  }
  const std::string whole = with_meta(kExplicit, element(0x0010, 0x0010, "PN", "Doe ") + element(0x0010, 0x0020, "LO", "12345678"));
  const Shown cut = dump(whole.substr(0, whole.size() - 4));
  CHECK(cut.lines.find("[Doe]") != std::string::npos);
  CHECK(cut.error.find("at byte 172, in PatientID") != std::string::npos);
  CHECK(dump(with_meta(kExplicit, "")).error.empty());
}
