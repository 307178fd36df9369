// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>

#include <scanferry/model/check.hpp>
#include <scanferry/model/document.hpp>

#include "../core/element_text.hpp"

using namespace scanferry;
using namespace scanferry::model;
using namespace scanferry::tests;

namespace {

constexpr const char* kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";
constexpr const char* kRle = "1.2.840.10008.1.2.5";
constexpr const char* kJpegBaseline = "1.2.840.10008.1.2.4.50";
constexpr const char* kExplicit = "1.2.840.10008.1.2.1";

/// An object whose elements are written in the order of their tags.
class Object {
 public:
  /// A Secondary Capture Image without a fault: 2 x 4 pixels of 8 bits.
  static Object secondary_capture() {
    Object object;
    object.set(0x0008, 0x0016, "UI", kSecondaryCapture).set(0x0008, 0x0018, "UI", "1.2.3").set(0x0008, 0x0020, "DA", "20240229");
    object.set(0x0008, 0x0030, "TM", "120000")
        .set(0x0008, 0x0050, "SH", "")
        .set(0x0008, 0x0060, "CS", "OT")
        .set(0x0008, 0x0064, "CS", "WSD");
    object.set(0x0008, 0x0070, "LO", "")
        .set(0x0008, 0x0090, "PN", "")
        .set(0x0010, 0x0010, "PN", "Doe^Jane")
        .set(0x0010, 0x0020, "LO", "4711");
    object.set(0x0010, 0x0030, "DA", "")
        .set(0x0010, 0x0040, "CS", "F")
        .set(0x0020, 0x000D, "UI", "1.2.4")
        .set(0x0020, 0x000E, "UI", "1.2.5");
    object.set(0x0020, 0x0010, "SH", "").set(0x0020, 0x0011, "IS", "").set(0x0020, 0x0013, "IS", "1").set(0x0020, 0x0020, "CS", "");
    object.number(0x0028, 0x0002, 1).set(0x0028, 0x0004, "CS", "MONOCHROME2").number(0x0028, 0x0010, 2).number(0x0028, 0x0011, 4);
    object.number(0x0028, 0x0100, 8).number(0x0028, 0x0101, 8).number(0x0028, 0x0102, 7).number(0x0028, 0x0103, 0);
    return object.put(0x7FE0, 0x0010, long_element(0x7FE0, 0x0010, "OB", 8) + "abcdefgh");
  }

  Object& put(unsigned group, unsigned element, std::string bytes) {
    elements_[{group, element}] = std::move(bytes);
    return *this;
  }
  Object& set(unsigned group, unsigned element, const std::string& vr, const std::string& value) {
    return put(group, element, short_element(group, element, vr, padded(value, vr == "UI" ? '\0' : ' ')));
  }
  Object& number(unsigned group, unsigned element, unsigned value) {
    return put(group, element, short_element(group, element, "US", le16(value)));
  }
  Object& erase(unsigned group, unsigned element) {
    elements_.erase({group, element});
    return *this;
  }
  Object& sequence(unsigned group, unsigned element, const std::string& content) {
    const auto size = static_cast<std::uint32_t>(content.size());
    return put(group, element, long_element(group, element, "SQ", size + 8) + item(size) + content);
  }

  [[nodiscard]] std::string file(const std::string& syntax = kExplicit, const std::string& tail = {}) const {
    std::string data_set;
    for (const auto& [tag, bytes] : elements_) data_set += bytes;
    const std::string meta =
        long_element(0x0002, 0x0001, "OB", 2) + std::string{"\0\1", 2} + short_element(0x0002, 0x0002, "UI", uid_value(kSecondaryCapture)) +
        short_element(0x0002, 0x0003, "UI", uid_value("1.2.3")) + short_element(0x0002, 0x0010, "UI", uid_value(syntax)) +
        short_element(0x0002, 0x0012, "UI", uid_value("1.2.9"));
    return std::string(128, '\0') + "DICM" + short_element(0x0002, 0x0000, "UL", le32(static_cast<std::uint32_t>(meta.size()))) + meta +
           data_set + tail;
  }

