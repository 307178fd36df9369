// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <vector>

#include <scanferry/core/element_writer.hpp>

#include "element_text.hpp"

using namespace scanferry::core;
namespace tests = scanferry::tests;

namespace {

/// What `write` puts into a buffer of `size` bytes; the rest of the buffer must stay untouched.
template <class Write>
Result<std::string> written(std::size_t size, Write write) {
  std::vector<std::byte> memory(size + 4, std::byte{0xA5});
  ElementWriter out{ByteBuffer{memory}.first(size)};
  write(out);
  for (std::size_t i = size; i < memory.size(); ++i) CHECK(memory[i] == std::byte{0xA5});
  const auto done = out.finish();
  if (!done) return std::unexpected{done.error()};
  return std::string{text_of(ByteView{memory}.first(*done))};
}

void write_everything(ElementWriter& out) {
  out.text(attribute::kSOPClassUID, "1.2.3");
  out.text(attribute::kModality, "US");
  out.text(attribute::kPatientID, "abc");
  out.text(attribute::kPatientName, "");
  out.optional_text(attribute::kStudyDescription, "");
  out.integer_text(attribute::kInstanceNumber, 4294967295U);
  out.integer_text(attribute::kSeriesNumber, 0);
  out.us(attribute::kRows, 0x0102);
  out.ul(attribute::kFileMetaInformationGroupLength, 0x01020304);
  out.at(attribute::kFrameIncrementPointer, {0x0018, 0x1063});
  out.bytes(attribute::kFileMetaInformationVersion, bytes_of("xyz"));
  out.header(attribute::kPixelData, kUndefinedLength);
  out.raw(bytes_of("odd"));
}

std::string everything() {
  using namespace tests;
  return short_element(0x0008, 0x0016, "UI", std::string{"1.2.3\0", 6}) + short_element(0x0008, 0x0060, "CS", "US") +
         short_element(0x0010, 0x0020, "LO", "abc ") + short_element(0x0010, 0x0010, "PN", "") +
         short_element(0x0020, 0x0013, "IS", "4294967295") + short_element(0x0020, 0x0011, "IS", "0 ") +
         short_element(0x0028, 0x0010, "US", "\x02\x01") + short_element(0x0002, 0x0000, "UL", "\x04\x03\x02\x01") +
         short_element(0x0028, 0x0009, "AT", tag_bytes(0x0018, 0x1063)) +
         long_element(0x0002, 0x0001, "OB", 4) + std::string{"xyz\0", 4} + long_element(0x7FE0, 0x0010, "OW", kUndefined) + "odd";
}

}  // namespace

TEST_CASE("elements are written in Explicit VR Little Endian, padded to even length") {
  const auto bytes = written(1024, write_everything);
  REQUIRE(bytes.has_value());
  CHECK(*bytes == everything());
}

TEST_CASE("the bytes of one element are these") {
  const auto bytes = written(64, [](ElementWriter& out) { out.text(attribute::kPatientID, "abc"); });
  CHECK(bytes == std::string{"\x10\x00\x20\x00LO\x04\x00" "abc ", 12});
}

TEST_CASE("a buffer of any smaller size is refused and not overrun") {
  const std::size_t needed = everything().size();
  for (std::size_t size = 0; size < needed; ++size) {
    CAPTURE(size);
    const auto bytes = written(size, write_everything);
    REQUIRE_FALSE(bytes.has_value());
    CHECK(bytes.error().code == Errc::no_room);
  }
  CHECK(written(needed, write_everything).has_value());
}

TEST_CASE("after the first thing that does not fit, nothing smaller is let in") {
  const auto bytes = written(20, [](ElementWriter& out) {
    out.text(attribute::kPatientID, "too long for this buffer");
    out.us(attribute::kRows, 1);
  });
  REQUIRE_FALSE(bytes.has_value());
  CHECK(bytes.error().tag == attribute::kPatientID.tag);
}

TEST_CASE("text beyond its 16-bit length becomes UN, and text of a VR with 32 bits does not") {
  const std::string longest(0xFFFE, 'x');
  const auto vr_of_text = [](const Attribute& attribute, const std::string& text) {
    return written(70000, [&](ElementWriter& out) { out.text(attribute, text); }).value().substr(4, 2);
  };
  CHECK(vr_of_text(attribute::kPatientID, longest) == "LO");
  CHECK(vr_of_text(attribute::kPatientID, longest + "y") == "UN");
  CHECK(vr_of_text({{0x0008, 0x0119}, Vr::uc}, longest + "y") == "UC");
}

