// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace scanferry::platform {

/// The only source of chance.
class Random {
 public:
  virtual ~Random() = default;
  /// 64 uniform bits; on a device from the system's generator, so that UIDs of two devices never meet.
  virtual std::uint64_t next() = 0;
};

}  // namespace scanferry::platform
