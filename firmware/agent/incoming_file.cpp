// SPDX-License-Identifier: Apache-2.0
#include "agent/incoming_file.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <scanferry/core/element_writer.hpp>
#include <scanferry/core/part10.hpp>

#include "agent/file_bytes.hpp"
#include "agent/received_limits.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
/// Bytes between two syncs: what the last one has to wait for stays small.
constexpr std::uint64_t kSyncBytes = 32 * 1024 * 1024;
/// What comes at a time.
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kSmallBytes = 64 * 1024;
constexpr std::size_t kMetaBytesMax = 1024;

// PS3.4 table B.2-1.
constexpr std::uint16_t kDoesNotMatch = 0xA900;
constexpr std::uint16_t kCannotUnderstand = 0xC000;

constexpr core::Tag kSopClassUid{0x0008, 0x0016};
constexpr core::Tag kSopInstanceUid{0x0008, 0x0018};

/// An object that calls itself otherwise than its sender did would be found under neither name.
StoreAnswer judge_document(const IncomingObject& object, const model::ByteSource& source) {
  const auto document = model::Document::read(source, kReceivedLimits);
  if (!document) return {kCannotUnderstand, document.error().what};
  const auto& data_set = document->data_set();
  // What is odd further on is kept as it came: the sender has nothing better.
  if (document->defect() && data_set.find(kSopInstanceUid) == nullptr) return {kCannotUnderstand, document->defect()->what};
  const auto is_announced = [&data_set](core::Tag tag, const core::Uid& uid) { return model::trimmed_text(data_set.find(tag)) == uid.view(); };
  if (!is_announced(kSopInstanceUid, object.sop_instance_uid)) return {kDoesNotMatch, "another SOP Instance UID than announced"};
  if (!is_announced(kSopClassUid, object.sop_class_uid)) return {kDoesNotMatch, "another SOP Class UID than announced"};
  return {};
}

}  // namespace

IncomingFile::IncomingFile(platform::Store& store, ObjectKeeper& keeper, IncomingObject object)
    : store_{store}, keeper_{keeper}, object_{std::move(object)} {
  std::array<std::byte, kMetaBytesMax> room{};
  core::ElementWriter meta{room};
  core::write_file_meta(meta, {object_.sop_class_uid, object_.sop_instance_uid, object_.transfer_syntax_uid});
  data_set_offset_ = meta.size();
  put(core::ByteView{room}.first(meta.size()));
}

void IncomingFile::put(core::ByteView data) {
  // Not by doubling: beyond that, memory is what was promised.
  if (pending_.size() + data.size() > kSmallBytes) pending_.reserve(std::max(kPieceBytes + kReadBytes, pending_.size() + data.size()));
  pending_.insert(pending_.end(), data.begin(), data.end());
}

bool IncomingFile::has_piece() const { return pending_.size() >= kPieceBytes; }

Result<void> IncomingFile::begin() {
  auto place = keeper_.place_for(object_);
  if (!place) return std::unexpected{place.error()};
  auto created = store_.create(*place);
  if (!created) return no_luck(created.error());
  path_ = std::move(*place);
  file_ = std::move(*created);
  return {};
}

Result<void> IncomingFile::flush() {
  if (auto room = keeper_.admit(pending_.size()); !room) return room;
  admitted_ += pending_.size();
  if (auto begun = is_open() ? Result<void>{} : begin(); !begun) {
    keeper_.ended(std::exchange(admitted_, 0));
    return begun;
  }
  if (auto done = file_->write_at(written_, pending_); !done) return no_luck(done.error());
  written_ += pending_.size();
  pending_.clear();
  return written_ - synced_ < kSyncBytes ? Result<void>{} : sync();
}

Result<StoreAnswer> IncomingFile::judge() const {
  if (!is_open()) return judge_document(object_, model::MemorySource{pending_});
  const FileBytes source{*file_, written_};
  auto answer = judge_document(object_, source);
  if (source.is_broken()) return no_luck("what was received cannot be read back from ", path_);
  return answer;
}

Result<StoreAnswer> IncomingFile::complete() {
  const bool is_all_in_memory = !is_open();
  if (is_all_in_memory) {
    if (auto answer = judge(); !answer || answer->status != 0) return answer;
  }
  if (auto done = flush(); !done) return std::unexpected{done.error()};
  return is_all_in_memory ? Result<StoreAnswer>{StoreAnswer{}} : judge();
}

Result<void> IncomingFile::sync() {
  // One that failed is the end of the object: the next could say yes to a file with holes.
  if (auto done = file_->sync(); !done) return no_luck(done.error());
  synced_ = written_;
  return {};
}

ReceivedObject IncomingFile::hand_over() {
  keeper_.ended(std::exchange(admitted_, 0));
  is_kept_ = true;
  return {object_, path_, *file_, data_set_offset_, written_};
}

void IncomingFile::close() {
  if (!is_open()) return;
  keeper_.ended(std::exchange(admitted_, 0));
  file_.reset();
  if (!is_kept_) (void)store_.remove(path_);  // what stays is removed another time
}

}  // namespace scanferry::firmware
