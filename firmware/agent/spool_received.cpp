// SPDX-License-Identifier: Apache-2.0
// The part of the spool that takes the objects of peers.
#include "agent/file_bytes.hpp"
#include "agent/spool.hpp"

namespace scanferry::firmware {
namespace {

/// An acquisition with the same UID would be another one.
constexpr std::string_view kReceivedMark = "-received-";
constexpr std::string_view kPartSuffix = ".part";

}  // namespace

Result<void> Spool::admit_received(std::uint64_t bytes) {
  if (auto room = admit(bytes); !room) return room;
  received_bytes_ += bytes;
  return {};
}

std::string Spool::place_for(std::string_view sop_instance_uid) {
  return text(incoming(), "/", sop_instance_uid, kReceivedMark, ++received_files_, kPartSuffix);
}

std::vector<Result<Spool::Received>> Spool::accept_received(std::span<Reception> objects, std::span<const std::string> destinations) {
  std::vector<Result<Received>> results;
  for (const auto& object : objects) results.push_back(place(object));
  const auto settled = settle(objects, results, destinations);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (!settled && results[i] && *results[i] != Received::conflict) results[i] = std::unexpected{settled.error()};
    // Unless it has moved to its place.
    if (!results[i] || *results[i] == Received::known || *results[i] == Received::conflict) (void)store_.remove(objects[i].path);
  }
  return results;
}

/// Says what an object is, and gives it its name if it is to be here.
Result<Spool::Received> Spool::place(const Reception& received) {
  const auto& uid = received.instance.sop_instance_uid;
  const auto known = ledger_->find(uid);
  if (!known) return std::unexpected{known.error()};
  if (*known) {
    const auto kept = compare(**known, received);
    if (!kept || *kept != Received::restored) return kept;
  }
  if (auto moved = store_.rename(received.path, object_path(uid)); !moved) return no_luck(moved.error());
  return *known ? Received::restored : Received::accepted;
}

/// Makes durable what `placed` says: first the names, then the ledger's entries.
Result<void> Spool::settle(std::span<Reception> objects, std::span<const Result<Received>> placed, std::span<const std::string> destinations) {
  ReceivedInstances received;
  const auto now = clock_.wall_now();
  for (std::size_t i = 0; i < objects.size(); ++i) {
    auto& instance = objects[i].instance;
    if (!placed[i]) continue;
    instance.accepted_at = now;
    if (*placed[i] == Received::accepted) received.fresh.push_back(instance);
    if (*placed[i] == Received::known) received.known.push_back(instance.sop_instance_uid);
    if (*placed[i] == Received::restored) received.restored.push_back(instance.sop_instance_uid);
  }
  const bool is_any_placed = !received.fresh.empty() || !received.restored.empty();
  auto done = is_any_placed ? sync_objects() : Result<void>{};
  if (done && (is_any_placed || !received.known.empty())) done = ledger_->accept_received(received, destinations, now);
  unadopted_ = unadopted_ || !done;
  return done;
}

/// What a disk does not let us read now may be the same or not.
Result<Spool::Received> Spool::compare(const Instance& known, const Reception& received) const {
  const auto& instance = received.instance;
  const bool could_be_same = known.sop_class_uid == instance.sop_class_uid && known.transfer_syntax_uid == instance.transfer_syntax_uid &&
                             known.data_set_bytes() == instance.data_set_bytes();
  if (!could_be_same) return Received::conflict;
  const auto kept = store_.open(object_path(known.sop_instance_uid), platform::OpenMode::read);
  if (!kept && kept.error().code != platform::Errc::not_found) return no_luck(kept.error());
  const auto size = kept ? (*kept)->size() : platform::Result<std::uint64_t>{0};
  if (!size) return no_luck(size.error());
  if (*size != known.file_bytes) return known.file_bytes == instance.file_bytes ? Received::restored : Received::conflict;
  const auto same = have_same_bytes({received.file, instance.data_set_offset, instance.data_set_bytes()},
                                    {kept->get(), known.data_set_offset, known.data_set_bytes()});
  if (!same) return no_luck(same.error());
  return *same ? Received::known : Received::conflict;
}

}  // namespace scanferry::firmware
