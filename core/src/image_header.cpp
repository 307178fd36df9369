// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/image_header.hpp>

#include <algorithm>
#include <string_view>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/element_writer.hpp>
#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/part10.hpp>
#include <scanferry/core/utf8.hpp>

#include "body_part.hpp"

namespace scanferry::core {
namespace {

namespace at = attribute;

/// Type 3 text: written when known.
void optional(ElementWriter& out, const Attribute& attribute, std::string_view value) { out.optional_text(attribute, value); }
/// Type 2 text: written empty when unknown.
void required(ElementWriter& out, const Attribute& attribute, std::string_view value) { out.text(attribute, value); }

bool is_ultrasound(Iod iod) { return iod == Iod::ultrasound || iod == Iod::ultrasound_multi_frame; }
bool is_jpeg(const ImageDescription& image) { return image.coding == PixelCoding::jpeg_baseline; }

bool has_plain_text(const ImageDescription& image) {
  return is_ascii(image.patient_name) && is_ascii(image.patient_id) && is_ascii(image.accession_number) &&
         is_ascii(image.study_id) && is_ascii(image.study_description) && is_ascii(image.series_description) &&
         is_ascii(image.referring_physician_name) && is_ascii(image.manufacturer) && is_ascii(image.model_name) &&
         is_ascii(image.device_serial_number) && is_ascii(image.software_version) && is_ascii(image.station_name) &&
         is_ascii(image.institution_name);
}

std::string_view modality_of(const ImageDescription& image) {
  if (!image.modality.empty()) return image.modality;
  return is_ultrasound(image.iod) ? "US" : "OT";
}

std::string_view conversion_type_of(const ImageDescription& image) {
  if (!image.conversion_type.empty()) return image.conversion_type;
  return is_multi_frame(image.iod) ? "DV" : "DI";
}

std::string_view term_of(Photometric photometric) {
  switch (photometric) {
    case Photometric::monochrome1: return "MONOCHROME1";
    case Photometric::monochrome2: return "MONOCHROME2";
    case Photometric::rgb: return "RGB";
    case Photometric::ybr_full: return "YBR_FULL";
    case Photometric::ybr_full_422: break;
  }
  return "YBR_FULL_422";
}

/// Microseconds as a DS in milliseconds: "33.333".
FixedString<16> milliseconds(std::uint32_t us) {
  FixedString<16> text;
  const auto digits = [&text](std::uint32_t value, std::uint32_t divisor) {
    for (; divisor != 0; divisor /= 10) {
      const char digit = static_cast<char>('0' + value / divisor % 10);
      static_cast<void>(text.append({&digit, 1}));  // 7 + 1 + 3 characters at most
    }
  };
  const std::uint32_t whole = us / 1000;
  std::uint32_t divisor = 1;
  while (whole / divisor >= 10) divisor *= 10;
  digits(whole, divisor);
  if (us % 1000 != 0) {
    static_cast<void>(text.append("."));
    digits(us % 1000, 100);
  }
  return text;
}

/// Group 0008: SOP Common, General Study, Series and Image, Equipment.
void put_identification(ElementWriter& out, const ImageDescription& image) {
  // Named only when a text needs it: an object in plain ASCII is then readable by peers that know no UTF-8.
  if (!has_plain_text(image)) out.text(at::kSpecificCharacterSet, "ISO_IR 192");
  out.text(at::kImageType, "ORIGINAL\\PRIMARY");
  out.text(at::kSOPClassUID, sop_class_uid(image.iod));
  out.text(at::kSOPInstanceUID, image.sop_instance_uid);
  required(out, at::kStudyDate, image.study_date);
  optional(out, at::kAcquisitionDate, image.content_date);
  optional(out, at::kContentDate, image.content_date);
  required(out, at::kStudyTime, image.study_time);
  optional(out, at::kAcquisitionTime, image.content_time);
  optional(out, at::kContentTime, image.content_time);
  required(out, at::kAccessionNumber, image.accession_number);
  out.text(at::kModality, modality_of(image));
  if (!is_ultrasound(image.iod)) out.text(at::kConversionType, conversion_type_of(image));
  required(out, at::kManufacturer, image.manufacturer);
  optional(out, at::kInstitutionName, image.institution_name);
  required(out, at::kReferringPhysicianName, image.referring_physician_name);
  optional(out, at::kTimezoneOffsetFromUTC, image.timezone_offset);
  optional(out, at::kStationName, image.station_name);
  optional(out, at::kStudyDescription, image.study_description);
  optional(out, at::kSeriesDescription, image.series_description);
  optional(out, at::kManufacturerModelName, image.model_name);
}

/// Group 0010: Patient.
void put_patient(ElementWriter& out, const ImageDescription& image) {
  required(out, at::kPatientName, image.patient_name);
  required(out, at::kPatientID, image.patient_id);
  required(out, at::kPatientBirthDate, image.patient_birth_date);
  required(out, at::kPatientSex, image.patient_sex);
}

/// Time between frames is for objects that have several, or may yet: PS3.3 C.8.6.3 forbids a Frame Increment Pointer in one.
bool has_frame_time(const ImageDescription& image) {
  const bool points_always = image.iod == Iod::ultrasound_multi_frame;
  return is_multi_frame(image.iod) && (points_always || image.frames != 1);
}

/// Group 0018: Equipment and Cine.
void put_acquisition(ElementWriter& out, const ImageDescription& image) {
  optional(out, at::kBodyPartExamined, image.body_part);
  optional(out, at::kDeviceSerialNumber, image.device_serial_number);
  optional(out, at::kSoftwareVersions, image.software_version);
  if (has_frame_time(image)) out.text(at::kFrameTime, milliseconds(image.frame_time_us));
}

/// Group 0020: the keys of the hierarchy.
void put_relationship(ElementWriter& out, const ImageDescription& image) {
  out.text(at::kStudyInstanceUID, image.study_instance_uid);
  out.text(at::kSeriesInstanceUID, image.series_instance_uid);
  required(out, at::kStudyID, image.study_id);
  out.integer_text(at::kSeriesNumber, image.series_number);
  out.integer_text(at::kInstanceNumber, image.instance_number);
  required(out, at::kPatientOrientation, {});
  if (!is_unpaired(image.body_part)) required(out, at::kLaterality, image.laterality);
}

/// Group 0028 begins: Image Pixel and Multi-frame.
void put_pixel_format(ElementWriter& out, const ImageDescription& image, HeaderLayout& layout) {
  out.us(at::kSamplesPerPixel, image.samples_per_pixel);
  out.text(at::kPhotometricInterpretation, term_of(image.photometric));
  if (image.samples_per_pixel > 1) out.us(at::kPlanarConfiguration, 0);
  if (is_multi_frame(image.iod)) {
    out.bytes(at::kNumberOfFrames, number_of_frames_value(image.frames));
    layout.number_of_frames_offset = out.size() - kNumberOfFramesBytes;
    if (has_frame_time(image)) {
      if (image.iod != Iod::ultrasound_multi_frame) layout.frame_pointer_offset = out.size();
      out.at(at::kFrameIncrementPointer, at::kFrameTime.tag);
    }
  }
  out.us(at::kRows, image.rows);
  out.us(at::kColumns, image.columns);
  out.us(at::kBitsAllocated, image.bits_allocated);
  out.us(at::kBitsStored, image.bits_stored);
  out.us(at::kHighBit, static_cast<std::uint16_t>(image.bits_stored - 1));
  out.us(at::kPixelRepresentation, 0);
}

/// PS3.3 C.8.6.3: multi-frame grayscale SC states that its samples are output values as they are.
bool states_identity(Iod iod) {
  return iod == Iod::multi_frame_grayscale_byte_sc || iod == Iod::multi_frame_grayscale_word_sc;
}

/// Group 0028 ends: General Image, SC Multi-frame Image, lossy compression (PS3.3 C.7.6.1.1.5).
void put_pixel_meaning(ElementWriter& out, const ImageDescription& image) {
  out.text(at::kBurnedInAnnotation, image.burned_in_annotation ? "YES" : "NO");
  if (states_identity(image.iod)) {
    out.text(at::kRescaleIntercept, "0");
    out.text(at::kRescaleSlope, "1");
    out.text(at::kRescaleType, "US");
  }
  if (image.lossy || is_jpeg(image)) out.text(at::kLossyImageCompression, "01");
  if (is_jpeg(image)) out.text(at::kLossyImageCompressionMethod, "ISO_10918_1");
  if (states_identity(image.iod)) out.text(at::kPresentationLUTShape, "IDENTITY");
}

/// PS3.5 8.1 and A.2: native samples are OW when more than 8 bits are allocated, else OB; A.4: encapsulated ones are OB.
void put_pixel_data_start(ElementWriter& out, const ImageDescription& image, HeaderLayout& layout) {
  const Attribute bytes{at::kPixelData.tag, Vr::ob};
  const Attribute words{at::kPixelData.tag, Vr::ow};
  if (is_jpeg(image)) {
    out.header(bytes, kUndefinedLength);
    out.raw(frame_item_header(0));  // the Basic Offset Table, empty: frames are not known before they come
    return;
  }
  const std::uint64_t pixel_bytes = native_frame_bytes(image) * image.frames;
  out.header(image.bits_allocated > 8 ? words : bytes, static_cast<std::uint32_t>(pixel_bytes + pixel_bytes % 2));
  layout.pixel_length_offset = out.size() - 4;
}

std::array<std::byte, 8> item_header(Tag tag, std::uint32_t length) {
  std::array<std::byte, 8> bytes{};
  store_le16(&bytes[0], tag.group);
  store_le16(&bytes[2], tag.element);
  store_le32(&bytes[4], length);
  return bytes;
}

}  // namespace

Result<HeaderLayout> build_image_header(const ImageDescription& image, ByteBuffer buffer) {
  if (auto valid = validate(image); !valid) return std::unexpected{valid.error()};
  HeaderLayout layout;
  ElementWriter out{buffer};
  write_file_meta(out, {sop_class_uid(image.iod), image.sop_instance_uid, transfer_syntax_uid(image.coding)});
  layout.data_set_offset = out.size();
  put_identification(out, image);
  put_patient(out, image);
  put_acquisition(out, image);
  put_relationship(out, image);
  put_pixel_format(out, image, layout);
  put_pixel_meaning(out, image);
  put_pixel_data_start(out, image, layout);
  const auto size = out.finish();
  if (!size) return std::unexpected{size.error()};
  layout.size = *size;
  return layout;
}

std::array<std::byte, kNumberOfFramesBytes> number_of_frames_value(std::uint32_t frames) {
  std::array<std::byte, kNumberOfFramesBytes> value{};
  value.fill(std::byte{' '});
  std::size_t at = value.size();
  do {
    value[--at] = static_cast<std::byte>('0' + frames % 10);
    frames /= 10;
  } while (frames != 0);
  return value;
}

void drop_frame_pointer(ByteBuffer header_end) {
  constexpr std::size_t kPointerBytes = 12;
  constexpr std::size_t kLengthOffset = 6;  // of the short form, which all elements up to the annotation have
  constexpr std::size_t kValueOffset = 8;
  std::size_t annotation = kPointerBytes;
  const auto tag_at = [&](std::size_t i) { return Tag{load_le16(&header_end[i]), load_le16(&header_end[i + 2])}; };
  while (tag_at(annotation) != at::kBurnedInAnnotation.tag) {
    annotation += kValueOffset + load_le16(&header_end[annotation + kLengthOffset]);
  }
  const std::size_t value = annotation + kValueOffset;
  std::ranges::copy(header_end.first(value).subspan(kPointerBytes), header_end.begin());
  std::ranges::fill(header_end.subspan(value - kPointerBytes, kPointerBytes), std::byte{' '});
  std::byte* const length = &header_end[annotation - kPointerBytes + kLengthOffset];
  store_le16(length, static_cast<std::uint16_t>(load_le16(length) + kPointerBytes));
}

std::array<std::byte, 8> frame_item_header(std::uint32_t frame_bytes) {
  return item_header(kItemTag, frame_bytes + frame_bytes % 2);
}

std::array<std::byte, 8> sequence_delimiter() { return item_header(kSequenceDelimiterTag, 0); }

}  // namespace scanferry::core
