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
  const auto work = [this, &group] { return accept_all(group); };
  auto answers = co_await platform_.storage.run(work);
  is_led_ = false;
  for (std::size_t i = 0; i < group.size(); ++i) {
    group[i]->answer = std::move(answers[i]);
    group[i]->turn->notify();
  }
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
std::vector<StoreAnswer> AcceptanceGroup::accept_all(const Group& group) {
  std::vector<StoreAnswer> answers;
  for (auto* one : group) {
    auto complete = one->file->complete();
    answers.push_back(complete ? std::move(*complete) : no_room(complete.error()));
  }
  std::vector<std::size_t> whole;
  std::vector<ReceivedObject> objects;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (answers[i].status != 0) continue;
    if (const auto synced = group[i]->file->sync(); !synced) {
      answers[i] = no_room(synced.error());
      continue;
    }
    whole.push_back(i);
    objects.push_back(group[i]->file->hand_over());
  }
  auto kept = objects.empty() ? std::vector<StoreAnswer>{} : keeper_.keep(objects);
  for (std::size_t i = 0; i < whole.size(); ++i) answers[whole[i]] = std::move(kept[i]);
  for (auto* one : group) one->file->close();
  return answers;
}

StoreAnswer AcceptanceGroup::no_room(const Failure& why) {
  had_no_room_ = true;
  platform_.log.write(platform::LogLevel::error, "receiver", text("not taken: ", why.message));
  return {kOutOfResources, "no room to store it; try again later"};
}

}  // namespace scanferry::firmware
