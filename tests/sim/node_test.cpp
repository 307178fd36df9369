// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "lambda_program.hpp"

using namespace scanferry;
using namespace scanferry::platform::sim;
using platform::Task;
using tests::LambdaProgram;
using namespace std::chrono_literals;

namespace {

struct Rig {
  explicit Rig(std::uint64_t seed = 1) : world{seed}, fabric{world}, node{world, fabric, "device"} {}
  World world;
  Fabric fabric;
  SimNode node;
};

/// Counts how many are alive: a coroutine's locals must go with it.
struct Alive {
  explicit Alive(int& count) : count_{count} { ++count_; }
  ~Alive() { --count_; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;
  int& count_;
};

}  // namespace

TEST_CASE("a wait ends at its deadline, in virtual time") {
  Rig rig;
  core::Instant woke{};
  const auto begun = rig.world.now();
  rig.node.boot(LambdaProgram::maker([&](SimNode& node) -> Task<void> {
    const auto event = node.clock().make_event();
    const bool notified = co_await event->wait_until(node.clock().now() + 1500ms);
    CHECK_FALSE(notified);
    woke = node.clock().now();
  }));
  rig.world.run_for(10s);
  CHECK(woke - begun == 1500ms);
  CHECK(rig.node.idle());
}

TEST_CASE("a notification ends a wait, and one that came before makes the next wait short") {
  Rig rig;
  std::unique_ptr<platform::Event> event;
  std::vector<std::pair<bool, core::Millis>> waits;
  rig.node.boot(LambdaProgram::maker([&](SimNode& node) -> Task<void> {
    event = node.clock().make_event();
    const auto begun = node.clock().now();
    for (int i = 0; i < 3; ++i) {
      const bool notified = co_await event->wait_until(node.clock().now() + 5s);
      waits.emplace_back(notified, node.clock().now() - begun);
      if (i == 0) event->notify();
    }
  }));
  rig.world.after(1s, [&] { event->notify(); });
  rig.world.run_for(20s);
  const std::vector<std::pair<bool, core::Millis>> expected{{true, 1s}, {true, 1s}, {false, 6s}};
  CHECK(waits == expected);
}

TEST_CASE("a power cut destroys every coroutine wherever it waits, and the machine boots again") {
  Rig rig;
  int alive = 0;
  int boots = 0;
  const auto program = LambdaProgram::maker([&](SimNode& node) -> Task<void> {
    ++boots;
    const Alive guard{alive};
    const auto event = node.clock().make_event();
    const auto work = [&node] { return node.disk().make_directories("/x").has_value(); };
    for (;;) {
      (void)co_await node.platform().storage.run(work);
      (void)co_await event->wait_until(node.clock().now() + 7ms);
    }
  });
  for (int cut = 0; cut < 200; ++cut) {
    rig.node.boot(program);
    rig.world.run_for(core::Millis{cut % 23});
    rig.node.power_off();
    CHECK(alive == 0);
  }
  CHECK(boots == 200);
  CHECK_FALSE(rig.world.failed());
}

TEST_CASE("storage jobs run in order, one at a time, and take virtual time") {
  Rig rig;
  std::vector<int> order;
  rig.node.boot([&](SimNode& node) {
    struct Two final : Program {
      static Task<void> one(SimNode& n, std::vector<int>& seen, int mark) {
        const auto work = [&] {
          seen.push_back(mark);
          return n.disk().make_directories("/d" + std::to_string(mark)).has_value();
        };
        const bool made = co_await n.platform().storage.run(work);
        CHECK(made);
        seen.push_back(mark + 100);
      }
    };
    for (int i = 0; i < 3; ++i) node.spawn(Two::one(node, order, i));
    return std::make_unique<Two>();
  });
  const auto begun = rig.world.elapsed();
  rig.world.run_until([&] { return rig.node.idle(); }, 1s);
  CHECK(order == std::vector<int>{0, 100, 1, 101, 2, 102});
  CHECK(rig.world.elapsed() > begun);
}

TEST_CASE("a coroutine that never lets time pass is a failure, not a hang") {
  Rig rig;
  rig.node.boot(LambdaProgram::maker([](SimNode& node) -> Task<void> {
    const auto event = node.clock().make_event();
    for (;;) (void)co_await event->wait_until(node.clock().now());
  }));
  rig.world.run_for(1s);
  CHECK(rig.world.failed());
}

TEST_CASE("an exception that leaves a coroutine is a failure of the world") {
  Rig rig;
  rig.node.boot(LambdaProgram::maker([](SimNode& node) -> Task<void> {
    const auto event = node.clock().make_event();
    (void)co_await event->wait_until(node.clock().now());
    throw std::runtime_error{"lost"};
  }));
  rig.world.run_for(1s);
  CHECK(rig.world.failure() == "an exception left a coroutine of device: lost");
}

TEST_CASE("the wall clock steps and the monotonic clock does not") {
  Rig rig;
  const auto now = rig.world.now();
  const auto wall = rig.world.wall_now();
  rig.world.step_wall_clock(-1h);
  CHECK(rig.world.now() == now);
  CHECK(rig.world.wall_now() == wall - 1h);
}

TEST_CASE("one seed gives one run") {
  const auto run = [](std::uint64_t seed) {
    Rig rig{seed};
    rig.node.disk().behaviour().io_errors_per_million = 100'000;
    const auto program = LambdaProgram::maker([](SimNode& node) -> Task<void> {
      const auto event = node.clock().make_event();
      int number = 0;
      const auto work = [&] {
        auto file = node.disk().create("/f" + std::to_string(++number));
        return file && (*file)->write_at(0, core::bytes_of("some bytes"));
      };
      for (;;) {
        (void)co_await node.platform().storage.run(work);
        (void)co_await event->wait_until(node.clock().now() + core::Millis{static_cast<std::int64_t>(node.platform().random.next() % 20)});
      }
    });
    for (int boot = 0; boot < 5; ++boot) {
      rig.node.boot(program);
      rig.world.run_for(core::Millis{static_cast<std::int64_t>(rig.world.prng().between(1, 500))});
      rig.node.power_off();
    }
    return rig.world.trace_hash();
  };
  CHECK(run(7) == run(7));
  CHECK(run(7) != run(8));
}
