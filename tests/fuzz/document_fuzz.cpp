// SPDX-License-Identifier: Apache-2.0
// The bytes are a file. What can be read of it is checked, written unchanged, canonically, as JSON and as XML, and reads back the same.
#include <cstddef>
#include <cstdint>

#include <scanferry/core/utf8.hpp>
#include <scanferry/model/check.hpp>
#include <scanferry/model/document.hpp>
#include <scanferry/model/json_reader.hpp>
#include <scanferry/model/json_writer.hpp>
#include <scanferry/model/part10_writer.hpp>
#include <scanferry/model/xml_writer.hpp>

#include "require.hpp"

namespace {

using namespace scanferry;
using fuzz::require;

constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";
constexpr std::string_view kRleLossless = "1.2.840.10008.1.2.5";
constexpr std::uint64_t kInflatedBytesMax = 1 << 20;

std::string unchanged(const model::Document& document) {
  model::StringSink sink;
  require(model::write_changed(document, sink).has_value());
  return std::move(sink.text);
}

/// Empty where the content has no canonical form: compressed pixels, a value without a length.
std::string canonical(const model::Document& document) {
  model::StringSink sink;
  const bool is_written = model::write_part10(document, kExplicitLittleEndian, sink).has_value();
  return is_written ? std::move(sink.text) : std::string{};
}

void check_canonical(const model::Document& document) {
  const std::string once = canonical(document);
  if (once.empty()) return;
  const model::MemorySource source{core::bytes_of(once)};
  const auto again = model::Document::read(source);
  if (again && again->encoding() != core::Encoding::explicit_little_endian) return;  // as its first element looks
  require(again && !again->defect());
  require(canonical(*again) == once);
}

/// A first element that looks like one of another encoding, and could be one, is taken for that.
void check_transcoded(const model::Document& document) {
  model::StringSink sink;
  if (!model::write_part10(document, kRleLossless, sink)) return;
  const model::MemorySource source{core::bytes_of(sink.text)};
  const auto again = model::Document::read(source);
  require(again && (!again->defect() || again->encoding() != core::Encoding::explicit_little_endian));
}

void check_json(const model::Document& document) {
  model::JsonOptions options;
  options.bulk.how = model::BulkOptions::How::in_line;
  options.with_meta = true;
  model::StringSink sink;
  require(model::write_json(document, options, sink).has_value());
  const auto nothing = [](std::string_view) { return model::Result<std::vector<std::byte>>{std::unexpected{model::Error{}}}; };
  (void)model::read_json(sink.text, nothing);
}

void check_xml(const model::Document& document) {
  model::XmlOptions options;
  options.bulk.how = model::BulkOptions::How::in_line;
  options.with_meta = true;
  model::StringSink sink;
  require(model::write_xml(document, options, sink).has_value());
  require(core::utf8_length(sink.text).has_value());
}

void check_findings(const model::Document& document, std::size_t size) {
  const model::CheckReport report = model::check(document, {.with_notes = true});
  require(report.findings.size() <= model::kCheckFindingsMax);
  for (const model::CheckFinding& finding : report.findings) {
    require(document.is_deflated() || finding.offset <= size);
    require(finding.value.size() <= model::CheckFinding::kShownBytesMax + std::string_view{"..."}.size());
    require(core::utf8_length(finding.value).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::ByteView file = std::as_bytes(std::span{data, size});
  const model::MemorySource source{file};
  const auto document = model::Document::read(source, {.held_value_bytes = 256, .inflated_bytes = kInflatedBytesMax});
  if (!document) return 0;
  check_json(*document);
  check_xml(*document);
  check_findings(*document, size);
  if (document->defect()) return 0;
  if (!document->is_deflated()) require(unchanged(*document) == core::text_of(file));
  check_canonical(*document);
  check_transcoded(*document);
  return 0;
}
