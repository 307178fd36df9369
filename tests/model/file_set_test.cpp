// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <scanferry/model/file_set.hpp>

#include "example_object.hpp"

using namespace scanferry;
using namespace scanferry::model;
using namespace scanferry::tests;

namespace at = core::attribute;

namespace {

constexpr const char* kCtImage = "1.2.840.10008.5.1.4.1.1.2";

/// What an object is made of; empty: not there.
struct Keys {
  std::string uid;
  std::string number{"1"};
  std::string patient{"P1"};
  std::string study{"1.2.1"};
  std::string series{"1.2.1.1"};
  std::string series_number{"1"};
  std::string date{"20260102"};
  std::string sop_class{kCtImage};
  std::string name{"Doe^Jane"};
  std::string birth_date{};
  std::string characters{};
  std::string more{};  ///< elements behind (0028,0010)
};

std::string element_or_nothing(unsigned group, unsigned element, const std::string& vr, const std::string& value) {
  return value.empty() ? std::string{} : short_element(group, element, vr, vr == "UI" ? uid_value(value) : padded(value));
}

std::string object_file(const Keys& keys) {
  return file_with(kExplicitLittleEndian,
                   element_or_nothing(0x0008, 0x0005, "CS", keys.characters) + element_or_nothing(0x0008, 0x0016, "UI", keys.sop_class) +
                       element_or_nothing(0x0008, 0x0018, "UI", keys.uid) + element_or_nothing(0x0008, 0x0020, "DA", keys.date) +
                       element_or_nothing(0x0008, 0x0030, "TM", keys.date.empty() ? "" : "101112") +
                       short_element(0x0008, 0x0060, "CS", "CT") + element_or_nothing(0x0010, 0x0010, "PN", keys.name) +
                       element_or_nothing(0x0010, 0x0020, "LO", keys.patient) + element_or_nothing(0x0010, 0x0030, "DA", keys.birth_date) +
                       element_or_nothing(0x0020, 0x000D, "UI", keys.study) + element_or_nothing(0x0020, 0x000E, "UI", keys.series) +
                       short_element(0x0020, 0x0010, "SH", "ID") + element_or_nothing(0x0020, 0x0011, "IS", keys.series_number) +
                       element_or_nothing(0x0020, 0x0013, "IS", keys.number) + short_element(0x0028, 0x0010, "US", le16(8)) + keys.more);
}

Result<std::size_t> add(DirectoryBuilder& builder, const Keys& keys, FileId file_id = {}) {
  const std::string file = object_file(keys);
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  REQUIRE_FALSE(document->defect());
  return builder.add(*document, std::move(file_id));
}

std::string directory_of(const std::vector<Keys>& objects, std::string file_set_id = "TEST") {
  DirectoryBuilder builder{std::move(file_set_id)};
  for (const Keys& keys : objects) REQUIRE(add(builder, keys));
  builder.name_files("DICOM");
  StringSink sink;
  REQUIRE(builder.write(sink));
  return std::move(sink.text);
}

/// A directory with all that it borrows from.
struct Opened {
  std::string bytes;
  std::unique_ptr<MemorySource> source;
  Document document;
  Directory directory;
};

Opened open(std::string bytes) {
  Opened opened;
  opened.bytes = std::move(bytes);
  opened.source = std::make_unique<MemorySource>(core::bytes_of(opened.bytes));
  auto document = Document::read(*opened.source);
  REQUIRE(document);
  opened.document = std::move(*document);
  auto directory = read_directory(opened.document);
  REQUIRE(directory);
  opened.directory = std::move(*directory);
  return opened;
}

std::string key(const DirectoryRecord& record, core::Attribute attribute) {
  return std::string{trimmed_text(record.keys->find(attribute.tag))};
}

/// "PATIENT(STUDY(SERIES(IMAGE IMAGE)))"
std::string shape(const std::vector<DirectoryRecord>& records) {
  std::string text;
  for (const DirectoryRecord& record : records) {
    text.append(text.empty() ? "" : " ").append(record.type);
    if (!record.lower.empty()) text.append("(").append(shape(record.lower)).append(")");
  }
  return text;
}

/// Where a record is in a file that is in memory.
std::size_t place_of(const DirectoryRecord& record) { return static_cast<std::size_t>(record.offset); }

std::vector<const DirectoryRecord*> flat(const std::vector<DirectoryRecord>& records) {
  std::vector<const DirectoryRecord*> all;
  for (const DirectoryRecord& record : records) {
    all.push_back(&record);
    const auto below = flat(record.lower);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

std::size_t depth_of(const std::vector<DirectoryRecord>& records) {
  std::size_t depth = 0;
  for (const DirectoryRecord& record : records) depth = std::max(depth, 1 + depth_of(record.lower));
  return depth;
}

// Where the links are in a record that we have written: behind the header of the item, each with a header of 8 bytes.
constexpr std::size_t kNextAt = 8 + 8;
constexpr std::size_t kInUseAt = kNextAt + 4 + 8;
constexpr std::size_t kLowerAt = kInUseAt + 2 + 8;

std::string with_number(std::string bytes, std::size_t at, std::size_t value) {
  return bytes.replace(at, 4, le32(static_cast<std::uint32_t>(value)));
}

/// Where the value of the root's first offset is.
std::size_t first_offset_at(const std::string& bytes) { return bytes.find(tag_bytes(0x0004, 0x1200)) + 8; }

const std::vector<Keys> kTwoPatients{
    {.uid = "1.3.1", .number = "2"},
    {.uid = "1.3.2", .number = "10"},
    {.uid = "1.3.3", .number = "1", .series = "1.2.1.2", .series_number = "2"},
    {.uid = "1.3.4", .patient = "P0", .study = "1.2.2", .series = "1.2.2.1"},
};
constexpr const char* kTwoPatientsShape = "PATIENT(STUDY(SERIES(IMAGE))) PATIENT(STUDY(SERIES(IMAGE IMAGE) SERIES(IMAGE)))";

}  // namespace

TEST_CASE("a File ID has up to 8 components of up to 8 capital letters, digits and underscores") {
  for (const auto& [file_id, is_legal] : {
           std::pair{FileId{"DICOM", "A_000001"}, true},
           {FileId{"1", "2", "3", "4", "5", "6", "7", "8"}, true},
           {FileId{}, false},
           {FileId{"A", ""}, false},
           {FileId{"123456789"}, false},
           {FileId{"dicom"}, false},
           {FileId{"A.DCM"}, false},
           {FileId{".."}, false},
           {FileId{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, false},
       }) {
    CAPTURE(path_of(file_id));
    CHECK(is_legal_file_id(file_id) == is_legal);
  }
  CHECK(DirectoryBuilder::is_legal_file_set_id(""));
  CHECK(DirectoryBuilder::is_legal_file_set_id("MY USB_STICK 123"));
  CHECK_FALSE(DirectoryBuilder::is_legal_file_set_id("my usb"));
  CHECK_FALSE(DirectoryBuilder::is_legal_file_set_id("12345678901234567"));
}

TEST_CASE("a directory holds each object below its series, study and patient, in order") {
  const auto [bytes, source, document, directory] = open(directory_of(kTwoPatients));
  CHECK_FALSE(document.defect());
  CHECK(directory.findings.empty());
  CHECK(document.findings().empty());
  CHECK(document.transfer_syntax() == kExplicitLittleEndian);
  CHECK(trimmed_text(document.meta().find(at::kMediaStorageSOPClassUID.tag)) == "1.2.840.10008.1.3.10");
  CHECK(directory.file_set_id == "TEST");
  REQUIRE(shape(directory.records) == kTwoPatientsShape);
  CHECK(key(directory.records[0], at::kPatientID) == "P0");
  const DirectoryRecord& study = directory.records[1].lower[0];
  CHECK(key(study, at::kStudyInstanceUID) == "1.2.1");
  CHECK(key(study, at::kStudyDate) == "20260102");
  CHECK(study.keys->find(at::kAccessionNumber.tag) != nullptr);  // type 2
  CHECK(key(study.lower[0], at::kModality) == "CT");
  const DirectoryRecord& image = study.lower[0].lower[1];
  CHECK(key(image, at::kInstanceNumber) == "10");
  CHECK(path_of(image.file_id) == "DICOM/PA000002/ST000001/SE000001/IN000002");
  CHECK(image.sop_class_uid == kCtImage);
  CHECK(image.sop_instance_uid == "1.3.2");
  CHECK(image.transfer_syntax_uid == kExplicitLittleEndian);
  CHECK(study.file_id.empty());
}

TEST_CASE("the same objects make the same directory, others make another one") {
  const auto uid_of = [](const Opened& opened) {
    return std::string{trimmed_text(opened.document.meta().find(at::kMediaStorageSOPInstanceUID.tag))};
  };
  CHECK(directory_of(kTwoPatients) == directory_of(kTwoPatients));
  CHECK(uid_of(open(directory_of(kTwoPatients))) != uid_of(open(directory_of({kTwoPatients[0]}))));
  CHECK(uid_of(open(directory_of(kTwoPatients))) != uid_of(open(directory_of(kTwoPatients, "OTHER"))));
}

TEST_CASE("an empty File-set has a directory, too") {
  const auto opened = open(directory_of({}, ""));
  CHECK(opened.directory.records.empty());
  CHECK(opened.directory.findings.empty());
}

TEST_CASE("the SOP class decides what record an object gets") {
  const std::map<std::string, std::string> types{
      {"1.2.840.10008.5.1.4.1.1.2", "IMAGE"},
      {"1.2.840.10008.5.1.4.1.1.481.1", "IMAGE"},
      {"1.2.840.10008.5.1.4.1.1.481.2", "RT DOSE"},
      {"1.2.840.10008.5.1.4.1.1.481.3", "RT STRUCTURE SET"},
      {"1.2.840.10008.5.1.4.1.1.481.5", "RT PLAN"},
      {"1.2.840.10008.5.1.4.1.1.481.8", "RT PLAN"},
      {"1.2.840.10008.5.1.4.1.1.481.9", "RT TREAT RECORD"},
      {"1.2.840.10008.5.1.4.1.1.481.10", "RADIOTHERAPY"},
      {"1.2.840.10008.5.1.4.34.7", "PLAN"},
      {"1.2.840.10008.5.1.4.1.1.11.1", "PRESENTATION"},
      {"1.2.840.10008.5.1.4.1.1.9.1.1", "WAVEFORM"},
      {"1.2.840.10008.5.1.4.1.1.88.33", "SR DOCUMENT"},
      {"1.2.840.10008.5.1.4.1.1.88.59", "KEY OBJECT DOC"},
      {"1.2.840.10008.5.1.4.1.1.104.1", "ENCAP DOC"},
      {"1.2.840.10008.5.1.4.1.1.66", "RAW DATA"},
      {"1.2.840.10008.5.1.4.1.1.66.1", "REGISTRATION"},
      {"1.2.840.10008.5.1.4.1.1.66.4", "IMAGE"},
      {"1.2.840.10008.5.1.4.1.1.67", "VALUE MAP"},
      {"1.2.840.10008.5.1.4.1.1.4.2", "SPECTROSCOPY"},
      {"1.2.840.10008.5.1.4.1.1.91.1", "ANNOTATION"},
      {"1.2.3.4", "IMAGE"},  // it has rows
  };
  for (const auto& [sop_class, type] : types) {
    CAPTURE(sop_class);
    const auto opened = open(directory_of({{.uid = "1.3.1", .sop_class = sop_class}}));
    CHECK(shape(opened.directory.records) == "PATIENT(STUDY(SERIES(" + type + ")))");
    CHECK(opened.directory.findings.empty());
  }
  const auto opened = open(directory_of({{.uid = "1.3.1"}, {.uid = "1.3.2", .sop_class = "1.2.840.10008.5.1.4.38.1"}}));
  CHECK(shape(opened.directory.records) == "PATIENT(STUDY(SERIES(IMAGE))) HANGING PROTOCOL");
  CHECK(path_of(opened.directory.records[1].file_id) == "DICOM/IN000001");
}

TEST_CASE("what an object lacks and a directory must have is made up, and told") {
  DirectoryBuilder builder{""};
  REQUIRE(add(builder, {.uid = "1.3.1", .number = "", .patient = "", .date = ""}));
  REQUIRE(add(builder, {.uid = "1.3.2", .number = "7", .patient = "", .date = ""}));
  REQUIRE(add(builder, {.uid = "1.3.3", .number = "", .patient = "", .date = ""}));
  REQUIRE(add(builder, {.uid = "1.3.4", .patient = "UNKNOWN-1", .study = "1.2.2", .series = "", .series_number = ""}));
  builder.name_files("DICOM");
  StringSink sink;
  REQUIRE(builder.write(sink));
  const auto opened = open(sink.text);
  REQUIRE(shape(opened.directory.records) == "PATIENT(STUDY(SERIES(IMAGE IMAGE IMAGE))) PATIENT(STUDY(SERIES(IMAGE)))");
  CHECK(key(opened.directory.records[0], at::kPatientID) == "UNKNOWN-2");  // the other one is somebody's
  const DirectoryRecord& study = opened.directory.records[0].lower[0];
  CHECK(key(study, at::kStudyDate) == "19000101");
  CHECK(key(study, at::kStudyTime) == "000000");
  std::string numbers;
  for (const auto& image : study.lower[0].lower) numbers += key(image, at::kInstanceNumber) + " ";
  CHECK(numbers == "7 8 9 ");
  const DirectoryRecord& other = opened.directory.records[1].lower[0].lower[0];
  CHECK(key(other, at::kSeriesNumber) == "1");
  CHECK(key(other, at::kSeriesInstanceUID).starts_with("2.25."));
  CHECK(builder.notes().size() == 6);
}

TEST_CASE("objects without a patient's ID belong together by name and birth date, or by their study") {
  const auto patients = [](const std::vector<Keys>& objects) { return open(directory_of(objects)).directory.records.size(); };
  const Keys one{.uid = "1.3.1", .patient = "", .study = "1.2.1"};
  const Keys other_study{.uid = "1.3.2", .patient = "", .study = "1.2.2"};
  CHECK(patients({one, other_study}) == 2);
  const auto born = [](Keys keys) {
    keys.birth_date = "19700101";
    return keys;
  };
  CHECK(patients({born(one), born(other_study)}) == 1);
}

TEST_CASE("a date of the acquisition stands for the study's, and old forms of dates become present ones") {
  const std::string content_date = short_element(0x0008, 0x0023, "DA", "20251231");
  Keys keys{.uid = "1.3.1", .date = ""};
  std::string file = object_file(keys);
  file.insert(file.find(tag_bytes(0x0008, 0x0060)), content_date);
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  DirectoryBuilder builder{""};
  REQUIRE(builder.add(*document, {"A"}));
  StringSink sink;
  REQUIRE(builder.write(sink));
  CHECK(key(open(sink.text).directory.records[0].lower[0], at::kStudyDate) == "20251231");
  CHECK(key(open(directory_of({{.uid = "1.3.1", .date = "1993.11.24"}})).directory.records[0].lower[0], at::kStudyDate) == "19931124");
}

TEST_CASE("a record names its character set where its text needs one") {
  const auto opened = open(directory_of({{.uid = "1.3.1", .name = "M\xFCller", .characters = "ISO_IR 100"}}));
  const DirectoryRecord& patient = opened.directory.records[0];
  CHECK(key(patient, at::kSpecificCharacterSet) == "ISO_IR 100");
  CHECK(key(patient, at::kPatientName) == "M\xFCller");
  CHECK(patient.lower[0].keys->find(at::kSpecificCharacterSet.tag) == nullptr);
}

TEST_CASE("the record of a document has its title, what modifies it, and when it was verified") {
  const auto sequence = [](unsigned group, unsigned element, const std::vector<std::string>& items) {
    std::string content;
    for (const std::string& one : items) content += item(static_cast<std::uint32_t>(one.size())) + one;
    return long_element(group, element, "SQ", static_cast<std::uint32_t>(content.size())) + content;
  };
  const auto verified = [](const char* when) { return short_element(0x0040, 0xA030, "DT", when); };
  const std::string more =
      sequence(0x0040, 0xA043, {short_element(0x0008, 0x0100, "SH", "T1")}) +
      sequence(0x0040, 0xA073, {verified("20260103"), verified("20260105"), verified("20260104")}) +
      short_element(0x0040, 0xA491, "CS", "COMPLETE") + short_element(0x0040, 0xA493, "CS", "VERIFIED") +
      sequence(0x0040, 0xA730, {short_element(0x0040, 0xA010, "CS", "CONTAINS"), short_element(0x0040, 0xA010, "CS", "HAS CONCEPT MOD ")});
  const auto opened = open(directory_of({{.uid = "1.3.1", .sop_class = "1.2.840.10008.5.1.4.1.1.88.33", .more = more}}));
  const DirectoryRecord& document = opened.directory.records[0].lower[0].lower[0].lower[0];
  REQUIRE(document.type == "SR DOCUMENT");
  CHECK(key(document, at::kVerificationDateTime) == "20260105");
  CHECK(key(document, at::kCompletionFlag) == "COMPLETE");
  REQUIRE(document.keys->find(at::kConceptNameCodeSequence.tag)->items().size() == 1);
  const Element* const modifiers = document.keys->find(at::kContentSequence.tag);
  REQUIRE(modifiers->items().size() == 1);
  CHECK(trimmed_text(modifiers->items()[0].data_set.find(at::kRelationshipType.tag)) == "HAS CONCEPT MOD");
}

TEST_CASE("an object that cannot be in the set is refused, and the set is as it was") {
  DirectoryBuilder builder{""};
  REQUIRE(add(builder, {.uid = "1.3.1"}, {"A"}));
  CHECK(builder.has("1.3.1"));
  CHECK_FALSE(add(builder, {.uid = "1.3.1"}, {"B"}));
  CHECK_FALSE(add(builder, {.uid = ""}, {"B"}));
  CHECK_FALSE(add(builder, {.uid = "1.3.2", .sop_class = ""}, {"B"}));
  CHECK_FALSE(add(builder, {.uid = "1.3.2", .sop_class = "1.2.840.10008.1.3.10"}, {"B"}));
  CHECK_FALSE(add(builder, {.uid = "1.3.2"}, {"b"}));
  CHECK(builder.size() == 1);
  StringSink sink;
  REQUIRE(builder.write(sink));
  CHECK(shape(open(sink.text).directory.records) == "PATIENT(STUDY(SERIES(IMAGE)))");
}

TEST_CASE("a directory is not written without a name of its own for each file") {
  for (const FileId& second : {FileId{"A"}, FileId{}}) {
    DirectoryBuilder builder{""};
    REQUIRE(add(builder, {.uid = "1.3.1"}, {"A"}));
    REQUIRE(add(builder, {.uid = "1.3.2"}, second));
    StringSink sink;
    CHECK_FALSE(builder.write(sink));
    CHECK(sink.text.empty());
  }
}

TEST_CASE("a file that is no directory is said to be none") {
  const std::string file = example_file();
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  CHECK_FALSE(read_directory(*document));
}

TEST_CASE("whatever the offsets are, each record in use is there once") {
  const std::string bytes = directory_of(kTwoPatients);
  const auto good = open(bytes);
  const auto records = flat(good.directory.records);
  std::vector<std::size_t> targets{0, 1, bytes.size(), 0xFFFFFFFF};
  std::vector<std::size_t> places{first_offset_at(bytes)};
  for (const auto* record : records) {
    targets.push_back(place_of(*record));
    places.push_back(place_of(*record) + kNextAt);
    places.push_back(place_of(*record) + kLowerAt);
  }
  for (const std::size_t place : places) {
    for (const std::size_t target : targets) {
      CAPTURE(place, target);
      const auto damaged = open(with_number(bytes, place, target));
      std::set<std::uint64_t> seen;
      for (const auto* record : flat(damaged.directory.records)) CHECK(seen.insert(record->offset).second);
      CHECK(seen.size() == records.size());
      CHECK((damaged.bytes == bytes || !damaged.directory.findings.empty()));
    }
  }
}

TEST_CASE("a directory without a way in is read in the order of the file") {
  const std::string bytes = directory_of(kTwoPatients);
  std::string blank = with_number(bytes, first_offset_at(bytes), 0);
  CHECK(shape(open(blank).directory.records) == kTwoPatientsShape);
  const auto good = open(bytes);
  for (const auto* record : flat(good.directory.records)) {
    blank = with_number(with_number(blank, place_of(*record) + kNextAt, 0), place_of(*record) + kLowerAt, 0);
  }
  const auto opened = open(blank);
  CHECK(shape(opened.directory.records) == kTwoPatientsShape);
  CHECK(opened.directory.findings.size() == 1);
}

TEST_CASE("a record that is not in use is left out, and so are those below it") {
  std::string bytes = directory_of(kTwoPatients);
  const auto good = open(bytes);
  const auto& series = good.directory.records[1].lower[0].lower[0];
  bytes.replace(place_of(series) + kInUseAt, 2, le16(0));
  const auto opened = open(bytes);
  CHECK(shape(opened.directory.records) == "PATIENT(STUDY(SERIES(IMAGE))) PATIENT(STUDY(SERIES(IMAGE)))");
  CHECK(opened.directory.findings.empty());
}

TEST_CASE("a chain of levels without end is cut") {
  std::vector<Keys> objects;
  for (int i = 0; i < 100; ++i) {
    const std::string number = std::to_string(i);
    objects.push_back({.uid = "1.3." + number, .patient = "P" + number, .study = "1.2." + number});
  }
  std::string bytes = directory_of(objects);
  const auto good = open(bytes);
  for (std::size_t i = 0; i + 1 < good.directory.records.size(); ++i) {
    const auto place = place_of(good.directory.records[i]);
    bytes = with_number(with_number(bytes, place + kNextAt, 0), place + kLowerAt, place_of(good.directory.records[i + 1]));
  }
  const auto opened = open(bytes);
  CHECK(depth_of(opened.directory.records) <= Directory::kDepthMax + 1);
  CHECK(flat(opened.directory.records).size() == 400);
  CHECK_FALSE(opened.directory.findings.empty());
}

TEST_CASE("a File ID never leads out of the File-set") {
  const std::string bytes = directory_of({{.uid = "1.3.1"}});
  const std::string name = "DICOM\\PA000001\\ST000001\\SE000001\\IN000001";
  for (const std::string bad : {"..\\..\\etc\\passwd", "A\\.\\B", "A\\\\B", "/etc/passwd", "A\\B/C", "\\A"}) {
    CAPTURE(bad);
    std::string hostile = bytes;
    hostile.replace(hostile.find(name), name.size(), bad + std::string(name.size() - bad.size(), ' '));
    const auto opened = open(hostile);
    CHECK(flat(opened.directory.records).back()->file_id.empty());
    CHECK(opened.directory.findings.size() == 1);
  }
}

TEST_CASE("a directory that is cut gives what is before the cut") {
  const std::string bytes = directory_of(kTwoPatients);
  const std::size_t all = flat(open(bytes).directory.records).size();
  for (std::size_t size = 400; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    const MemorySource source{core::bytes_of(cut)};
    const auto document = Document::read(source);
    REQUIRE(document);
    const auto directory = read_directory(*document);
    if (directory) CHECK(flat(directory->records).size() <= all);
  }
}

TEST_CASE("a file's name may be in a record that several refer to") {
  const auto record = [](const std::string& type, const std::string& more) {
    const std::string content = short_element(0x0004, 0x1400, "UL", le32(0)) + short_element(0x0004, 0x1410, "US", le16(0xFFFF)) +
                                short_element(0x0004, 0x1420, "UL", le32(0)) + short_element(0x0004, 0x1430, "CS", padded(type)) + more;
    return item(static_cast<std::uint32_t>(content.size())) + content;
  };
  const std::string shared = record("MRDR", short_element(0x0004, 0x1500, "CS", "A\\B "));
  const auto file = [&](std::size_t first) {
    const std::string image = record("IMAGE", short_element(0x0004, 0x1504, "UL", le32(static_cast<std::uint32_t>(first))));
    const std::string records = shared + image;
    return file_with(kExplicitLittleEndian, short_element(0x0004, 0x1200, "UL", le32(static_cast<std::uint32_t>(first + shared.size()))) +
                                                long_element(0x0004, 0x1220, "SQ", static_cast<std::uint32_t>(records.size())) + records);
  };
  const std::size_t first = file(0).find(item(static_cast<std::uint32_t>(shared.size() - 8)));
  const auto opened = open(file(first));
  REQUIRE(shape(opened.directory.records) == "IMAGE");
  CHECK(path_of(opened.directory.records[0].file_id) == "A/B");
  CHECK(opened.directory.findings.empty());
}
