// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include <scanferry/model/document.hpp>
#include <scanferry/model/part10_writer.hpp>

#include "../core/element_text.hpp"

namespace scanferry::tests {

inline constexpr std::string_view kImplicitLittleEndian = "1.2.840.10008.1.2";
inline constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";
inline constexpr std::string_view kExplicitBigEndian = "1.2.840.10008.1.2.2";
inline constexpr std::string_view kDeflated = "1.2.840.10008.1.2.1.99";

/// A Part 10 file with that data set.
inline std::string file_with(std::string_view transfer_syntax, const std::string& data_set) {
  const std::string meta = short_element(0x0002, 0x0010, "UI", uid_value(std::string{transfer_syntax}));
  return std::string(128, '\0') + "DICM" + short_element(0x0002, 0x0000, "UL", le32(static_cast<std::uint32_t>(meta.size()))) + meta + data_set;
}

/// Explicit VR Little Endian: values of all widths, private data, a sequence of two items, pixels.
inline std::string example_file(bool with_undefined_lengths = false) {
  const auto undefined = 0xFFFFFFFFU;
  const auto item_of = [&](const std::string& uid) {
    const std::string content = short_element(0x0008, 0x1155, "UI", uid_value(uid));
    return with_undefined_lengths ? tag_bytes(0xFFFE, 0xE000) + le32(undefined) + content + tag_bytes(0xFFFE, 0xE00D) + le32(0) : item(static_cast<std::uint32_t>(content.size())) + content;
  };
  const std::string items = item_of("1.2.1") + item_of("1.2.2");
  const std::string sequence =
      with_undefined_lengths
          ? long_element(0x0008, 0x1140, "SQ", undefined) + items + sequence_delimiter()
          : long_element(0x0008, 0x1140, "SQ", static_cast<std::uint32_t>(items.size())) + items;
  return file_with(kExplicitLittleEndian,
                   short_element(0x0008, 0x0016, "UI", uid_value("1.2.840.10008.5.1.4.1.1.7")) +
                       short_element(0x0008, 0x0018, "UI", uid_value("1.2.3")) + sequence +
                       short_element(0x0009, 0x0010, "LO", "ACME") + short_element(0x0009, 0x1001, "FD", std::string{"\1\2\3\4\5\6\7\x40", 8}) +
                       short_element(0x0010, 0x0010, "PN", "Doe^Jane") + short_element(0x0010, 0x0020, "LO", "4711") +
                       short_element(0x0018, 0x602C, "FD", std::string{"\0\0\0\0\0\0\xF8\x3F", 8}) +
                       short_element(0x0028, 0x0009, "AT", tag_bytes(0x0018, 0x1063)) + short_element(0x0028, 0x0010, "US", le16(2)) +
                       short_element(0x0028, 0x0011, "US", le16(4)) + short_element(0x0028, 0x0100, "US", le16(16)) +
                       long_element(0x7FE0, 0x0010, "OW", 8) + "abcdefgh");
}

inline std::string written(const model::Document& document, std::string_view syntax) {
  model::StringSink sink;
  const auto done = model::write_part10(document, syntax, sink);
  REQUIRE(done);
  return std::move(sink.text);
}

inline std::string changed(const model::Document& document) {
  model::StringSink sink;
  const auto done = model::write_changed(document, sink);
  REQUIRE(done);
  return std::move(sink.text);
}

}  // namespace scanferry::tests
