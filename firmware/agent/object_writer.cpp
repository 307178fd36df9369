// SPDX-License-Identifier: Apache-2.0
#include "agent/object_writer.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <scanferry/core/dictionary.hpp>

namespace scanferry::firmware {
namespace {

// A native object under construction says in its preamble how to close it. One write below 512 bytes: no disk tears it.
//   0  8  "SFLIVE01"
//   8  4  frames known to be on the disk
//  12  4  offset of Number of Frames, 0: none
//  16  4  offset of the length of Pixel Data
//  20  8  bytes of one frame
//  28  4  offset of the first pixel
//  32  4  offset of the Frame Increment Pointer that one frame must not have, 0: none
constexpr std::string_view kLiveMark = "SFLIVE01";
constexpr std::size_t kLiveBytes = 36;

struct LiveNote {
  std::uint32_t frames;
  core::HeaderLayout layout;
  std::uint64_t frame_bytes;
};

std::array<std::byte, kLiveBytes> encode(const LiveNote& note) {
  std::array<std::byte, kLiveBytes> bytes{};
  std::ranges::copy(core::bytes_of(kLiveMark), bytes.begin());
  core::store_le32(&bytes[8], note.frames);
  core::store_le32(&bytes[12], static_cast<std::uint32_t>(note.layout.number_of_frames_offset));
  core::store_le32(&bytes[16], static_cast<std::uint32_t>(note.layout.pixel_length_offset));
  core::store_le32(&bytes[20], static_cast<std::uint32_t>(note.frame_bytes & 0xFFFFFFFFU));
  core::store_le32(&bytes[24], static_cast<std::uint32_t>(note.frame_bytes >> 32U));
  core::store_le32(&bytes[28], static_cast<std::uint32_t>(note.layout.size));
  core::store_le32(&bytes[32], static_cast<std::uint32_t>(note.layout.frame_pointer_offset));
  return bytes;
}

LiveNote decode(const std::array<std::byte, kLiveBytes>& bytes) {
  LiveNote note{};
  note.frames = core::load_le32(&bytes[8]);
  note.layout.number_of_frames_offset = core::load_le32(&bytes[12]);
  note.layout.pixel_length_offset = core::load_le32(&bytes[16]);
  note.frame_bytes = core::load_le32(&bytes[20]) | static_cast<std::uint64_t>(core::load_le32(&bytes[24])) << 32U;
  note.layout.size = core::load_le32(&bytes[28]);
  note.layout.frame_pointer_offset = core::load_le32(&bytes[32]);
  return note;
}

Result<void> convert(const platform::Result<void>& done) {
  if (!done) return no_luck(done.error());
  return {};
}

/// One write of about a hundred bytes: no disk tears it. Doing it again does nothing.
Result<void> drop_frame_pointer(platform::File& file, const core::HeaderLayout& layout) {
  std::vector<std::byte> header_end(layout.size - layout.frame_pointer_offset);
  const auto got = file.read_at(layout.frame_pointer_offset, header_end);
  if (!got) return no_luck(got.error());
  const core::Tag tag{core::load_le16(&header_end[0]), core::load_le16(&header_end[2])};
  if (tag != core::attribute::kFrameIncrementPointer.tag) return {};
  core::drop_frame_pointer(header_end);
  if (auto done = file.write_at(layout.frame_pointer_offset, header_end); !done) return no_luck(done.error());
  return {};
}

/// Number of Frames and the even length of native Pixel Data.
Result<void> patch(platform::File& file, const core::HeaderLayout& layout, std::uint32_t frames, std::uint64_t pixel_bytes) {
  if (layout.number_of_frames_offset != 0) {
    const auto value = core::number_of_frames_value(frames);
    if (auto done = file.write_at(layout.number_of_frames_offset, value); !done) return no_luck(done.error());
  }
  if (layout.pixel_length_offset != 0) {
    std::array<std::byte, 4> length{};
    core::store_le32(length.data(), static_cast<std::uint32_t>(pixel_bytes + pixel_bytes % 2));
    if (auto done = file.write_at(layout.pixel_length_offset, length); !done) return no_luck(done.error());
  }
  return frames == 1 && layout.frame_pointer_offset != 0 ? drop_frame_pointer(file, layout) : Result<void>{};
}

}  // namespace

Result<ObjectWriter> ObjectWriter::create(platform::Store& store, const std::string& path, const core::ImageDescription& image) {
  std::array<std::byte, core::kImageHeaderBytesMax> header{};
  const auto layout = core::build_image_header(image, header);
  if (!layout) return bad_input(describe(layout.error()));
  auto file = store.create(path);
  if (!file) return no_luck(file.error());
  ObjectWriter writer;
  writer.file_ = std::move(*file);
  writer.layout_ = *layout;
  writer.native_ = image.coding == core::PixelCoding::native;
  writer.native_frame_bytes_ = core::native_frame_bytes(image);
  writer.frames_announced_ = image.frames;
  if (auto done = writer.put(core::ByteView{header}.first(layout->size)); !done) return std::unexpected{done.error()};
  return writer;
}

Result<void> ObjectWriter::put(core::ByteView bytes) {
  if (auto done = file_->write_at(position_, bytes); !done) return no_luck(done.error());
  position_ += bytes.size();
  return {};
}

Result<void> ObjectWriter::append(core::ByteView pixels) { return put(pixels); }

Result<void> ObjectWriter::begin_frame(std::uint32_t frame_bytes) {
  frame_left_ = frame_bytes;
  frame_odd_ = frame_bytes % 2 != 0;
  return put(core::frame_item_header(frame_bytes));
}

Result<void> ObjectWriter::append_frame(core::ByteView bytes) {
  if (bytes.size() > frame_left_) return bad_input("a frame grew while it was read: it was not complete");
  frame_left_ -= static_cast<std::uint32_t>(bytes.size());
  return put(bytes);
}

Result<void> ObjectWriter::end_frame() {
  if (frame_left_ != 0) return bad_input("a frame shrank while it was read: ", frame_left_, " bytes are missing");
  ++frames_whole_;
  if (!frame_odd_) return {};
  const std::array<std::byte, 1> zero{};
  return put(zero);
}

std::uint32_t ObjectWriter::frames() const {
  return native_ ? static_cast<std::uint32_t>((position_ - layout_.size) / native_frame_bytes_) : frames_whole_;
}

Result<void> ObjectWriter::checkpoint() {
  // First the frames, then the note that vouches for them.
  live_ = true;
  if (auto done = flush(); !done) return done;
  const auto note = encode({frames(), layout_, native_frame_bytes_});
  if (auto done = file_->write_at(0, note); !done) return no_luck(done.error());
  return flush();
}

Result<void> ObjectWriter::flush() {
  // A kernel tells a failed write-back once, and forgets the pages: the next sync would say yes to a file with holes.
  if (sync_failed_) return no_luck("an earlier sync of this object failed");
  auto done = file_->sync();
  sync_failed_ = !done.has_value();
  return convert(done);
}

Result<void> ObjectWriter::finish() {
  if (frames() == 0) return bad_input("there is no whole frame");
  if (frames_announced_ != 0 && frames() != frames_announced_ && layout_.number_of_frames_offset == 0) {
    return bad_input("expected ", frames_announced_, " frame but got ", frames());
  }
  if (live_) {
    if (auto done = checkpoint(); !done) return done;
  }
  if (auto done = native_ ? close_native() : close_encapsulated(); !done) return done;
  return flush();
}

Result<void> ObjectWriter::settle() { return live_ ? clear_live_note(*file_) : Result<void>{}; }

Result<void> ObjectWriter::close_native() {
  const auto pixel_bytes = frames() * native_frame_bytes_;
  const auto end = layout_.size + pixel_bytes;
  if (position_ != end) {
    if (auto done = file_->truncate(end); !done) return no_luck(done.error());
    position_ = end;
  }
  if (auto done = patch(*file_, layout_, frames(), pixel_bytes); !done) return done;
  if (pixel_bytes % 2 == 0) return {};
  const std::array<std::byte, 1> zero{};
  return put(zero);
}

Result<void> ObjectWriter::close_encapsulated() {
  if (auto done = patch(*file_, layout_, frames(), 0); !done) return done;
  return put(core::sequence_delimiter());
}

Result<std::uint32_t> recover_object(platform::File& file) {
  std::array<std::byte, kLiveBytes> head{};
  const auto got = file.read_at(0, head);
  if (!got) return no_luck(got.error());
  if (*got != head.size() || core::text_of(head).substr(0, kLiveMark.size()) != kLiveMark) return 0U;
  const auto note = decode(head);
  const auto pixel_bytes = note.frames * note.frame_bytes;
  const auto size = file.size();
  if (!size) return no_luck(size.error());
  if (note.frames == 0 || note.layout.size + pixel_bytes > *size) return 0U;
  if (auto cut = file.truncate(note.layout.size + pixel_bytes); !cut) return no_luck(cut.error());
  if (pixel_bytes % 2 != 0) {
    const std::array<std::byte, 1> zero{};
    if (auto done = file.write_at(note.layout.size + pixel_bytes, zero); !done) return no_luck(done.error());
  }
  if (auto done = patch(file, note.layout, note.frames, pixel_bytes); !done) return std::unexpected{done.error()};
  if (auto done = file.sync(); !done) return no_luck(done.error());
  return note.frames;
}

Result<void> clear_live_note(platform::File& file) {
  std::array<std::byte, kLiveMark.size()> mark{};
  const auto got = file.read_at(0, mark);
  if (!got) return no_luck(got.error());
  if (core::text_of(mark) != kLiveMark) return {};
  const std::array<std::byte, kLiveBytes> blank{};
  if (auto done = file.write_at(0, blank); !done) return no_luck(done.error());
  return convert(file.sync());
}

}  // namespace scanferry::firmware