 private:
  std::map<std::pair<unsigned, unsigned>, std::string> elements_;
};

CheckReport report_of(const std::string& file, const CheckOptions& options = {}) {
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  return check(*document, options);
}

std::string text_of(const CheckFinding& finding) {
  constexpr const char* kNames[] = {"error: ", "warning: ", "note: "};
  return kNames[static_cast<std::size_t>(finding.severity)] + (finding.path.empty() ? "" : finding.path + ": ") +
         (finding.value.empty() ? "" : "'" + finding.value + "' ") + finding.text;
}

/// All but notes, one a line.
std::string findings_of(const CheckReport& report) {
  std::string all;
  for (const auto& finding : report.findings) {
    if (finding.severity != CheckSeverity::note) all += text_of(finding) + "\n";
  }
  return all;
}

bool has(const CheckReport& report, const std::string& beginning) {
  return std::ranges::any_of(report.findings, [&](const CheckFinding& finding) { return text_of(finding).starts_with(beginning); });
}

}  // namespace

TEST_CASE("an object that is as the standard wants it has no findings") {
  const auto report = report_of(Object::secondary_capture().file());
  CHECK(findings_of(report).empty());
  CHECK(report.sop_class == "Secondary Capture Image Storage");
  CHECK(report.iod == "Secondary Capture Image");
  CHECK(report.unchecked.empty());
}

