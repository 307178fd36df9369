// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "agent/acquisition.hpp"

using namespace scanferry;
using namespace scanferry::firmware;

TEST_CASE("kind and pixel format decide the IOD") {
  const auto [kind, photometric, bits, iod] = GENERATE(table<ObjectKind, core::Photometric, int, core::Iod>({
      {ObjectKind::ultrasound, core::Photometric::rgb, 8, core::Iod::ultrasound},
      {ObjectKind::ultrasound_multi_frame, core::Photometric::monochrome2, 8, core::Iod::ultrasound_multi_frame},
      {ObjectKind::secondary_capture, core::Photometric::monochrome2, 16, core::Iod::secondary_capture},
      {ObjectKind::secondary_capture_multi_frame, core::Photometric::monochrome2, 8, core::Iod::multi_frame_grayscale_byte_sc},
      {ObjectKind::secondary_capture_multi_frame, core::Photometric::monochrome2, 16, core::Iod::multi_frame_grayscale_word_sc},
      {ObjectKind::secondary_capture_multi_frame, core::Photometric::rgb, 8, core::Iod::multi_frame_true_color_sc},
  }));
  Acquisition a;
  a.kind = kind;
  a.photometric = photometric;
  a.bits_allocated = static_cast<std::uint16_t>(bits);
  CHECK(a.iod() == iod);
}

TEST_CASE("dates and times that were not given are the device's local ones") {
  Acquisition a;
  // 2026-01-31 23:30:15.250 UTC
  const core::WallTime now{core::Millis{1'769'902'215'250}};
  a.stamp(now, core::Millis{3'600'000});
  CHECK(a.content_date == "20260201");
  CHECK(a.content_time == "003015.250");
  CHECK(a.study_date == "20260201");
  CHECK(a.timezone_offset == "+0100");
}

TEST_CASE("dates and times that were given stay") {
  Acquisition a;
  a.content_date = "20200101";
  a.content_time = "120000";
  a.stamp(core::WallTime{core::Millis{1'769'902'215'250}}, core::Millis{-12'600'000});
  CHECK(a.content_date == "20200101");
  CHECK(a.study_date == "20200101");
  CHECK(a.timezone_offset.empty());
}
