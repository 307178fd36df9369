// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>

#include <scanferry/platform/linux/pipe.hpp>

#include "linux_port.hpp"
#include "log.hpp"

namespace scanferry::platform::contract {
namespace {

TEST_CASE("what the system refuses becomes our own error") {
  LinuxPort port;
  auto& store = port.platform().store;
  SECTION("a full disk") {
    const auto full = store.open("/dev/full", OpenMode::read_write);
    REQUIRE(full);
    const auto written = (*full)->write_at(0, core::bytes_of("x"));
    REQUIRE_FALSE(written);
    REQUIRE(written.error().code == Errc::no_space);
    REQUIRE(written.error().detail == "cannot write /dev/full: No space left on device");
  }
  SECTION("a place where nobody may write") {
    const auto file = store.create("/sys/scanferry");
    REQUIRE_FALSE(file);
    REQUIRE(file.error().code == Errc::denied);
  }
  SECTION("a file where a directory is wanted") {
    REQUIRE(store.make_directories("/dev/null/x").error().code == Errc::exists);
    REQUIRE(store.list("/dev/null").error().code == Errc::not_found);
  }
}

TEST_CASE("a named pipe in the place of a file holds nobody up") {
  LinuxPort port;
  const auto path = port.directory() + "/pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const auto file = port.platform().store.open(path, OpenMode::read);
  REQUIRE(file);
  std::array<std::byte, 4> buffer{};
  REQUIRE_FALSE((*file)->read_at(0, buffer));
}

TEST_CASE("links that lead nowhere are not listed") {
  LinuxPort port;
  const auto path = port.directory() + "/link";
  REQUIRE(::symlink("/nowhere", path.c_str()) == 0);
  REQUIRE(port.platform().store.list(port.directory())->empty());
}

TEST_CASE("a lock is seen by other openings of the file, as by other processes") {
  LinuxPort port;
  LinuxPort other;
  const auto path = port.directory() + "/file";
  auto file = port.platform().store.create(path);
  REQUIRE(other.platform().store.open_abandoned(path).error().code == Errc::in_use);
  file->reset();
  REQUIRE(other.platform().store.open_abandoned(path));
}

TEST_CASE("whoever creates a file has it, although abandoned ones are removed at the same time") {
  LinuxPort port;
  const auto path = port.directory() + "/file";
  std::atomic<bool> is_over{false};
  std::thread sweeper{[&] {
    LinuxPort other;
    auto& store = other.platform().store;
    while (!is_over) {
      // As a recovery does.
      if (const auto file = store.open_abandoned(path)) (void)store.remove(path);
    }
  }};
  auto& store = port.platform().store;
  int wrong = 0;
  for (int n = 0; n < 5000; ++n) {
    const auto file = store.create(path);
    wrong += file && store.rename(path, path + ".done") ? 0 : 1;
  }
  is_over = true;
  sweeper.join();
  REQUIRE(wrong == 0);
}

TEST_CASE("a line of the log is one line") {
  using namespace std::chrono_literals;
  const core::WallTime at{core::Millis{1'769'860'800'123}};
  REQUIRE(log_line(at, LogLevel::info, "pusher pacs1", "stored") == "2026-01-31T12:00:00.123Z info  pusher pacs1: stored\n");
  REQUIRE(log_line(at, LogLevel::warning, "a", "b\nforged\x1b[m") == "2026-01-31T12:00:00.123Z warn  a: b forged [m\n");
  REQUIRE(log_line(at, LogLevel::warning, "a", "forged\xC2\x9B" "m J\xC3\xB6rg") == "2026-01-31T12:00:00.123Z warn  a: forged  m J\xC3\xB6rg\n");
  REQUIRE(log_line(core::WallTime{-1ms}, LogLevel::error, "a", "") == "1969-12-31T23:59:59.999Z error a: \n");
}

class Pipe {
 public:
  Pipe() { REQUIRE(::pipe(ends_.data()) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_writer();
    ::close(ends_[0]);
  }
  void write(std::string_view text) { REQUIRE(::write(ends_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size())); }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::unique_ptr<PipeReader> reader() {
    auto reader = open_pipe(ends_[0], "the pipe");
    REQUIRE(reader);
    return std::move(*reader);
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

Result<std::string> read(PipeReader& reader, std::size_t size, core::Millis patience = core::Millis{10'000}) {
  std::string text(size, '?');
  const auto got = reader.read(std::as_writable_bytes(std::span{text}), patience);
  if (!got) return std::unexpected{got.error()};
  text.resize(*got);
  return text;
}

TEST_CASE("a pipe gives what was written, then its end") {
  Pipe pipe;
  const auto reader = pipe.reader();
  pipe.write("abcdef");
  REQUIRE(*read(*reader, 4) == "abcd");
  REQUIRE(*read(*reader, 4) == "ef");
  pipe.write("g");
  pipe.close_writer();
  REQUIRE(*read(*reader, 4) == "g");
  REQUIRE(read(*reader, 4)->empty());
  REQUIRE(read(*reader, 4)->empty());
}

TEST_CASE("a read of a silent pipe ends when its time is up, and the next one goes on") {
  Pipe pipe;
  const auto reader = pipe.reader();
  const auto got = read(*reader, 4, core::Millis{1});
  REQUIRE_FALSE(got);
  REQUIRE(got.error().code == Errc::timed_out);
  pipe.write("ab");
  REQUIRE(*read(*reader, 4) == "ab");
}

Task<void> expect_cancelled(Port& port, PipeReader& reader) {
  auto job = [&reader] { return read(reader, 4); };
  const auto got = co_await port.platform().storage.run(job);
  REQUIRE_FALSE(got);
  REQUIRE(got.error().code == Errc::cancelled);
}

Task<void> close_after(Port& port, PipeReader& reader, core::Millis time) {
  co_await pause(port, time);
  reader.close();
}

TEST_CASE("close ends a read of a silent pipe, and all later ones") {
  LinuxPort port;
  Pipe pipe;
  const auto reader = pipe.reader();
  port.play(expect_cancelled(port, *reader), close_after(port, *reader, core::Millis{1}));
  pipe.write("abc");
  port.play(expect_cancelled(port, *reader));
}

}  // namespace
}  // namespace scanferry::platform::contract