TEST_CASE("one fault gives one finding that says what is wrong") {
  struct Fault {
    const char* name;
    std::string file;
    const char* finding;
  };
  const auto good = Object::secondary_capture;
  const Fault faults[] = {
      {"type 2 missing", good().erase(0x0010, 0x0020).file(), "error: PatientID: type 2 of module Patient is missing"},
      {"type 1 missing", good().erase(0x0020, 0x000D).file(), "error: StudyInstanceUID: type 1 of module General Study is missing"},
      {"type 1 empty", good().set(0x0020, 0x000D, "UI", "").file(),
       "error: StudyInstanceUID: is empty, and type 1 of module General Study, which needs a value"},
      {"type 1C missing",
       good()
           .number(0x0028, 0x0002, 3)
           .set(0x0028, 0x0004, "CS", "RGB")
           .put(0x7FE0, 0x0010, long_element(0x7FE0, 0x0010, "OB", 24) + std::string(24, 'x'))
           .file(),
       "error: PlanarConfiguration: type 1C of module Image Pixel is missing: Required if Samples per Pixel (0028,0002) has a value "
       "greater than 1."},
      {"enumerated", good().set(0x0010, 0x0040, "CS", "X").file(), "error: PatientSex: 'X' must be one of F, M, O"},
      {"wrong VR", good().set(0x0010, 0x0020, "SH", "4711").file(), "error: PatientID: 'SH' has a wrong VR: PS3.6 says LO"},
      {"UN", good().put(0x0010, 0x0020, long_element(0x0010, 0x0020, "UN", 4) + "4711").file(),
       "warning: PatientID: 'UN' has a wrong VR: PS3.6 says LO"},
      {"VM", good().set(0x0010, 0x0020, "LO", "a\\b").file(), "error: PatientID: has 2 values: it must have 1"},
      {"value", good().set(0x0008, 0x0020, "DA", "20240230").file(), "error: StudyDate: '20240230' is wrong: a date"},
      {"old form", good().set(0x0008, 0x0020, "DA", "2024.02.29").file(),
       "warning: StudyDate: '2024.02.29' is odd: this form is older than DICOM"},
      {"character set", good().set(0x0010, 0x0010, "PN", "D\xF6").file(),
       "error: PatientName: 'D\xEF\xBF\xBD"
       "F6' "},
      {"unknown character set", good().set(0x0008, 0x0005, "CS", "KLINGON").file(), "error: SpecificCharacterSet: 'KLINGON' "},
      {"not in PS3.6", good().set(0x0010, 0x0099, "LO", "x").file(), "warning: (0010,0099): is not in the dictionary"},
      {"private without creator", good().set(0x0029, 0x1001, "LO", "x").file(),
       "error: (0029,1001): is private, and its block has no creator in (0029,0010)"},
      {"group length", good().put(0x0010, 0x0000, short_element(0x0010, 0x0000, "UL", le32(4))).file(),
       "error: (0010,0000): '4' is wrong: the group has 46 bytes"},
      {"high bit", good().number(0x0028, 0x0102, 11).file(), "error: HighBit: '11' must be Bits Stored less 1: 7"},
      {"bits stored", good().number(0x0028, 0x0101, 12).number(0x0028, 0x0102, 11).file(),
       "error: BitsStored: '12' must be 1 to Bits Allocated, 8"},
      {"bits allocated",
       good()
           .number(0x0028, 0x0100, 12)
           .number(0x0028, 0x0101, 12)
           .number(0x0028, 0x0102, 11)
           .put(0x7FE0, 0x0010, long_element(0x7FE0, 0x0010, "OW", 12) + std::string(12, 'x'))
           .file(),
       "error: BitsAllocated: '12' must be 1 or a multiple of 8"},
      {"photometric", good().set(0x0028, 0x0004, "CS", "RGB").file(),
       "error: SamplesPerPixel: '1' must be 3: Photometric Interpretation is RGB"},
      {"pixels short", good().number(0x0028, 0x0010, 3).file(),
       "error: PixelData: is too short: 8 bytes, where 1 frame of 3 x 4 pixels, each of 1 sample of 8 bits, need 12"},
      {"pixels long", good().number(0x0028, 0x0010, 1).file(),
       "warning: PixelData: is too long: 8 bytes, where 1 frame of 1 x 4 pixels, each of 1 sample of 8 bits, need 4"},
      {"pixels native", good().file(kRle), "error: PixelData: is native, but the transfer syntax says it is encapsulated"},
      {"frames",
       good().set(0x0028, 0x0008, "IS", "2").put(0x7FE0, 0x0010, long_element(0x7FE0, 0x0010, "OB", 16) + std::string(16, 'x')).file(),
       "error: NumberOfFrames: '2' must be 1 or left out: objects of this IOD have one frame"},
      {"image type", good().set(0x0008, 0x0008, "CS", "DERIVED\\TERTIARY").file(),
       "error: ImageType: 'TERTIARY' must have PRIMARY or SECONDARY as its second value"},
      {"image type of bytes", good().put(0x0008, 0x0008, long_element(0x0008, 0x0008, "OB", 2) + "xx").file(),
       "error: ImageType: 'OB' has a wrong VR: PS3.6 says CS"},
      {"meta", good().set(0x0008, 0x0018, "UI", "1.2.33").file(),
       "error: MediaStorageSOPInstanceUID: '1.2.3' is not that of the data set, 1.2.33"},
      {"order", good().file(kExplicit, short_element(0x0010, 0x4000, "LT", "x ")),
       "error: PatientComments: stands behind (7fe0,0010): elements are in the order of their tags"},
      {"twice",
       good().put(0x0010, 0x0020, short_element(0x0010, 0x0020, "LO", "4711") + short_element(0x0010, 0x0020, "LO", "4712")).file(),
       "error: PatientID: is there twice"},
      {"odd length", good().put(0x0010, 0x0020, short_element(0x0010, 0x0020, "LO", "471")).file(), "error: PatientID: an odd length"},
      {"truncated", good().file().substr(0, good().file().size() - 3),
       "error: PixelData: the value is longer than the item, sequence or data set that holds it; nothing behind it was checked"},
      {"UID of nobody", good().set(0x0020, 0x000D, "UI", "9.1.2").file(),
       "error: StudyInstanceUID: '9.1.2' is a UID that nobody can have given out"},
      {"UID of two", good().set(0x0020, 0x000D, "UI", "1.2.5").file(), "error: SeriesInstanceUID: '1.2.5' is the same as StudyInstanceUID"},
  };
  for (const Fault& fault : faults) {
    CAPTURE(fault.name);
    const auto report = report_of(fault.file);
    const std::string said = findings_of(report);
    CAPTURE(said);
    CHECK(has(report, fault.finding));
    // Some faults are two.
    CHECK(std::ranges::count(said, '\n') <= 2);
  }
}

