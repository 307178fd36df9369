// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "connection.hpp"

namespace scanferry::platform::contract {
namespace {

void free_port(Port& port) {
  const auto first = listen(port);
  const auto second = listen(port);
  REQUIRE(first->port() != 0);
  REQUIRE(first->port() != second->port());
}

void taken_port(Port& port) {
  auto first = listen(port);
  const auto number = first->port();
  const auto second = port.platform().network.listen(port.host(), number);
  REQUIRE_FALSE(second);
  REQUIRE(second.error().code == Errc::in_use);
  REQUIRE_THAT(second.error().detail, Catch::Contains(":" + std::to_string(number)));
  first->close();
  REQUIRE(port.platform().network.listen(port.host(), number));
}

Task<void> expect_no_more(Listener& listener) {
  const auto accepted = co_await listener.accept();
  REQUIRE_FALSE(accepted);
  REQUIRE(accepted.error().code == Errc::cancelled);
}

Task<void> close_after(Port& port, Listener& listener, core::Millis time) {
  co_await pause(port, time);
  listener.close();
}

void close_ends_accept(Port& port) {
  const auto listener = listen(port);
  port.play(expect_no_more(*listener), close_after(port, *listener, core::Millis{1}));
  port.play(expect_no_more(*listener));
}

void everywhere(Port& port) {
  auto listener = port.platform().network.listen("", 0);
  REQUIRE(listener);
  std::unique_ptr<ByteStream> near;
  std::unique_ptr<ByteStream> far;
  port.play(expect_accept(**listener, far), expect_dial(port, (*listener)->port(), near));
}

void several(Port& port) {
  const auto listener = listen(port);
  std::unique_ptr<ByteStream> ends[4];
  port.play(expect_dial(port, listener->port(), ends[0]), expect_dial(port, listener->port(), ends[1]),
            expect_accept(*listener, ends[2]));
  port.play(expect_accept(*listener, ends[3]));
  listener->close();
  const auto bytes = pattern(10);
  port.play(send(port, *ends[2], bytes), send(port, *ends[3], bytes), receive(port, *ends[0], bytes, 10),
            receive(port, *ends[1], bytes, 10));
}

Task<void> expect_dial_error(Port& port, std::string host, std::uint16_t number, Errc code) {
  const auto dialled = co_await port.platform().network.dial(host, number, in(port, kAmple));
  REQUIRE_FALSE(dialled);
  INFO(dialled.error().detail);
  REQUIRE(dialled.error().code == code);
  REQUIRE_THAT(dialled.error().detail, Catch::Contains(host));
}

void nobody_there(Port& port) {
  const auto listener = listen(port);
  const auto number = listener->port();
  listener->close();
  port.play(expect_dial_error(port, port.host(), number, Errc::refused));
}

void unknown_host(Port& port) {
  const std::string too_long_for_a_label(70, 'x');  // so that no name server has to be asked
  port.play(expect_dial_error(port, too_long_for_a_label, 104, Errc::unknown_host));
}

constexpr Clause kClauses[] = {
    {"port 0 picks a free one", free_port},
    {"a port serves one listener at a time", taken_port},
    {"close ends accept", close_ends_accept},
    {"without an address it listens everywhere", everywhere},
    {"connections are independent of each other and of the listener", several},
    {"a dial that nobody expects is refused", nobody_there},
    {"a name that does not resolve is an unknown host", unknown_host},
};

}  // namespace

std::span<const Clause> listener_contract() { return kClauses; }

}  // namespace scanferry::platform::contract
