// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <functional>
#include <string>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/image_description.hpp>

#include "example_image.hpp"

using namespace scanferry::core;
using scanferry::tests::example_image;

namespace {

constexpr Iod kIods[] = {Iod::ultrasound, Iod::ultrasound_multi_frame, Iod::secondary_capture,
                         Iod::multi_frame_grayscale_byte_sc, Iod::multi_frame_grayscale_word_sc, Iod::multi_frame_true_color_sc};

struct PixelRow {
  Photometric photometric;
  PixelCoding coding;
  std::uint16_t bits_allocated;
  const char* allowed;  // one letter per Iod, in order: y or n
};

constexpr auto kNative = PixelCoding::native;
constexpr auto kJpeg = PixelCoding::jpeg_baseline;

}  // namespace

TEST_CASE("each object takes the pixels that its IOD allows and no others") {
  //                                                US  US-MF SC Byte Word Color
  const PixelRow rows[] = {
      {Photometric::monochrome1, kNative, 8, "nnynnn"},      {Photometric::monochrome1, kNative, 16, "nnynnn"},
      {Photometric::monochrome2, kNative, 8, "yyyynn"},      {Photometric::monochrome2, kNative, 16, "nnynyn"},
      {Photometric::rgb, kNative, 8, "yyynny"},              {Photometric::rgb, kNative, 16, "nnnnnn"},
      {Photometric::ybr_full, kNative, 8, "nnynnn"},         {Photometric::ybr_full_422, kNative, 8, "nnnnnn"},
      {Photometric::monochrome1, kJpeg, 8, "nnynnn"},        {Photometric::monochrome2, kJpeg, 8, "yyyynn"},
      {Photometric::monochrome2, kJpeg, 16, "nnnnnn"},       {Photometric::rgb, kJpeg, 8, "nnynnn"},
      {Photometric::ybr_full, kJpeg, 8, "nnnnnn"},           {Photometric::ybr_full_422, kJpeg, 8, "yyynny"},
  };
  for (const PixelRow& row : rows) {
    for (const Iod iod : kIods) {
      CAPTURE(static_cast<int>(row.photometric), static_cast<int>(row.coding), row.bits_allocated, static_cast<int>(iod));
      ImageDescription image = example_image(iod);
      image.photometric = row.photometric;
      image.samples_per_pixel = row.photometric >= Photometric::rgb ? 3 : 1;
      image.coding = row.coding;
      image.bits_allocated = image.bits_stored = row.bits_allocated;
      CHECK(validate(image).has_value() == (row.allowed[static_cast<int>(iod)] == 'y'));
    }
  }
}

