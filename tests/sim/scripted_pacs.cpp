// SPDX-License-Identifier: Apache-2.0
#include "scripted_pacs.hpp"

#include <algorithm>

#include "pacs_association.hpp"

namespace scanferry::tests {
namespace {

// Owns what one association needs, for as long as its coroutine lives.
platform::Task<void> serve_one(ScriptedPacs& pacs, std::unique_ptr<platform::ByteStream> stream, platform::Clock& clock) {
  PacsAssociation association{pacs, *stream, clock};
  co_await association.run();
}

// The same on every machine, unlike std::hash.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0;
  for (const char c : text) hash = platform::sim::mix64(hash ^ static_cast<unsigned char>(c));
  return hash;
}

}  // namespace

platform::Task<void> ScriptedPacs::serve(platform::Network& network, platform::Clock& clock, Spawn spawn) {
  auto listener = network.listen("", behaviour_.port);
  if (!listener) {
    complain_("the scripted PACS cannot listen: " + listener.error().detail);
    co_return;
  }
  for (;;) {
    auto stream = co_await (*listener)->accept();
    if (!stream) co_return;
    ++associations_;
    spawn(serve_one(*this, std::move(*stream), clock));
  }
}

void ScriptedPacs::heal() {
  PacsBehaviour good;
  good.port = behaviour_.port;
  good.max_pdu_bytes = behaviour_.max_pdu_bytes;
  good.associations_max = behaviour_.associations_max;
  behaviour_ = good;
}

ScriptedPacs::Dealings ScriptedPacs::dealings(const std::string& sop_instance_uid) const {
  const auto found = dealings_.find(sop_instance_uid);
  return found == dealings_.end() ? Dealings{} : found->second;
}

ScriptedPacs::AssociationFate ScriptedPacs::draw_association() {
  if (behaviour_.associations_max != 0 && open_ >= behaviour_.associations_max) return AssociationFate::reject_for_now;
  if (prng_.chance(behaviour_.rejects_for_ever)) return AssociationFate::reject_for_ever;
  if (prng_.chance(behaviour_.rejects_for_now)) return AssociationFate::reject_for_now;
  if (prng_.chance(behaviour_.says_nothing)) return AssociationFate::silence;
  if (prng_.chance(behaviour_.aborts_at_once)) return AssociationFate::abort;
  if (prng_.chance(behaviour_.refuses_contexts)) return AssociationFate::refuse_contexts;
  return AssociationFate::accept;
}

ScriptedPacs::ObjectFate ScriptedPacs::draw_object() {
  if (prng_.chance(behaviour_.aborts_in_object)) return ObjectFate::abort;
  if (prng_.chance(behaviour_.closes_in_object)) return ObjectFate::close;
  if (prng_.chance(behaviour_.closes_before_answer)) return ObjectFate::close_before_answer;
  if (prng_.chance(behaviour_.never_answers)) return ObjectFate::silence;
  if (prng_.chance(behaviour_.garbles_answer)) return ObjectFate::garble;
  return ObjectFate::answer;
}

std::uint16_t ScriptedPacs::status_for(const std::string& uid) {
  constexpr std::uint16_t kOutOfResources = 0xA700;  // PS3.4 table B.2-1
  if (behaviour_.full) return kOutOfResources;
  const auto offer = offers_[uid]++;
  for (const auto& rule : behaviour_.rules) {
    // Each rule picks its own objects.
    if ((hash_of(uid) ^ rule.status) % rule.one_in == 0 && offer < rule.times) return rule.status;
  }
  return 0;
}

void ScriptedPacs::begin_object(const std::string& uid, const platform::ByteStream& from) {
  const auto [first, last] = in_flight_.equal_range(uid);
  // Late bytes of a connection that the sender has given up are not its doing.
  const auto is_live = [this](const platform::ByteStream& stream) { return !still_held_ || still_held_(stream); };
  const bool twice = is_live(from) && std::any_of(first, last, [&](const auto& entry) { return is_live(*entry.second); });
  if (twice) complain_("two of one SOP Instance UID are in flight: " + uid);
  in_flight_.emplace(uid, &from);
}

void ScriptedPacs::end_object(const std::string& uid, const platform::ByteStream& from) {
  const auto [first, last] = in_flight_.equal_range(uid);
  const auto mine = std::find_if(first, last, [&from](const auto& entry) { return entry.second == &from; });
  if (mine != last) in_flight_.erase(mine);
}

void ScriptedPacs::store(const std::string& uid, Stored object) {
  const auto [entry, fresh] = archive_.try_emplace(uid, object);
  if (fresh) {
    if (on_stored_) on_stored_(uid, entry->second);
    return;
  }
  if (entry->second.data_set != object.data_set || entry->second.transfer_syntax_uid != object.transfer_syntax_uid) {
    complain_("one SOP Instance UID came with two contents: " + uid);
  }
}

}  // namespace scanferry::tests
