// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <scanferry/core/result.hpp>

namespace scanferry::core {

/// The image objects that the encoder writes, PS3.3 A.
enum class Iod : std::uint8_t {
  ultrasound,                      ///< US Image, A.6
  ultrasound_multi_frame,          ///< US Multi-frame Image, A.7
  secondary_capture,               ///< SC Image, A.8.1
  multi_frame_grayscale_byte_sc,   ///< A.8.3
  multi_frame_grayscale_word_sc,   ///< A.8.4
  multi_frame_true_color_sc,       ///< A.8.5
};

/// The Photometric Interpretation of stored pixels, PS3.3 C.7.6.3.1.2.
enum class Photometric : std::uint8_t { monochrome1, monochrome2, rgb, ybr_full, ybr_full_422 };

/// How the pixels are stored: native Explicit VR Little Endian, or JPEG Baseline (Process 1) fragments.
enum class PixelCoding : std::uint8_t { native, jpeg_baseline };

/// Everything that the encoder knows about one object before its first pixel. Text is borrowed from the caller for
/// the length of a call, in UTF-8; an empty string is "unknown": type 2 elements are then written empty and type 3 ones left out.
struct ImageDescription {
  Iod iod{Iod::secondary_capture};
  PixelCoding coding{PixelCoding::native};

  std::uint16_t rows{0};
  std::uint16_t columns{0};
  std::uint16_t samples_per_pixel{1};
  Photometric photometric{Photometric::monochrome2};
  std::uint16_t bits_allocated{8};
  std::uint16_t bits_stored{8};
  std::uint32_t frames{1};          ///< 0: not known yet, closed later through HeaderLayout
  std::uint32_t frame_time_us{0};   ///< time between frames, microseconds; 0: unknown, refused where several frames may come
  bool lossy{false};                ///< pixels went through a lossy compression, PS3.3 C.7.6.1.1.5
  bool burned_in_annotation{true};  ///< false only when the source knows that the pixels identify nobody, PS3.3 C.7.6.1

  std::string_view sop_instance_uid;
  std::string_view study_instance_uid;
  std::string_view series_instance_uid;
  std::uint32_t series_number{1};
  std::uint32_t instance_number{1};

  std::string_view patient_name;
  std::string_view patient_id;
  std::string_view patient_birth_date;   ///< DA
  std::string_view patient_sex;          ///< M, F, O or empty
  std::string_view accession_number;
  std::string_view study_id;
  std::string_view study_description;
  std::string_view series_description;
  std::string_view referring_physician_name;
  std::string_view study_date;           ///< DA
  std::string_view study_time;           ///< TM
  std::string_view content_date;         ///< DA; also the acquisition date
  std::string_view content_time;         ///< TM
  std::string_view timezone_offset;      ///< (0008,0201), "+0100"
  std::string_view modality;             ///< CS; empty: US or OT after the IOD
  std::string_view conversion_type;      ///< CS of SC objects; empty: DI (or DV for multi-frame)
  std::string_view body_part;            ///< CS
  std::string_view laterality;           ///< L, R or empty
  std::string_view manufacturer;
  std::string_view model_name;
  std::string_view device_serial_number;
  std::string_view software_version;
  std::string_view station_name;
  std::string_view institution_name;
};

/// The Storage SOP Class UID of `iod`, PS3.4 B.5.
std::string_view sop_class_uid(Iod iod);
/// The Transfer Syntax UID of `coding`, PS3.5 A.2 and A.4.1.
std::string_view transfer_syntax_uid(PixelCoding coding);
/// True when objects of `iod` may hold more than one frame.
bool is_multi_frame(Iod iod);

/// Bytes of one native frame, without padding. 64 bits: rows and columns come from outside.
std::uint64_t native_frame_bytes(const ImageDescription& image);
/// The most native frames one object can hold: Pixel Data has a 32-bit length (PS3.5 7.1.2) and Number of Frames is an IS.
std::uint64_t native_frames_max(const ImageDescription& image);

/// Says whether the description can become a valid object of its IOD: pixel format against the IOD, ranges, value
/// representations of the text. `Error::tag` is the attribute at fault and `what` says what is allowed.
Result<void> validate(const ImageDescription& image);

}  // namespace scanferry::core
