// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/image_description.hpp>

#include <algorithm>
#include <array>
#include <limits>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/value.hpp>

#include "body_part.hpp"

namespace scanferry::core {
namespace {

/// PS3.5 6.2: an IS is at most 2^31 - 1.
constexpr std::uint32_t kIntegerStringMax = std::numeric_limits<std::int32_t>::max();
/// PS3.5 7.1.1: a defined length is even and not FFFFFFFFH.
constexpr std::uint64_t kPixelDataBytesMax = 0xFFFFFFFE;

/// What an IOD says of its pixels.
struct PixelRules {
  std::string_view sop_class_uid;
  bool multi_frame;
  bool monochrome1;
  bool monochrome2;
  bool color;
  std::uint16_t bits_allocated_min;
  std::uint16_t bits_allocated_max;
};

/// In the order of Iod. US: PS3.3 C.8.5.6.1.2; the multi-frame SC objects: PS3.3 A.8.3 to A.8.5.
constexpr auto kPixelRules = std::to_array<PixelRules>({
    {"1.2.840.10008.5.1.4.1.1.6.1", false, false, true, true, 8, 8},
    {"1.2.840.10008.5.1.4.1.1.3.1", true, false, true, true, 8, 8},
    {"1.2.840.10008.5.1.4.1.1.7", false, true, true, true, 8, 16},
    {"1.2.840.10008.5.1.4.1.1.7.2", true, false, true, false, 8, 8},
    {"1.2.840.10008.5.1.4.1.1.7.3", true, false, true, false, 16, 16},
    {"1.2.840.10008.5.1.4.1.1.7.4", true, false, false, true, 8, 8},
});

const PixelRules& rules_of(Iod iod) { return kPixelRules[static_cast<std::size_t>(iod)]; }

bool is_color(Photometric photometric) { return photometric >= Photometric::rgb; }

std::unexpected<Error> wrong(const Attribute& attribute, std::string_view what) {
  return std::unexpected{Error{Errc::bad_value, what, 0, attribute.tag}};
}

Result<void> validate_monochrome(const ImageDescription& image, const PixelRules& rules) {
  if (image.samples_per_pixel != 1) return wrong(attribute::kSamplesPerPixel, "monochrome pixels have 1 sample");
  if (!rules.monochrome2) {
    return wrong(attribute::kPhotometricInterpretation, "this object holds colour pixels: use a grayscale object");
  }
  if (image.photometric == Photometric::monochrome1 && !rules.monochrome1) {
    return wrong(attribute::kPhotometricInterpretation, "MONOCHROME1 is for single-frame secondary capture only: invert the pixels");
  }
  return {};
}

/// PS3.5 8.2.1: baseline JPEG is YBR_FULL_422, or RGB where no colour transformation was done. PS3.3 C.8.5.6.1.2 and
/// A.8.5 leave RGB to native pixels; native YBR_FULL in US would have to be by plane.
Result<void> validate_color(const ImageDescription& image, const PixelRules& rules) {
  if (image.samples_per_pixel != 3) return wrong(attribute::kSamplesPerPixel, "colour pixels have 3 samples");
  if (!rules.color) {
    return wrong(attribute::kPhotometricInterpretation, "this object holds MONOCHROME2 pixels: use a colour object");
  }
  const bool is_native = image.coding == PixelCoding::native;
  const bool is_usual = image.photometric == (is_native ? Photometric::rgb : Photometric::ybr_full_422);
  const bool is_sc_only = image.photometric == (is_native ? Photometric::ybr_full : Photometric::rgb);
  if (is_usual || (is_sc_only && image.iod == Iod::secondary_capture)) return {};
  return wrong(attribute::kPhotometricInterpretation,
               is_native ? "native colour is RGB, in single-frame secondary capture also YBR_FULL"
                         : "JPEG Baseline colour is YBR_FULL_422, in single-frame secondary capture also RGB");
}

Result<void> validate_photometric(const ImageDescription& image, const PixelRules& rules) {
  return is_color(image.photometric) ? validate_color(image, rules) : validate_monochrome(image, rules);
}

Result<void> validate_bits(const ImageDescription& image, const PixelRules& rules) {
  const std::uint16_t allocated = image.bits_allocated;
  const bool is_byte_only = is_color(image.photometric) || image.coding == PixelCoding::jpeg_baseline;
  if (allocated != 8 && allocated != 16) return wrong(attribute::kBitsAllocated, "8 or 16 bits are allocated for a sample");
  if (is_byte_only && allocated != 8) return wrong(attribute::kBitsAllocated, "colour and JPEG Baseline have 8 bits in a sample");
  if (allocated < rules.bits_allocated_min) return wrong(attribute::kBitsAllocated, "this object holds 16-bit samples");
  if (allocated > rules.bits_allocated_max) {
    return wrong(attribute::kBitsAllocated, "this object holds 8-bit samples: 16-bit ones go into secondary capture");
  }
  // Objects other than single-frame SC state the depth that their allocation is there for.
  const bool is_free = image.iod == Iod::secondary_capture && !is_byte_only;
  const std::uint16_t stored_min = is_free ? 1 : (allocated == 16 ? 9 : 8);
  if (image.bits_stored < stored_min || image.bits_stored > allocated) {
    return wrong(attribute::kBitsStored, "8-bit samples store 8 bits, 16-bit ones 9 to 16; secondary capture may store fewer");
  }
  return {};
}

Result<void> validate_frames(const ImageDescription& image, const PixelRules& rules) {
  if (image.rows == 0) return wrong(attribute::kRows, "an image has 1 to 65535 rows");
  if (image.columns == 0) return wrong(attribute::kColumns, "an image has 1 to 65535 columns");
  if (!rules.multi_frame && image.frames != 1) return wrong(attribute::kNumberOfFrames, "this object holds exactly one frame");
  if (image.frames > kIntegerStringMax) return wrong(attribute::kNumberOfFrames, "an object has at most 2147483647 frames");
  if (image.coding == PixelCoding::native && std::max<std::uint32_t>(image.frames, 1) > native_frames_max(image)) {
    return wrong(attribute::kNumberOfFrames, "native pixels take at most 4294967294 bytes: use fewer or smaller frames");
  }
  // PS3.3 C.7.6.5: the Cine Module is mandatory in US multi-frame objects, whatever their number of frames.
  const bool needs_time = rules.multi_frame && (image.frames != 1 || image.iod == Iod::ultrasound_multi_frame);
  if (needs_time && image.frame_time_us == 0) {
    return wrong(attribute::kFrameTime, "a multi-frame object needs the time between its frames");
  }
  return {};
}

Result<void> validate_pixels(const ImageDescription& image) {
  const PixelRules& rules = rules_of(image.iod);
  if (auto done = validate_photometric(image, rules); !done) return done;
  if (auto done = validate_bits(image, rules); !done) return done;
  return validate_frames(image, rules);
}

Result<void> validate_uids(const ImageDescription& image) {
  struct Row {
    const Attribute& attribute;
    std::string_view value;
  };
  for (const Row& row : {Row{attribute::kSOPInstanceUID, image.sop_instance_uid},
                         Row{attribute::kStudyInstanceUID, image.study_instance_uid},
                         Row{attribute::kSeriesInstanceUID, image.series_instance_uid}}) {
    if (row.value.empty()) return wrong(row.attribute, "a UID is needed");
    if (auto done = check_text(row.attribute, row.value); !done) return done;
  }
  return {};
}

Result<void> validate_numbers(const ImageDescription& image) {
  if (image.series_number > kIntegerStringMax) return wrong(attribute::kSeriesNumber, "a number is at most 2147483647");
  if (image.instance_number > kIntegerStringMax) return wrong(attribute::kInstanceNumber, "a number is at most 2147483647");
  return {};
}

Result<void> validate_texts(const ImageDescription& image) {
  struct Row {
    const Attribute& attribute;
    std::string_view ImageDescription::*value;
  };
  static constexpr auto kRows = std::to_array<Row>({
      {attribute::kPatientName, &ImageDescription::patient_name},
      {attribute::kPatientID, &ImageDescription::patient_id},
      {attribute::kPatientBirthDate, &ImageDescription::patient_birth_date},
      {attribute::kAccessionNumber, &ImageDescription::accession_number},
      {attribute::kStudyID, &ImageDescription::study_id},
      {attribute::kStudyDescription, &ImageDescription::study_description},
      {attribute::kSeriesDescription, &ImageDescription::series_description},
      {attribute::kReferringPhysicianName, &ImageDescription::referring_physician_name},
      {attribute::kStudyDate, &ImageDescription::study_date},
      {attribute::kStudyTime, &ImageDescription::study_time},
      {attribute::kContentDate, &ImageDescription::content_date},
      {attribute::kContentTime, &ImageDescription::content_time},
      {attribute::kModality, &ImageDescription::modality},
      {attribute::kConversionType, &ImageDescription::conversion_type},
      {attribute::kBodyPartExamined, &ImageDescription::body_part},
      {attribute::kManufacturer, &ImageDescription::manufacturer},
      {attribute::kManufacturerModelName, &ImageDescription::model_name},
      {attribute::kDeviceSerialNumber, &ImageDescription::device_serial_number},
      {attribute::kSoftwareVersions, &ImageDescription::software_version},
      {attribute::kStationName, &ImageDescription::station_name},
      {attribute::kInstitutionName, &ImageDescription::institution_name},
  });
  for (const Row& row : kRows) {
    if (auto done = check_text(row.attribute, image.*row.value); !done) return done;
  }
  return {};
}

/// PS3.3 C.12.1: "&ZZXX", from -1200 to +1400.
bool is_timezone_offset(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return false;
  if (!std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  const int hours = (text[1] - '0') * 10 + (text[2] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  const int total = hours * 60 + minutes;
  if (minutes > 59) return false;
  return text[0] == '+' ? total <= 14 * 60 : total >= 1 && total <= 12 * 60;
}

Result<void> validate_terms(const ImageDescription& image) {
  const std::string_view sex = image.patient_sex;
  if (!sex.empty() && sex != "M" && sex != "F" && sex != "O") return wrong(attribute::kPatientSex, "the sex is M, F, O or empty");
  const std::string_view side = image.laterality;
  if (!side.empty() && side != "L" && side != "R") return wrong(attribute::kLaterality, "the laterality is L, R or empty");
  if (!side.empty() && is_unpaired(image.body_part)) return wrong(attribute::kLaterality, "this body part has no side: leave it empty");
  if (!image.timezone_offset.empty() && !is_timezone_offset(image.timezone_offset)) {
    return wrong(attribute::kTimezoneOffsetFromUTC, "an offset from UTC is +HHMM or -HHMM, from -1200 to +1400, and +0000 for none");
  }
  return {};
}

}  // namespace

std::string_view sop_class_uid(Iod iod) { return rules_of(iod).sop_class_uid; }

std::string_view transfer_syntax_uid(PixelCoding coding) {
  return coding == PixelCoding::native ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2.4.50";
}

bool is_multi_frame(Iod iod) { return rules_of(iod).multi_frame; }

std::uint64_t native_frame_bytes(const ImageDescription& image) {
  const std::uint64_t samples = std::uint64_t{image.rows} * image.columns * image.samples_per_pixel;
  return samples * ((image.bits_allocated + 7U) / 8U);
}

std::uint64_t native_frames_max(const ImageDescription& image) {
  const std::uint64_t frame_bytes = native_frame_bytes(image);
  if (frame_bytes == 0) return 0;
  const std::uint64_t limit = is_multi_frame(image.iod) ? kIntegerStringMax : 1;
  return std::min(kPixelDataBytesMax / frame_bytes, limit);
}

Result<void> validate(const ImageDescription& image) {
  if (auto done = validate_pixels(image); !done) return done;
  if (auto done = validate_uids(image); !done) return done;
  if (auto done = validate_numbers(image); !done) return done;
  if (auto done = validate_texts(image); !done) return done;
  return validate_terms(image);
}

}  // namespace scanferry::core
