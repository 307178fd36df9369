// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/clock.hpp>

#include <utility>

namespace scanferry::platform::sim {
namespace {

class SimEvent final : public Event {
 public:
  SimEvent(World& world, NodeId owner) : world_{world}, owner_{owner} {}

  void notify() override {
    pending_ = true;
    world_.wake(waiting_, Wake::done);
  }

  Task<bool> wait_until(core::Instant deadline) override {
    // Also a wait that need not wait goes through the World: a coroutine that never rests shows as a machine that spins.
    waiting_ = world_.new_wait();
    if (pending_) world_.wake_after(Micros{0}, waiting_, Wake::done);
    const auto cause = co_await world_.park(waiting_, owner_, deadline);
    waiting_ = 0;
    if (cause == Wake::deadline && !pending_) co_return false;
    pending_ = false;
    co_return true;
  }

 private:
  World& world_;
  NodeId owner_;
  WaitId waiting_{0};
  bool pending_{false};
};

}  // namespace

std::unique_ptr<Event> SimClock::make_event() { return std::make_unique<SimEvent>(world_, owner_); }

}  // namespace scanferry::platform::sim
