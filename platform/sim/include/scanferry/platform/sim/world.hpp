// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <scanferry/core/time.hpp>
#include <scanferry/platform/sim/prng.hpp>
#include <scanferry/platform/task.hpp>

namespace scanferry::platform::sim {

/// Virtual time is finer than the product's milliseconds, so that disk and network work interleave.
using Micros = std::chrono::duration<std::int64_t, std::micro>;

/// Names one wait of one coroutine; never used twice, 0 is none.
using WaitId = std::uint64_t;
/// Names a machine of the world.
using NodeId = std::uint32_t;

/// Which cause ended a wait.
enum class Wake : std::uint8_t { done, deadline, cancelled };

/// A machine as the World sees it: something that has work to run.
class Machine {
 public:
  /// Runs one piece of ready work; false when there is none.
  virtual bool run_one() = 0;
  /// Called after each step, outside all of the machine's own code: the place where it may lose its power.
  virtual void after_step() = 0;

 protected:
  ~Machine() = default;
};

/// Everything there is: virtual time, things that will happen, chance, and the waits of all machines. Nothing in it knows
/// real time, so a run is a pure function of its seed.
///
/// All waits are parked here, in one table, under an id; events carry only the id. Hence no coroutine frame is ever reachable
/// from an event that the frame itself keeps alive, and cutting the power of a machine is erasing its rows.
class World {
 public:
  using Action = std::move_only_function<void()>;

  explicit World(std::uint64_t seed);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] Micros elapsed() const { return elapsed_; }
  [[nodiscard]] core::Instant now() const;
  [[nodiscard]] core::WallTime wall_now() const;
  void step_wall_clock(core::Millis by) { wall_offset_ += by; }
  Prng& prng() { return prng_; }

  /// Runs `action` after `delay` of virtual time; equal times in the order of the calls.
  void after(Micros delay, Action action);

  WaitId new_wait() { return ++last_wait_; }
  /// Suspends the calling coroutine of machine `owner` until wake(id), or until `deadline` (core::kNever: none).
  Task<Wake> park(WaitId id, NodeId owner, core::Instant deadline);
  /// Ends a wait; the first cause wins, later ones and ids of the past do nothing.
  void wake(WaitId id, Wake cause);
  /// Wakes after `delay`.
  void wake_after(Micros delay, WaitId id, Wake cause);
  /// Destroys all waits of a machine with the coroutines that are suspended in them.
  void forget(NodeId owner);

  /// Coroutines of a machine that wait for something.
  [[nodiscard]] std::size_t waiting(NodeId owner) const;

  NodeId join(Machine& machine);
  void leave(NodeId id);

  /// Runs until `reached()`, which is asked after every step; false when the world failed, `limit` of virtual time passed
  /// or nothing is left to do.
  bool run_until(const std::function<bool()>& reached, core::Millis limit);
  /// Lets `span` of virtual time pass.
  void run_for(core::Millis span);

  /// Takes note of a broken promise; the first one counts.
  void fail(std::string what);
  [[nodiscard]] bool failed() const { return !failure_.empty(); }
  [[nodiscard]] const std::string& failure() const { return failure_; }

  /// Mixes what happened into the hash that two runs of one seed must share.
  void note(std::string_view what, std::uint64_t value);
  [[nodiscard]] std::uint64_t trace_hash() const { return trace_hash_; }
  /// Prints more about what was just noted, when notes are printed.
  void explain(std::string_view words) const;
  /// Prints each note to standard error.
  void print_trace(bool on) { print_trace_ = on; }

 private:
  struct Parked {
    explicit Parked(NodeId node) : owner{node} {}
    virtual ~Parked() = default;
    virtual void resume(Wake cause) = 0;
    NodeId owner;
  };
  template <class Handler>
  struct Held final : Parked {
    Held(NodeId node, Handler&& h) : Parked{node}, handler{std::move(h)} {}
    void resume(Wake cause) override {
      auto executor = boost::asio::get_associated_executor(handler);
      boost::asio::post(executor, [h = std::move(handler), cause]() mutable { std::move(h)(cause); });
    }
    Handler handler;
  };
  struct Happening {
    Micros at;
    std::uint64_t sequence;
    Action action;
  };

  [[nodiscard]] Micros until(core::Instant deadline) const;
  bool run_machines();
  void happen();
  /// Runs one ready piece of work of a machine or, when there is none, the next event up to `end`; false when there is none.
  bool step_before(Micros end);

  Micros elapsed_{0};
  core::Millis wall_offset_{0};
  Prng prng_;
  std::vector<Happening> happenings_;  // a heap, earliest first
  std::uint64_t sequence_{0};
  std::map<WaitId, std::unique_ptr<Parked>> parked_;
  WaitId last_wait_{0};
  std::map<NodeId, Machine*> machines_;
  NodeId last_node_{0};
  std::uint64_t steps_at_this_time_{0};
  std::uint64_t trace_hash_{0};
  bool print_trace_{false};
  std::string failure_;
};

}  // namespace scanferry::platform::sim
