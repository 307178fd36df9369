// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <scanferry/platform/store.hpp>

#include "agent/acquisition.hpp"
#include "agent/failure.hpp"

namespace scanferry::firmware {

/// One frame file that was looked at and found whole.
struct FrameFile {
  std::string path;
  std::uint64_t bytes{0};
  std::uint32_t frames{0};
};

/// The pixels of an acquisition: files in order, each with one or more whole frames.
struct FrameSet {
  std::vector<FrameFile> files;
  std::uint32_t frames{0};
  std::uint64_t bytes{0};
};

/// Looks at every frame file that `acquisition` names in `directory`: there, readable, of the right size; JPEG files begin
/// and end as they should and agree with each other. Fills rows, columns and photometric interpretation from the JPEG
/// streams where the sidecar left them out. Blocks. Failures are bad_input: who is still writing makes them go away.
Result<FrameSet> examine_frames(platform::Store& store, const std::string& directory, Acquisition& acquisition);

}  // namespace scanferry::firmware
