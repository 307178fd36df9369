// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "lambda_program.hpp"

using namespace scanferry;
using namespace scanferry::platform::sim;
using platform::ByteStream;
using platform::Errc;
using platform::FileRange;
using platform::Task;
using tests::LambdaProgram;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kPort = 104;

struct Rig {
  explicit Rig(std::uint64_t seed = 1) : world{seed}, fabric{world}, device{world, fabric, "device"}, pacs{world, fabric, "pacs"} {}

  void plan(ConnectionPlan plan) {
    fabric.set_planner([plan](std::string_view, std::string_view) { return plan; });
  }
  /// Boots the pacs with a server that sends back all it gets, up to the end of the stream.
  void serve_echo() {
    pacs.boot(LambdaProgram::maker([](SimNode& node) -> Task<void> {
      auto listener = node.network().listen("", kPort);
      for (;;) {
        auto stream = co_await (*listener)->accept();
        if (!stream) co_return;
        node.spawn(echo(std::move(*stream)));
      }
    }));
  }
  static Task<void> echo(std::unique_ptr<ByteStream> stream) {
    std::array<std::byte, 4096> buffer{};
    for (;;) {
      const auto got = co_await stream->read_some(buffer, core::kNever);
      if (!got) co_return;
      const FileRange nothing;
      const auto sent = co_await stream->write(core::ByteView{buffer}.first(*got), nothing, core::kNever);
      if (!sent) co_return;
    }
  }
  /// Runs `body` on the device to its end.
  void run(LambdaProgram::Body body) {
    device.boot(LambdaProgram::maker(std::move(body)));
    REQUIRE(world.run_until([&] { return device.idle(); }, 1h));
  }

  World world;
  Fabric fabric;
  SimNode device;
  SimNode pacs;
};

/// Reads until an error comes; the bytes before it go to `into`.
Task<Errc> drain(ByteStream& stream, std::string& into, core::Instant deadline) {
  std::array<std::byte, 1024> buffer{};
  for (;;) {
    const auto got = co_await stream.read_some(buffer, deadline);
    if (!got) co_return got.error().code;
    into += core::text_of(core::ByteView{buffer}.first(*got));
  }
}

const std::string kLong(100'000, 'x');

}  // namespace

TEST_CASE("bytes arrive in order, in pieces of any size, and a file range right behind its head") {
  Rig rig{GENERATE(1U, 2U, 3U)};
  ConnectionPlan plan;
  plan.read_bytes_max = 7;
  plan.window_bytes = 100;
  rig.plan(plan);
  rig.serve_echo();
  rig.device.disk().outside_write("/object", core::bytes_of("0123456789"));
  rig.run([](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    REQUIRE(stream);
    CHECK((*stream)->peer() == "pacs:104");
    auto file = node.disk().open("/object", platform::OpenMode::read);
    const FileRange range{file->get(), 2, 5};
    const auto sent = co_await (*stream)->write(core::bytes_of("head:"), range, node.clock().now() + 5s);
    CHECK(sent);
    std::string got;
    const auto end = co_await drain(**stream, got, node.clock().now() + 5s);
    CHECK(end == Errc::timed_out);
    CHECK(got == "head:23456");
  });
}

TEST_CASE("a dial fails as planned") {
  struct Case {
    DialFate fate;
    std::string host;
    bool listening;
    Errc expected;
  };
  const auto c = GENERATE(Case{DialFate::answered, "pacs", false, Errc::refused}, Case{DialFate::refused, "pacs", true, Errc::refused},
                          Case{DialFate::silent, "pacs", true, Errc::timed_out},
                          Case{DialFate::unreachable, "pacs", true, Errc::unreachable},
                          Case{DialFate::answered, "nowhere", true, Errc::unknown_host});
  Rig rig;
  ConnectionPlan plan;
  plan.fate = c.fate;
  rig.plan(plan);
  if (c.listening) {
    rig.serve_echo();
  } else {
    rig.pacs.boot(LambdaProgram::maker([](SimNode&) -> Task<void> { co_return; }));
  }
  rig.run([c](SimNode& node) -> Task<void> {
    const auto begun = node.clock().now();
    const auto stream = co_await node.network().dial(c.host, kPort, begun + 5s);
    REQUIRE_FALSE(stream);
    CHECK(stream.error().code == c.expected);
    CHECK(node.clock().now() - begun <= 5s);
  });
}

TEST_CASE("a machine without power does not answer") {
  Rig rig;
  rig.run([](SimNode& node) -> Task<void> {
    const auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    REQUIRE_FALSE(stream);
    CHECK(stream.error().code == Errc::timed_out);
  });
}

TEST_CASE("a reset strikes both sides after the planned number of bytes") {
  Rig rig;
  ConnectionPlan plan;
  plan.reset_after = 150;
  rig.plan(plan);
  rig.serve_echo();
  rig.run([](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    const FileRange nothing;
    (void)co_await (*stream)->write(core::ByteView{core::bytes_of(kLong)}.first(100), nothing, node.clock().now() + 5s);
    std::string got;
    const auto end = co_await drain(**stream, got, node.clock().now() + 5s);
    CHECK(end == Errc::reset);
    CHECK(got.empty());
    const auto more = co_await (*stream)->write(core::bytes_of("x"), nothing, node.clock().now() + 5s);
    CHECK(more.error().code == Errc::reset);
  });
}

