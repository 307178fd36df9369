// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <map>
#include <string>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/element_reader.hpp>
#include <scanferry/core/image_header.hpp>

#include "dictionary_rows.hpp"
#include "example_image.hpp"

// Compiled twice: with the full dictionary and with the trimmed one.

using namespace scanferry::core;
using namespace scanferry::tests;

namespace {

std::string vm_text(const Multiplicity& vm) {
  const std::string min = std::to_string(vm.min);
  if (vm.max == 0) return min + "-" + (vm.step == 1 ? "" : std::to_string(vm.step)) + "n";
  return vm.min == vm.max ? min : min + "-" + std::to_string(vm.max);
}

std::set<std::string> codes_in(const DictionaryEntry& entry) {
  std::set<std::string> codes;
  for (int i = 0; i <= static_cast<int>(Vr::uv); ++i) {
    if (entry.allows(static_cast<Vr>(i))) codes.emplace(code_of(static_cast<Vr>(i)));
  }
  return codes;
}

std::set<std::string> codes_in(const std::string& vrs) {
  if (vrs == "NONE") return {};
  std::set<std::string> codes;
  for (std::size_t at = 0; at < vrs.size(); at += std::string{"OB or "}.size()) codes.insert(vrs.substr(at, 2));
  return codes;
}

void check_entry(const DictionaryEntry& entry, const AttributeRow& row) {
  CHECK(entry.keyword == row.keyword);
  CHECK(codes_in(entry) == codes_in(row.vrs));
  CHECK((entry.vr == Vr::unknown ? row.vrs == "NONE" : entry.allows(entry.vr)));
  CHECK(vm_text(entry.vm) == row.vm);
  CHECK(entry.is_retired == row.is_retired);
  CHECK(entry.is_repeating() == row.pattern.repeats());
  CHECK(row.pattern.matches(entry.tag));
  CHECK(vr_in_dictionary(entry.tag) == entry.vr);
  if (!row.pattern.repeats()) CHECK(entry.tag == row.pattern.tag);
  if (kIsFull) CHECK(entry.name().view() == row.name);
}

/// An image of which everything is known.
ImageDescription described_image(Iod iod) {
  ImageDescription image = example_image(iod);
  image.lossy = true;
  image.patient_name = image.referring_physician_name = "Doe^Jane";
  image.patient_id = image.accession_number = image.study_id = image.device_serial_number = "1";
  image.patient_birth_date = image.study_date = image.content_date = "20200101";
  image.study_time = image.content_time = "120000";
  image.timezone_offset = "+0100";
  image.patient_sex = "O";
  image.study_description = image.series_description = image.manufacturer = image.model_name = "Text";
  image.software_version = image.station_name = image.institution_name = "Text";
  image.body_part = "BREAST";
  image.laterality = "L";
  return image;
}

/// The table, looked at in the plainest way.
class PlainTable {
 public:
  PlainTable() {
    for (const AttributeRow& row : attribute_rows()) {
      if (!row.is_here) continue;
      if (row.pattern.repeats()) {
        repeating_.push_back(&row);
      } else {
        exact_[row.pattern.tag] = &row;
      }
    }
  }

  [[nodiscard]] const AttributeRow* find(Tag tag) const {
    if (const auto found = exact_.find(tag); found != exact_.end()) return found->second;
    if (tag.group % 2 != 0 || tag.element == 0) return nullptr;
    for (const AttributeRow* row : repeating_) {
      if (row->pattern.matches(tag)) return row;
    }
    return nullptr;
  }

 private:
  std::map<Tag, const AttributeRow*> exact_;
  std::vector<const AttributeRow*> repeating_;
};

}  // namespace

TEST_CASE("every attribute of the table is found by its tag and by its keyword") {
  std::size_t here = 0;
  for (const AttributeRow& row : attribute_rows()) {
    CAPTURE(row.keyword, row.pattern.tag.group, row.pattern.tag.element);
    const auto by_keyword = find_keyword(row.keyword);
    REQUIRE(by_keyword.has_value() == (row.is_here && !row.keyword.empty()));
    if (!row.is_here) continue;
    ++here;
    if (by_keyword) check_entry(*by_keyword, row);
    const auto by_tag = find_entry(by_keyword ? by_keyword->tag : row.pattern.tag);
    REQUIRE(by_tag.has_value());
    check_entry(*by_tag, row);
  }
  CHECK(dictionary_size() == here);
  CHECK(here > (kIsFull ? 5300U : 500U));
}

