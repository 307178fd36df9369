// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include <scanferry/model/document.hpp>
#include <scanferry/model/edit.hpp>
#include <scanferry/model/part10_writer.hpp>
#include <scanferry/model/tag_path.hpp>

#include "example_object.hpp"

using namespace scanferry;
using namespace scanferry::model;
using namespace scanferry::tests;

namespace at = core::attribute;

TEST_CASE("a file becomes a tree of its elements") {
  const std::string file = example_file();
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  CHECK_FALSE(document->defect());
  CHECK(document->findings().empty());
  CHECK(document->transfer_syntax() == kExplicitLittleEndian);
  CHECK(trimmed_text(document->data_set().find(at::kPatientName.tag)) == "Doe^Jane");
  const Element* const sequence = document->data_set().find(at::kReferencedImageSequence.tag);
  REQUIRE(sequence != nullptr);
  REQUIRE(sequence->items().size() == 2);
  CHECK(trimmed_text(sequence->items()[1].data_set.find(at::kReferencedSOPInstanceUID.tag)) == "1.2.2");
  CHECK(document->data_set().find(core::Tag{0x0010, 0x0021}) == nullptr);
}

TEST_CASE("a data set of a message is read in the transfer syntax that was agreed on") {
  const std::string file = example_file();
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  for (const auto& [syntax, encoding] : {std::pair{kImplicitLittleEndian, core::Encoding::implicit_little_endian},
                                        std::pair{kExplicitLittleEndian, core::Encoding::explicit_little_endian}}) {
    StringSink sink;
    REQUIRE(write_data_set(*document, document->data_set(), encoding, sink));
    const MemorySource message{core::bytes_of(sink.text)};
    const auto again = Document::read_data_set(message, syntax);
    REQUIRE(again);
    CHECK_FALSE(again->defect());
    CHECK(again->meta().empty());
    CHECK(trimmed_text(again->data_set().find(at::kPatientName.tag)) == "Doe^Jane");
  }
  const MemorySource nothing{{}};
  REQUIRE(Document::read_data_set(nothing, kExplicitLittleEndian));
}

TEST_CASE("a value that is too long to hold stays in the file") {
  const std::string file = example_file();
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source, {.held_value_bytes = 4});
  REQUIRE(document);
  const Element* const pixels = document->data_set().find(at::kPixelData.tag);
  REQUIRE(std::holds_alternative<StoredValue>(pixels->value));
  std::array<std::byte, 8> bytes{};
  REQUIRE(document->read_value(*pixels, 2, bytes) == 6U);
  CHECK(core::text_of(core::ByteView{bytes}.first(6)) == "cdefgh");
}

// In Implicit VR private data has no VR.
TEST_CASE("every encoding holds the same content, and comes back as the same bytes") {
  const std::string file = example_file();
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  const std::string canonical = written(*document, kExplicitLittleEndian);
  for (const auto syntax : {kImplicitLittleEndian, kExplicitLittleEndian, kExplicitBigEndian, kDeflated}) {
    CAPTURE(syntax);
    const std::string other = written(*document, syntax);
    const MemorySource other_source{core::bytes_of(other)};
    const auto again = Document::read(other_source);
    REQUIRE(again);
    CHECK_FALSE(again->defect());
    for (const auto& finding : again->findings()) FAIL_CHECK(finding.text());
    CHECK(again->transfer_syntax() == syntax);
    CHECK(written(*again, syntax) == other);
    if (syntax != kImplicitLittleEndian) CHECK(written(*again, kExplicitLittleEndian) == canonical);
  }
}

TEST_CASE("what is cut off is said with its place, and what stands before it is there") {
  const std::string file = example_file();
  const MemorySource whole_source{core::bytes_of(file)};
  const auto whole = Document::read(whole_source);
  REQUIRE(whole);
  std::size_t elements_before = 0;
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size);
    const std::string cut = file.substr(0, size);
    const MemorySource source{core::bytes_of(cut)};
    const auto document = Document::read(source);
    if (!document) {
      CHECK(size < 144);
      continue;
    }
    const std::size_t elements = document->meta().elements().size() + document->data_set().elements().size();
    CHECK(elements >= elements_before);
    elements_before = elements;
    if (document->defect()) CHECK(document->defect()->offset <= size);
  }
  CHECK(elements_before + 1 >= whole->meta().elements().size() + whole->data_set().elements().size());
}

