// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract.hpp"

namespace scanferry::platform::contract {

/// Two ends of one connection of the port with itself.
struct Connection {
  std::unique_ptr<ByteStream> near;  ///< that dialled
  std::unique_ptr<ByteStream> far;   ///< that was accepted
  std::uint16_t port{0};             ///< listened on
};

Connection connect(Port& port);
std::unique_ptr<Listener> listen(Port& port, std::uint16_t number = 0);

/// Each fails the test when the operation does not end as expected within kAmple.
Task<void> expect_accept(Listener& listener, std::unique_ptr<ByteStream>& stream);
Task<void> expect_dial(Port& port, std::uint16_t number, std::unique_ptr<ByteStream>& stream);
Task<void> send(Port& port, ByteStream& stream, core::ByteView head, FileRange range = {});
Task<void> receive(Port& port, ByteStream& stream, core::ByteView expected, std::size_t at_once);
Task<void> expect_read_error(ByteStream& stream, core::Instant deadline, Errc code);
Task<void> close_after(Port& port, ByteStream& stream, core::Millis time);

}  // namespace scanferry::platform::contract