TEST_CASE("what cannot be is refused with the attribute at fault") {
  using Change = std::function<void(ImageDescription&)>;
  struct Row {
    const char* name;
    Iod iod;
    Tag tag;
    Change change;
  };
  const Row rows[] = {
      {"no rows", kIods[0], attribute::kRows.tag, [](auto& i) { i.rows = 0; }},
      {"no columns", kIods[0], attribute::kColumns.tag, [](auto& i) { i.columns = 0; }},
      {"two samples of gray", kIods[0], attribute::kSamplesPerPixel.tag, [](auto& i) { i.samples_per_pixel = 2; }},
      {"one sample of colour", kIods[5], attribute::kSamplesPerPixel.tag, [](auto& i) { i.samples_per_pixel = 1; }},
      {"12 bits allocated", kIods[2], attribute::kBitsAllocated.tag, [](auto& i) { i.bits_allocated = 12; }},
      {"32 bits allocated", kIods[2], attribute::kBitsAllocated.tag, [](auto& i) { i.bits_allocated = 32; }},
      {"more stored than allocated", kIods[2], attribute::kBitsStored.tag, [](auto& i) { i.bits_stored = 9; }},
      {"none stored", kIods[2], attribute::kBitsStored.tag, [](auto& i) { i.bits_stored = 0; }},
      {"7 bits in US", kIods[0], attribute::kBitsStored.tag, [](auto& i) { i.bits_stored = 7; }},
      {"8 of 16 bits in word SC", kIods[4], attribute::kBitsStored.tag, [](auto& i) { i.bits_stored = 8; }},
      {"two frames in a single-frame object", kIods[2], attribute::kNumberOfFrames.tag, [](auto& i) { i.frames = 2; }},
      {"an open count in a single-frame object", kIods[0], attribute::kNumberOfFrames.tag, [](auto& i) { i.frames = 0; }},
      {"frames beyond an IS", kIods[1], attribute::kNumberOfFrames.tag,
       [](auto& i) { i.coding = PixelCoding::jpeg_baseline; i.frames = 2147483648U; }},
      {"pixels beyond 32 bits", kIods[1], attribute::kNumberOfFrames.tag, [](auto& i) { i.frames = 0xFFFFFFFE / 24 + 1; }},
      {"a frame beyond 32 bits", kIods[5], attribute::kNumberOfFrames.tag, [](auto& i) { i.rows = i.columns = 65535; i.frames = 0; }},
      {"no frame time", kIods[5], attribute::kFrameTime.tag, [](auto& i) { i.frames = 2; i.frame_time_us = 0; }},
      {"no frame time, count open", kIods[3], attribute::kFrameTime.tag, [](auto& i) { i.frames = 0; i.frame_time_us = 0; }},
      {"no frame time in US multi-frame", kIods[1], attribute::kFrameTime.tag, [](auto& i) { i.frame_time_us = 0; }},
      {"no SOP Instance UID", kIods[0], attribute::kSOPInstanceUID.tag, [](auto& i) { i.sop_instance_uid = ""; }},
      {"a bad study UID", kIods[0], attribute::kStudyInstanceUID.tag, [](auto& i) { i.study_instance_uid = "1.02"; }},
      {"no series UID", kIods[0], attribute::kSeriesInstanceUID.tag, [](auto& i) { i.series_instance_uid = {}; }},
      {"a series number beyond an IS", kIods[0], attribute::kSeriesNumber.tag, [](auto& i) { i.series_number = 2147483648U; }},
      {"an instance number beyond an IS", kIods[0], attribute::kInstanceNumber.tag, [](auto& i) { i.instance_number = 4294967295U; }},
      {"a backslash in a name", kIods[0], attribute::kPatientName.tag, [](auto& i) { i.patient_name = "a\\b"; }},
      {"bad UTF-8", kIods[0], attribute::kInstitutionName.tag, [](auto& i) { i.institution_name = "Clinique \xE9"; }},
      {"a long accession number", kIods[0], attribute::kAccessionNumber.tag, [](auto& i) { i.accession_number = "12345678901234567"; }},
      {"a birth date that is none", kIods[0], attribute::kPatientBirthDate.tag, [](auto& i) { i.patient_birth_date = "19700230"; }},
      {"a time that is none", kIods[0], attribute::kContentTime.tag, [](auto& i) { i.content_time = "25"; }},
      {"an unknown sex", kIods[0], attribute::kPatientSex.tag, [](auto& i) { i.patient_sex = "X"; }},
      {"an unknown side", kIods[0], attribute::kLaterality.tag, [](auto& i) { i.laterality = "B"; }},
      {"a side of the heart", kIods[0], attribute::kLaterality.tag, [](auto& i) { i.laterality = "L"; i.body_part = "HEART"; }},
      {"a modality in lower case", kIods[0], attribute::kModality.tag, [](auto& i) { i.modality = "us"; }},
      {"a time zone by name", kIods[0], attribute::kTimezoneOffsetFromUTC.tag, [](auto& i) { i.timezone_offset = "CET"; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    ImageDescription image = example_image(row.iod);
    CHECK(validate(image).has_value());
    row.change(image);
    const auto result = validate(image);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().tag == row.tag);
    CHECK_FALSE(result.error().what.empty());
  }
}

TEST_CASE("offsets from UTC run from -1200 to +1400, and zero is positive") {
  ImageDescription image = example_image();
  for (const char* good : {"+0000", "+0100", "-0330", "+1400", "-1200", "+0545"}) {
    image.timezone_offset = good;
    CHECK(validate(image).has_value());
  }
  for (const char* bad : {"-0000", "+1401", "-1201", "+0060", "0100", "+100", "+01:00", "+01000"}) {
    image.timezone_offset = bad;
    CHECK_FALSE(validate(image).has_value());
  }
}

TEST_CASE("native frames are counted in 64 bits") {
  ImageDescription image = example_image(Iod::multi_frame_true_color_sc);
  image.rows = image.columns = 65535;
  CHECK(native_frame_bytes(image) == 65535ULL * 65535 * 3);
  CHECK(native_frames_max(image) == 0);
  image.rows = image.columns = 1;
  CHECK(native_frame_bytes(image) == 3);
  CHECK(native_frames_max(image) == 0xFFFFFFFEULL / 3);
  image = example_image(Iod::multi_frame_grayscale_byte_sc);
  image.rows = image.columns = 1;
  CHECK(native_frames_max(image) == 2147483647);
  image.rows = 0;
  CHECK(native_frames_max(image) == 0);
  CHECK(native_frames_max(example_image()) == 1);
}

TEST_CASE("objects and codings have the UIDs of the standard") {
  CHECK(sop_class_uid(Iod::ultrasound) == "1.2.840.10008.5.1.4.1.1.6.1");
  CHECK(sop_class_uid(Iod::ultrasound_multi_frame) == "1.2.840.10008.5.1.4.1.1.3.1");
  CHECK(sop_class_uid(Iod::secondary_capture) == "1.2.840.10008.5.1.4.1.1.7");
  CHECK(sop_class_uid(Iod::multi_frame_grayscale_byte_sc) == "1.2.840.10008.5.1.4.1.1.7.2");
  CHECK(sop_class_uid(Iod::multi_frame_grayscale_word_sc) == "1.2.840.10008.5.1.4.1.1.7.3");
  CHECK(sop_class_uid(Iod::multi_frame_true_color_sc) == "1.2.840.10008.5.1.4.1.1.7.4");
  CHECK(transfer_syntax_uid(PixelCoding::native) == "1.2.840.10008.1.2.1");
  CHECK(transfer_syntax_uid(PixelCoding::jpeg_baseline) == "1.2.840.10008.1.2.4.50");
}
