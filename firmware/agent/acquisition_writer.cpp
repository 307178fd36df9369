// SPDX-License-Identifier: Apache-2.0
#include "agent/acquisition_writer.hpp"

#include <algorithm>

namespace scanferry::firmware {
namespace {

/// Bytes copied at a time, and the memory that a copy takes.
constexpr std::size_t kPieceBytes = 256 * 1024;
/// Bytes of one step: some milliseconds on slow flash.
constexpr std::uint64_t kStepBytes = 2 * 1024 * 1024;

/// Bytes between two syncs: what the last one has to wait for stays small.
constexpr std::uint64_t kFlushBytes = 32 * 1024 * 1024;

/// Acquisitions of one examination share a study when they say which; otherwise each is its own.
std::string study_name(const Acquisition& a, const std::string& key) {
  if (a.accession_number.empty() && a.study_id.empty()) return key + " study";
  return text("study ", a.patient_id, "\n", a.accession_number, "\n", a.study_id);
}

}  // namespace

AcquisitionWriter::AcquisitionWriter(ObjectSink& sink, platform::Store& store, Acquisition acquisition, FrameSet frames,
                                     const DeviceConfig& device, std::string key)
    : sink_{sink}, store_{store}, acquisition_{std::move(acquisition)}, frames_{std::move(frames)}, key_{std::move(key)},
      buffer_(kPieceBytes) {
  if (acquisition_.study_instance_uid.empty()) {
    acquisition_.study_instance_uid = sink_.derive_uid(study_name(acquisition_, key_)).view();
  }
  if (acquisition_.series_instance_uid.empty()) acquisition_.series_instance_uid = sink_.derive_uid(key_ + " series").view();
  image_ = acquisition_.describe_image(device);
  if (core::is_multi_frame(image_.iod)) {
    const auto most = image_.coding == core::PixelCoding::native ? core::native_frames_max(image_) : frames_.frames;
    frames_per_object_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, frames_.frames));
  }
  describe_object();
}

Result<void> AcquisitionWriter::check() const {
  if (auto valid = core::validate(image_); !valid) return bad_input(describe(valid.error()));
  return {};
}

void AcquisitionWriter::describe_object() {
  uid_ = sink_.derive_uid(text(key_, " object ", object_index_));
  image_.sop_instance_uid = uid_.view();
  image_.frames = std::min(frames_per_object_, frames_.frames - frames_done_);
  image_.instance_number = acquisition_.instance_number + object_index_;
}

Result<bool> AcquisitionWriter::step() {
  if (frames_done_ == frames_.frames) return true;
  if (!writer_) {
    if (auto begun = begin_object(); !begun) return std::unexpected{begun.error()};
  }
  if (auto copied = image_.coding == core::PixelCoding::native ? copy_native() : copy_jpeg(); !copied) {
    return std::unexpected{copied.error()};
  }
  if (writer_->file_bytes() - flushed_bytes_ >= kFlushBytes) {
    flushed_bytes_ = writer_->file_bytes();
    if (auto flushed = writer_->flush(); !flushed) return std::unexpected{flushed.error()};
  }
  if (object_is_whole()) {
    if (auto ended = end_object(); !ended) return std::unexpected{ended.error()};
  }
  return frames_done_ == frames_.frames;
}

Result<void> AcquisitionWriter::begin_object() {
  auto writer = sink_.begin(image_, ObjectSink::Source::repeatable);
  if (!writer) return std::unexpected{writer.error()};
  writer_.emplace(std::move(*writer));
  flushed_bytes_ = 0;
  native_left_ = core::native_frame_bytes(image_) * image_.frames;
  return {};
}

bool AcquisitionWriter::object_is_whole() const {
  return image_.coding == core::PixelCoding::native ? native_left_ == 0 : writer_->frames() == image_.frames;
}

Result<std::size_t> AcquisitionWriter::read_piece(std::uint64_t want) {
  const auto& source = frames_.files[file_index_];
  if (!file_) {
    auto file = store_.open(source.path, platform::OpenMode::read);
    if (!file) return unreadable(file.error());
    file_ = std::move(*file);
  }
  const auto most = std::min({want, source.bytes - file_offset_, static_cast<std::uint64_t>(buffer_.size())});
  auto got = file_->read_at(file_offset_, core::ByteBuffer{buffer_}.first(static_cast<std::size_t>(most)));
  if (!got) return unreadable(got.error());
  if (*got == 0) return bad_input(source.path, ": shrank while it was read");
  file_offset_ += *got;
  return *got;
}

void AcquisitionWriter::next_file() {
  file_.reset();
  ++file_index_;
  file_offset_ = 0;
}

Result<void> AcquisitionWriter::copy_native() {
  for (std::uint64_t copied = 0; copied < kStepBytes && native_left_ > 0;) {
    auto got = read_piece(native_left_);
    if (!got) return std::unexpected{got.error()};
    if (auto done = writer_->append(core::ByteView{buffer_}.first(*got)); !done) return done;
    native_left_ -= *got;
    copied += *got;
    if (file_offset_ == frames_.files[file_index_].bytes) next_file();
  }
  return {};
}

Result<void> AcquisitionWriter::copy_jpeg() {
  for (std::uint64_t copied = 0; copied < kStepBytes && !object_is_whole();) {
    const auto frame_bytes = frames_.files[file_index_].bytes;
    if (file_offset_ == 0) {
      if (auto begun = writer_->begin_frame(static_cast<std::uint32_t>(frame_bytes)); !begun) return begun;
    }
    auto got = read_piece(frame_bytes);
    if (!got) return std::unexpected{got.error()};
    if (auto done = writer_->append_frame(core::ByteView{buffer_}.first(*got)); !done) return done;
    copied += *got;
    if (file_offset_ < frame_bytes) continue;
    if (auto ended = writer_->end_frame(); !ended) return ended;
    next_file();
  }
  return {};
}

Result<void> AcquisitionWriter::end_object() {
  auto instance = sink_.commit(*writer_, image_, ObjectSink::Source::repeatable);
  if (!instance) return std::unexpected{instance.error()};
  instances_.push_back(std::move(*instance));
  writer_.reset();
  frames_done_ += image_.frames;
  ++object_index_;
  if (frames_done_ < frames_.frames) describe_object();
  return {};
}

void AcquisitionWriter::abandon() {
  writer_.reset();
  sink_.abandon(image_, ObjectSink::Source::repeatable);
  for (const auto& instance : instances_) sink_.discard(instance.sop_instance_uid);
}

}  // namespace scanferry::firmware