TEST_CASE("a fault in an item is told with its path and offset") {
  const std::string reference = short_element(0x0008, 0x1150, "UI", uid_value("1.2")) + short_element(0x0008, 0x1155, "UI", "");
  const std::string file = Object::secondary_capture().sequence(0x0008, 0x1110, reference).file();
  const auto report = report_of(file);
  REQUIRE(report.count(CheckSeverity::error) == 1);
  const auto& finding = *std::ranges::find(report.findings, CheckSeverity::error, &CheckFinding::severity);
  CHECK(finding.path == "ReferencedStudySequence[0].ReferencedSOPInstanceUID");
  CHECK(finding.tag == core::Tag{0x0008, 0x1155});
  CHECK(finding.offset == file.find(tag_bytes(0x0008, 0x1155)));
}

TEST_CASE("what is missing is told where it would stand") {
  const std::string file = Object::secondary_capture().erase(0x0010, 0x0020).file();
  const auto report = report_of(file);
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].offset == file.find(tag_bytes(0x0010, 0x0030)));
}

TEST_CASE("a value is shown in UTF-8, without what a terminal obeys, and cut at a whole character") {
  const auto shown = [](const std::string& value) {
    const auto report = report_of(Object::secondary_capture().set(0x0020, 0x000E, "UI", value).file());
    const auto finding = std::ranges::find(report.findings, std::string_view{"SeriesInstanceUID"}, &CheckFinding::path);
    REQUIRE(finding != report.findings.end());
    return finding->value;
  };
  CHECK(shown("1.A\xE4\x1B[2J") == "1.A??[2J");
  CHECK(shown("1.\xC2\x9BmA") == "1.?mA");
  CHECK(shown(std::string(63, '1') + "\xC3\xA4" "A") == std::string(63, '1') + "...");
}

TEST_CASE("a code needs one of its three values") {
  const std::string code = short_element(0x0008, 0x0102, "SH", "DCM ") + short_element(0x0008, 0x0104, "LO", "Unknown ");
  CHECK(has(report_of(Object::secondary_capture().sequence(0x0008, 0x1032, code).file()),
            "error: ProcedureCodeSequence[0].CodeValue: type 1C of module General Study is missing"));
  const std::string long_code = code + long_element(0x0008, 0x0119, "UC", 4) + "1234";
  CHECK(findings_of(report_of(Object::secondary_capture().sequence(0x0008, 0x1032, long_code).file())).empty());
}

TEST_CASE("what repeats is told a few times and counted") {
  std::string items;
  for (int i = 0; i < 10; ++i) items += item(8) + short_element(0x0008, 0x1155, "UI", "");
  const auto report =
      report_of(Object::secondary_capture()
                    .put(0x0008, 0x1110, long_element(0x0008, 0x1110, "SQ", static_cast<std::uint32_t>(items.size())) + items)
                    .file());
  const auto is_empty_uid = [](const CheckFinding& finding) { return finding.text.starts_with("is empty"); };
  CHECK(static_cast<std::size_t>(std::ranges::count_if(report.findings, is_empty_uid)) == kRepeatsMax);
  CHECK(report.count(CheckSeverity::error) == 20);
}

TEST_CASE("a module that is not required is checked when the object has it") {
  auto object = Object::secondary_capture();
  CHECK(findings_of(report_of(object.set(0x0020, 0x0052, "UI", "1.2.6").file())) ==
        "error: PositionReferenceIndicator: type 2 of module Frame of Reference is missing\n");
  // An attribute that is optional in its module: somebody may have added it alone.
  const auto report = report_of(Object::secondary_capture().set(0x0012, 0x0081, "LO", "Board").file());
  CHECK(report.count(CheckSeverity::error) == 0);
  CHECK(has(report, "warning: ClinicalTrialSponsorName: type 1 of module Clinical Trial Subject is missing"));
}

