// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <semaphore>
#include <set>

#include <catch2/catch.hpp>

#include "connection.hpp"
#include "linux_port.hpp"

namespace scanferry::platform::contract {
namespace {

Task<void> raise_after(Port& port, int number) {
  co_await pause(port, core::Millis{1});
  (void)std::raise(number);
}

Task<void> wait_for(Event& event) { (void)co_await event.wait_until(core::kNever); }

TEST_CASE("SIGTERM and SIGINT reach the agent's thread, each time") {
  LinuxPort port;
  int calls{0};
  const auto event = port.platform().clock.make_event();
  port.runtime().on_terminate([&] {
    ++calls;
    event->notify();
  });
  for (const int number : {SIGTERM, SIGINT, SIGTERM}) port.play(wait_for(*event), raise_after(port, number));
  REQUIRE(calls == 3);
}

TEST_CASE("waiting for signals does not keep the runtime running") {
  LinuxRuntime runtime;
  int calls = 0;
  runtime.on_terminate([&calls] { ++calls; });
  runtime.run();  // it would not return
  CHECK(calls == 0);
}

Task<void> run_job(Port& port, std::binary_semaphore& begun, std::binary_semaphore& go, bool& done) {
  auto job = [&] {
    begun.release();
    go.acquire();
    return done = true;
  };
  (void)co_await port.platform().storage.run(job);
}

Task<void> release_after(Port& port, std::binary_semaphore& go) {
  co_await pause(port, core::Millis{1});
  go.release();
}

TEST_CASE("a job that blocks does not hold the other coroutines") {
  LinuxPort port;
  std::binary_semaphore begun{0};
  std::binary_semaphore go{0};
  bool done{false};
  port.play(run_job(port, begun, go, done), release_after(port, go));
  REQUIRE(done);
}

Task<void> stop_in_job(LinuxPort& port, std::binary_semaphore& begun, std::binary_semaphore& go) {
  begun.acquire();
  port.runtime().stop();
  go.release();
  co_return;
}

TEST_CASE("stop lets the job under way end, drops those behind it and never resumes their coroutines") {
  std::binary_semaphore begun{0};
  std::binary_semaphore go{0};
  bool first{false};
  bool second{false};
  {
    LinuxPort port;
    port.play(run_job(port, begun, go, first), run_job(port, begun, go, second), stop_in_job(port, begun, go));
    REQUIRE(first);
    REQUIRE_FALSE(second);
    port.play(pause(port, kAmple));  // returns at once: it has been stopped for good
  }
  REQUIRE_FALSE(second);
}

Task<void> stop_after(LinuxPort& port, core::Millis time) {
  co_await pause(port, time);
  port.runtime().stop();
}

Task<void> own_and_read(std::unique_ptr<ByteStream> stream) {
  std::array<std::byte, 100> buffer{};
  (void)co_await stream->read_some(buffer, core::kNever);
  FAIL("nobody sends anything");
}

Task<void> own_and_write(std::unique_ptr<ByteStream> stream) {
  const auto bytes = pattern(1U << 20U);
  while (co_await stream->write(bytes, FileRange{}, core::kNever)) {
  }
  FAIL("nobody closes anything");
}

Task<void> own_and_accept(std::unique_ptr<Listener> listener) {
  (void)co_await listener->accept();
  FAIL("nobody dials");
}

Task<void> own_and_wait(std::unique_ptr<Event> event) {
  (void)co_await event->wait_until(core::kNever);
  FAIL("nobody notifies");
}

TEST_CASE("suspended coroutines are destroyed with the runtime, with all that they own") {
  LinuxPort port;
  auto one = connect(port);
  auto two = connect(port);
  port.play(own_and_read(std::move(one.near)), own_and_write(std::move(two.near)), own_and_accept(listen(port)),
            own_and_wait(port.platform().clock.make_event()), stop_after(port, kAWhile));
}

TEST_CASE("a stream that is destroyed during a read ends it") {
  LinuxPort port;
  auto connection = connect(port);
  auto& stream = *connection.near;
  std::array<std::byte, 100> buffer{};
  const auto reader = [](ByteStream& from, core::ByteBuffer into) -> Task<void> {
    const auto got = co_await from.read_some(into, core::kNever);
    REQUIRE_FALSE(got);
    REQUIRE(got.error().code == Errc::cancelled);
  };
  const auto destroyer = [](Port& p, std::unique_ptr<ByteStream>& victim) -> Task<void> {
    co_await pause(p, core::Millis{1});
    victim.reset();
  };
  port.play(reader(stream, buffer), destroyer(port, connection.near));
}

TEST_CASE("the system's random numbers do not repeat") {
  LinuxPort port;
  std::set<std::uint64_t> numbers;
  for (int i{0}; i < 1000; ++i) numbers.insert(port.platform().random.next());
  REQUIRE(numbers.size() == 1000);
}

}  // namespace
}  // namespace scanferry::platform::contract
