// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <scanferry/platform/random.hpp>

namespace scanferry::platform::sim {

/// SplitMix64: one step from a counter to 64 well-mixed bits.
constexpr std::uint64_t mix64(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

/// A small generator whose numbers are the same on every machine and with every standard library.
class Prng {
 public:
  explicit constexpr Prng(std::uint64_t seed) : state_{mix64(seed)} {}

  constexpr std::uint64_t next() { return mix64(state_ += 0xD1B54A32D192ED03ULL); }
  /// 0 to `bound` - 1; 0 for a bound of 0. The bias of the remainder does not matter for drawing faults.
  constexpr std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  /// `low` to `high`, both included.
  constexpr std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  /// The same for sizes of things in memory.
  constexpr std::size_t size_between(std::size_t low, std::size_t high) { return static_cast<std::size_t>(between(low, high)); }
  constexpr bool chance(std::uint32_t per_million) { return below(1'000'000) < per_million; }
  constexpr bool coin() { return (next() & 1U) != 0; }
  /// An independent generator: what one of them draws does not move the other.
  constexpr Prng fork() { return Prng{next()}; }

 private:
  std::uint64_t state_;
};

/// The seam's Random over a Prng.
class SimRandom final : public Random {
 public:
  explicit SimRandom(Prng prng) : prng_{prng} {}
  std::uint64_t next() override { return prng_.next(); }

 private:
  Prng prng_;
};

}  // namespace scanferry::platform::sim