TEST_CASE("a change leaves every other byte as it was") {
  const std::string file = example_file(true);
  const MemorySource source{core::bytes_of(file)};
  auto document = Document::read(source);
  REQUIRE(document);
  CHECK(changed(*document) == file);

  SECTION("a value of the same length") {
    REQUIRE(set_value(*document, *TagPath::parse("PatientName"), "Roe^Jack", SetMode::modify) == 1U);
    std::string expected = file;
    expected.replace(expected.find("Doe^Jane"), 8, "Roe^Jack");
    CHECK(changed(*document) == expected);
  }
  SECTION("a longer value in an item of undefined length") {
    REQUIRE(set_value(*document, *TagPath::parse("ReferencedImageSequence[0].ReferencedSOPInstanceUID"), "1.2.345", SetMode::modify) == 1U);
    const std::string after = changed(*document);
    CHECK(after.size() == file.size() + 2);
    CHECK(after.substr(after.size() - 60) == file.substr(file.size() - 60));
    const MemorySource again_source{core::bytes_of(after)};
    const auto again = Document::read(again_source);
    REQUIRE(again);
    CHECK_FALSE(again->defect());
    const Element* const sequence = again->data_set().find(at::kReferencedImageSequence.tag);
    CHECK(sequence->has_undefined_length);
    CHECK(trimmed_text(sequence->items()[0].data_set.find(at::kReferencedSOPInstanceUID.tag)) == "1.2.345");
  }
  SECTION("an element that is erased") {
    CHECK(erase(*document, *TagPath::parse("PatientID")) == 1);
    CHECK(erase(*document, *TagPath::parse("PatientID")) == 0);
    CHECK(changed(*document).size() == file.size() - 12);
  }
  SECTION("every item at once") {
    CHECK(set_value(*document, *TagPath::parse("ReferencedImageSequence[*].ReferencedSOPClassUID"), "1.2", SetMode::insert) == 2U);
    CHECK(erase(*document, *TagPath::parse("ReferencedImageSequence[*]")) == 2);
  }
  SECTION("what cannot be set changes nothing") {
    for (const char* path : {"ReferencedImageSequence[1]", "PatientName[0]", "RequestAttributesSequence[*].ScheduledProcedureStepID",
                             "ReferencedImageSequence[2].PatientBirthDate", "TransferSyntaxUID"}) {
      CAPTURE(path);
      CHECK_FALSE(set_value(*document, *TagPath::parse(path), "no date", SetMode::insert));
      CHECK(changed(*document) == file);
    }
    CHECK_FALSE(TagPath::parse("ReferencedImageSequence[4294967295]"));
  }
  SECTION("a sequence that is made on the way") {
    REQUIRE(set_value(*document, *TagPath::parse("RequestAttributesSequence[0].ScheduledProcedureStepID"), "7", SetMode::insert) == 1U);
    CHECK_FALSE(set_value(*document, *TagPath::parse("RequestAttributesSequence[5].ScheduledProcedureStepID"), "7", SetMode::insert));
    CHECK_FALSE(set_value(*document, *TagPath::parse("AccessionNumber"), "7", SetMode::modify));
    const std::string after = changed(*document);
    const MemorySource again_source{core::bytes_of(after)};
    CHECK(Document::read(again_source)->data_set().find(at::kRequestAttributesSequence.tag)->items().size() == 1);
  }
  SECTION("a value that its VR does not allow") {
    const auto done = set_value(*document, *TagPath::parse("PatientBirthDate"), "yesterday", SetMode::insert);
    REQUIRE_FALSE(done);
    CHECK(done.error().path == "PatientBirthDate");
    CHECK(changed(*document) == file);
  }
}

