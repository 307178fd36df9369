// SPDX-License-Identifier: Apache-2.0
// The last byte chooses the pieces; the rest is a file. Its File Meta Information must be read the same whole and in pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include <scanferry/core/part10.hpp>

#include "require.hpp"

namespace {

using namespace scanferry::core;
using scanferry::fuzz::require;

constexpr std::size_t kPieces[] = {1, 3, 7, 8, 100, 143, 144, 145, 1024};

Result<bool> read(FileMetaReader& reader, ByteView file, std::size_t piece) {
  for (std::size_t calls = 0;; ++calls) {
    require(calls <= 2 * file.size() + 300);
    require(reader.offset() <= file.size());
    const auto at = static_cast<std::size_t>(reader.offset());
    const std::size_t size = std::min(piece, file.size() - at);
    const auto memory = std::make_unique<std::byte[]>(size);
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(at), size, memory.get());
    const auto is_complete = reader.take({memory.get(), size});
    if (!is_complete || *is_complete) return is_complete;
  }
}

bool is_same(const FileMeta& a, const FileMeta& b) {
  return a.sop_class_uid == b.sop_class_uid && a.sop_instance_uid == b.sop_instance_uid && a.transfer_syntax_uid == b.transfer_syntax_uid &&
         a.has_meta == b.has_meta && a.data_set_offset == b.data_set_offset && a.syntax == b.syntax;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView file{reinterpret_cast<const std::byte*>(data), size - 1};
  FileMetaReader whole{file.size()};
  FileMetaReader pieces{file.size()};
  const auto a = read(whole, file, file.size() + 1);
  const auto b = read(pieces, file, kPieces[data[size - 1] % std::size(kPieces)]);
  require(a.has_value() == b.has_value());
  require(whole.findings().size() == pieces.findings().size());
  for (const Finding& finding : whole.findings()) require(finding.offset <= file.size());
  if (!a) {
    require(a.error().code == b.error().code && a.error().offset == b.error().offset);
    require(a.error().offset <= file.size());
    return 0;
  }
  require(is_same(whole.meta(), pieces.meta()));
  require(whole.meta().data_set_offset <= file.size());
  return 0;
}
