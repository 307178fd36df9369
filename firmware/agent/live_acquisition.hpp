// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <scanferry/platform/platform.hpp>

#include "agent/acquisition.hpp"
#include "agent/spool.hpp"

namespace scanferry::firmware {

/// Native frames that come from a source which cannot be read again, cut anywhere: they go to the disk as they come, and at
/// short intervals the whole ones are made safe against a power cut. An object is accepted when its last frame is there. Blocks:
/// storage thread only.
class LiveAcquisition {
 public:
  /// `frames`: how many are to come; 0: until `end`. Multi-frame kinds begin another object when one is full.
  LiveAcquisition(platform::Platform& platform, Spool& spool, Acquisition acquisition, const AgentConfig& config, std::uint32_t frames);
  LiveAcquisition(const LiveAcquisition&) = delete;
  LiveAcquisition& operator=(const LiveAcquisition&) = delete;

  /// Refuses what the IOD cannot hold and what the spool has no room for, before a frame is taken.
  Result<void> begin();
  /// Takes pixels; those behind the last announced frame are not wanted: see `is_complete`.
  Result<void> feed(core::ByteView pixels);
  /// Nothing came for a while: what came before is made safe all the same.
  Result<void> idle() { return writer_ ? checkpoint_if_due() : Result<void>{}; }
  [[nodiscard]] bool is_complete() const { return announced_ != 0 && frames_ == announced_; }
  /// No more comes: accepts what is whole. Bytes of a frame that is not are dropped and told by `dropped_bytes`.
  Result<void> end();

  [[nodiscard]] std::uint32_t frames() const { return frames_; }
  [[nodiscard]] std::uint64_t dropped_bytes() const { return dropped_bytes_; }
  [[nodiscard]] const std::vector<Instance>& accepted() const { return accepted_; }

 private:
  void describe_object();
  Result<void> begin_object();
  Result<void> end_object();
  Result<void> checkpoint_if_due();
  [[nodiscard]] std::uint32_t frames_of_next_object() const;

  platform::Platform& platform_;
  Spool& spool_;
  Acquisition acquisition_;
  std::vector<std::string> destinations_;
  std::uint32_t announced_;
  core::ImageDescription image_;
  core::Uid uid_;
  std::uint64_t frame_bytes_{0};
  std::optional<ObjectWriter> writer_;
  std::uint32_t object_frames_max_{1};
  std::uint64_t object_bytes_{0};      ///< of pixels in the object under construction
  core::Instant last_checkpoint_{};
  std::uint64_t checkpointed_bytes_{0};
  std::uint32_t frames_{0};            ///< whole, in all objects
  std::uint64_t dropped_bytes_{0};
  std::vector<Instance> accepted_;
};

}  // namespace scanferry::firmware
