// SPDX-License-Identifier: Apache-2.0
#include "agent/acquisition.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "agent/local_time.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::array<std::pair<std::string_view, ObjectKind>, 4> kKinds{{
    {"us", ObjectKind::ultrasound},
    {"us-multiframe", ObjectKind::ultrasound_multi_frame},
    {"sc", ObjectKind::secondary_capture},
    {"sc-multiframe", ObjectKind::secondary_capture_multi_frame},
}};

constexpr std::array<std::pair<std::string_view, core::Photometric>, 5> kPhotometrics{{
    {"MONOCHROME1", core::Photometric::monochrome1},
    {"MONOCHROME2", core::Photometric::monochrome2},
    {"RGB", core::Photometric::rgb},
    {"YBR_FULL", core::Photometric::ybr_full},
    {"YBR_FULL_422", core::Photometric::ybr_full_422},
}};

template <class Table>
auto look_up(const Table& table, std::string_view name, std::string_view what) -> Result<std::remove_cvref_t<decltype(table[0].second)>> {
  std::string known;
  for (const auto& [key, value] : table) {
    if (key == name) return value;
    known += text(known.empty() ? "" : ", ", key);
  }
  return bad_input("'", name, "' is no ", what, "; known: ", known);
}

/// (0008,0201) Timezone Offset From UTC, "&ZZXX".
std::string zone(core::Millis utc_offset) {
  const auto minutes = static_cast<int>(utc_offset.count() / 60'000);
  const int size = minutes < 0 ? -minutes : minutes;
  char out[16];
  std::snprintf(out, sizeof out, "%c%02d%02d", minutes < 0 ? '-' : '+', size / 60 % 24, size % 60);
  return out;
}

}  // namespace

Result<ObjectKind> parse_object_kind(std::string_view name) { return look_up(kKinds, name, "kind of object"); }

Result<core::Photometric> parse_photometric(std::string_view name) { return look_up(kPhotometrics, name, "photometric interpretation"); }

std::uint16_t samples_of(core::Photometric photometric) {
  return photometric == core::Photometric::monochrome1 || photometric == core::Photometric::monochrome2 ? 1 : 3;
}

core::Iod Acquisition::iod() const {
  switch (kind) {
    case ObjectKind::ultrasound: return core::Iod::ultrasound;
    case ObjectKind::ultrasound_multi_frame: return core::Iod::ultrasound_multi_frame;
    case ObjectKind::secondary_capture: return core::Iod::secondary_capture;
    case ObjectKind::secondary_capture_multi_frame: break;
  }
  if (samples_of(photometric) == 3) return core::Iod::multi_frame_true_color_sc;
  return bits_allocated > 8 ? core::Iod::multi_frame_grayscale_word_sc : core::Iod::multi_frame_grayscale_byte_sc;
}

core::ImageDescription Acquisition::describe_image(const DeviceConfig& device) const {
  core::ImageDescription image;
  image.iod = iod();
  image.coding = coding;
  image.rows = rows;
  image.columns = columns;
  image.samples_per_pixel = samples_of(photometric);
  image.photometric = photometric;
  image.bits_allocated = bits_allocated;
  image.bits_stored = bits_stored;
  image.frame_time_us = frame_time_us;
  image.lossy = lossy || coding == core::PixelCoding::jpeg_baseline;
  image.burned_in_annotation = burned_in_annotation;
  image.study_instance_uid = study_instance_uid;
  image.series_instance_uid = series_instance_uid;
  image.series_number = series_number;
  image.instance_number = instance_number;
  image.patient_name = patient_name;
  image.patient_id = patient_id;
  image.patient_birth_date = patient_birth_date;
  image.patient_sex = patient_sex;
  image.accession_number = accession_number;
  image.study_id = study_id;
  image.study_description = study_description;
  image.series_description = series_description;
  image.referring_physician_name = referring_physician_name;
  image.study_date = study_date;
  image.study_time = study_time;
  image.content_date = content_date;
  image.content_time = content_time;
  image.timezone_offset = timezone_offset;
  image.modality = modality;
  image.body_part = body_part;
  image.laterality = laterality;
  image.manufacturer = device.manufacturer;
  image.model_name = device.model_name;
  image.device_serial_number = device.serial_number;
  image.software_version = "scanferry " SCANFERRY_VERSION;
  image.station_name = device.station_name;
  image.institution_name = device.institution_name;
  return image;
}

void Acquisition::stamp(core::WallTime now, core::Millis utc_offset) {
  const auto local = local_time(now, utc_offset);
  if (content_date.empty()) {
    content_date = local.date;
    content_time = local.time;
    // Only a time of our own is certainly in the device's zone.
    if (timezone_offset.empty()) timezone_offset = zone(utc_offset);
  }
  if (study_date.empty()) {
    study_date = content_date;
    study_time = content_time;
  }
}

}  // namespace scanferry::firmware
