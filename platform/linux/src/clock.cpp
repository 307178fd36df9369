// SPDX-License-Identifier: Apache-2.0
#include "clock.hpp"

#include <chrono>
#include <ctime>

namespace scanferry::platform {

core::WallTime LinuxClock::wall_now() const {
  return std::chrono::floor<core::Millis>(std::chrono::system_clock::now());
}

core::Millis LinuxClock::utc_offset(core::WallTime at) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm local{};
  if (::localtime_r(&moment, &local) == nullptr) return core::Millis{0};  // a year beyond int: there is no civil time then
  return std::chrono::seconds{local.tm_gmtoff};
}

}  // namespace scanferry::platform
