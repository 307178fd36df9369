// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/image_description.hpp>
#include <scanferry/core/image_header.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// Writes one Part 10 object as its pixels come; memory does not depend on their number. Blocks: storage thread only.
/// The file is complete, and survives a power cut under its name once the directory is synced, after `finish`.
class ObjectWriter {
 public:
  /// Makes the file `path` with everything before the first pixel. `image.frames` may be 0 for native multi-frame objects:
  /// the count is then set by `finish`.
  static Result<ObjectWriter> create(platform::Store& store, const std::string& path, const core::ImageDescription& image);

  /// Native pixels, cut anywhere.
  Result<void> append(core::ByteView pixels);
  /// One JPEG frame: its length, then its bytes, cut anywhere, then its end.
  Result<void> begin_frame(std::uint32_t frame_bytes);
  Result<void> append_frame(core::ByteView bytes);
  Result<void> end_frame();

  /// Brings what was written to the disk, so that `finish` has not all of it to wait for.
  Result<void> flush();
  /// Makes the whole frames written so far survive a power cut and notes their number in the preamble, for `recover`.
  Result<void> checkpoint();

  /// Frames that are whole.
  [[nodiscard]] std::uint32_t frames() const;

  /// Drops a frame that is not whole, sets count and length, pads, syncs. Fails with bad_input when no frame is whole, or
  /// fewer or more than were announced for an object that cannot tell; and for good once a sync has failed.
  Result<void> finish();
  /// Clears what `checkpoint` noted; only once the object has its final name, so that a power cut between never leaves a
  /// whole object that nobody can tell from half a one.
  Result<void> settle();

  [[nodiscard]] std::uint64_t file_bytes() const { return position_; }
  [[nodiscard]] std::uint64_t data_set_offset() const { return layout_.data_set_offset; }

 private:
  ObjectWriter() = default;
  Result<void> put(core::ByteView bytes);
  Result<void> close_native();
  Result<void> close_encapsulated();

  std::unique_ptr<platform::File> file_;
  core::HeaderLayout layout_{};
  bool native_{true};
  bool live_{false};
  bool sync_failed_{false};  ///< what the disk refused once may be gone even if it says yes later
  std::uint64_t native_frame_bytes_{0};
  std::uint32_t frames_announced_{0};
  std::uint32_t frames_whole_{0};
  std::uint32_t frame_left_{0};
  bool frame_odd_{false};
  std::uint64_t position_{0};
};

/// Closes an object whose writer died, with the frames of its last checkpoint. Returns how many these are; 0: nothing was
/// worth keeping and the file is unchanged.
/// What remains is to rename it and to clear the note.
Result<std::uint32_t> recover_object(platform::File& file);

/// Blanks the note of a live object, if there is one, and syncs.
Result<void> clear_live_note(platform::File& file);

}  // namespace scanferry::firmware
