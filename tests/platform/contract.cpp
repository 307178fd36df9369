// SPDX-License-Identifier: Apache-2.0
#include "contract.hpp"

#include <catch2/catch.hpp>

namespace scanferry::platform::contract {

Task<void> Port::guarded(Task<void> story, std::exception_ptr& failure) {
  try {
    co_await std::move(story);
  } catch (...) {
    if (!failure) failure = std::current_exception();
    give_up();
  }
}

void check(std::span<const Clause> clauses, std::unique_ptr<Port> (*make)()) {
  for (const auto& clause : clauses) {
    DYNAMIC_SECTION(clause.sentence) {
      const auto port = make();
      clause.check(*port);
    }
  }
}

Task<void> pause(Port& port, core::Millis time) {
  const auto event = port.platform().clock.make_event();
  (void)co_await event->wait_until(in(port, time));
}

std::vector<std::byte> pattern(std::size_t size, unsigned seed) {
  std::vector<std::byte> bytes(size);
  auto state = seed * 2654435761U + 1U;
  for (auto& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::byte>(state >> 24U);
  }
  return bytes;
}

}  // namespace scanferry::platform::contract