TEST_CASE("what belongs to nothing stays where it is when something else changes") {
  const std::string stray = sequence_delimiter();
  const std::string file = file_with(kExplicitLittleEndian, short_element(0x0008, 0x0060, "CS", "OT") + stray +
                                                                short_element(0x0010, 0x0020, "LO", "4711") +
                                                                long_element(0x0008, 0x1140, "SQ", 24) + item(0) + item_delimiter() + item(0) +
                                                                short_element(0x0020, 0x0013, "IS", "1 "));
  const MemorySource source{core::bytes_of(file)};
  auto document = Document::read(source);
  REQUIRE(document);
  REQUIRE_FALSE(document->defect());
  CHECK(document->findings().size() == 2);
  CHECK(changed(*document) == file);
  REQUIRE(set_value(*document, *TagPath::parse("InstanceNumber"), "22", SetMode::modify));
  CHECK(changed(*document) == file.substr(0, file.size() - 2) + "22");
}

TEST_CASE("a sequence that was written as UN is one") {
  const std::string inner = le16(0x0008) + le16(0x1155) + le32(6) + "1.2.3 ";
  const std::string item = tag_bytes(0xFFFE, 0xE000) + le32(static_cast<std::uint32_t>(inner.size())) + inner;
  const std::string file = file_with(kExplicitLittleEndian, long_element(0x0008, 0x1140, "UN", static_cast<std::uint32_t>(item.size())) + item);
  const MemorySource source{core::bytes_of(file)};
  const std::uint64_t held = GENERATE(64U, 4U);  // also where its values stay in the file
  CAPTURE(held);
  auto document = Document::read(source, {.held_value_bytes = held});
  REQUIRE(document);
  const Element* const sequence = document->data_set().find(at::kReferencedImageSequence.tag);
  REQUIRE(sequence->items().size() == 1);
  CHECK(written(*document, kExplicitLittleEndian).ends_with(uid_value("1.2.3 ")));
  if (held < 6) return;
  CHECK(trimmed_text(sequence->items()[0].data_set.find(at::kReferencedSOPInstanceUID.tag)) == "1.2.3");
  CHECK(changed(*document) == file);
  REQUIRE(set_value(*document, *TagPath::parse("ReferencedImageSequence[0].ReferencedSOPInstanceUID"), "1.2.3.4.5", SetMode::modify));
  const std::string after = changed(*document);
  const MemorySource again_source{core::bytes_of(after)};
  const auto again = Document::read(again_source);
  CHECK(trimmed_text(again->data_set().find(at::kReferencedImageSequence.tag)->items()[0].data_set.find(at::kReferencedSOPInstanceUID.tag)) ==
        "1.2.3.4.5");
}

TEST_CASE("lengths are right around a change in a sequence that was written as UN") {
  const auto implicit_item = [](const std::string& content) { return item(static_cast<std::uint32_t>(content.size())) + content; };
  const std::string code = implicit_item(implicit_element(0x0008, 0x0104, "old ") + implicit_element(0x0008, 0x0119, "long"));
  const std::string content = implicit_item(implicit_element(0x0040, 0xA043, code));
  const std::string behind = short_element(0x0040, 0xA731, "LO", "behind");
  for (const bool is_open : {false, true}) {
    const std::string unknown = is_open ? long_element(0x0040, 0xA730, "UN", kUndefined) + content + sequence_delimiter()
                                        : long_element(0x0040, 0xA730, "UN", static_cast<std::uint32_t>(content.size())) + content;
    const std::string file = file_with(kExplicitLittleEndian, unknown + behind);
    const MemorySource source{core::bytes_of(file)};
    auto document = Document::read(source);
    REQUIRE(document);
    REQUIRE(set_value(*document, *TagPath::parse("ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning"), "newer", SetMode::modify));
    const std::string after = changed(*document);
    CHECK(after.size() == file.size() + 2);
    const MemorySource again_source{core::bytes_of(after)};
    const auto again = Document::read(again_source);
    REQUIRE(again);
    CHECK_FALSE(again->defect());
    CHECK(again->findings().empty());
    CHECK(again->data_set().elements().size() == 2);
    const auto& concept_name = again->data_set().find(at::kContentSequence.tag)->items()[0].data_set.find(at::kConceptNameCodeSequence.tag)->items()[0];
    CHECK(trimmed_text(concept_name.data_set.find(at::kCodeMeaning.tag)) == "newer");
    CHECK(trimmed_text(concept_name.data_set.find(at::kLongCodeValue.tag)) == "long");
  }
}

