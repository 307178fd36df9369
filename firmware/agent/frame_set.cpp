// SPDX-License-Identifier: Apache-2.0
#include "agent/frame_set.hpp"

#include <algorithm>
#include <limits>

#include <scanferry/core/jpeg_frame.hpp>

namespace scanferry::firmware {
namespace {

/// Cameras put thumbnails and colour profiles before the frame header, each in segments below 64 KiB.
constexpr std::size_t kJpegHeadBytes = 256 * 1024;
constexpr std::size_t kJpegTailBytes = 64;

Result<std::vector<std::byte>> read_piece(platform::File& file, std::uint64_t offset, std::size_t length) {
  std::vector<std::byte> piece(length);
  auto got = file.read_at(offset, piece);
  if (!got) return unreadable(got.error());
  piece.resize(*got);
  return piece;
}

Result<void> agree(Acquisition& a, const core::JpegFrame& jpeg, bool first, const std::string& path) {
  if (first && a.rows == 0) {
    a.rows = jpeg.rows;
    a.columns = jpeg.columns;
  }
  if (first) a.photometric = jpeg.photometric;
  if (jpeg.rows != a.rows || jpeg.columns != a.columns) {
    return bad_input(path, ": is ", jpeg.columns, " x ", jpeg.rows, " pixels; expected ", a.columns, " x ", a.rows);
  }
  if (jpeg.photometric != a.photometric) return bad_input(path, ": has other colour components than the first frame");
  return {};
}

Result<FrameFile> examine_jpeg(platform::File& file, const std::string& path, std::uint64_t size, bool first, Acquisition& a) {
  if (size > std::numeric_limits<std::uint32_t>::max() - 1) return bad_input(path, ": is too large for one frame");
  auto head = read_piece(file, 0, static_cast<std::size_t>(std::min<std::uint64_t>(size, kJpegHeadBytes)));
  if (!head) return std::unexpected{head.error()};
  const auto jpeg = core::read_jpeg_frame(*head);
  if (!jpeg) return bad_input(path, ": ", describe(jpeg.error()));
  auto tail = read_piece(file, size - std::min<std::uint64_t>(size, kJpegTailBytes), kJpegTailBytes);
  if (!tail) return std::unexpected{tail.error()};
  if (!core::ends_with_eoi(*tail)) return bad_input(path, ": the JPEG stream does not end: the file is not complete");
  if (auto same = agree(a, *jpeg, first, path); !same) return std::unexpected{same.error()};
  return FrameFile{path, size, 1};
}

Result<FrameFile> examine_native(const std::string& path, std::uint64_t size, const Acquisition& a) {
  const auto frame_bytes = core::native_frame_bytes(a.describe_image({}));
  if (size % frame_bytes != 0) {
    return bad_input(path, ": has ", size, " bytes; expected ", frame_bytes, " for each frame (", a.columns, " x ", a.rows, " pixels of ",
                     samples_of(a.photometric), " x ", a.bits_allocated, " bit)");
  }
  const auto frames = size / frame_bytes;
  if (frames > std::numeric_limits<std::int32_t>::max()) return bad_input(path, ": holds too many frames");
  return FrameFile{path, size, static_cast<std::uint32_t>(frames)};
}

Result<FrameFile> examine_file(platform::Store& store, const std::string& path, bool first, Acquisition& a) {
  auto file = store.open(path, platform::OpenMode::read);
  if (!file) return unreadable(file.error());
  auto size = (*file)->size();
  if (!size) return unreadable(size.error());
  if (*size == 0) return bad_input(path, ": is empty");
  return a.coding == core::PixelCoding::native ? examine_native(path, *size, a) : examine_jpeg(**file, path, *size, first, a);
}

}  // namespace

Result<FrameSet> examine_frames(platform::Store& store, const std::string& directory, Acquisition& acquisition) {
  FrameSet set;
  std::uint64_t frames = 0;
  for (const auto& name : acquisition.frame_files) {
    auto file = examine_file(store, text(directory, "/", name), set.files.empty(), acquisition);
    if (!file) return std::unexpected{file.error()};
    frames += file->frames;
    set.bytes += file->bytes;
    set.files.push_back(std::move(*file));
  }
  if (frames > std::numeric_limits<std::int32_t>::max()) return bad_input(directory, ": too many frames for one acquisition");
  set.frames = static_cast<std::uint32_t>(frames);
  return set;
}

}  // namespace scanferry::firmware
