// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/acquisition.hpp"
#include "agent/frame_set.hpp"
#include "agent/object_sink.hpp"

namespace scanferry::firmware {

/// Turns an acquisition whose frames are files into objects: all frames in one object for multi-frame kinds (or
/// in several where one cannot hold them), one object a frame for the others. Works in bounded steps, so that ledger and
/// pushers are never kept waiting for a large one. Blocks: storage thread only.
class AcquisitionWriter {
 public:
  /// `key` names the source; UIDs that the acquisition does not give are derived from it, so doing it again gives the same.
  AcquisitionWriter(ObjectSink& sink, platform::Store& store, Acquisition acquisition, FrameSet frames, const DeviceConfig& device,
                    std::string key);
  AcquisitionWriter(const AcquisitionWriter&) = delete;  // the description borrows from the acquisition beside it
  AcquisitionWriter& operator=(const AcquisitionWriter&) = delete;

  /// Refuses what the IOD cannot hold, before anything is written.
  Result<void> check() const;
  /// One piece of the work. True: every object is committed and `instances` are ready for the ledger.
  Result<bool> step();
  /// Undoes what was written, after a failure.
  void abandon();

  [[nodiscard]] const std::vector<Instance>& instances() const { return instances_; }
  [[nodiscard]] std::uint64_t bytes() const { return frames_.bytes; }

 private:
  void describe_object();
  Result<void> begin_object();
  Result<void> copy_native();
  Result<void> copy_jpeg();
  Result<std::size_t> read_piece(std::uint64_t want);
  Result<void> end_object();
  [[nodiscard]] bool object_is_whole() const;
  void next_file();

  ObjectSink& sink_;
  platform::Store& store_;
  Acquisition acquisition_;
  FrameSet frames_;
  std::string key_;
  core::ImageDescription image_;
  core::Uid uid_;
  std::uint32_t frames_per_object_{1};

  std::uint32_t frames_done_{0};      ///< in objects that are committed
  std::uint32_t object_index_{0};
  std::optional<ObjectWriter> writer_;
  std::uint64_t flushed_bytes_{0};    ///< of the object under construction
  std::uint64_t native_left_{0};      ///< bytes of the object under construction
  std::size_t file_index_{0};
  std::uint64_t file_offset_{0};
  std::unique_ptr<platform::File> file_;
  std::vector<std::byte> buffer_;
  std::vector<Instance> instances_;
};

}  // namespace scanferry::firmware
