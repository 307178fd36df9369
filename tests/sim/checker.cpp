// SPDX-License-Identifier: Apache-2.0
#include "checker.hpp"

#include <algorithm>

#include "data_set_peek.hpp"

namespace scanferry::tests {
namespace {

using core::DeliveryState;
using namespace std::chrono_literals;

constexpr const char* kObjects = "/spool/objects";
constexpr const char* kIncoming = "/spool/incoming";
constexpr std::string_view kAcceptedWord = "accepted ";

/// Coroutines and connections of one agent, whatever happens to it.
constexpr std::size_t kWaitsMax = 60;

bool is_stored(DeliveryState state) { return state == DeliveryState::stored || state == DeliveryState::stored_with_warning; }

std::string object_path(const std::string& uid) { return std::string{kObjects} + "/" + uid + ".dcm"; }

std::optional<std::vector<Bytes>> frames_of_file(const std::optional<std::vector<std::byte>>& file) {
  if (!file) return std::nullopt;
  const auto offset = data_set_offset(*file);
  if (!offset) return std::nullopt;
  return frames_of(core::ByteView{*file}.subspan(*offset));
}

}  // namespace

Checker::Checker(platform::sim::World& world, Device& device, const Camera& camera, Modality* modality, const PacsSites& sites, Scope scope)
    : world_{world}, device_{device}, camera_{camera}, modality_{modality}, sites_{sites}, scope_{scope}, reader_{world} {
  if (modality != nullptr) modality->on_acknowledged([this](const ModalityObject& object) { answered_is_kept(object); });
  device_.node().log().listen([this](std::string_view area, std::string_view line) { on_log(area, line); });
  device_.on_power_cut([this] { nothing_is_lost(); });
}

void Checker::on_log(std::string_view area, std::string_view line) {
  if ((area != "ingest" && area != "gateway") || !line.starts_with(kAcceptedWord)) return;
  line.remove_prefix(kAcceptedWord.size());
  ++accepted_;
  if (scope_.promises) accepted_is_durable(std::string{line.substr(0, line.find_first_of(", "))});
  bounds_hold();
}

// The moment of the promise: if the power failed now, and nothing unsynced survived, object and ledger row would be there.
void Checker::accepted_is_durable(const std::string& uid) {
  const auto path = object_path(uid);
  const auto now = device_.disk().outside_read(path);
  if (!now) return;  // a destination was faster, and it is deleted already
  if (!frames_of_file(device_.disk().platter_read(path))) fail("accepted and not durable: the object " + uid);
  const auto ledger = reader_.read(device_.disk(), LedgerReader::Of::platter);
  if (!ledger || !ledger->instances.contains(uid)) fail("accepted and not durable: the ledger entry of " + uid);
}

bool Checker::is_everywhere(const ModalityObject& object) const {
  // Byte-equal: each site looked when it stored it.
  return std::ranges::all_of(sites_, [&object](const auto& site) { return site->pacs().archive().contains(object.sop_instance_uid); });
}

// What was answered with success is in the spool, byte for byte, until every destination has it; always if the power failed now.
void Checker::answered_is_kept(const ModalityObject& object) {
  if (is_everywhere(object)) return;
  const auto path = object_path(object.sop_instance_uid);
  const auto file = scope_.promises ? device_.disk().platter_read(path) : device_.disk().outside_read(path);
  const auto offset = file ? data_set_offset(*file) : std::nullopt;
  if (!offset || !std::ranges::equal(core::ByteView{*file}.subspan(*offset), object.data_set)) {
    fail("answered with success and neither whole in the spool nor at every destination: " + object.sop_instance_uid);
  }
}

void Checker::bounds_hold() {
  const auto waits = world_.waiting(device_.node().id());
  if (waits > kWaitsMax) fail("the agent has " + std::to_string(waits) + " coroutines that wait");
}

bool Checker::is_in_folder(const CameraAcquisition& a) const {
  const auto& disk = device_.node().disk();
  if (!disk.outside_read(a.directory + "/" + a.sidecar)) return false;
  return std::ranges::all_of(a.files, [&](const auto& file) { return disk.outside_read(a.directory + "/" + file.first) == file.second; });
}

std::map<FrameId, std::string> Checker::frames_in_spool() const {
  std::map<FrameId, std::string> found;
  for (const auto& name : device_.disk().outside_list(kObjects)) {
    const auto frames = frames_of_file(device_.disk().outside_read(std::string{kObjects} + "/" + name));
    if (!frames) continue;
    for (const auto& frame : *frames) {
      if (const auto id = camera_.recognize(frame)) found.emplace(*id, name);
    }
  }
  return found;
}

void Checker::nothing_is_lost() {
  if (modality_ != nullptr) {
    for (const auto& object : modality_->objects()) {
      if (object.acknowledged) answered_is_kept(object);
    }
  }
  std::optional<std::map<FrameId, std::string>> spool;
  for (const auto& a : camera_.acquisitions()) {
    if (!a.good || !a.complete || is_in_folder(a)) continue;
    if (!spool) spool = frames_in_spool();
    for (std::uint32_t i = 0; i < a.frames.size(); ++i) {
      const FrameId id{a.id, i};
      const auto has = [&id](const auto& site) { return site->arrived().contains(id); };
      if (spool->contains(id) || std::ranges::all_of(sites_, has)) continue;
      fail("lost: frame " + std::to_string(i) + " of acquisition " + std::to_string(a.id) +
           " is neither in the folder nor in the spool nor at every destination");
    }
  }
}

bool Checker::is_drained() {
  const auto everywhere = [this](const CameraAcquisition& a) {
    return !a.good || std::ranges::all_of(sites_, [&a](const auto& site) { return site->has(a); });
  };
  const bool all_sent = modality_ == nullptr || std::ranges::all_of(modality_->objects(), [this](const auto& o) { return is_everywhere(o); });
  if (all_sent && std::ranges::all_of(camera_.acquisitions(), everywhere)) return true;
  // Something is missing; that is right if it is held, and if nothing else is to be done.
  const auto ledger = reader_.read(device_.disk(), LedgerReader::Of::program);
  if (!ledger || ledger->count(DeliveryState::pending) > 0 || ledger->count(DeliveryState::held) == 0) return false;
  return std::ranges::none_of(camera_.acquisitions(), [this](const auto& a) { return a.good && is_in_folder(a); });
}

std::string Checker::what_is_missing() {
  std::string missing;
  for (const auto& a : camera_.acquisitions()) {
    for (const auto& site : sites_) {
      if (a.good && !site->has(a)) missing += " acquisition " + std::to_string(a.id) + " at " + site->host() + (is_in_folder(a) ? " (still in the folder)" : "") + ";";
    }
  }
  if (modality_ != nullptr) {
    for (const auto& object : modality_->objects()) {
      if (!is_everywhere(object)) missing += " the modality's " + object.sop_instance_uid + ";";
    }
  }
  const auto ledger = reader_.read(device_.disk(), LedgerReader::Of::program);
  if (!ledger) return missing + " the ledger cannot be read";
  return missing + " the ledger has " + std::to_string(ledger->count(DeliveryState::pending)) + " pending and " +
         std::to_string(ledger->count(DeliveryState::held)) + " held deliveries";
}

const PacsSite* Checker::site_of(const std::string& destination) const {
  const auto found = std::ranges::find_if(sites_, [&](const auto& site) { return site->host() == destination; });
  return found == sites_.end() ? nullptr : found->get();
}

bool Checker::hold_has_a_reason(const std::string& uid, const std::string& destination) const {
  const auto& pacs = site_of(destination)->pacs();
  return pacs.ever_refused_contexts() || pacs.dealings(uid).refusals > 0;
}

void Checker::all_is_in_order(bool held_is_allowed) {
  const auto ledger = reader_.read(device_.disk(), LedgerReader::Of::program);
  if (!ledger) return fail("the ledger cannot be read after an orderly stop");
  if (!device_.disk().outside_list(kIncoming).empty()) fail("a temporary file stayed behind: " + device_.disk().outside_list(kIncoming).front());
  spool_agrees_with(*ledger);
  deliveries_are_done(*ledger, held_is_allowed);
  folder_is_clear();
  rejected_are_the_broken_ones();
  if (scope_.calm) calm_runs_send_once();
}

void Checker::spool_agrees_with(const LedgerView& ledger) {
  std::set<std::string> objects;
  std::uint64_t bytes = 0;
  for (const auto& name : device_.disk().outside_list(kObjects)) {
    const auto content = device_.disk().outside_read(std::string{kObjects} + "/" + name);
    objects.insert(name.substr(0, name.rfind('.')));
    bytes += content->size();
    if (!frames_of_file(content)) fail("the object " + name + " in the spool is corrupt");
  }
  for (const auto& uid : objects) {
    if (!ledger.instances.contains(uid)) fail("an object in the spool is not in the ledger: " + uid);
  }
  bool all_there = true;
  for (const auto& uid : ledger.instances) {
    if (objects.contains(uid)) continue;
    all_there = false;
    if (!removal_may_wait(ledger, uid)) fail("an object of the ledger is not in the spool: " + uid);
  }
  if (all_there && bytes != ledger.spool_bytes) {
    fail("the ledger says " + std::to_string(ledger.spool_bytes) + " bytes and the spool holds " + std::to_string(bytes));
  }
}

// A removal that failed half-way is repeated when the object is due for it again: after a step of the clock, that may be later.
bool Checker::removal_may_wait(const LedgerView& ledger, const std::string& uid) const {
  if (!scope_.clock_steps) return false;
  return std::ranges::all_of(ledger.deliveries, [&uid](const auto& d) { return d.first.first != uid || is_stored(d.second); });
}

void Checker::deliveries_are_done(const LedgerView& ledger, bool held_is_allowed) {
  for (const auto& [key, state] : ledger.deliveries) {
    const auto& [uid, destination] = key;
    const bool is_there = site_of(destination)->pacs().archive().contains(uid);
    if (is_stored(state) && !is_there) fail("the ledger says stored and " + destination + " does not have " + uid);
    if (state == DeliveryState::pending) fail("still pending for " + destination + ": " + uid);
    if (state != DeliveryState::held) continue;
    if (!held_is_allowed) fail("still held for " + destination + ": " + uid);
    if (!hold_has_a_reason(uid, destination)) fail("held for " + destination + " without a reason: " + uid);
  }
}

void Checker::folder_is_clear() {
  for (const auto& a : camera_.acquisitions()) {
    if (!a.good) continue;
    for (const auto& name : device_.disk().outside_list(a.directory)) {
      const bool is_ours = name == a.sidecar || std::ranges::any_of(a.files, [&name](const auto& file) { return file.first == name; });
      if (is_ours) fail("left in the folder after it was accepted: " + a.directory + "/" + name);
    }
  }
}

// Set aside are just the broken ones, and not a byte of them is gone.
void Checker::rejected_are_the_broken_ones() {
  std::map<std::string, Bytes> aside;
  const auto root = std::string{Camera::kFolder} + "/rejected";
  for (const auto& directory : device_.disk().outside_list(root)) {
    for (const auto& name : device_.disk().outside_list(root + "/" + directory)) {
      aside[name] = *device_.disk().outside_read(root + "/" + directory + "/" + name);
    }
  }
  for (const auto& a : camera_.acquisitions()) {
    if (a.good && aside.contains(a.sidecar)) fail("a good acquisition was set aside: " + a.sidecar);
    // When the sync of a directory fails and the power fails before the move is tried again, half a rename may be left on a
    // file system without a journal, which is the one that is simulated.
    if (a.good || scope_.disk_errors) continue;
    if (!aside.contains(a.sidecar)) fail("a broken acquisition was not set aside: " + a.sidecar);
    for (const auto& [name, content] : a.files) {
      const bool in_folder = device_.disk().outside_read(a.directory + "/" + name) == content;
      if (!in_folder && (!aside.contains(name) || aside[name] != content)) fail("a file of a broken acquisition is gone: " + name);
    }
  }
}

void Checker::calm_runs_send_once() {
  std::uint64_t objects = modality_ == nullptr ? 0 : modality_->objects().size();
  for (const auto& a : camera_.acquisitions()) objects += a.good ? a.objects : 0;
  for (const auto& site : sites_) {
    if (site->pacs().archive().size() != objects) fail(site->host() + " has another number of objects than were made");
    for (const auto& [uid, stored] : site->pacs().archive()) {
      if (site->pacs().dealings(uid).receptions != 1) fail("nothing went wrong, and yet " + uid + " was sent more than once");
    }
  }
  if (accepted_ != objects) fail("another number of objects was accepted than were made");
}

void Checker::remember_receptions() {
  const auto ledger = reader_.read(device_.disk(), LedgerReader::Of::program);
  if (!ledger) return;
  for (const auto& [key, state] : ledger->deliveries) {
    if (is_stored(state)) receptions_[key] = site_of(key.second)->pacs().dealings(key.first).receptions;
  }
}

void Checker::nothing_came_again() {
  for (const auto& [key, receptions] : receptions_) {
    if (site_of(key.second)->pacs().dealings(key.first).receptions != receptions) {
      fail("sent again although the ledger said stored: " + key.first + " to " + key.second);
    }
  }
}

}  // namespace scanferry::tests
