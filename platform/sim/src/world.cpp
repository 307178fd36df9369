// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/world.hpp>

#include <algorithm>
#include <cstdio>

namespace scanferry::platform::sim {
namespace {

/// So many steps without time passing is a machine that spins.
constexpr std::uint64_t kStepsAtOneTimeMax = 200'000;
/// Where virtual time and the wall clock begin: an arbitrary moment, not 0, so that nobody takes 0 for "unset".
constexpr core::Millis kFirstInstant{1'000'000};
constexpr core::Millis kFirstWallTime{1'700'000'000'000};
/// A run does not last so long; keeps sums of deadlines and times from overflowing.
constexpr core::Millis kLongestWait = std::chrono::years{100};

struct Later {
  template <class H>
  bool operator()(const H& a, const H& b) const {
    return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
  }
};

}  // namespace

World::World(std::uint64_t seed) : prng_{seed} {}

// Waits hold coroutines, which may end other waits while they are destroyed: take them out of the table first.
World::~World() {
  const auto doomed = std::move(parked_);
  parked_.clear();
}

core::Instant World::now() const {
  return core::Instant{kFirstInstant + std::chrono::floor<core::Millis>(elapsed_)};
}

core::WallTime World::wall_now() const {
  return core::WallTime{kFirstWallTime + std::chrono::floor<core::Millis>(elapsed_) + wall_offset_};
}

void World::after(Micros delay, Action action) {
  happenings_.push_back({elapsed_ + std::max(delay, Micros{0}), ++sequence_, std::move(action)});
  std::push_heap(happenings_.begin(), happenings_.end(), Later{});
}

Micros World::until(core::Instant deadline) const {
  if (deadline <= now()) return Micros{0};
  return std::min(deadline - core::Instant{kFirstInstant}, kLongestWait) - elapsed_;
}

Task<Wake> World::park(WaitId id, NodeId owner, core::Instant deadline) {
  if (deadline != core::kNever) wake_after(until(deadline), id, Wake::deadline);
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Wake)>(
      [this, id, owner](auto handler) {
        parked_.emplace(id, std::make_unique<Held<decltype(handler)>>(owner, std::move(handler)));
      },
      boost::asio::use_awaitable);
}

void World::wake(WaitId id, Wake cause) {
  const auto found = parked_.find(id);
  if (found == parked_.end()) return;
  const auto parked = std::move(found->second);
  parked_.erase(found);
  parked->resume(cause);
}

void World::wake_after(Micros delay, WaitId id, Wake cause) {
  after(delay, [this, id, cause] { wake(id, cause); });
}

void World::forget(NodeId owner) {
  std::vector<std::unique_ptr<Parked>> doomed;
  for (auto it = parked_.begin(); it != parked_.end();) {
    if (it->second->owner != owner) {
      ++it;
      continue;
    }
    doomed.push_back(std::move(it->second));
    it = parked_.erase(it);
  }
}

std::size_t World::waiting(NodeId owner) const {
  return static_cast<std::size_t>(std::ranges::count_if(parked_, [owner](const auto& entry) { return entry.second->owner == owner; }));
}

NodeId World::join(Machine& machine) {
  machines_.emplace(++last_node_, &machine);
  return last_node_;
}

void World::leave(NodeId id) { machines_.erase(id); }

bool World::run_machines() {
  if (++steps_at_this_time_ > kStepsAtOneTimeMax) fail("a machine spins: time does not pass");
  for (const auto& [id, machine] : machines_) {
    if (!machine->run_one()) continue;
    machine->after_step();
    return true;
  }
  return false;
}

void World::happen() {
  std::pop_heap(happenings_.begin(), happenings_.end(), Later{});
  auto next = std::move(happenings_.back());
  happenings_.pop_back();
  if (next.at != elapsed_) steps_at_this_time_ = 0;
  elapsed_ = next.at;
  note("event", next.sequence);
  next.action();
  for (const auto& [id, machine] : machines_) machine->after_step();
}

bool World::step_before(Micros end) {
  if (run_machines()) return true;
  if (happenings_.empty() || happenings_.front().at > end) return false;
  happen();
  return true;
}

bool World::run_until(const std::function<bool()>& reached, core::Millis limit) {
  const auto end = elapsed_ + limit;
  while (!failed()) {
    if (reached()) return true;
    if (!step_before(end)) return false;
  }
  return false;
}

void World::run_for(core::Millis span) {
  const auto end = elapsed_ + span;
  while (!failed() && step_before(end)) {
  }
  elapsed_ = std::max(elapsed_, end);
}

void World::fail(std::string what) {
  if (failure_.empty()) failure_ = std::move(what);
}

void World::note(std::string_view what, std::uint64_t value) {
  trace_hash_ = mix64(trace_hash_ ^ value);
  for (const char c : what) trace_hash_ = trace_hash_ * 0x100000001B3ULL ^ static_cast<unsigned char>(c);
  if (!print_trace_) return;
  std::fprintf(stderr, "%12lld us %.*s %llu\n", static_cast<long long>(elapsed_.count()), static_cast<int>(what.size()),
               what.data(), static_cast<unsigned long long>(value));
}

void World::explain(std::string_view words) const {
  if (print_trace_) std::fprintf(stderr, "%17s%.*s\n", "", static_cast<int>(words.size()), words.data());
}

}  // namespace scanferry::platform::sim
