// SPDX-License-Identifier: Apache-2.0
#include "agent/housekeeping.hpp"

namespace scanferry::firmware {
namespace {

constexpr core::Millis kInterval{60'000};
/// Objects deleted in one piece of storage work, so that nobody waits long behind it.
constexpr std::size_t kAtOnce = 16;

}  // namespace

Housekeeping::Housekeeping(platform::Platform& platform, Spool& spool, const AgentConfig& config)
    : platform_{platform}, spool_{spool}, config_{config}, wake_{platform.clock.make_event()} {
  for (const auto& destination : config.destinations) destinations_.push_back(destination.name);
}

void Housekeeping::stop() {
  stopping_ = true;
  wake_->notify();
}

platform::Task<void> Housekeeping::run() {
  while (!stopping_) {
    co_await mend();
    auto deleted = co_await tidy();
    if (deleted) {
      for (const auto& uid : *deleted) platform_.log.write(platform::LogLevel::info, "housekeeping", text("deleted ", uid, ": stored by every destination that it was not dropped for"));
      if (deleted->size() == kAtOnce) continue;
    } else {
      complain(deleted.error().message);
    }
    if (!stopping_) co_await wake_->wait_until(platform_.clock.now() + kInterval);
  }
}

void Housekeeping::complain(const std::string& what) {
  if (what == told_) return;
  told_ = what;
  platform_.log.write(platform::LogLevel::error, "housekeeping", what);
}

platform::Task<void> Housekeeping::mend() {
  const auto work = [this] { return spool_.recover_incoming(destinations_); };
  const auto recovered = co_await platform_.storage.run(work);
  if (!recovered) {
    complain(recovered.error().message);
    co_return;
  }
  if (recovered->closed != 0) {
    platform_.log.write(platform::LogLevel::warning, "housekeeping",
                        text("closed ", recovered->closed, " interrupted acquisitions with the frames that were safe"));
  }
  if (recovered->adopted != 0) {
    platform_.log.write(platform::LogLevel::warning, "housekeeping", text("found ", recovered->adopted, " objects that the ledger did not know; they are queued"));
  }
  for (const auto& problem : recovered->problems) complain(problem);
}

platform::Task<Result<std::vector<std::string>>> Housekeeping::tidy() {
  const auto now = platform_.clock.wall_now();
  const auto before = now - config_.spool.keep_stored;
  const auto work = [this, before, now]() -> Result<std::vector<std::string>> {
    auto old = spool_.ledger().deletable(before, now, kAtOnce);
    if (!old) return std::unexpected{old.error()};
    std::vector<std::string> deleted;
    for (const auto& instance : *old) {
      if (auto removed = spool_.remove(instance); !removed) return std::unexpected{removed.error()};
      deleted.push_back(instance.sop_instance_uid);
    }
    return deleted;
  };
  co_return co_await platform_.storage.run(work);
}

}  // namespace scanferry::firmware
