// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace scanferry::platform {

/// The only source of chance. From the agent's thread and the storage thread.
class Random {
 public:
  virtual ~Random() = default;
  /// 64 uniform bits; on a device from the system's generator once that is seeded, of cryptographic quality: UIDs of two devices
  /// never meet, and the keys of TLS come from here. In the simulator they are predictable.
  virtual std::uint64_t next() = 0;
};

}  // namespace scanferry::platform
