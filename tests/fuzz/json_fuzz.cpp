// SPDX-License-Identifier: Apache-2.0
// The bytes are JSON. A document that comes of them can be written as DICOM, and reads back without a defect.
#include <cstddef>
#include <cstdint>

#include <scanferry/model/json_reader.hpp>
#include <scanferry/model/part10_writer.hpp>

#include "require.hpp"

using namespace scanferry;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = core::text_of(std::as_bytes(std::span{data, size}));
  const auto bulk = [](std::string_view uri) { return model::Result<std::vector<std::byte>>{std::vector<std::byte>(uri.size())}; };
  const auto document = model::read_json(text, bulk);
  if (!document) return 0;
  model::StringSink sink;
  if (!model::write_part10(*document, "1.2.840.10008.1.2.1", sink)) return 0;
  const model::MemorySource source{core::bytes_of(sink.text)};
  const auto again = model::Document::read(source);
  // A first element that looks like one of another encoding, and could be one, is taken for that.
  require(again && (!again->defect() || again->encoding() != core::Encoding::explicit_little_endian));
  return 0;
}
