// SPDX-License-Identifier: Apache-2.0
#include "agent/pusher.hpp"

#include <algorithm>

namespace scanferry::firmware {
namespace {

/// Other processes put objects into the spool too: how long until theirs are seen.
constexpr core::Millis kLookAgain{1'000};
/// When the ledger cannot be written, before the next try.
constexpr core::Millis kLedgerPause{2'000};
/// What a peer said on a lingering association is there already, or it is not.
constexpr core::Millis kNoPatience{1};

platform::Platform with_network(const platform::Platform& platform, platform::Network& network) {
  return {platform.clock, platform.random, platform.store, platform.storage, network, platform.log, platform.sqlite_vfs};
}

}  // namespace

Pusher::Pusher(platform::Platform& platform, Spool& spool, const AgentConfig& config, DestinationConfig destination)
    : platform_{platform}, spool_{spool}, config_{config}, destination_{std::move(destination)},
      paced_network_{platform.network, platform.clock, destination_.bytes_per_second}, paced_{with_network(platform, paced_network_)},
      area_{text("pusher ", destination_.name)}, queue_{platform, spool.ledger(), destination_.name, config.retry.longest},
      refusals_{config.retry.longest}, associations_max_{destination_.associations}, link_breaker_{config.retry},
      room_breaker_{config.retry} {
  for (std::size_t n = 0; n < destination_.associations; ++n) lanes_.push_back(std::make_unique<Lane>(paced_, destination_));
}

void Pusher::stop() {
  stopping_ = true;
  wake();
}

void Pusher::abort() {
  stopping_ = true;
  aborted_ = true;
  for (const auto& lane : lanes_) {
    if (lane->link != nullptr) lane->link->abort();
  }
  wake();
}

void Pusher::wake() {
  for (const auto& lane : lanes_) lane->wake->notify();
}

void Pusher::link_proved_good() {
  if (link_breaker_.is_closed()) return;
  link_breaker_.try_now();
  wake();
}

platform::Task<void> Pusher::rest(Lane& lane, core::Instant until) {
  if (!stopping_) co_await lane.wake->wait_until(until);
}

/// When one more association may be begun.
core::Instant Pusher::next_begin() const {
  const auto now = platform_.clock.now();
  auto at = now;
  if (!link_breaker_.may_try(now)) at = std::max(at, link_breaker_.next_try());
  if (!room_breaker_.may_try(now)) at = std::max(at, room_breaker_.next_try());
  // A peer that was in trouble is tried by one alone.
  const bool is_well = link_breaker_.is_closed() && room_breaker_.is_closed();
  const auto most = is_well ? (now < narrow_until_ ? associations_max_ : lanes_.size()) : 1;
  if (associations_ >= most) at = std::max(at, now + kLookAgain);
  return at;
}

platform::Task<void> Pusher::run(std::size_t number) {
  Lane& lane = *lanes_[number];
  while (!stopping_) {
    const auto at = next_begin();
    const bool may_begin = at <= platform_.clock.now();
    if (may_begin && co_await look_for_work()) {
      co_await push(lane);
    } else {
      co_await rest(lane, may_begin ? at + kLookAgain : at);
    }
  }
}

/// True when there is some that no open association waits for.
platform::Task<bool> Pusher::look_for_work() {
  const auto filled = co_await queue_.refill();
  if (!filled) log(platform::LogLevel::error, filled.error().message);
  co_await hold_refused();
  const auto is_lingering = [](const auto& lane) { return lane->is_lingering; };
  const auto lingering = static_cast<std::size_t>(std::ranges::count_if(lanes_, is_lingering));
  // Another may have begun meanwhile.
  co_return !stopping_ && queue_.ready().size() > lingering && next_begin() <= platform_.clock.now();
}

const std::string* Pusher::refusal_of(const Delivery& delivery) const {
  // Who released it wants it asked.
  if (delivery.attempts != 0 || !delivery.comment.empty()) return nullptr;
  return refusals_.find(delivery.instance.sop_class_uid, delivery.instance.transfer_syntax_uid, platform_.clock.now());
}

/// What the peer would refuse again needs no association to be told so.
platform::Task<void> Pusher::hold_refused() {
  while (!stopping_ && !queue_.ready().empty()) {
    const auto* words = refusal_of(queue_.ready().front());
    if (words == nullptr) co_return;
    StoreReport report;
    report.outcome = core::Outcome::hold;
    report.blame = dimse::Blame::object;
    report.words = *words;
    const auto delivery = queue_.take();
    log_report(delivery, report);
    co_await record(delivery, report);
    queue_.ended(delivery);
  }
}

platform::Task<void> Pusher::push(Lane& lane) {
  ContextPlan plan;
  for (const auto& delivery : queue_.ready()) plan.add_object(delivery.instance.sop_class_uid, delivery.instance.transfer_syntax_uid);
  Link link{lane.route.platform(), config_.aet, destination_};
  lane.link = &link;
  lane.has_no_room = false;
  ++associations_;
  auto opened = co_await link.open(plan.contexts());
  if (opened) {
    last_trouble_.clear();
    if (!stopping_) co_await push_over(lane, plan);
    co_await link.close();
  } else if (link.has_no_place() && associations_ > 1) {
    was_one_too_many(opened.error().message);
  } else if (!aborted_) {
    link_failed(opened.error().message);
  }
  --associations_;
  lane.link = nullptr;
  // What did not get there comes before what is ready.
  queue_.forget_ready();
}

/// The others go on.
void Pusher::was_one_too_many(const std::string& words) {
  associations_max_ = associations_ - 1;
  narrow_until_ = platform_.clock.now() + config_.retry.longest;
  log(platform::LogLevel::info, text(words, "; going on with ", associations_max_, " associations"));
}

platform::Task<void> Pusher::push_over(Lane& lane, const ContextPlan& plan) {
  for (;;) {
    if (may_go_on(lane) && (lane.posted.empty() || !queue_.is_exhausted())) {
      const auto filled = co_await queue_.refill();
      if (!filled) log(platform::LogLevel::error, filled.error().message);
    }
    if (may_take(lane, plan)) {
      co_await post_one(lane);
    } else if (!lane.posted.empty()) {
      co_await end_one(lane);
    } else {
      if (may_go_on(lane) && queue_.ready().empty()) co_await linger(lane);
      if (!may_take(lane, plan)) co_return;
    }
  }
}

/// The next that is ready needs no other contexts, and the peer is not too busy for it.
bool Pusher::may_take(const Lane& lane, const ContextPlan& plan) const {
  if (!may_go_on(lane) || queue_.ready().empty() || !lane.link->may_post()) return false;
  // A peer that said that it had no room is asked with one object first.
  if (!room_breaker_.is_closed() && queue_.under_way() > 0) return false;
  const auto& instance = queue_.ready().front().instance;
  return refusal_of(queue_.ready().front()) == nullptr && plan.has(instance.sop_class_uid, instance.transfer_syntax_uid);
}

/// The next object often comes soon: the association waits for it.
platform::Task<void> Pusher::linger(Lane& lane) {
  const auto until = platform_.clock.now() + destination_.linger;
  lane.is_lingering = true;
  while (may_go_on(lane) && queue_.ready().empty() && platform_.clock.now() < until) {
    co_await rest(lane, std::min(until, platform_.clock.now() + kLookAgain));
    // The peer may have had enough.
    (void)co_await lane.link->attend(platform_.clock.now() + kNoPatience);
    if (may_go_on(lane)) (void)co_await queue_.refill();
  }
  lane.is_lingering = false;
}

bool Pusher::may_go_on(const Lane& lane) const { return lane.link->is_open() && !lane.has_no_room && !stopping_; }

platform::Task<void> Pusher::post_one(Lane& lane) {
  const auto delivery = queue_.take();
  const auto open = [this, &delivery] { return open_if_pending(delivery); };
  auto file = co_await platform_.storage.run(open);
  StoreReport report;
  if (file && !*file) {
    queue_.ended(delivery);
    co_return;
  }
  if (file) {
    const auto object = stored_object(delivery.instance);
    const auto posted = co_await post_object(platform_, *lane.link, object, **file);
    if (posted) {
      lane.posted.emplace(*posted, delivery);
      co_return;
    }
    report = posted.error();
  } else if (file.error().trouble == Trouble::bad_input) {
    report = {core::Outcome::hold, dimse::Blame::object, 0, file.error().message, "", false};
  } else {
    // A card that hiccups may read it the next time; one that never does gets it held in the end.
    report = {core::Outcome::retry_later, dimse::Blame::object, 0, file.error().message, "", false};
  }
  co_await conclude(lane, delivery, report);
}

platform::Task<void> Pusher::end_one(Lane& lane) {
  const auto end = co_await lane.link->next_end();
  const auto posted = lane.posted.extract(end.id);
  if (!posted.empty()) co_await conclude(lane, posted.mapped(), end.report);
}

platform::Task<void> Pusher::conclude(Lane& lane, const Delivery& delivery, const StoreReport& report) {
  if (!aborted_) {
    note_link(lane, report);
    log_report(delivery, report);
    const auto& instance = delivery.instance;
    if (report.is_refusal) refusals_.note(instance.sop_class_uid, instance.transfer_syntax_uid, report.words, platform_.clock.now());
    if (report.outcome != core::Outcome::link_failed) co_await record(delivery, report);
  }
  queue_.ended(delivery);
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

void Pusher::note_link(Lane& lane, const StoreReport& report) {
  const auto now = platform_.clock.now();
  switch (report.outcome) {
    case core::Outcome::link_failed:
    case core::Outcome::unknown:
      link_breaker_.failed(now, platform_.random.next());
      return;
    case core::Outcome::retry_later:
      link_breaker_.succeeded();
      if (report.blame != dimse::Blame::peer) return;
      lane.has_no_room = true;
      room_breaker_.failed(now, platform_.random.next());
      return;
    case core::Outcome::stored:
    case core::Outcome::stored_with_warning:
      link_breaker_.succeeded();
      // Another object that was under way: it was taken before there was no room.
      if (!lane.has_no_room) room_breaker_.succeeded();
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
    case core::Outcome::hold: log(platform::LogLevel::error, text("held ", uid, ": ", report.words, "; scanferry queue release sends it when that is mended")); return;
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
    const auto pause = platform_.clock.make_event();
    co_await pause->wait_until(platform_.clock.now() + kLedgerPause);
  }
}

}  // namespace scanferry::firmware
