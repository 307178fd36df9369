// SPDX-License-Identifier: Apache-2.0
#include "cli/description_options.hpp"

#include <cmath>

#include "cli/number_range.hpp"

namespace scanferry::firmware {

void DescriptionOptions::add_to(CLI::App& command) {
  command.add_option("--object", kind_, "us, us-multiframe, sc, sc-multiframe")->capture_default_str();
  command.add_option("--rows", values_.rows, "Pixels from top to bottom")->required()->check(CLI::Range(1, 65535));
  command.add_option("--columns", values_.columns, "Pixels from left to right")->required()->check(CLI::Range(1, 65535));
  command.add_option("--photometric", photometric_, "MONOCHROME1, MONOCHROME2, RGB, YBR_FULL")->required();
  command.add_option("--bits-allocated", values_.bits_allocated, "8, or 16 (little endian)")->capture_default_str()->check(CLI::IsMember({8, 16}));
  command.add_option("--bits-stored", bits_stored_, "Bits in use; without it, all")->check(CLI::Range(1, 16));
  command.add_option("--frame-time-ms", frame_time_ms_, "Time from frame to frame; multi-frame objects need it")->check(number_between(0.0, 3'600'000.0));
  command.add_flag("--burned-in-annotation,!--no-burned-in-annotation", values_.burned_in_annotation, "Whether the pixels may show who it is")
      ->capture_default_str();
  command.add_option("--patient-name", values_.patient_name, "Family^Given");
  command.add_option("--patient-id", values_.patient_id);
  command.add_option("--birth-date", values_.patient_birth_date, "YYYYMMDD");
  command.add_option("--sex", values_.patient_sex, "M, F or O");
  command.add_option("--accession-number", values_.accession_number);
  command.add_option("--study-uid", values_.study_instance_uid, "Without it, a new study");
  command.add_option("--study-id", values_.study_id);
  command.add_option("--study-description", values_.study_description);
  command.add_option("--series-uid", values_.series_instance_uid, "Without it, a new series");
  command.add_option("--series-number", values_.series_number)->capture_default_str();
  command.add_option("--series-description", values_.series_description);
  command.add_option("--instance-number", values_.instance_number)->capture_default_str();
  command.add_option("--modality", values_.modality, "Without it, after the kind of object");
  command.add_option("--body-part", values_.body_part);
  command.add_option("--laterality", values_.laterality, "L or R");
}

Result<Acquisition> DescriptionOptions::acquisition() const {
  auto acquisition = values_;
  const auto kind = parse_object_kind(kind_);
  if (!kind) return bad_input("--object: ", kind.error().message);
  const auto photometric = parse_photometric(photometric_);
  if (!photometric) return bad_input("--photometric: ", photometric.error().message);
  acquisition.kind = *kind;
  acquisition.photometric = *photometric;
  acquisition.bits_stored = bits_stored_ == 0 ? values_.bits_allocated : bits_stored_;
  acquisition.frame_time_us = static_cast<std::uint32_t>(std::lround(frame_time_ms_ * 1000.0));
  return acquisition;
}

}  // namespace scanferry::firmware
