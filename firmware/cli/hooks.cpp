// SPDX-License-Identifier: Apache-2.0
#include "cli/hooks.hpp"

#include <utility>

#include <scanferry/platform/linux/shell.hpp>

#include "cli/console.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::size_t kChildrenMax = 8;
/// In the end commands that still wait are given so long.
constexpr core::Millis kEndPatience{10'000};
/// Nobody tells us that a child has ended.
constexpr core::Millis kLookAgain{50};

}  // namespace

void Hooks::note(Arrival arrival) {
  const std::scoped_lock lock{mutex_};
  arrivals_.push_back(std::move(arrival));
}

void Hooks::take_arrivals() {
  std::vector<Arrival> arrivals;
  {
    const std::scoped_lock lock{mutex_};
    arrivals = std::exchange(arrivals_, {});
  }
  for (auto& arrival : arrivals) {
    if (!commands_.object.empty()) {
      jobs_.push_back({commands_.object, {"SCANFERRY_FILE=" + arrival.path, "SCANFERRY_SOP_INSTANCE_UID=" + arrival.sop_instance_uid,
                                          "SCANFERRY_CALLING_AET=" + arrival.caller}});
    }
    if (commands_.study.empty()) continue;
    auto& study = studies_[arrival.study_instance_uid];
    study.last = clock_.now();
    ++study.objects;
    study.latest = std::move(arrival);
  }
}

/// Those that rest; in the end all.
void Hooks::end_studies() {
  const auto now = clock_.now();
  std::erase_if(studies_, [&](const auto& entry) {
    const auto& [uid, study] = entry;
    if (!finishing_ && now < study.last + commands_.study_rests) return false;
    jobs_.push_back({commands_.study, {"SCANFERRY_STUDY_INSTANCE_UID=" + uid, "SCANFERRY_FILE=" + study.latest.path,
                                       "SCANFERRY_OBJECTS=" + std::to_string(study.objects), "SCANFERRY_CALLING_AET=" + study.latest.caller}});
    return true;
  });
}

void Hooks::reap() {
  std::erase_if(children_, platform::has_ended);
}

void Hooks::start_some() {
  while (!jobs_.empty() && children_.size() < kChildrenMax) {
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    if (const auto child = platform::start_shell(job.command, std::move(job.variables))) {
      children_.push_back(*child);
    } else {
      print_error(text(job.command, ": could not be started"));
    }
  }
}

platform::Task<void> Hooks::run() {
  const auto pause = clock_.make_event();
  auto end = core::kNever;
  for (;;) {
    const bool is_last = finishing_;
    if (is_last && end == core::kNever) end = clock_.now() + kEndPatience;
    take_arrivals();
    end_studies();
    reap();
    start_some();
    if (is_last && (jobs_.empty() || clock_.now() >= end)) break;
    co_await pause->wait_until(clock_.now() + kLookAgain);
  }
  if (!jobs_.empty()) print_error(text(jobs_.size(), " commands were not run: those before them take too long"));
}

}  // namespace scanferry::firmware
