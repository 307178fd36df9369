// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include <catch2/catch.hpp>

#include "connection.hpp"

namespace scanferry::platform::contract {
namespace {

/// A file that belongs to no port: it has no handle that a fast path could use.
class MemoryFile final : public File {
 public:
  explicit MemoryFile(std::vector<std::byte> bytes) : bytes_{std::move(bytes)} {}
  Result<std::size_t> read_at(std::uint64_t offset, core::ByteBuffer into) override {
    if (offset >= bytes_.size()) return 0U;
    const auto start = static_cast<std::size_t>(offset);
    const auto count = std::min(into.size(), bytes_.size() - start);
    std::memcpy(into.data(), bytes_.data() + start, count);
    return count;
  }
  Result<void> write_at(std::uint64_t, core::ByteView) override { return refuse(); }
  Result<void> truncate(std::uint64_t) override { return refuse(); }
  Result<std::uint64_t> size() override { return bytes_.size(); }
  Result<void> sync() override { return {}; }

 private:
  static Result<void> refuse() { return std::unexpected{Error{Errc::denied, "read only"}}; }
  std::vector<std::byte> bytes_;
};

std::unique_ptr<File> file_of(Port& port, core::ByteView bytes) {
  auto file = port.platform().store.create(port.directory() + "/object");
  REQUIRE(file);
  REQUIRE((*file)->write_at(0, bytes));
  return std::move(*file);
}

void in_order(Port& port) {
  const auto connection = connect(port);
  const auto bytes = pattern(5000);
  port.play(send(port, *connection.near, bytes), receive(port, *connection.far, bytes, 1));
  port.play(send(port, *connection.far, bytes), receive(port, *connection.near, bytes, 4096));
}

/// Sends each of many sizes of a head and a range of `file`, whose content is `bytes`, and checks what arrives.
void send_ranges(Port& port, File& file, core::ByteView bytes) {
  const auto connection = connect(port);
  for (const std::size_t head_size : {0U, 12U, 70'000U}) {
    for (const std::size_t offset : {0U, 1U, 4097U}) {
      for (const std::size_t length : {0U, 1U, 4000U, 16'384U, 16'385U, 65'536U, 1'500'000U}) {
        CAPTURE(head_size, offset, length);
        auto expected = pattern(head_size, 1);
        const auto head = expected;
        const auto part = bytes.subspan(offset, length);
        expected.insert(expected.end(), part.begin(), part.end());
        port.play(send(port, *connection.near, head, FileRange{&file, offset, length}),
                  receive(port, *connection.far, expected, 32'768));
      }
    }
  }
}

void ranges(Port& port) {
  const auto bytes = pattern(1'600'000);
  const auto file = file_of(port, bytes);
  send_ranges(port, *file, bytes);
}

void ranges_of_foreign_files(Port& port) {
  const auto bytes = pattern(1'600'000);
  MemoryFile file{bytes};
  send_ranges(port, file, bytes);
}

Task<void> expect_write_error(Port& port, ByteStream& stream, FileRange range, Errc code) {
  const auto sent = co_await stream.write(core::bytes_of("head"), range, in(port, kAmple));
  REQUIRE_FALSE(sent);
  REQUIRE(sent.error().code == code);
}

void short_file(Port& port) {
  const auto bytes = pattern(100'000);
  const auto file = file_of(port, bytes);
  for (const std::uint64_t length : {100U, 50'000U}) {
    const auto connection = connect(port);
    port.play(expect_write_error(port, *connection.near, FileRange{file.get(), bytes.size() - length + 1, length}, Errc::unreadable));
  }
}

void silent_peer(Port& port) {
  const auto connection = connect(port);
  const auto bytes = pattern(100);
  port.play(expect_read_error(*connection.near, in(port, kAWhile), Errc::timed_out));
  port.play(expect_read_error(*connection.near, in(port, core::Millis{1}), Errc::timed_out));
  port.play(expect_read_error(*connection.near, core::Instant::min(), Errc::timed_out));
  port.play(send(port, *connection.far, bytes), receive(port, *connection.near, bytes, 10));
}

void nearer_deadline(Port& port) {
  const auto connection = connect(port);
  const auto bytes = pattern(100);
  port.play(send(port, *connection.far, bytes), receive(port, *connection.near, bytes, 100));
  const auto begun = port.platform().clock.now();
  port.play(expect_read_error(*connection.near, in(port, kAWhile), Errc::timed_out));
  REQUIRE(port.platform().clock.now() - begun < kAmple / 2);
}

/// Writes until that fails; whoever buffers so much is no transport.
Task<void> write_until_error(Port& port, ByteStream& stream, core::Millis each, Errc code) {
  const auto bytes = pattern(1U << 20U);
  for (int written{0}; written < 256; ++written) {
    const auto sent = co_await stream.write(bytes, FileRange{}, each == kAmple ? core::kNever : in(port, each));
    if (sent) continue;
    INFO(sent.error().detail);
    REQUIRE(sent.error().code == code);
    REQUIRE_THAT(sent.error().detail, Catch::Contains(stream.peer()));
    co_return;
  }
  FAIL("256 MiB were taken and nobody read them");
}

void deaf_peer(Port& port) {
  const auto connection = connect(port);
  port.play(write_until_error(port, *connection.near, kAWhile, Errc::timed_out));
}

void close_ends_read(Port& port) {
  const auto connection = connect(port);
  port.play(expect_read_error(*connection.near, core::kNever, Errc::cancelled),
            close_after(port, *connection.near, core::Millis{1}));
  port.play(expect_read_error(*connection.near, core::kNever, Errc::cancelled));
  port.play(expect_write_error(port, *connection.near, {}, Errc::cancelled));
  connection.near->close();
}

void close_ends_write(Port& port) {
  const auto connection = connect(port);
  port.play(write_until_error(port, *connection.near, kAmple, Errc::cancelled),
            close_after(port, *connection.near, kAWhile));
}

Task<void> destroy_after(Port& port, std::unique_ptr<ByteStream>& stream, core::Millis time) {
  co_await pause(port, time);
  stream.reset();
}

void good_bye(Port& port) {
  auto connection = connect(port);
  const auto bytes = pattern(1000);
  port.play(send(port, *connection.far, bytes), destroy_after(port, connection.far, core::Millis{5}));
  port.play(receive(port, *connection.near, bytes, 300));
  port.play(expect_read_error(*connection.near, in(port, kAmple), Errc::end_of_stream));
  port.play(expect_read_error(*connection.near, in(port, kAmple), Errc::end_of_stream));
}

void closed_peer(Port& port) {
  auto connection = connect(port);
  port.play(destroy_after(port, connection.far, core::Millis{1}));
  port.play(write_until_error(port, *connection.near, kAWhile, Errc::reset));
}

void both_ways(Port& port) {
  const auto connection = connect(port);
  const auto there = pattern(2'000'000, 1);
  const auto back = pattern(2'000'000, 2);
  port.play(send(port, *connection.near, there), receive(port, *connection.far, there, 10'000),
            send(port, *connection.far, back), receive(port, *connection.near, back, 65'536));
}

void peer_name(Port& port) {
  const auto connection = connect(port);
  REQUIRE_THAT(connection.near->peer(), Catch::EndsWith(":" + std::to_string(connection.port)));
  REQUIRE_THAT(connection.far->peer(), Catch::Contains(":"));
}

constexpr Clause kClauses[] = {
    {"bytes arrive in order, also when they are read one at a time", in_order},
    {"a head and a range of a file arrive as one", ranges},
    {"a range of a file that the port does not know is copied", ranges_of_foreign_files},
    {"a range that the file does not have is an error", short_file},
    {"a read from a silent peer times out and may be tried again", silent_peer},
    {"a deadline counts also when the one before it was further away", nearer_deadline},
    {"a write to a peer that does not read times out", deaf_peer},
    {"close ends the read under way and all later operations", close_ends_read},
    {"close ends the write under way", close_ends_write},
    {"what was sent before a close arrives, then the end", good_bye},
    {"a write to a peer that has gone is a reset", closed_peer},
    {"both directions work at the same time", both_ways},
    {"each end knows the other", peer_name},
};

}  // namespace

std::span<const Clause> stream_contract() { return kClauses; }

}  // namespace scanferry::platform::contract
