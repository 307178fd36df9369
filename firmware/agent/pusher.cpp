// SPDX-License-Identifier: Apache-2.0
#include "agent/pusher.hpp"

#include <algorithm>

namespace scanferry::firmware {
namespace {

/// Deliveries looked up at a time, and the memory they take.
constexpr std::size_t kBatch = 64;
/// Other processes put objects into the spool too: how long until theirs are seen.
constexpr core::Millis kLookAgain{1'000};
/// When the ledger cannot be written, before the next try.
constexpr core::Millis kLedgerPause{2'000};

}  // namespace

Pusher::Pusher(platform::Platform& platform, Spool& spool, const AgentConfig& config, DestinationConfig destination)
    : platform_{platform}, spool_{spool}, config_{config}, destination_{std::move(destination)},
      route_{platform, destination_.security}, area_{text("pusher ", destination_.name)}, wake_{platform.clock.make_event()}, link_breaker_{config.retry},
      room_breaker_{config.retry} {}

void Pusher::stop() {
  stopping_ = true;
  wake_->notify();
}

void Pusher::abort() {
  stopping_ = true;
  aborted_ = true;
  if (link_ != nullptr) link_->abort();
  wake_->notify();
}

void Pusher::wake() { wake_->notify(); }

void Pusher::link_proved_good() {
  if (link_breaker_.is_closed()) return;
  link_breaker_.try_now();
  wake_->notify();
}

platform::Task<void> Pusher::rest(core::Instant until) {
  if (!stopping_) co_await wake_->wait_until(until);
}

core::Instant Pusher::next_try() const {
  const auto now = platform_.clock.now();
  auto at = now;
  if (!link_breaker_.may_try(now)) at = std::max(at, link_breaker_.next_try());
  if (!room_breaker_.may_try(now)) at = std::max(at, room_breaker_.next_try());
  return at;
}

platform::Task<Result<Pusher::Batch>> Pusher::due() {
  const auto now = platform_.clock.wall_now();
  const auto look = [this, now] { return spool_.ledger().due(destination_.name, kBatch, now, config_.retry.longest); };
  co_return co_await platform_.storage.run(look);
}

platform::Task<void> Pusher::run() {
  while (!stopping_) {
    const auto now = platform_.clock.now();
    const auto at = next_try();
    if (at > now) {
      co_await rest(at);
      continue;
    }
    auto batch = co_await due();
    if (!batch) log(platform::LogLevel::error, batch.error().message);
    if (!batch || batch->empty()) {
      co_await rest(now + (batch ? kLookAgain : kLedgerPause));
      continue;
    }
    co_await push(std::move(*batch));
  }
}

platform::Task<void> Pusher::push(Batch batch) {
  ContextPlan plan;
  for (const auto& delivery : batch) plan.add_object(delivery.instance.sop_class_uid, delivery.instance.transfer_syntax_uid);
  Link link{route_.platform(), config_.aet, destination_};
  link_ = &link;
  has_no_room_ = false;
  auto opened = co_await link.open(plan.contexts());
  if (opened) {
    last_trouble_.clear();
    if (!stopping_) co_await push_over(link, std::move(batch), plan);
    co_await link.close();
  } else if (!aborted_) {
    link_failed(opened.error().message);
  }
  link_ = nullptr;
}

platform::Task<void> Pusher::push_over(Link& link, Batch batch, const ContextPlan& plan) {
  for (;;) {
    co_await post_batch(link, batch, plan);
    // The ledger would name those that are under way once more.
    while (!posted_.empty()) co_await end_one(link);
    const auto needs_other_contexts = [&plan](const Delivery& delivery) {
      return !plan.has(delivery.instance.sop_class_uid, delivery.instance.transfer_syntax_uid);
    };
    if (!may_go_on(link) || std::ranges::any_of(batch, needs_other_contexts)) co_return;
    auto more = co_await due();
    if (!more || more->empty()) co_return;
    batch = std::move(*more);
  }
}

/// Until there is one that came after the association was made and needs another one.
platform::Task<void> Pusher::post_batch(Link& link, const Batch& batch, const ContextPlan& plan) {
  for (const auto& delivery : batch) {
    if (!plan.has(delivery.instance.sop_class_uid, delivery.instance.transfer_syntax_uid)) co_return;
    // A peer that said that it had no room is asked with one object first.
    while (!posted_.empty() && !(link.may_post() && room_breaker_.is_closed())) co_await end_one(link);
    if (!may_go_on(link)) co_return;
    co_await post_one(link, delivery);
  }
}

bool Pusher::may_go_on(const Link& link) const { return link.is_open() && !has_no_room_ && !stopping_; }

platform::Task<void> Pusher::post_one(Link& link, const Delivery& delivery) {
  const auto open = [this, &delivery] { return open_if_pending(delivery); };
  auto file = co_await platform_.storage.run(open);
  if (file && !*file) co_return;
  StoreReport report;
  if (file) {
    const auto object = stored_object(delivery.instance);
    const auto posted = co_await post_object(platform_, link, object, **file);
    if (posted) {
      posted_.emplace(*posted, delivery);
      co_return;
    }
    report = posted.error();
  } else if (file.error().trouble == Trouble::bad_input) {
    report = {core::Outcome::hold, dimse::Blame::object, 0, file.error().message, ""};
  } else {
    // A card that hiccups may read it the next time; one that never does gets it held in the end.
    report = {core::Outcome::retry_later, dimse::Blame::object, 0, file.error().message, ""};
  }
  co_await conclude(delivery, report);
}

platform::Task<void> Pusher::end_one(Link& link) {
  const auto end = co_await link.next_end();
  const auto posted = posted_.extract(end.id);
  if (!posted.empty()) co_await conclude(posted.mapped(), end.report);
}

platform::Task<void> Pusher::conclude(const Delivery& delivery, const StoreReport& report) {
  if (aborted_) co_return;
  note_link(report);
  log_report(delivery, report);
  if (report.outcome != core::Outcome::link_failed) co_await record(delivery, report);
}

Result<std::unique_ptr<platform::File>> Pusher::open_if_pending(const Delivery& delivery) {
  auto pending = spool_.ledger().is_pending(delivery.instance.id, destination_.name);
  if (!pending) return std::unexpected{pending.error()};
  if (!*pending) return nullptr;
  auto file = spool_.open_object(delivery.instance.sop_instance_uid);
  if (!file) return no_luck("the object cannot be read from the spool: ", file.error().message);
  auto size = (*file)->size();
  if (!size) return no_luck(size.error());
  if (*size != delivery.instance.file_bytes) {
    return bad_input("the object in the spool has ", *size, " bytes; it was accepted with ", delivery.instance.file_bytes);
  }
  return file;
}

StoredObject Pusher::stored_object(const Instance& instance) const {
  StoredObject object;
  object.request.sop_class_uid.assign(instance.sop_class_uid);
  object.request.sop_instance_uid.assign(instance.sop_instance_uid);
  object.request.transfer_syntax_uid.assign(instance.transfer_syntax_uid);
  object.request.data_set_bytes = instance.data_set_bytes();
  object.data_set_offset = instance.data_set_offset;
  object.temporary_path = spool_.temporary_path(instance.sop_instance_uid, destination_.name);
  return object;
}

void Pusher::note_link(const StoreReport& report) {
  const auto now = platform_.clock.now();
  switch (report.outcome) {
    case core::Outcome::link_failed:
    case core::Outcome::unknown:
      link_breaker_.failed(now, platform_.random.next());
      return;
    case core::Outcome::retry_later:
      link_breaker_.succeeded();
      if (report.blame != dimse::Blame::peer) return;
      has_no_room_ = true;
      room_breaker_.failed(now, platform_.random.next());
      return;
    case core::Outcome::stored:
    case core::Outcome::stored_with_warning:
      link_breaker_.succeeded();
      // Another object that was under way: it was taken before there was no room.
      if (!has_no_room_) room_breaker_.succeeded();
      return;
    case core::Outcome::hold:
      link_breaker_.succeeded();
      return;
  }
}

void Pusher::link_failed(const std::string& words) {
  // The same trouble again is no news, but it must be findable.
  const auto level = words == last_trouble_ ? platform::LogLevel::debug : platform::LogLevel::warning;
  last_trouble_ = words;
  link_breaker_.failed(platform_.clock.now(), platform_.random.next());
  const auto wait = link_breaker_.next_try() - platform_.clock.now();
  log(level, text(words, "; next try in ", wait.count(), " ms"));
}

void Pusher::log_report(const Delivery& delivery, const StoreReport& report) {
  const auto& uid = delivery.instance.sop_instance_uid;
  switch (report.outcome) {
    case core::Outcome::stored: log(platform::LogLevel::info, text("stored ", uid)); return;
    case core::Outcome::stored_with_warning: log(platform::LogLevel::warning, text("stored ", uid, " with warning: ", report.words)); return;
    case core::Outcome::hold: log(platform::LogLevel::error, text("held ", uid, ": ", report.words)); return;
    case core::Outcome::retry_later:
    case core::Outcome::unknown:
    case core::Outcome::link_failed: log(platform::LogLevel::warning, text("not stored yet ", uid, ": ", report.words)); return;
  }
}

platform::Task<void> Pusher::record(const Delivery& delivery, const StoreReport& report) {
  DeliveryUpdate update;
  // A full PACS or a broken link is no fault of the object: they do not count against it.
  const bool broke = report.outcome == core::Outcome::unknown;
  update.attempts = delivery.attempts + (broke || report.blame == dimse::Blame::peer ? 0 : 1);
  update.breaks = delivery.breaks + (broke ? 1 : 0);
  update.state = core::next_state(report.outcome, update.attempts);
  update.status = report.status;
  update.comment = report.peer_says.empty() ? report.words : text(report.words, " (the peer says: ", report.peer_says, ")");
  const auto now = platform_.clock.wall_now();
  if (update.state == core::DeliveryState::pending && report.blame != dimse::Blame::peer) {
    update.not_before = now + config_.retry.delay(update.attempts + update.breaks, platform_.random.next());
  }
  const auto write = [this, &delivery, &update, now] {
    return spool_.ledger().update(delivery.instance.id, destination_.name, update, now);
  };
  // What is not written would be sent again: rather wait than go on.
  for (;;) {
    auto written = co_await platform_.storage.run(write);
    if (written) co_return;
    log(platform::LogLevel::error, written.error().message);
    if (stopping_) co_return;
    co_await rest(platform_.clock.now() + kLedgerPause);
  }
}

}  // namespace scanferry::firmware