TEST_CASE("what is in a sequence that was written as UN is little endian in big endian files, too") {
  const auto be16 = [](unsigned value) { return std::string{static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)}; };
  const std::string content = implicit_element(0x0028, 0x0010, le16(2));
  const std::string file = file_with(kExplicitBigEndian, be16(0x0008) + be16(0x0060) + "CS" + be16(2) + "OT" + be16(0x0040) + be16(0xA730) + "UN" +
                                                             be16(0) + be16(0xFFFF) + be16(0xFFFF) +
                                                             item(static_cast<std::uint32_t>(content.size())) + content + sequence_delimiter());
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  REQUIRE_FALSE(document->defect());
  const Element* const rows = document->data_set().find(at::kContentSequence.tag)->items()[0].data_set.find(at::kRows.tag);
  REQUIRE(rows != nullptr);
  CHECK(core::text_of(rows->bytes()) == le16(2));
}

TEST_CASE("compressed pixels in a sequence that was written as UN are these bytes") {
  const std::string pixels = implicit_element(0x7FE0, 0x0010, "").substr(0, 4) + le32(kUndefined) + item(0) + item(8) + "ABCDEFGH" + sequence_delimiter();
  const std::string content = item(static_cast<std::uint32_t>(pixels.size())) + pixels;
  const std::string file = file_with(kExplicitLittleEndian,
                                     long_element(0x0088, 0x0200, "UN", static_cast<std::uint32_t>(content.size())) + content);
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  CHECK(written(*document, kExplicitLittleEndian).find("ABCDEFGH") != std::string::npos);
}

TEST_CASE("what is no UID in the data set is none in File Meta Information") {
  const std::string meta_uid = short_element(0x0002, 0x0002, "UI", uid_value("1.2.840.10008.5.1.4.1.1.7"));
  const auto class_in_meta = [&](const std::string& class_in_data) {
    std::string file = file_with(kExplicitLittleEndian, short_element(0x0008, 0x0016, "UI", class_in_data));
    file.insert(144, meta_uid);
    const MemorySource source{core::bytes_of(file)};
    const std::string again = written(*Document::read(source), kExplicitLittleEndian);
    const MemorySource again_source{core::bytes_of(again)};
    return std::string{trimmed_text(Document::read(again_source)->meta().find(at::kMediaStorageSOPClassUID.tag))};
  };
  CHECK(class_in_meta(uid_value("1.2.3")) == "1.2.3");
  CHECK(class_in_meta("1.2.A3") == "1.2.840.10008.5.1.4.1.1.7");
  CHECK(class_in_meta(std::string(300, '1')) == "1.2.840.10008.5.1.4.1.1.7");
}

TEST_CASE("a value too long for its VR goes as UN, in little endian, and comes back") {
  std::string numbers;
  for (int i = 0; i < 9000; ++i) numbers += std::string{"\1\2\3\4\5\6\7", 7} + static_cast<char>(i & 0x3F);
  const std::string file = file_with(kImplicitLittleEndian, implicit_element(0x0008, 0x0060, "OT") + implicit_element(0x0040, 0x9212, numbers));
  const MemorySource source{core::bytes_of(file)};
  const std::string big = written(*Document::read(source), kExplicitBigEndian);
  CHECK(big.find(numbers) != std::string::npos);
  const MemorySource big_source{core::bytes_of(big)};
  CHECK(written(*Document::read(big_source), kImplicitLittleEndian).find(numbers) != std::string::npos);
}

