// SPDX-License-Identifier: Apache-2.0
#include "agent/watched_folder.hpp"

#include "agent/source_files.hpp"

namespace scanferry::firmware {
namespace {

/// After trouble with disk or spool, before the next try.
constexpr core::Millis kTroublePause{5'000};

}  // namespace

WatchedFolder::WatchedFolder(platform::Platform& platform, Spool& spool, const AgentConfig& config, WatchConfig watch,
                             OnAccepted on_accepted)
    : platform_{platform}, spool_{spool}, config_{config}, watch_{std::move(watch)}, on_accepted_{std::move(on_accepted)},
      scan_{platform.store, watch_.path}, wake_{platform.clock.make_event()} {
  for (const auto& destination : config.destinations) destinations_.push_back(destination.name);
}

void WatchedFolder::stop() {
  stopping_ = true;
  wake_->notify();
}

void WatchedFolder::log(platform::LogLevel level, const std::string& line) { platform_.log.write(level, "ingest", line); }

void WatchedFolder::complain(const std::string& what) {
  if (what == last_complaint_) return;
  last_complaint_ = what;
  log(platform::LogLevel::error, what);
}

platform::Task<void> WatchedFolder::run() {
  while (!stopping_) {
    const auto now = platform_.clock.now();
    const auto look = [this, now] { return scan_.look(now); };
    auto found = co_await platform_.storage.run(look);
    if (found) {
      for (auto* acquisition : *found) {
        if (!stopping_) co_await deal_with(*acquisition);
      }
      warn_of_unclaimed();
    } else {
      complain(text("the watched folder cannot be read: ", found.error().message, "; make it, or mend [[watch]] path"));
    }
    if (!stopping_) co_await wake_->wait_until(platform_.clock.now() + watch_.poll);
  }
}

platform::Task<void> WatchedFolder::deal_with(FoundAcquisition& found) {
  const auto rested = platform_.clock.now() - found.unchanged_since;
  if (rested < watch_.settle) co_return;
  const auto key = found.key();
  const auto ask = [this, &key] { return spool_.ledger().knows_source(key); };
  auto known = co_await platform_.storage.run(ask);
  if (!known) {
    complain(known.error().message);
    co_return;
  }
  if (*known) {
    co_await finish_source(found);
    co_return;
  }
  Result<void> taken;
  if (found.acquisition) {
    const auto examine = [this, &found] { return examine_frames(platform_.store, found.directory, *found.acquisition); };
    auto frames = co_await platform_.storage.run(examine);
    if (frames) {
      taken = co_await take(found, std::move(*frames));
    } else {
      taken = std::unexpected{frames.error()};
    }
  } else {
    taken = std::unexpected{found.acquisition.error()};
  }
  if (taken) {
    last_complaint_.clear();
    co_await finish_source(found);
  } else if (taken.error().trouble == Trouble::environment) {
    complain(text(taken.error().message, "; '", found.path(), "' waits"));
    if (!stopping_) co_await wake_->wait_until(platform_.clock.now() + kTroublePause);
  } else if (rested >= watch_.incomplete_after) {
    co_await reject(found, taken.error().message);
  }
}

platform::Task<Result<void>> WatchedFolder::take(FoundAcquisition& found, FrameSet frames) {
  auto acquisition = *found.acquisition;
  const auto now = platform_.clock.wall_now();
  acquisition.stamp(now, platform_.clock.utc_offset(now));
  AcquisitionWriter writer{spool_, platform_.store, std::move(acquisition), std::move(frames), config_.device, found.key()};
  if (auto valid = writer.check(); !valid) co_return valid;
  const auto admit = [this, &writer] { return spool_.admit(writer.bytes()); };
  auto done = co_await platform_.storage.run(admit);
  if (done) done = co_await write(writer);
  if (done) {
    const auto key = found.key();
    const auto accept = [this, &writer, &key] { return spool_.ledger().accept(writer.instances(), destinations_, key); };
    done = co_await platform_.storage.run(accept);
  }
  if (!done) {
    const auto abandon = [&writer] { writer.abandon(); return true; };
    co_await platform_.storage.run(abandon);
    co_return done;
  }
  for (const auto& instance : writer.instances()) {
    log(platform::LogLevel::info, text("accepted ", instance.sop_instance_uid, ", ", instance.file_bytes, " bytes, from ", found.path()));
  }
  on_accepted_();
  co_return done;
}

platform::Task<Result<void>> WatchedFolder::write(AcquisitionWriter& writer) {
  const auto step = [&writer] { return writer.step(); };
  for (;;) {
    auto whole = co_await platform_.storage.run(step);
    if (!whole) co_return std::unexpected{whole.error()};
    if (*whole) co_return Result<void>{};
    if (stopping_) co_return no_luck("the agent stops");
  }
}

platform::Task<void> WatchedFolder::finish_source(const FoundAcquisition& found) {
  const auto finish = [this, &found]() -> Result<void> {
    SourceFiles files{platform_.store, watch_.path, found};
    auto gone = watch_.after_accept == AfterAccept::keep ? files.move_to(kAcceptedFolder) : files.remove();
    if (!gone) return gone;
    return spool_.ledger().forget_source(found.key());
  };
  auto done = co_await platform_.storage.run(finish);
  if (!done) complain(text("accepted, but its files cannot be cleared away: ", done.error().message));
}

platform::Task<void> WatchedFolder::reject(const FoundAcquisition& found, const std::string& reason) {
  const auto move = [this, &found, &reason]() -> Result<void> {
    SourceFiles files{platform_.store, watch_.path, found};
    return files.move_to(kRejectedFolder, reason);
  };
  auto moved = co_await platform_.storage.run(move);
  if (moved) {
    log(platform::LogLevel::error, text("set aside in '", kRejectedFolder, "': ", reason));
  } else {
    complain(text(reason, "; it cannot be set aside: ", moved.error().message));
  }
}

void WatchedFolder::warn_of_unclaimed() {
  const bool rested = platform_.clock.now() - scan_.unclaimed_since() >= watch_.incomplete_after;
  if (!rested || scan_.unclaimed() == unclaimed_warned_) return;
  unclaimed_warned_ = scan_.unclaimed();
  if (unclaimed_warned_ == 0) return;
  log(platform::LogLevel::warning,
      text(unclaimed_warned_, " files wait without a sidecar that names them, for example ", scan_.unclaimed_example(),
           "; an acquisition is a .json or .toml file with its frames"));
}

}  // namespace scanferry::firmware
