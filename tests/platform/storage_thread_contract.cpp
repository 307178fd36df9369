// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "contract.hpp"

namespace scanferry::platform::contract {
namespace {

Task<void> expect_results(Port& port) {
  auto& storage = port.platform().storage;
  int calls{0};
  auto count = [&calls] { return ++calls; };
  const int first = co_await storage.run(count);
  const int second = co_await storage.run(count);
  REQUIRE(first == 1);
  REQUIRE(second == 2);
  auto make = [] { return std::make_unique<int>(7); };
  const std::unique_ptr<int> made = co_await storage.run(make);
  REQUIRE(*made == 7);
  auto fail = [] { return Result<int>{std::unexpected{Error{Errc::no_space, "full"}}}; };
  const Result<int> failed = co_await storage.run(fail);
  REQUIRE_FALSE(failed);
  REQUIRE(failed.error().detail == "full");
}

void results(Port& port) { port.play(expect_results(port)); }

Task<void> note(Port& port, std::vector<int>& notes, int number) {
  auto work = [&notes, number] {
    notes.push_back(number);
    return true;
  };
  for (int i{0}; i < 100; ++i) (void)co_await port.platform().storage.run(work);
}

void order(Port& port) {
  std::vector<int> notes;
  port.play(note(port, notes, 0), note(port, notes, 1), note(port, notes, 2));
  REQUIRE(notes.size() == 300);
  for (std::size_t i{0}; i < notes.size(); ++i) REQUIRE(notes[i] == static_cast<int>(i % 3));
}

constexpr Clause kClauses[] = {
    {"results come back, also those that can only be moved, and errors", results},
    {"jobs run in the order in which they were given", order},
};

}  // namespace

std::span<const Clause> storage_thread_contract() { return kClauses; }

}  // namespace scanferry::platform::contract
