// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scanferry/platform/platform.hpp>

namespace scanferry::platform::contract {

/// A port under test. Each clause of a contract gets a new one.
class Port {
 public:
  virtual ~Port() = default;
  virtual const Platform& platform() = 0;
  /// A directory of the port's store that exists and is empty.
  virtual std::string directory() = 0;
  /// What the port's network listens on and dials to reach itself.
  virtual std::string host() { return "127.0.0.1"; }

  /// Runs the coroutines side by side until all have ended. An exception that one throws, a failed REQUIRE, comes out here.
  template <class... Stories>
  void play(Stories... stories) {
    std::exception_ptr failure;
    (spawn(guarded(std::move(stories), failure)), ...);
    run();
    if (failure) std::rethrow_exception(failure);
  }

 protected:
  virtual void spawn(Task<void> story) = 0;
  /// Until all that was spawned has ended, or give_up() was called.
  virtual void run() = 0;
  /// Ends run(), for good: the test has failed.
  virtual void give_up() = 0;

 private:
  Task<void> guarded(Task<void> story, std::exception_ptr& failure);
};

/// One promise of a contract.
struct Clause {
  const char* sentence;
  void (*check)(Port& port);
};

std::span<const Clause> event_contract();
std::span<const Clause> storage_thread_contract();
std::span<const Clause> store_contract();
std::span<const Clause> stream_contract();
std::span<const Clause> listener_contract();

/// The body of one test case: checks each clause, in a section of its own, against what `make()` returns.
void check(std::span<const Clause> clauses, std::unique_ptr<Port> (*make)());

/// Long enough for a thing to happen on another thread or in the kernel, short enough to wait for in a test.
inline constexpr core::Millis kAWhile{20};
/// A deadline that no test that passes reaches.
inline constexpr core::Millis kAmple{5000};

inline core::Instant in(Port& port, core::Millis time) { return port.platform().clock.now() + time; }
/// Lets the others run for `time`.
Task<void> pause(Port& port, core::Millis time);

/// Bytes that show where they come from.
std::vector<std::byte> pattern(std::size_t size, unsigned seed = 0);

}  // namespace scanferry::platform::contract