TEST_CASE("sequences and items have the lengths of what is in them") {
  const auto write = [](ElementWriter& out) {
    const auto sequence = out.begin_sequence(attribute::kReferencedImageSequence);
    const auto first = out.begin_item();
    out.text(attribute::kReferencedSOPInstanceUID, "1.2");
    const auto inner = out.begin_sequence(attribute::kPurposeOfReferenceCodeSequence);
    out.end(inner);
    out.end(first);
    const auto second = out.begin_item();
    out.end(second);
    out.end(sequence);
    out.us(attribute::kRows, 7);
  };
  using namespace tests;
  const std::string inner = short_element(0x0008, 0x1155, "UI", std::string{"1.2\0", 4}) + long_element(0x0040, 0xA170, "SQ", 0);
  const std::string items = item(static_cast<std::uint32_t>(inner.size())) + inner + item(0);
  const std::string all = long_element(0x0008, 0x1140, "SQ", static_cast<std::uint32_t>(items.size())) + items +
                          short_element(0x0028, 0x0010, "US", std::string{"\7\0", 2});
  CHECK(written(1024, write) == all);
  for (std::size_t size = 0; size < all.size(); ++size) CHECK_FALSE(written(size, write).has_value());
}

TEST_CASE("a group length counts what follows it") {
  const auto bytes = written(64, [](ElementWriter& out) {
    const auto group = out.begin_group(attribute::kFileMetaInformationGroupLength);
    out.text(attribute::kTransferSyntaxUID, "1.2");
    out.end(group);
  });
  using namespace tests;
  CHECK(bytes == short_element(0x0002, 0x0000, "UL", le32(12)) + short_element(0x0002, 0x0010, "UI", std::string{"1.2\0", 4}));
}

TEST_CASE("sequences and items may end in delimiters") {
  const auto write = [](ElementWriter& out) {
    const auto sequence = out.begin_sequence(attribute::kReferencedImageSequence, ElementWriter::Length::undefined);
    const auto item = out.begin_item(ElementWriter::Length::undefined);
    out.us(attribute::kRows, 7);
    out.end(item);
    out.end(out.begin_item());
    out.end(sequence);
  };
  using namespace tests;
  const std::string all = long_element(0x0008, 0x1140, "SQ", kUndefined) + item(kUndefined) +
                          short_element(0x0028, 0x0010, "US", std::string{"\7\0", 2}) + item_delimiter() + item(0) + sequence_delimiter();
  CHECK(written(1024, write) == all);
  for (std::size_t size = 0; size < all.size(); ++size) CHECK_FALSE(written(size, write).has_value());
}

TEST_CASE("encapsulated pixels have an offset table, fragments of even length and a delimiter") {
  using namespace tests;
  const std::uint32_t offsets[] = {0, 12};
  const auto write = [&](ElementWriter& out) {
    out.begin_fragments(offsets);
    out.fragment(bytes_of("odd"));
    out.fragment(bytes_of("even"));
    out.end_fragments();
  };
  CHECK(written(1024, write) == long_element(0x7FE0, 0x0010, "OB", kUndefined) + item(8) + le32(0) + le32(12) + item(4) +
                                    std::string{"odd\0", 4} + item(4) + "even" + sequence_delimiter());
}

TEST_CASE("the Extended Offset Table counts headers and padding, its lengths do not") {
  using namespace tests;
  const std::uint64_t frames[] = {3, 4, 10};
  CHECK(written(1024, [&](ElementWriter& out) { out.extended_offset_table(frames); }) ==
        long_element(0x7FE0, 0x0001, "OV", 24) + le32(0) + le32(0) + le32(12) + le32(0) + le32(24) + le32(0) +
            long_element(0x7FE0, 0x0002, "OV", 24) + le32(3) + le32(0) + le32(4) + le32(0) + le32(10) + le32(0));
}

TEST_CASE("what an encoding cannot hold is refused") {
  std::vector<std::byte> memory(100);
  ElementWriter implicit{memory, Encoding::implicit_little_endian};
  implicit.begin_fragments();
  implicit.us(attribute::kRows, 1);
  REQUIRE_FALSE(implicit.finish().has_value());
  CHECK(implicit.finish().error().code == Errc::unsupported);
  ElementWriter nameless{memory};
  nameless.bytes({{0x0009, 0x1001}, Vr::unknown}, {});
  REQUIRE_FALSE(nameless.finish().has_value());
  CHECK(nameless.finish().error().code == Errc::bad_value);
}
