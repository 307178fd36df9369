// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanferry/platform/random.hpp>

namespace scanferry::platform {

class LinuxRandom final : public Random {
 public:
  std::uint64_t next() override;
};

}  // namespace scanferry::platform
