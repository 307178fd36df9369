// SPDX-License-Identifier: Apache-2.0
// The bytes are a file. What can be read of it is written unchanged, canonically and as JSON, and reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <scanferry/model/document.hpp>
#include <scanferry/model/json_reader.hpp>
#include <scanferry/model/json_writer.hpp>
#include <scanferry/model/part10_writer.hpp>

namespace {

using namespace scanferry;

constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";
constexpr std::uint64_t kInflatedBytesMax = 1 << 20;

void require(bool holds) {
  if (!holds) std::abort();
}

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

void check_json(const model::Document& document) {
  model::JsonOptions options;
  options.bulk.how = model::BulkOptions::How::in_line;
  options.with_meta = true;
  model::StringSink sink;
  require(model::write_json(document, options, sink).has_value());
  const auto nothing = [](std::string_view) { return model::Result<std::vector<std::byte>>{std::unexpected{model::Error{}}}; };
  (void)model::read_json(sink.text, nothing);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::ByteView file = std::as_bytes(std::span{data, size});
  const model::MemorySource source{file};
  const auto document = model::Document::read(source, {.held_value_bytes = 256, .inflated_bytes = kInflatedBytesMax});
  if (!document) return 0;
  check_json(*document);
  if (document->defect()) return 0;
  if (!document->is_deflated()) require(unchanged(*document) == core::text_of(file));
  check_canonical(*document);
  return 0;
}
