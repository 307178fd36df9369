// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <scanferry/core/element_reader.hpp>

/// What an ElementReader tells of an input, as text.
namespace scanferry::tests {

struct Trace {
  std::string text;      ///< one line an event; the pieces of a value joined
  std::string findings;  ///< one line each: offset, tag, what
  std::optional<core::Error> error;
};

inline std::string text_of_tag(core::Tag tag) {
  char text[16];
  std::snprintf(text, sizeof text, "%04X,%04X", tag.group, tag.element);
  return text;
}

inline std::string describe(const core::ElementHeader& header) {
  const std::string length = header.length == core::kUndefinedLength ? "u" : std::to_string(header.length);
  return std::to_string(header.depth) + " " + text_of_tag(header.tag) + " " + std::string{core::code_of(header.vr)} + " " + length + "\n";
}

/// Reads `input` from `reader` in pieces of `chunk` bytes, each in memory of its own, so that a sanitizer sees any borrowing
/// beyond it.
inline Trace trace(core::ElementReader reader, const std::string& input, std::size_t chunk) {
  using Event = core::ElementReader::Event;
  Trace trace;
  std::vector<std::byte> memory;
  std::size_t fed = 0;
  for (;;) {
    const std::uint64_t before = reader.offset();
    const auto event = reader.next();
    for (const core::Finding& finding : reader.findings()) {
      trace.findings += std::to_string(finding.offset) + " " + text_of_tag(finding.tag) + " " + std::string{finding.what} + "\n";
    }
    CHECK(reader.offset() >= before);
    if (!event) {
      trace.error = event.error();
      const auto again = reader.next();
      CHECK((!again && again.error().offset == event.error().offset));
      CHECK(reader.header().offset == event.error().offset);
      return trace;
    }
    switch (*event) {
      case Event::need_input: {
        const core::ByteView piece = core::bytes_of(input).subspan(fed, std::min(chunk, input.size() - fed));
        fed += piece.size();
        memory = std::vector<std::byte>(piece.begin(), piece.end());
        memory.shrink_to_fit();
        piece.empty() ? reader.finish() : reader.feed(memory);
        break;
      }
      case Event::element: trace.text += "element " + describe(reader.header()); break;
      case Event::item: trace.text += "item " + describe(reader.header()); break;
      case Event::fragment: trace.text += "fragment " + describe(reader.header()); break;
      case Event::item_end: trace.text += "item end " + std::to_string(reader.header().depth) + "\n"; break;
      case Event::sequence_end: trace.text += "sequence end " + std::to_string(reader.header().depth) + "\n"; break;
      case Event::value:
        trace.text += core::text_of(reader.bytes());
        if (reader.value_left() == 0) trace.text += "\n";
        break;
      case Event::end:
        trace.text += "end " + std::to_string(reader.offset()) + "\n";
        return trace;
    }
  }
}

inline Trace read(core::Encoding encoding, const std::string& input, std::size_t chunk,
                  std::uint64_t end = core::ElementReader::kUnknownEnd) {
  return trace(core::ElementReader{encoding, 0, end}, input, chunk);
}

inline void check_same(const Trace& one, const Trace& other) {
  CHECK(one.text == other.text);
  CHECK(one.findings == other.findings);
  REQUIRE(one.error.has_value() == other.error.has_value());
  if (!one.error) return;
  CHECK(one.error->code == other.error->code);
  CHECK(one.error->offset == other.error->offset);
  CHECK(one.error->tag == other.error->tag);
}

/// The trace must not depend on how the input is cut.
inline Trace read_all_ways(core::Encoding encoding, const std::string& input, std::uint64_t end = core::ElementReader::kUnknownEnd) {
  const Trace whole = read(encoding, input, input.size() + 1, end);
  for (std::size_t chunk = 1; chunk <= 17; ++chunk) {
    CAPTURE(chunk);
    check_same(read(encoding, input, chunk, end), whole);
  }
  return whole;
}

}  // namespace scanferry::tests