TEST_CASE("on a link that fell silent a write ends with its deadline once the window is full") {
  Rig rig;
  ConnectionPlan plan;
  plan.silence_after = 10;
  plan.window_bytes = 5'000;
  rig.plan(plan);
  rig.serve_echo();
  rig.run([](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    const FileRange nothing;
    const auto begun = node.clock().now();
    const auto sent = co_await (*stream)->write(core::bytes_of(kLong), nothing, begun + 30s);
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == Errc::timed_out);
    CHECK(node.clock().now() - begun == 30s);
  });
}

TEST_CASE("a stalled write goes on when the stall is over") {
  Rig rig;
  ConnectionPlan plan;
  plan.stall_after = 10;
  plan.stall_for = 20s;
  plan.window_bytes = 5'000;
  rig.plan(plan);
  rig.serve_echo();
  rig.run([](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    const FileRange nothing;
    const auto begun = node.clock().now();
    const auto sent = co_await (*stream)->write(core::ByteView{core::bytes_of(kLong)}.first(8'000), nothing, begun + 30s);
    CHECK(sent);
    CHECK(node.clock().now() - begun >= 20s);
  });
}

TEST_CASE("the bandwidth is what was planned") {
  Rig rig;
  ConnectionPlan plan;
  plan.bytes_per_second = 10'000;
  plan.window_bytes = 1'000;
  rig.plan(plan);
  rig.pacs.boot(LambdaProgram::maker([](SimNode& node) -> Task<void> {
    auto listener = node.network().listen("", kPort);
    auto stream = co_await (*listener)->accept();
    std::string got;
    (void)co_await drain(**stream, got, core::kNever);
  }));
  rig.run([](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    const FileRange nothing;
    const auto begun = node.clock().now();
    (void)co_await (*stream)->write(core::ByteView{core::bytes_of(kLong)}.first(20'000), nothing, begun + 30s);
    CHECK(node.clock().now() - begun > 1500ms);
    CHECK(node.clock().now() - begun < 2500ms);
  });
}

TEST_CASE("the peer's close is the end of the stream, and writing after it a reset") {
  Rig rig;
  rig.pacs.boot(LambdaProgram::maker([](SimNode& node) -> Task<void> {
    auto listener = node.network().listen("", kPort);
    auto stream = co_await (*listener)->accept();
    const FileRange nothing;
    (void)co_await (*stream)->write(core::bytes_of("bye"), nothing, core::kNever);
    (*stream)->close();
  }));
  rig.run([](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    std::string got;
    auto end = co_await drain(**stream, got, node.clock().now() + 5s);
    CHECK(end == Errc::end_of_stream);
    CHECK(got == "bye");
    const FileRange nothing;
    const auto first = co_await (*stream)->write(core::bytes_of("x"), nothing, node.clock().now() + 5s);
    CHECK(first);
    const auto event = node.clock().make_event();
    (void)co_await event->wait_until(node.clock().now() + 1s);
    const auto second = co_await (*stream)->write(core::bytes_of("x"), nothing, node.clock().now() + 5s);
    CHECK(second.error().code == Errc::reset);
  });
}

TEST_CASE("our own close ends a wait") {
  Rig rig;
  rig.serve_echo();
  rig.run([](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    node.world().after(1s, [&s = **stream] { s.close(); });
    std::string got;
    const auto end = co_await drain(**stream, got, core::kNever);
    CHECK(end == Errc::cancelled);
  });
}

TEST_CASE("a peer that lost its power is silent, and answers with a reset when it is back") {
  Rig rig;
  rig.serve_echo();
  std::vector<Errc> ends;
  rig.run([&](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    const FileRange nothing;
    rig.pacs.power_off();
    for (int i = 0; i < 2; ++i) {
      (void)co_await (*stream)->write(core::bytes_of("hello"), nothing, node.clock().now() + 5s);
      std::string got;
      ends.push_back(co_await drain(**stream, got, node.clock().now() + 5s));
      if (i == 0) rig.serve_echo();
    }
  });
  CHECK(ends == std::vector<Errc>{Errc::timed_out, Errc::reset});
}

TEST_CASE("a peer that was killed says so at once") {
  Rig rig;
  rig.serve_echo();
  rig.run([&](SimNode& node) -> Task<void> {
    auto stream = co_await node.network().dial("pacs", kPort, node.clock().now() + 5s);
    node.world().after(1s, [&] { rig.pacs.kill(); });
    std::string got;
    const auto end = co_await drain(**stream, got, node.clock().now() + 5s);
    CHECK(end == Errc::end_of_stream);
  });
}

TEST_CASE("a port is taken once, and free again after its listener went") {
  Rig rig;
  rig.pacs.boot(LambdaProgram::maker([](SimNode& node) -> Task<void> {
    auto first = node.network().listen("", kPort);
    REQUIRE(first);
    CHECK(node.network().listen("", kPort).error().code == Errc::in_use);
    auto free = node.network().listen("", 0);
    CHECK((*free)->port() >= 49152);
    first->reset();
    CHECK(node.network().listen("", kPort));
    co_return;
  }));
  rig.world.run_for(1s);
  CHECK(rig.pacs.idle());
}
