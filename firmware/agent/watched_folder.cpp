// SPDX-License-Identifier: Apache-2.0
#include "agent/watched_folder.hpp"

#include <algorithm>

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

void WatchedFolder::complain(std::string& told, const std::string& what) {
  if (what == told) return;
  told = what;
  log(platform::LogLevel::error, what);
}

platform::Task<void> WatchedFolder::run() {
  while (!stopping_) {
    const auto now = platform_.clock.now();
    const auto look = [this, now] { return scan_.look(now); };
    auto found = co_await platform_.storage.run(look);
    bool well = found.has_value();
    if (found) {
      told_.clear();
      for (auto* acquisition : *found) {
        if (stopping_) co_return;
        // One that waits for room does not stand in the way of a smaller one.
        if (!co_await deal_with(*acquisition)) well = false;
      }
      warn_of_unclaimed();
    } else {
      complain(told_, text("the watched folder cannot be read: ", found.error().message, "; make it, or mend [[watch]] path"));
    }
    if (!stopping_) co_await wake_->wait_until(platform_.clock.now() + (well ? watch_.poll : std::max(watch_.poll, kTroublePause)));
  }
}

platform::Task<bool> WatchedFolder::deal_with(FoundAcquisition& found) {
  const auto rested = platform_.clock.now() - found.unchanged_since;
  if (rested < watch_.settle) co_return true;
  const auto key = found.key();
  const auto ask = [this, &key] { return spool_.ledger().files_of_source(key); };
  const auto known = co_await platform_.storage.run(ask);
  if (!known) {
    complain(found.told, known.error().message);
    co_return false;
  }
  if (*known) co_return co_await finish_source(found, **known);
  const auto taken = co_await examine_and_take(found);
  if (taken) co_return co_await finish_source(found, *taken);
  if (taken.error().trouble == Trouble::environment) {
    complain(found.told, text(taken.error().message, "; '", found.path(), "' waits"));
    co_return false;
  }
  if (rested < watch_.incomplete_after) co_return true;
  co_return co_await reject(found, taken.error().message);
}

platform::Task<Result<std::string>> WatchedFolder::examine_and_take(const FoundAcquisition& found) {
  if (!found.acquisition) co_return std::unexpected{found.acquisition.error()};
  auto acquisition = *found.acquisition;
  const auto examine = [this, &found, &acquisition] { return examine_frames(platform_.store, found.directory, acquisition); };
  auto frames = co_await platform_.storage.run(examine);
  if (!frames) co_return std::unexpected{frames.error()};
  co_return co_await take(found, std::move(acquisition), std::move(*frames));
}

/// Gives the files that were accepted, as text for SourceFiles.
platform::Task<Result<std::string>> WatchedFolder::take(const FoundAcquisition& found, Acquisition acquisition, FrameSet frames) {
  // Not the time of now: taking the same files again, after a crash, must give the same object to the last byte.
  acquisition.stamp(found.modified, platform_.clock.utc_offset(found.modified));
  AcquisitionWriter writer{spool_, platform_.store, std::move(acquisition), std::move(frames), config_.device, found.key()};
  if (auto valid = writer.check(); !valid) co_return bad_input(found.path(), ": ", valid.error().message);
  const auto admit = [this, &writer] { return spool_.admit(writer.bytes()); };
  auto done = co_await platform_.storage.run(admit);
  if (done) done = co_await write(writer);
  const SourceFiles files{platform_.store, watch_.path, found};
  const AcceptedSource source{found.key(), files.remember()};
  bool ledger_asked = false;
  if (done) {
    const auto accept = [this, &writer, &files, &source, &ledger_asked]() -> Result<void> {
      if (auto same = files.check_unchanged(); !same) return same;
      ledger_asked = true;
      return spool_.ledger().accept(writer.instances(), destinations_, source);
    };
    done = co_await platform_.storage.run(accept);
  }
  if (!done) {
    // A transaction whose end the disk did not confirm may turn out to be there after a restart: its objects must be, too.
    const auto abandon = [&writer] { writer.abandon(); return true; };
    if (!ledger_asked) co_await platform_.storage.run(abandon);
    co_return std::unexpected{done.error()};
  }
  for (const auto& instance : writer.instances()) {
    log(platform::LogLevel::info, text("accepted ", instance.sop_instance_uid, ", ", instance.file_bytes, " bytes, from ", found.path()));
  }
  on_accepted_();
  co_return source.files;
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

platform::Task<bool> WatchedFolder::finish_source(FoundAcquisition& found, const std::string& accepted_files) {
  const auto finish = [this, &found, &accepted_files]() -> Result<void> {
    SourceFiles files{platform_.store, watch_.path, found, accepted_files};
    auto gone = watch_.after_accept == AfterAccept::keep ? files.move_to(kAcceptedFolder) : files.remove();
    if (!gone) return gone;
    return spool_.ledger().forget_source(found.key());
  };
  const auto done = co_await platform_.storage.run(finish);
  if (!done) complain(found.told, text("accepted, but its files cannot be cleared away: ", done.error().message));
  co_return done.has_value();
}

platform::Task<bool> WatchedFolder::reject(FoundAcquisition& found, const std::string& reason) {
  const auto move = [this, &found, &reason]() -> Result<void> {
    SourceFiles files{platform_.store, watch_.path, found};
    return files.move_to(kRejectedFolder, reason);
  };
  const auto moved = co_await platform_.storage.run(move);
  if (moved) {
    log(platform::LogLevel::error, text("set aside in '", kRejectedFolder, "': ", reason));
  } else {
    complain(found.told, text(reason, "; it cannot be set aside: ", moved.error().message));
  }
  co_return moved.has_value();
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
