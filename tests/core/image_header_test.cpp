// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <vector>

#include <scanferry/core/element_reader.hpp>
#include <scanferry/core/image_header.hpp>
#include <scanferry/core/implementation.hpp>
#include <scanferry/core/part10.hpp>

#include "element_text.hpp"
#include "example_image.hpp"

using namespace scanferry::core;
using namespace scanferry::tests;

namespace {

struct Built {
  HeaderLayout layout;
  std::string bytes;
};

Built build(const ImageDescription& image) {
  std::array<std::byte, kImageHeaderBytesMax> buffer{};
  const auto layout = build_image_header(image, buffer);
  REQUIRE(layout.has_value());
  return {*layout, std::string{text_of(ByteView{buffer}.first(layout->size))}};
}

/// The value of a top-level element, or "<absent>".
std::string value_of(const Built& built, const Attribute& attribute) {
  ElementReader reader{Encoding::explicit_little_endian, built.layout.data_set_offset};
  reader.feed(bytes_of(built.bytes).subspan(built.layout.data_set_offset));
  std::string value = "<absent>";
  Tag current{};
  for (;;) {
    const auto event = reader.next();
    if (!event || *event == ElementReader::Event::need_input || *event == ElementReader::Event::end) return value;
    if (*event == ElementReader::Event::element) current = reader.header().tag;
    if (current != attribute.tag) continue;
    if (*event == ElementReader::Event::element) value.clear();
    if (*event == ElementReader::Event::value) value += text_of(reader.bytes());
  }
}

std::string golden_file_meta(const std::string& sop_class, const std::string& transfer_syntax) {
  const std::string group = long_element(0x0002, 0x0001, "OB", 2) + std::string{"\0\1", 2} +
                            short_element(0x0002, 0x0002, "UI", uid_value(sop_class)) +
                            short_element(0x0002, 0x0003, "UI", uid_value("2.25.1")) +
                            short_element(0x0002, 0x0010, "UI", uid_value(transfer_syntax)) +
                            short_element(0x0002, 0x0012, "UI", uid_value(std::string{kImplementationClassUid})) +
                            short_element(0x0002, 0x0013, "SH", padded(std::string{kImplementationVersionName}));
  return std::string(128, '\0') + "DICM" + short_element(0x0002, 0x0000, "UL", le32(static_cast<std::uint32_t>(group.size()))) + group;
}

}  // namespace