TEST_CASE("the rows ascend by tag without doubles, those that repeat at the end") {
  for (std::size_t i = 1; i < dictionary_size(); ++i) {
    const auto before = dictionary_entry(i - 1);
    const auto entry = dictionary_entry(i);
    CAPTURE(before.keyword, entry.keyword);
    CHECK(before.is_repeating() <= entry.is_repeating());
    if (!entry.is_repeating()) CHECK(before.tag < entry.tag);
  }
}

TEST_CASE("each tag of a group leads to what the table says, and to nothing else") {
  const PlainTable table;
  const std::uint16_t groups[] = {0x0000, 0x0002, 0x0007, 0x0008, 0x0020, 0x0028, 0x0029, 0x1000, 0x1010, 0x5002,
                                  0x5003, 0x60FE, 0x7F00, 0x7FE0, 0x7FE1, 0xFFFE, 0xFFFF};
  std::size_t wrong = 0;
  for (const std::uint16_t group : groups) {
    for (unsigned element = 0; element <= 0xFFFF; ++element) {
      const Tag tag{group, static_cast<std::uint16_t>(element)};
      const AttributeRow* const row = table.find(tag);
      const auto entry = find_entry(tag);
      const bool is_by_rule = element == 0 || group % 2 != 0;
      const bool is_right = row != nullptr ? entry && entry->keyword == row->keyword : entry.has_value() == is_by_rule;
      const bool has_vr = vr_in_dictionary(tag) == (entry ? entry->vr : Vr::unknown);
      if (is_right && has_vr) continue;
      ++wrong;
      CAPTURE(tag.group, tag.element);
      CHECK((is_right && has_vr));
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("what repeats is found wherever it counts") {
  struct Row {
    Tag tag;
    const char* keyword;
    bool is_in_trimmed;
  };
  const Row rows[] = {
      {{0x6000, 0x3000}, "OverlayData", true},
      {{0x601E, 0x3000}, "OverlayData", true},
      {{0x60FE, 0x0010}, "OverlayRows", true},
      {{0x6001, 0x3000}, "PrivateData", true},
      {{0x6002, 0x0000}, "GenericGroupLength", true},
      {{0x6002, 0x3001}, "", true},
      {{0x5010, 0x0005}, "CurveDimensions", false},
      {{0x7F02, 0x0010}, "VariablePixelData", false},
      {{0x7FE0, 0x0010}, "PixelData", true},
      {{0x0020, 0x3100}, "SourceImageIDs", false},
      {{0x0020, 0x31FF}, "SourceImageIDs", false},
      {{0x0020, 0x3200}, "", true},
      {{0x0028, 0x0400}, "TransformLabel", false},
      {{0x0028, 0x0410}, "RowsForNthOrderCoefficients", false},
      {{0x0028, 0x04F3}, "CoefficientCodingPointers", false},
      {{0x0028, 0x04F4}, "", true},
      {{0x1000, 0x0010}, "EscapeTriplet", false},
      {{0x1000, 0xFFF5}, "ShiftTableTriplet", false},
      {{0x1000, 0xFFF6}, "", true},
      {{0x1000, 0x0000}, "GenericGroupLength", true},
      {{0x1010, 0x0001}, "ZonalMap", false},
      {{0x1010, 0xFFFF}, "ZonalMap", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.tag.group, row.tag.element);
    const auto found = find_entry(row.tag);
    const bool is_known = kIsFull || row.is_in_trimmed;
    CHECK((found ? found->keyword : "") == (is_known ? row.keyword : ""));
  }
  CHECK(find_entry({0x6004, 0x3000})->tag == Tag{0x6000, 0x3000});
  CHECK(find_entry({0x6004, 0x3000})->mask == Tag{0xFF00, 0xFFFF});
  CHECK(attribute::kOverlayData.tag == Tag{0x6000, 0x3000});
}

TEST_CASE("tags outside of the dictionary are described by rule") {
  struct Row {
    Tag tag;
    Vr vr;
    const char* keyword;
    const char* vm;
  };
  const Row rows[] = {
      {{0x0008, 0x0000}, Vr::ul, "GenericGroupLength", "1"},
      {{0x0009, 0x0000}, Vr::ul, "GenericGroupLength", "1"},
      {{0x0009, 0x0010}, Vr::lo, "PrivateCreator", "1"},
      {{0x0009, 0x00FF}, Vr::lo, "PrivateCreator", "1"},
      {{0x0009, 0x000F}, Vr::unknown, "PrivateData", "1-n"},
      {{0x0009, 0x0100}, Vr::unknown, "PrivateData", "1-n"},
      {{0x0009, 0x1001}, Vr::unknown, "PrivateData", "1-n"},
      {{0xFFFF, 0xFFFF}, Vr::unknown, "PrivateData", "1-n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.tag.group, row.tag.element);
    const auto found = find_entry(row.tag);
    REQUIRE(found.has_value());
    CHECK(found->tag == row.tag);
    CHECK(found->vr == row.vr);
    CHECK(found->keyword == row.keyword);
    CHECK(vm_text(found->vm) == row.vm);
    CHECK(found->allows(row.vr) == (row.vr != Vr::unknown));
    CHECK(vr_in_dictionary(row.tag) == row.vr);
    CHECK_FALSE(find_keyword(row.keyword).has_value());
  }
  CHECK(find_entry({0x0009, 0x1001})->allows(Vr::sq));
  CHECK_FALSE(find_entry({0x0008, 0xFFFF}).has_value());
  CHECK(vr_in_dictionary({0x0008, 0xFFFF}) == Vr::unknown);
}

TEST_CASE("what is nearly a keyword is none") {
  for (const char* text : {"", "P", "patientName", "PatientNam", "PatientNames", "PatientName ", "Patient Name", "ZZZ", "\xFF"}) {
    CAPTURE(text);
    CHECK_FALSE(find_keyword(text).has_value());
  }
  CHECK(find_keyword("PatientName")->tag == attribute::kPatientName.tag);
}

TEST_CASE("where the standard leaves a choice, the VR is the one of Implicit VR") {
  CHECK(attribute::kPixelData.vr == Vr::ow);
  CHECK(attribute::kSmallestImagePixelValue.vr == Vr::us);
  CHECK(attribute::kLUTData.vr == Vr::ow);
  CHECK(vr_in_dictionary(attribute::kPixelData.tag) == Vr::ow);
  CHECK(vr_in_dictionary(attribute::kSmallestImagePixelValue.tag) == Vr::us);
}

TEST_CASE("names are the keyword with blanks, or what the full dictionary has beside it") {
  CHECK(find_keyword("SOPInstanceUID")->name() == "SOP Instance UID");
  CHECK(find_keyword("DateOfSecondaryCapture")->name() == "Date of Secondary Capture");
  CHECK(find_keyword("AcquisitionDateTime")->name() == "Acquisition DateTime");
  CHECK(find_keyword("PatientName")->name() == (kIsFull ? "Patient's Name" : "Patient Name"));
}

TEST_CASE("the number of values is tested with its steps") {
  CHECK(Multiplicity{1, 0, 1}.allows(1000));
  CHECK_FALSE(Multiplicity{1, 0, 1}.allows(0));
  CHECK(Multiplicity{3, 0, 3}.allows(9));
  CHECK_FALSE(Multiplicity{3, 0, 3}.allows(10));
  CHECK(Multiplicity{1, 3, 1}.allows(3));
  CHECK_FALSE(Multiplicity{1, 3, 1}.allows(4));
}

TEST_CASE("private data belongs to the creator that its element names") {
  CHECK(private_creator_tag({0x0009, 0x10FF}) == Tag{0x0009, 0x0010});
  CHECK(private_creator_tag({0x0009, 0xFF01}) == Tag{0x0009, 0x00FF});
  CHECK_FALSE(private_creator_tag({0x0009, 0x0010}).has_value());
  CHECK_FALSE(private_creator_tag({0x0009, 0x0FFF}).has_value());
  CHECK_FALSE(private_creator_tag({0x0008, 0x1030}).has_value());
}

TEST_CASE("whatever the encoder writes is in the dictionary") {
  for (int i = 0; i <= static_cast<int>(Iod::multi_frame_true_color_sc); ++i) {
    const ImageDescription image = described_image(static_cast<Iod>(i));
    std::array<std::byte, kImageHeaderBytesMax> buffer{};
    const auto layout = build_image_header(image, buffer);
    REQUIRE(layout.has_value());
    ElementReader reader{Encoding::explicit_little_endian};
    const std::size_t start = kPreambleBytes + std::string_view{"DICM"}.size();
    reader.feed(ByteView{buffer}.subspan(start, layout->size - start));
    std::size_t elements = 0;
    for (auto event = reader.next(); event && *event != ElementReader::Event::need_input; event = reader.next()) {
      if (*event != ElementReader::Event::element) continue;
      ++elements;
      CAPTURE(reader.header().tag.group, reader.header().tag.element);
      const auto entry = find_entry(reader.header().tag);
      REQUIRE(entry.has_value());
      CHECK(entry->allows(reader.header().vr));
    }
    CHECK(elements > 50);
  }
}
