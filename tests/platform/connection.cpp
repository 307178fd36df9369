// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

namespace scanferry::platform::contract {

Task<void> expect_accept(Listener& listener, std::unique_ptr<ByteStream>& stream) {
  auto accepted = co_await listener.accept();
  REQUIRE(accepted);
  stream = std::move(*accepted);
}

Task<void> expect_dial(Port& port, std::uint16_t number, std::unique_ptr<ByteStream>& stream) {
  auto dialled = co_await port.platform().network.dial(port.host(), number, in(port, kAmple));
  INFO((dialled ? "" : dialled.error().detail));
  REQUIRE(dialled);
  stream = std::move(*dialled);
}

std::unique_ptr<Listener> listen(Port& port, std::uint16_t number) {
  auto listener = port.platform().network.listen(port.host(), number);
  REQUIRE(listener);
  return std::move(*listener);
}

Connection connect(Port& port) {
  const auto listener = listen(port);
  Connection connection;
  connection.port = listener->port();
  port.play(expect_accept(*listener, connection.far), expect_dial(port, connection.port, connection.near));
  return connection;
}

Task<void> send(Port& port, ByteStream& stream, core::ByteView head, FileRange range) {
  const auto sent = co_await stream.write(head, range, in(port, kAmple));
  INFO((sent ? "" : sent.error().detail));
  REQUIRE(sent);
}

Task<void> receive(Port& port, ByteStream& stream, core::ByteView expected, std::size_t at_once) {
  std::vector<std::byte> buffer(at_once);
  while (!expected.empty()) {
    const auto got = co_await stream.read_some(core::ByteBuffer{buffer}.first(std::min(at_once, expected.size())), in(port, kAmple));
    INFO((got ? "" : got.error().detail));
    REQUIRE(got);
    REQUIRE(*got > 0);
    REQUIRE(std::equal(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*got), expected.begin()));
    expected = expected.subspan(*got);
  }
}

Task<void> expect_read_error(ByteStream& stream, core::Instant deadline, Errc code) {
  std::array<std::byte, 16> buffer{};
  const auto got = co_await stream.read_some(buffer, deadline);
  REQUIRE_FALSE(got);
  INFO(got.error().detail);
  REQUIRE(got.error().code == code);
  REQUIRE_THAT(got.error().detail, Catch::Contains(stream.peer()));
}

Task<void> close_after(Port& port, ByteStream& stream, core::Millis time) {
  co_await pause(port, time);
  stream.close();
}

}  // namespace scanferry::platform::contract
