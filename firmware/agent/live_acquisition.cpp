// SPDX-License-Identifier: Apache-2.0
#include "agent/live_acquisition.hpp"

#include <algorithm>

namespace scanferry::firmware {
namespace {

/// A power cut costs no more of an acquisition under way than what came since the last checkpoint.
constexpr core::Millis kCheckpointInterval{1'000};
/// What an acquisition of unknown length must find room for before it begins.
constexpr std::uint64_t kUnknownLengthBytes = 64'000'000;

}  // namespace

LiveAcquisition::LiveAcquisition(platform::Platform& platform, Spool& spool, Acquisition acquisition, const AgentConfig& config,
                                 std::uint32_t frames)
    : platform_{platform}, spool_{spool}, acquisition_{std::move(acquisition)}, announced_{frames} {
  for (const auto& destination : config.destinations) destinations_.push_back(destination.name);
  const auto random_uid = [&platform] {
    const auto high = platform.random.next();
    return std::string{core::uid_from_bits(high, platform.random.next()).view()};
  };
  if (acquisition_.study_instance_uid.empty()) acquisition_.study_instance_uid = random_uid();
  if (acquisition_.series_instance_uid.empty()) acquisition_.series_instance_uid = random_uid();
  image_ = acquisition_.describe_image(config.device);
  frame_bytes_ = core::native_frame_bytes(image_);
}

std::uint32_t LiveAcquisition::frames_of_next_object() const {
  if (!core::is_multi_frame(image_.iod)) return 1;
  const auto most = core::native_frames_max(image_);
  return static_cast<std::uint32_t>(announced_ == 0 ? most : std::min<std::uint64_t>(most, announced_ - frames_));
}

Result<void> LiveAcquisition::begin() {
  describe_object();
  if (auto valid = core::validate(image_); !valid) return bad_input(describe(valid.error()));
  return spool_.admit(announced_ == 0 ? kUnknownLengthBytes : announced_ * frame_bytes_);
}

void LiveAcquisition::describe_object() {
  const auto high = platform_.random.next();
  uid_ = core::uid_from_bits(high, platform_.random.next());
  image_.sop_instance_uid = uid_.view();
  object_frames_max_ = frames_of_next_object();
  image_.frames = core::is_multi_frame(image_.iod) && announced_ == 0 ? 0 : object_frames_max_;
  image_.instance_number = acquisition_.instance_number + static_cast<std::uint32_t>(accepted_.size());
}

Result<void> LiveAcquisition::begin_object() {
  if (!accepted_.empty()) describe_object();
  if (auto room = spool_.admit(frame_bytes_); !room) return room;
  auto writer = spool_.begin(image_, ObjectSink::Source::live);
  if (!writer) return std::unexpected{writer.error()};
  writer_.emplace(std::move(*writer));
  object_bytes_ = 0;
  checkpointed_bytes_ = 0;
  last_checkpoint_ = platform_.clock.now();
  return {};
}

Result<void> LiveAcquisition::feed(core::ByteView pixels) {
  while (!pixels.empty() && !is_complete()) {
    if (!writer_) {
      if (auto begun = begin_object(); !begun) return begun;
    }
    const auto left = object_frames_max_ * frame_bytes_ - object_bytes_;
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left, pixels.size()));
    if (auto done = writer_->append(pixels.first(take)); !done) return done;
    frames_ += static_cast<std::uint32_t>((object_bytes_ + take) / frame_bytes_ - object_bytes_ / frame_bytes_);
    object_bytes_ += take;
    pixels = pixels.subspan(take);
    if (object_bytes_ == object_frames_max_ * frame_bytes_) {
      if (auto ended = end_object(); !ended) return ended;
    } else if (auto safe = checkpoint_if_due(); !safe) {
      return safe;
    }
  }
  return {};
}

Result<void> LiveAcquisition::checkpoint_if_due() {
  const auto now = platform_.clock.now();
  const bool nothing_new = object_bytes_ == checkpointed_bytes_;
  if (nothing_new || now - last_checkpoint_ < kCheckpointInterval || !core::is_multi_frame(image_.iod)) return {};
  last_checkpoint_ = now;
  checkpointed_bytes_ = object_bytes_;
  if (auto done = writer_->checkpoint(); !done) return done;
  // What came without an announced end must stop before the disk does.
  return spool_.admit(announced_ == 0 ? kUnknownLengthBytes : 0, object_bytes_);
}

Result<void> LiveAcquisition::end_object() {
  auto instance = spool_.commit(*writer_, image_, ObjectSink::Source::live);
  writer_.reset();
  if (!instance) return std::unexpected{instance.error()};
  if (auto done = spool_.ledger().accept({&*instance, 1}, destinations_, {}); !done) {
    return no_luck(done.error().message, "; the frames are safe in the spool and are queued when the agent starts the next time");
  }
  accepted_.push_back(std::move(*instance));
  return {};
}

Result<void> LiveAcquisition::end() {
  if (!writer_) return {};
  dropped_bytes_ = object_bytes_ % frame_bytes_;
  if (object_bytes_ >= frame_bytes_) return end_object();
  writer_.reset();
  spool_.abandon(image_, ObjectSink::Source::live);
  return {};
}

}  // namespace scanferry::firmware
