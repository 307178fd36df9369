// SPDX-License-Identifier: Apache-2.0
#include "random.hpp"

#include <sys/random.h>

#include <cstdlib>

#include "system_error.hpp"

namespace scanferry::platform {

std::uint64_t LinuxRandom::next() {
  std::uint64_t bits{0};
  // So few bytes come whole or not at all; early at boot the call waits until the generator is seeded.
  const auto got = uninterrupted([&bits] { return ::getrandom(&bits, sizeof bits, 0); });
  if (got != sizeof bits) std::abort();  // a kernel without getrandom: never go on with UIDs that could collide
  return bits;
}

}  // namespace scanferry::platform
