// SPDX-License-Identifier: Apache-2.0
#include "smoke_test.hpp"

#include <array>

#include <scanferry/core/element_reader.hpp>
#include <scanferry/core/image_header.hpp>
#include <scanferry/core/part10.hpp>

namespace scanferry::tests {
namespace {

using Event = core::ElementReader::Event;

// In bss: the stack of a board is small.
std::array<std::byte, core::kImageHeaderBytesMax> g_file;
core::ElementReader g_reader{core::Encoding::explicit_little_endian};

core::ImageDescription example() {
  core::ImageDescription image;
  image.iod = core::Iod::ultrasound;
  image.rows = 2;
  image.columns = 4;
  image.sop_instance_uid = "2.25.1";
  image.study_instance_uid = "2.25.2";
  image.series_instance_uid = "2.25.3";
  image.patient_name = "Doe^Jane";
  return image;
}

struct Found {
  bool has_name{false};
  std::size_t elements{0};
  bool has_ended{false};
};

Found read_back(core::ByteView data_set) {
  Found found;
  g_reader = core::ElementReader{core::Encoding::explicit_little_endian, 0, data_set.size()};
  g_reader.feed(data_set);
  for (;;) {
    const auto event = g_reader.next();
    if (!event || *event == Event::need_input) return found;
    if (*event == Event::element) ++found.elements;
    if (*event == Event::value && g_reader.header().tag == core::attribute::kPatientName.tag) {
      found.has_name = core::text_of(g_reader.bytes()) == "Doe^Jane";
    }
    if (*event == Event::end) {
      found.has_ended = true;
      return found;
    }
  }
}

}  // namespace

const char* smoke_test() {
  constexpr std::size_t kPixelBytes = 8;
  const auto layout = core::build_image_header(example(), g_file);
  if (!layout) return "the header was not built\n";
  const auto file = core::ByteView{g_file}.first(layout->size + kPixelBytes);
  const auto meta = core::read_file_meta(file);
  if (!meta || meta->sop_instance_uid.view() != "2.25.1") return "the File Meta Information was not read back\n";
  const Found found = read_back(file.subspan(static_cast<std::size_t>(meta->data_set_offset)));
  if (!found.has_ended) return "the data set did not come to its end\n";
  if (!found.has_name) return "the patient's name was not read back\n";
  return found.elements > 20 ? nullptr : "elements are missing\n";
}

}  // namespace scanferry::tests
