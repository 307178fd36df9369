// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/image_description.hpp>
#include <scanferry/core/time.hpp>

#include "agent/config.hpp"
#include "agent/failure.hpp"

namespace scanferry::firmware {

/// What kind of object an acquisition becomes; with the pixel format it decides the IOD.
enum class ObjectKind : std::uint8_t { ultrasound, ultrasound_multi_frame, secondary_capture, secondary_capture_multi_frame };

/// "us", "us-multiframe", "sc", "sc-multiframe"
Result<ObjectKind> parse_object_kind(std::string_view name);
/// "MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422"
Result<core::Photometric> parse_photometric(std::string_view name);
/// How many samples a pixel of `photometric` has.
std::uint16_t samples_of(core::Photometric photometric);

/// Everything that is known of one acquisition before its pixels, in its owner's memory.
struct Acquisition {
  ObjectKind kind{ObjectKind::secondary_capture};
  core::PixelCoding coding{core::PixelCoding::native};
  std::uint16_t rows{0};
  std::uint16_t columns{0};
  core::Photometric photometric{core::Photometric::monochrome2};
  std::uint16_t bits_allocated{8};
  std::uint16_t bits_stored{8};
  std::uint32_t frame_time_us{0};
  bool lossy{false};
  bool burned_in_annotation{true};  ///< the pixels may show who it is; false only if the device is sure

  /// File names beside the sidecar, in order. Native files hold one or more whole frames each.
  std::vector<std::string> frame_files;

  std::string study_instance_uid;
  std::string series_instance_uid;
  std::uint32_t series_number{1};
  std::uint32_t instance_number{1};  ///< of the first object

  std::string patient_name;
  std::string patient_id;
  std::string patient_birth_date;
  std::string patient_sex;
  std::string accession_number;
  std::string study_id;
  std::string study_description;
  std::string series_description;
  std::string referring_physician_name;
  std::string study_date;
  std::string study_time;
  std::string content_date;
  std::string content_time;
  std::string timezone_offset;
  std::string modality;
  std::string body_part;
  std::string laterality;

  /// The kind's IOD for this pixel format.
  [[nodiscard]] core::Iod iod() const;
  /// A description that borrows from this acquisition and from `device`.
  [[nodiscard]] core::ImageDescription describe_image(const DeviceConfig& device) const;
  /// Fills dates, times and the zone that were not given from the device's clock.
  void stamp(core::WallTime now, core::Millis utc_offset);
};

/// Reads a sidecar: JSON or TOML after the end of `file_name`, with the same keys in both. A failure names the file, and
/// line or key, and says what is allowed.
Result<Acquisition> parse_sidecar(std::string_view text, std::string_view file_name);

}  // namespace scanferry::firmware