TEST_CASE("many small sequences that were written as UN take no more memory than others") {
  const std::string element = long_element(0x0008, 0x1140, "UN", 8) + item(0);
  std::string data_set;
  for (int i = 0; i < 1000; ++i) data_set += element;
  const std::string file = file_with(kExplicitLittleEndian, data_set);
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source, {.elements = 2100});
  REQUIRE(document);
  CHECK_FALSE(document->defect());
  CHECK(document->data_set().elements()[999].is_sequence());
}

TEST_CASE("a deflate bomb stops at the limit") {
  std::string data_set = long_element(0x7FE0, 0x0010, "OB", 1'000'000) + std::string(1'000'000, '\0');
  const std::string plain = file_with(kExplicitLittleEndian, data_set);
  const MemorySource plain_source{core::bytes_of(plain)};
  const std::string bomb = written(*Document::read(plain_source), kDeflated);
  CHECK(bomb.size() < 3000);
  const MemorySource source{core::bytes_of(bomb)};
  const auto document = Document::read(source, {.inflated_bytes = 100'000});
  REQUIRE(document);
  REQUIRE(document->defect());
  CHECK(document->defect()->what.find("100000 bytes") != std::string::npos);
}

TEST_CASE("a matching key may be what a value may not") {
  for (const auto& [path, key] : {std::pair{"StudyDate", "20260101-"}, std::pair{"StudyTime", "10-1200"}, std::pair{"PatientName", "D?E*"},
                                  std::pair{"Modality", "US\\C*"}, std::pair{"StudyInstanceUID", "1.2.3\\1.2.4"}}) {
    CAPTURE(path);
    Document identifier;
    REQUIRE(set_value(identifier, *TagPath::parse(path), key, SetMode::ask) == 1U);
    CHECK(trimmed_text(&identifier.data_set().elements()[0]) == key);
  }
  Document identifier;
  REQUIRE(set_value(identifier, *TagPath::parse("ScheduledProcedureStepSequence[0].Modality"), "US", SetMode::ask));
  REQUIRE(set_value(identifier, *TagPath::parse("ScheduledProcedureStepSequence[0].ScheduledStationAETitle"), "", SetMode::ask));
  CHECK(identifier.data_set().find(at::kScheduledProcedureStepSequence.tag)->items()[0].data_set.elements().size() == 2);
  CHECK_FALSE(set_value(identifier, *TagPath::parse("StudyDate"), "20260101-", SetMode::insert));
  CHECK_FALSE(set_value(identifier, *TagPath::parse("StudyDate"), "soon", SetMode::ask));
}

TEST_CASE("tag paths are read as people write them") {
  CHECK(TagPath::parse("PatientName")->text() == "PatientName");
  CHECK(TagPath::parse("00100010")->text() == "PatientName");
  CHECK(TagPath::parse("(0010,0010)")->text() == "PatientName");
  CHECK(TagPath::parse("0010,0010")->text() == "PatientName");
  CHECK(TagPath::parse("0040A730[0].0040A043")->text() == "ContentSequence[0].ConceptNameCodeSequence");
  CHECK(TagPath::parse("(0040,a730).(0040,A043)[*].CodeValue")->text() == "ContentSequence[0].ConceptNameCodeSequence[*].CodeValue");
  CHECK(TagPath::parse("(0029,\"SIEMENS CSA HEADER\",10)")->text() == "(0029,\"SIEMENS CSA HEADER\",10)");
  CHECK(TagPath::parse("(0029,1010)")->text() == "(0029,1010)");
  for (const char* bad : {"", ".", "PatientNam", "PatientName.", "(0010,001)", "(0010,0010", "PatientName[", "PatientName[x]",
                          "(0028,\"A\",10)", "(0029,\"\",10)", "PatientName x"}) {
    CAPTURE(bad);
    CHECK_FALSE(TagPath::parse(bad));
  }
  CHECK(TagPath::parse("patientname").error().what.find("PatientName?") != std::string::npos);
}
