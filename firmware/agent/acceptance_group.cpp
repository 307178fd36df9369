// SPDX-License-Identifier: Apache-2.0
#include "agent/acceptance_group.hpp"

#include <algorithm>

namespace scanferry::firmware {
namespace {

constexpr std::uint16_t kOutOfResources = 0xA700;  // PS3.4 table B.2-1

}  // namespace

platform::Task<StoreAnswer> AcceptanceGroup::accept(IncomingFile& file) {
  Waiting mine;
  mine.file = &file;
  mine.turn = platform_.clock.make_event();
  waiting_.push_back(&mine);
  while (!mine.answer) {
    if (is_led_) {
      co_await mine.turn->wait_until(core::kNever);  // whoever leads ends
    } else {
      co_await lead();
    }
  }
  co_return std::move(*mine.answer);
}

platform::Task<void> AcceptanceGroup::lead() {
  is_led_ = true;
  const auto group = take_group();
  const auto work = [this, &group] { return accept_all(group), true; };
  co_await platform_.storage.run(work);
  is_led_ = false;
  for (auto* done : group) done->turn->notify();
  if (!waiting_.empty()) waiting_.front()->turn->notify();
}

/// All that wait, but of each UID the first one alone: the next has to see what became of it.
AcceptanceGroup::Group AcceptanceGroup::take_group() {
  Group group;
  std::erase_if(waiting_, [&group](Waiting* next) {
    const auto& uid = next->file->object().sop_instance_uid;
    if (std::ranges::any_of(group, [&uid](const Waiting* one) { return one->file->object().sop_instance_uid == uid; })) return false;
    group.push_back(next);
    return true;
  });
  return group;
}

/// First all is written, then all synced: a journal that is written for the first file holds the others too.
void AcceptanceGroup::accept_all(const Group& group) {
  for (auto* one : group) {
    auto complete = one->file->complete();
    if (!complete) complete = no_room(complete.error());
    if (complete->status != 0) one->answer = std::move(*complete);
  }
  Group whole;
  std::vector<ReceivedObject> objects;
  for (auto* one : group) {
    if (one->answer) continue;
    if (const auto synced = one->file->sync(); !synced) {
      one->answer = no_room(synced.error());
      continue;
    }
    whole.push_back(one);
    objects.push_back(one->file->hand_over());
  }
  auto answers = objects.empty() ? std::vector<StoreAnswer>{} : keeper_.keep(objects);
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i]->answer = std::move(answers[i]);
  for (auto* one : group) one->file->close();
}

StoreAnswer AcceptanceGroup::no_room(const Failure& why) {
  platform_.log.write(platform::LogLevel::error, "receiver", text("not taken: ", why.message));
  return {kOutOfResources, "no room to store it; try again later"};
}

}  // namespace scanferry::firmware
