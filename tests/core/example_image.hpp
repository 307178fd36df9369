// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanferry/core/image_description.hpp>

namespace scanferry::tests {

/// A valid description of `iod` with nothing optional in it; tests change one thing.
inline core::ImageDescription example_image(core::Iod iod = core::Iod::secondary_capture) {
  core::ImageDescription image;
  image.iod = iod;
  image.rows = 4;
  image.columns = 6;
  image.frames = 1;
  image.frame_time_us = core::is_multi_frame(iod) ? 40000 : 0;
  if (iod == core::Iod::multi_frame_grayscale_word_sc) image.bits_allocated = image.bits_stored = 16;
  if (iod == core::Iod::multi_frame_true_color_sc) {
    image.photometric = core::Photometric::rgb;
    image.samples_per_pixel = 3;
  }
  image.sop_instance_uid = "2.25.1";
  image.study_instance_uid = "2.25.2";
  image.series_instance_uid = "2.25.33";
  return image;
}

}  // namespace scanferry::tests