TEST_CASE("the header of a plain secondary capture is these bytes") {
  const std::string sop_class = "1.2.840.10008.5.1.4.1.1.7";
  const std::string meta = golden_file_meta(sop_class, "1.2.840.10008.1.2.1");
  const std::string data_set =
      short_element(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY") + short_element(0x0008, 0x0016, "UI", uid_value(sop_class)) +
      short_element(0x0008, 0x0018, "UI", uid_value("2.25.1")) + short_element(0x0008, 0x0020, "DA", "") +
      short_element(0x0008, 0x0030, "TM", "") + short_element(0x0008, 0x0050, "SH", "") + short_element(0x0008, 0x0060, "CS", "OT") +
      short_element(0x0008, 0x0064, "CS", "DI") + short_element(0x0008, 0x0070, "LO", "") + short_element(0x0008, 0x0090, "PN", "") +
      short_element(0x0010, 0x0010, "PN", "") + short_element(0x0010, 0x0020, "LO", "") + short_element(0x0010, 0x0030, "DA", "") +
      short_element(0x0010, 0x0040, "CS", "") + short_element(0x0020, 0x000D, "UI", uid_value("2.25.2")) +
      short_element(0x0020, 0x000E, "UI", uid_value("2.25.33")) + short_element(0x0020, 0x0010, "SH", "") +
      short_element(0x0020, 0x0011, "IS", "1 ") + short_element(0x0020, 0x0013, "IS", "1 ") + short_element(0x0020, 0x0020, "CS", "") +
      short_element(0x0020, 0x0060, "CS", "") + short_element(0x0028, 0x0002, "US", le16(1)) +
      short_element(0x0028, 0x0004, "CS", padded("MONOCHROME2")) + short_element(0x0028, 0x0010, "US", le16(4)) +
      short_element(0x0028, 0x0011, "US", le16(6)) + short_element(0x0028, 0x0100, "US", le16(8)) +
      short_element(0x0028, 0x0101, "US", le16(8)) + short_element(0x0028, 0x0102, "US", le16(7)) +
      short_element(0x0028, 0x0103, "US", le16(0)) + short_element(0x0028, 0x0301, "CS", padded("YES")) +
      long_element(0x7FE0, 0x0010, "OB", 24);

  const Built built = build(example_image());
  CHECK(built.bytes == meta + data_set);
  CHECK(built.layout.data_set_offset == meta.size());
  CHECK(built.layout.number_of_frames_offset == 0);
  CHECK(built.layout.pixel_length_offset == built.layout.size - 4);
}

TEST_CASE("a JPEG header ends with an empty offset table and has no length to patch") {
  ImageDescription image = example_image(Iod::ultrasound_multi_frame);
  image.coding = PixelCoding::jpeg_baseline;
  image.photometric = Photometric::ybr_full_422;
  image.samples_per_pixel = 3;
  image.frames = 0;
  const Built built = build(image);
  CHECK(built.bytes.starts_with(golden_file_meta("1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.1.2.4.50")));
  CHECK(built.bytes.ends_with(long_element(0x7FE0, 0x0010, "OB", kUndefined) + item(0)));
  CHECK(built.layout.pixel_length_offset == 0);
  CHECK(value_of(built, attribute::kLossyImageCompression) == "01");
  CHECK(value_of(built, attribute::kLossyImageCompressionMethod) == "ISO_10918_1 ");
  CHECK(value_of(built, attribute::kFrameTime) == "40");
  CHECK(value_of(built, attribute::kFrameIncrementPointer) == tag_bytes(0x0018, 0x1063));
  CHECK(value_of(built, attribute::kPlanarConfiguration) == le16(0));
}

TEST_CASE("the layout says where the number of frames and the pixel length are") {
  ImageDescription image = example_image(Iod::multi_frame_grayscale_word_sc);
  image.bits_stored = 12;
  image.frames = 3;
  const Built built = build(image);
  CHECK(built.bytes.substr(built.layout.number_of_frames_offset, kNumberOfFramesBytes) == "           3");
  CHECK(built.bytes.substr(built.layout.number_of_frames_offset - 8, 8) == tag_bytes(0x0028, 0x0008) + "IS" + le16(12));
  CHECK(built.bytes.substr(built.layout.pixel_length_offset) == le32(3 * 4 * 6 * 2));
  CHECK(built.bytes.ends_with(long_element(0x7FE0, 0x0010, "OW", 144)));
  CHECK(value_of(built, attribute::kHighBit) == le16(11));
  CHECK(value_of(built, attribute::kRescaleSlope) == "1 ");
  CHECK(value_of(built, attribute::kPresentationLUTShape) == "IDENTITY");
}

TEST_CASE("a count that is not known yet leaves room for the largest") {
  ImageDescription image = example_image(Iod::ultrasound_multi_frame);
  image.frames = 0;
  Built open = build(image);
  image.frames = 178956970;  // the most frames of 24 bytes
  const Built closed = build(image);
  REQUIRE(open.bytes.size() == closed.bytes.size());
  const auto count = number_of_frames_value(image.frames);
  open.bytes.replace(open.layout.number_of_frames_offset, kNumberOfFramesBytes, text_of(count));
  open.bytes.replace(open.layout.pixel_length_offset, 4, le32(178956970U * 24U));
  CHECK(open.bytes == closed.bytes);
}

TEST_CASE("an odd number of pixel bytes is stated as even") {
  ImageDescription image = example_image();
  image.rows = image.columns = 3;
  CHECK(build(image).bytes.ends_with(le32(10)));
}

TEST_CASE("UTF-8 is declared when a text needs it and not otherwise") {
  ImageDescription image = example_image();
  image.patient_name = "Doe^Jane";
  CHECK(value_of(build(image), attribute::kSpecificCharacterSet) == "<absent>");
  image.station_name = "Geb\u00e4ude 3";
  const Built built = build(image);
  CHECK(value_of(built, attribute::kSpecificCharacterSet) == "ISO_IR 192");
  CHECK(value_of(built, attribute::kStationName) == "Geb\u00e4ude 3");
}

TEST_CASE("laterality is empty when unknown and absent for what the body has once") {
  ImageDescription image = example_image(Iod::ultrasound);
  CHECK(value_of(build(image), attribute::kLaterality).empty());
  image.body_part = "KNEE";
  image.laterality = "R";
  CHECK(value_of(build(image), attribute::kLaterality) == "R ");
  image.body_part = "HEART";
  image.laterality = {};
  CHECK(value_of(build(image), attribute::kLaterality) == "<absent>");
}

TEST_CASE("a single frame of multi-frame secondary capture has no frame increment") {
  const Built built = build(example_image(Iod::multi_frame_true_color_sc));
  CHECK(value_of(built, attribute::kNumberOfFrames) == "           1");
  CHECK(value_of(built, attribute::kFrameIncrementPointer) == "<absent>");
  CHECK(value_of(built, attribute::kFrameTime) == "<absent>");
}

TEST_CASE("frame times are milliseconds with the digits that matter") {
  struct Row {
    std::uint32_t us;
    const char* text;
  };
  ImageDescription image = example_image(Iod::ultrasound_multi_frame);
  for (const Row& row : {Row{1, "0.001 "}, Row{1000, "1 "}, Row{33333, "33.333"}, Row{16600, "16.600"}, Row{1000000, "1000"},
                         Row{4294967295U, "4294967.295 "}}) {
    image.frame_time_us = row.us;
    CHECK(value_of(build(image), attribute::kFrameTime) == row.text);
  }
}

TEST_CASE("the longest texts fit the stated maximum, and no smaller buffer is overrun") {
  std::string line;
  for (int i = 0; i < 64; ++i) line += "\U0001F600";
  std::string short_line = line.substr(0, 16 * 4);
  const std::string name = line + "=" + line + "=" + line;
  const std::string uid = "2.25." + std::string(59, '9');
  ImageDescription image = example_image(Iod::multi_frame_grayscale_byte_sc);
  image.frames = 0;
  image.lossy = true;
  for (auto text : {&ImageDescription::patient_name, &ImageDescription::referring_physician_name}) image.*text = name;
  for (auto text : {&ImageDescription::patient_id, &ImageDescription::study_description, &ImageDescription::series_description,
                    &ImageDescription::manufacturer, &ImageDescription::model_name, &ImageDescription::device_serial_number,
                    &ImageDescription::software_version, &ImageDescription::institution_name}) {
    image.*text = line;
  }
  for (auto text : {&ImageDescription::accession_number, &ImageDescription::study_id, &ImageDescription::station_name}) {
    image.*text = short_line;
  }
  for (auto text : {&ImageDescription::modality, &ImageDescription::conversion_type, &ImageDescription::body_part}) {
    image.*text = "ABCDEFGHIJKLMNOP";
  }
  for (auto text : {&ImageDescription::study_date, &ImageDescription::content_date, &ImageDescription::patient_birth_date}) {
    image.*text = "20240229";
  }
  for (auto text : {&ImageDescription::study_time, &ImageDescription::content_time}) image.*text = "235959.999999";
  image.patient_sex = "O";
  image.laterality = "L";
  image.timezone_offset = "+1400";
  image.sop_instance_uid = image.study_instance_uid = image.series_instance_uid = uid;
  image.series_number = image.instance_number = 2147483647;

  const std::size_t needed = build(image).layout.size;
  CHECK(needed < kImageHeaderBytesMax - 2048);
  std::vector<std::byte> buffer(needed);
  CHECK(build_image_header(image, buffer).has_value());
  for (std::size_t size = 0; size < needed; size += size < 700 ? 1 : 97) {
    std::vector<std::byte> small(size);
    const auto layout = build_image_header(image, small);
    REQUIRE_FALSE(layout.has_value());
    CHECK(layout.error().code == Errc::no_room);
  }
}

TEST_CASE("the frame pointer goes where one frame must not have it, and nothing else moves out of place") {
  const auto [iod, goes] = GENERATE(table<Iod, bool>({{Iod::multi_frame_grayscale_byte_sc, true},
                                                      {Iod::multi_frame_true_color_sc, true},
                                                      {Iod::ultrasound_multi_frame, false}}));
  ImageDescription image = example_image(iod);
  image.frames = 0;
  const Built built = build(image);
  CHECK((built.layout.frame_pointer_offset != 0) == goes);
  if (!goes) return;
  std::vector<std::byte> bytes(bytes_of(built.bytes).begin(), bytes_of(built.bytes).end());
  drop_frame_pointer(ByteBuffer{bytes}.first(built.layout.size).subspan(built.layout.frame_pointer_offset));
  const Built dropped{built.layout, std::string{text_of(bytes)}};
  CHECK(dropped.bytes.size() == built.bytes.size());
  CHECK(dropped.bytes.find(tag_bytes(0x0028, 0x0009)) == std::string::npos);
  CHECK(value_of(dropped, attribute::kRows) == value_of(built, attribute::kRows));
  CHECK(value_of(dropped, attribute::kBurnedInAnnotation) == std::string(12, ' ') + value_of(built, attribute::kBurnedInAnnotation));
  CHECK(dropped.bytes.substr(built.layout.pixel_length_offset - 8) == built.bytes.substr(built.layout.pixel_length_offset - 8));
}

TEST_CASE("an invalid description builds nothing") {
  ImageDescription image = example_image();
  image.rows = 0;
  std::array<std::byte, kImageHeaderBytesMax> buffer{};
  const auto layout = build_image_header(image, buffer);
  REQUIRE_FALSE(layout.has_value());
  CHECK(layout.error().tag == attribute::kRows.tag);
}

TEST_CASE("frame counts and item headers are encoded in fixed widths") {
  CHECK(text_of(number_of_frames_value(0)) == "           0");
  CHECK(text_of(number_of_frames_value(4294967295U)) == "  4294967295");
  CHECK(text_of(frame_item_header(5)) == item(6));
  CHECK(text_of(frame_item_header(6)) == item(6));
  CHECK(text_of(scanferry::core::sequence_delimiter()) == scanferry::tests::sequence_delimiter());
}

TEST_CASE("the file meta reader finds in a built header what went in, and no beginning of it passes for the whole") {
  const Built built = build(example_image(Iod::ultrasound));
  const auto meta = read_file_meta(bytes_of(built.bytes));
  REQUIRE(meta.has_value());
  CHECK(meta->sop_class_uid.view() == "1.2.840.10008.5.1.4.1.1.6.1");
  CHECK(meta->sop_instance_uid.view() == "2.25.1");
  CHECK(meta->transfer_syntax_uid.view() == "1.2.840.10008.1.2.1");
  CHECK(meta->data_set_offset == built.layout.data_set_offset);
  for (std::size_t size = 0; size < built.layout.data_set_offset; ++size) {
    CAPTURE(size);
    const auto cut = read_file_meta(bytes_of(built.bytes).first(size));
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error().code == (size < 132 ? Errc::not_dicom : Errc::truncated));
  }
}
