// SPDX-License-Identifier: Apache-2.0
#include "agent/file_meta.hpp"

#include <array>

namespace scanferry::firmware {
namespace {

// Nearly always all of it in one go.
constexpr std::size_t kPieceBytes = 1024;

}  // namespace

Result<std::optional<core::FileMeta>> read_file_meta(platform::File& file, std::uint64_t file_bytes, const std::string& path) {
  core::FileMetaReader reader{file_bytes};
  std::array<std::byte, kPieceBytes> piece{};
  for (;;) {
    const auto got = file.read_at(reader.offset(), piece);
    if (!got) return no_luck(got.error());
    const auto is_complete = reader.take(core::ByteView{piece}.first(*got));
    if (!is_complete && is_complete.error().code == core::Errc::not_dicom) return std::nullopt;
    if (!is_complete) return bad_input(path, ": ", describe(is_complete.error()));
    if (*is_complete) return reader.meta();
  }
}

}  // namespace scanferry::firmware