TEST_CASE("a condition says whether an attribute is required") {
  const auto of_class = [](const char* sop_class) { return Object::secondary_capture().set(0x0008, 0x0016, "UI", sop_class); };
  const auto frames = [&](const char* count) { return of_class("1.2.840.10008.5.1.4.1.1.7.2").set(0x0028, 0x0008, "IS", count); };
  const auto pointing = [&](unsigned element) {
    return frames("2").put(0x0028, 0x0009, short_element(0x0028, 0x0009, "AT", tag_bytes(0x0018, element)));
  };
  const auto region = [&](unsigned organization) {
    const std::string content = short_element(0x0018, 0x6044, "US", le16(organization));
    return of_class("1.2.840.10008.5.1.4.1.1.6.1").sequence(0x0018, 0x6011, content);
  };
  const auto us = [&] { return of_class("1.2.840.10008.5.1.4.1.1.6.1"); };
  const auto mr = [&](const char* options) { return of_class("1.2.840.10008.5.1.4.1.1.4").set(0x0018, 0x0022, "CS", options); };
  const auto dx = [&](const char* intent) { return of_class("1.2.840.10008.5.1.4.1.1.1.1").set(0x0008, 0x0068, "CS", intent); };
  const auto xa = [&](const char* plane) {
    return of_class("1.2.840.10008.5.1.4.1.1.12.1").set(0x0008, 0x0008, "CS", std::string{"ORIGINAL\\PRIMARY\\"} + plane);
  };
  const auto photo = [&](const char* eye) {
    return of_class("1.2.840.10008.5.1.4.1.1.77.1.4").set(0x0008, 0x0008, "CS", std::string{"ORIGINAL\\PRIMARY\\"} + eye);
  };
  const auto enhanced_mr = [&](const char* sop_class) { return of_class(sop_class).set(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY"); };
  const auto good = Object::secondary_capture;

  struct Condition {
    Object where;
    Object where_not;
    const char* finding;
  };
  const Condition conditions[] = {
      {frames("2"), frames("1"), "error: FrameIncrementPointer: type 1C of module Multi-frame is missing"},
      {pointing(0x1063), pointing(0x1065),
       "error: FrameTime: type 1C of module Cine is missing: Required if Frame Increment Pointer is Frame Time"},
      {pointing(0x1063), pointing(0x1063).set(0x0018, 0x1063, "DS", "40"), "error: FrameTime: type 1C of module Cine is missing"},
      {pointing(0x2001), pointing(0x1063), "error: PageNumberVector: type 1C of module SC Multi-frame Vector is missing"},
      {frames("1").set(0x0008, 0x0064, "CS", "DF"), frames("1"),
       "error: NominalScannedPixelSpacing: type 1C of module SC Multi-frame Image"},
      {good().set(0x0028, 0x0A02, "CS", "FIDUCIAL"), good(), "warning: PixelSpacing: type 1C of module SC Image is missing"},
      {good().set(0x0020, 0x0032, "DS", "0\\0\\0"), good(), "error: FrameOfReferenceUID: type 1 of module Frame of Reference is missing"},
      {good().set(0x0028, 0x1050, "DS", "40"), good(), "error: WindowWidth: type 1C of module VOI LUT is missing"},
      {good().set(0x0010, 0x2297, "PN", "Doe"), good().set(0x0010, 0x2297, "PN", ""),
       "error: ResponsiblePersonRole: type 1C of module Patient is missing: Required if Responsible Person is not empty"},
      {us().set(0x0028, 0x2112, "DS", "10"), us(), "error: LossyImageCompression: type 1C of module US Image is missing"},
      {us().set(0x0008, 0x2120, "SH", "STRESS"), us(), "warning: NumberOfStages: type 2C of module US Image is missing"},
      {region(2), region(0), "error: SequenceOfUltrasoundRegions[0].TableOfPixelValues: type 1C of module US Region Calibration"},
      {region(0), region(2), "error: SequenceOfUltrasoundRegions[0].TableOfXBreakPoints: type 1C of module US Region Calibration"},
      {mr("CG"), mr("FC"), "error: TriggerTime: type 2C of module MR Image is missing"},
      {dx("FOR PRESENTATION"), dx("FOR PROCESSING"), "error: WindowCenter: type 1C of module DX Image is missing"},
      {dx("FOR PRESENTATION").set(0x0028, 0x2110, "CS", "01"), dx("FOR PRESENTATION").set(0x0028, 0x2110, "CS", "00"),
       "error: LossyImageCompressionRatio: type 1C of module DX Image is missing"},
      {xa("BIPLANE A"), xa("SINGLE PLANE"), "error: ReferencedImageSequence: type 1C of module X-Ray Image is missing"},
      {xa("SINGLE PLANE"), xa("SINGLE PLANE").set(0x0018, 0x1152, "IS", "1"),
       "error: ExposureTime: type 2C of module X-Ray Acquisition is missing"},
      {xa("SINGLE PLANE").set(0x0028, 0x0008, "IS", "2"), xa("SINGLE PLANE"),
       "error: PositionerMotion: type 2C of module XA Positioner is missing"},
      {photo("STEREO L"), photo("MONO"), "error: ReferencedImageSequence: type 1C of module VL Image is missing"},
      {enhanced_mr("1.2.840.10008.5.1.4.1.1.4.1"), enhanced_mr("1.2.840.10008.5.1.4.1.1.4.4"),
       "error: ContentQualification: type 1C of module Enhanced MR Image is missing"},
  };
  for (const Condition& condition : conditions) {
    CAPTURE(condition.finding);
    const auto said = report_of(condition.where.file());
    CAPTURE(findings_of(said));
    CHECK(has(said, condition.finding));
    CHECK_FALSE(has(report_of(condition.where_not.file()), condition.finding));
  }
}

TEST_CASE("each overlay is checked by itself") {
  const auto report = report_of(Object::secondary_capture().number(0x6002, 0x0010, 2).file());
  CHECK(has(report, "error: (6002,0011): type 1 of module Overlay Plane is missing"));
  CHECK_FALSE(has(report, "error: OverlayColumns"));
}

TEST_CASE("notes tell what is retired, extended, and undecided") {
  auto object = Object::secondary_capture();
  object.set(0x0018, 0x0060, "DS", "80").put(0x0008, 0x0001, short_element(0x0008, 0x0001, "UL", le32(1)));
  const auto report = report_of(object.file(), {.with_notes = true});
  CHECK(findings_of(report).empty());
  CHECK(has(report, "note: KVP: is in no module of this IOD"));
  CHECK(has(report, "note: LengthToEnd: is retired"));
  CHECK(has(report,
            "note: PatientSpeciesDescription: type 1C of module Patient is missing, its condition is not checked: Required if the patient "
            "is an animal"));
}

TEST_CASE("pixels in fragments agree with frames and transfer syntax") {
  const auto fragments = [](const std::string& offsets, int count) {
    std::string bytes = long_element(0x7FE0, 0x0010, "OB", kUndefined) + item(static_cast<std::uint32_t>(offsets.size())) + offsets;
    for (int i = 0; i < count; ++i) bytes += item(2) + "xx";
    return bytes + sequence_delimiter();
  };
  const auto report_for = [&](const std::string& offsets, int count, const char* syntax) {
    return report_of(Object::secondary_capture().put(0x7FE0, 0x0010, fragments(offsets, count)).file(syntax));
  };
  CHECK(findings_of(report_for("", 1, kRle)).empty());
  CHECK(findings_of(report_for(le32(0), 1, kRle)).empty());
  CHECK(has(report_for("", 0, kRle), "error: PixelData: has no fragments"));
  CHECK(has(report_for("", 2, kRle), "error: PixelData: has 2 fragments for 1 frame: RLE has one for each"));
  CHECK(has(report_for(le32(4), 1, kRle), "error: PixelData: '4' has a wrong Basic Offset Table"));
  CHECK(has(report_for(le32(0) + le32(10), 2, kRle), "error: PixelData: has a Basic Offset Table of 2 offsets for 1 frame"));
  CHECK(has(report_for("", 1, kExplicit), "error: PixelData: is encapsulated, but the transfer syntax says it is native"));

  const auto lossy = Object::secondary_capture().put(0x7FE0, 0x0010, fragments("", 1));
  CHECK(has(report_of(lossy.file(kJpegBaseline)), "warning: LossyImageCompression: is missing: the transfer syntax loses information"));
  CHECK(has(report_of(Object{lossy}.set(0x0028, 0x2110, "CS", "00").file(kJpegBaseline)), "error: LossyImageCompression: '00' must be 01"));
  CHECK(findings_of(report_of(Object{lossy}.set(0x0028, 0x2110, "CS", "01").file(kJpegBaseline))).empty());
}

TEST_CASE("functional groups are shared or of each frame") {
  constexpr const char* kEnhancedCt = "1.2.840.10008.5.1.4.1.1.2.1";
  const std::string anatomy = long_element(0x0020, 0x9071, "SQ", 8) + item(0);
  const std::string measures = long_element(0x0028, 0x9110, "SQ", 8) + item(0);
  const auto groups = [](unsigned element, const std::string& content, int items) {
    std::string all;
    for (int i = 0; i < items; ++i) all += item(static_cast<std::uint32_t>(content.size())) + content;
    return long_element(0x5200, element, "SQ", static_cast<std::uint32_t>(all.size())) + all;
  };
  const auto report_for = [&](const std::string& shared, const std::string& of_frames) {
    Object object;
    object.set(0x0008, 0x0016, "UI", kEnhancedCt).set(0x0028, 0x0008, "IS", "3").put(0x5200, 0x9229, groups(0x9229, shared, 1));
    return report_of(object.put(0x5200, 0x9230, groups(0x9230, of_frames, 2)).file());
  };
  CHECK(has(report_for(measures, ""), "error: PerFrameFunctionalGroupsSequence: has 2 items for 3 frames"));
  CHECK(has(report_for(measures, measures),
            "error: PerFrameFunctionalGroupsSequence: functional group macro Pixel Measures is in the shared item and in those of frames"));
  CHECK(has(report_for("", ""),
            "error: PerFrameFunctionalGroupsSequence: functional group macro Pixel Measures is required, and missing in 2 of 2 frames"));
  CHECK(
      has(report_for(measures, anatomy),
          "error: PerFrameFunctionalGroupsSequence[0].FrameAnatomySequence[0].FrameLaterality: type 1 of module Frame Anatomy is missing"));
  CHECK_FALSE(report_for(measures, "").unchecked.empty());
}

TEST_CASE("a SOP Class that the tables do not have is said, and the rest is checked") {
  const auto report = report_of(Object{}.set(0x0008, 0x0016, "UI", "1.2.3.4").set(0x0010, 0x0040, "CS", "x").file());
  CHECK(report.iod.empty());
  CHECK(report.sop_class == "1.2.3.4");
  CHECK(has(report, "warning: SOPClassUID: '1.2.3.4' is no SOP Class of the standard"));
  CHECK(has(report, "error: PatientSex: 'x' is wrong"));
}

TEST_CASE("every truncation of an object is checked without harm") {
  const std::string file = Object::secondary_capture().sequence(0x0008, 0x1110, short_element(0x0008, 0x1155, "UI", "1.2.3.4\0")).file();
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::string cut = file.substr(0, size);
    const MemorySource source{core::bytes_of(cut)};
    if (const auto document = Document::read(source)) CHECK(check(*document).count(CheckSeverity::error) > 0);
  }
}
