// SPDX-License-Identifier: Apache-2.0
#include "agent/object_receiver.hpp"

#include <array>
#include <utility>

#include <scanferry/core/element_writer.hpp>
#include <scanferry/core/part10.hpp>
#include <scanferry/dimse/operation.hpp>
#include <scanferry/model/document.hpp>

#include "agent/file_bytes.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::size_t kMetaBytesMax = 1024;

// PS3.7 C.5 and PS3.4 table B.2-1.
constexpr std::uint16_t kInvalidInstance = 0x0117;
constexpr std::uint16_t kOutOfResources = 0xA700;
constexpr std::uint16_t kDoesNotMatch = 0xA900;
constexpr std::uint16_t kCannotUnderstand = 0xC000;

constexpr core::Tag kSopClassUid{0x0008, 0x0016};
constexpr core::Tag kSopInstanceUid{0x0008, 0x0018};

/// An object that calls itself otherwise than its sender did would be found under neither name.
Result<StoreAnswer> judge(const IncomingObject& object, platform::File& file, std::uint64_t bytes) {
  const FileBytes source{file, bytes};
  const auto document = model::Document::read(source, {.stop_before_pixels = true});
  if (source.is_broken()) return no_luck("what was received cannot be read back");
  if (!document) return StoreAnswer{kCannotUnderstand, document.error().what};
  const auto& data_set = document->data_set();
  // What is odd further on is kept as it came: the sender has nothing better.
  if (document->defect() && data_set.find(kSopInstanceUid) == nullptr) return StoreAnswer{kCannotUnderstand, document->defect()->what};
  const auto is_announced = [&data_set](core::Tag tag, const core::Uid& uid) { return model::trimmed_text(data_set.find(tag)) == uid.view(); };
  if (!is_announced(kSopInstanceUid, object.sop_instance_uid)) return StoreAnswer{kDoesNotMatch, "another SOP Instance UID than announced"};
  if (!is_announced(kSopClassUid, object.sop_class_uid)) return StoreAnswer{kDoesNotMatch, "another SOP Class UID than announced"};
  return StoreAnswer{};
}

}  // namespace

/// A file under construction; removed unless it was kept.
struct ObjectReceiver::Writing {
  platform::Store& store;
  ObjectKeeper& keeper;
  IncomingObject object;
  std::string path;
  std::unique_ptr<platform::File> file;
  std::vector<std::byte> pending;
  std::uint64_t admitted{0};
  std::uint64_t written{0};
  bool is_kept{false};

  Writing(platform::Store& s, ObjectKeeper& k, IncomingObject o) : store{s}, keeper{k}, object{std::move(o)} {}
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() {
    if (!file) return;
    file.reset();
    if (!is_kept) (void)store.remove(path);
    end();
  }

  void end() { keeper.ended(std::exchange(admitted, 0)); }

  Result<void> begin() {
    auto place = keeper.place_for(object);
    if (!place) return std::unexpected{place.error()};
    auto created = store.create(*place);
    if (!created) return no_luck(created.error());
    path = std::move(*place);
    file = std::move(*created);
    std::array<std::byte, kMetaBytesMax> room{};
    core::ElementWriter meta{room};
    core::write_file_meta(meta, {object.sop_class_uid, object.sop_instance_uid, object.transfer_syntax_uid});
    pending.assign(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(meta.size()));
    return {};
  }

  Result<void> flush() {
    if (auto room = keeper.admit(pending.size()); !room) return room;
    admitted += pending.size();
    if (auto done = file->write_at(written, pending); !done) return no_luck(done.error());
    written += pending.size();
    pending.clear();
    return {};
  }

  /// A failure is the disk's.
  Result<StoreAnswer> keep() {
    if (auto done = flush(); !done) return std::unexpected{done.error()};
    if (auto answer = judge(object, *file, written); !answer || answer->status != 0) return answer;
    if (auto done = file->sync(); !done) return no_luck(done.error());
    end();
    is_kept = true;
    return keeper.keep(object, path, *file);
  }
};

platform::Task<std::optional<dimse::Event>> ObjectReceiver::serve(dimse::Event request, Pump& pump, dimse::MessageSession& session) {
  const auto respond = [&](const StoreAnswer& answer) {
    auto response = dimse::response_to(request.command, answer.status);
    response.error_comment = std::string_view{answer.comment};
    (void)session.respond(response, std::nullopt, platform_.clock.now());
  };
  IncomingObject object;
  object.sop_class_uid = request.command.affected_sop_class_uid;
  object.sop_instance_uid = request.command.affected_sop_instance_uid;
  object.transfer_syntax_uid = session.transfer_syntax_of(request.context_id);
  object.caller = caller_;
  const bool is_valid = core::is_valid_uid(object.sop_instance_uid) && core::is_valid_uid(object.sop_class_uid);
  if (!is_valid || request.is_last) {
    respond(is_valid ? StoreAnswer{kCannotUnderstand, "there is no data set"} : StoreAnswer{kInvalidInstance, "not a valid UID"});
    co_return std::nullopt;
  }
  // Its destructor works on the disk, too.
  auto writing = std::make_unique<Writing>(platform_.store, keeper_, std::move(object));
  const auto drop = [&writing] { return writing.reset(), true; };
  const auto begin = [&writing] { return writing->begin(); };
  std::optional<StoreAnswer> answer;
  if (const auto begun = co_await platform_.storage.run(begin); !begun) answer = no_room(begun.error());
  for (bool is_last = false; !answer && !is_last;) {
    const auto event = co_await pump.next_piece();
    if (event.kind != dimse::Event::Kind::data) {
      co_await platform_.storage.run(drop);
      co_return event;
    }
    is_last = event.is_last;
    answer = co_await write(*writing, event.data);
  }
  if (!answer) answer = co_await finish(*writing);
  co_await platform_.storage.run(drop);
  respond(*answer);
  co_return std::nullopt;
}

/// An answer when it is of no use to go on: the rest is read over.
platform::Task<std::optional<StoreAnswer>> ObjectReceiver::write(Writing& writing, core::ByteView data) {
  writing.pending.insert(writing.pending.end(), data.begin(), data.end());
  if (writing.pending.size() < kPieceBytes) co_return std::nullopt;
  const auto flush = [&writing] { return writing.flush(); };
  const auto flushed = co_await platform_.storage.run(flush);
  if (flushed) co_return std::nullopt;
  co_return no_room(flushed.error());
}

platform::Task<StoreAnswer> ObjectReceiver::finish(Writing& writing) {
  const auto keep = [&writing] { return writing.keep(); };
  auto answer = co_await platform_.storage.run(keep);
  co_return answer ? std::move(*answer) : no_room(answer.error());
}

/// What the disk says is not for the peer's eyes, but the log's.
StoreAnswer ObjectReceiver::no_room(const Failure& why) {
  platform_.log.write(platform::LogLevel::error, "receiver", text("not taken: ", why.message));
  return {kOutOfResources, "no room to store it; try again later"};
}

}  // namespace scanferry::firmware
