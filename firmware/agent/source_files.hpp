// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"
#include "agent/folder_scan.hpp"

namespace scanferry::firmware {

/// The files of one acquisition in a watched folder, and the ways in which they leave it. The sidecar always goes last, after
/// the frames are gone for good: as long as it is there, the rest of the work can be done again. Blocks.
class SourceFiles {
 public:
  SourceFiles(platform::Store& store, const std::string& root, const FoundAcquisition& found);

  Result<void> remove();
  /// Moves all into a folder of its own below `root`/`folder`, with `reason` as a text file when it is not empty.
  Result<void> move_to(std::string_view folder, std::string_view reason = {});

 private:
  Result<std::string> make_target(std::string_view folder);
  Result<void> write_reason(const std::string& target, std::string_view reason);
  Result<void> sync_source();
  Result<void> sync_both(const std::string& target);
  void leave();

  platform::Store& store_;
  const std::string& root_;
  const FoundAcquisition& found_;
  std::vector<std::string> names_;  ///< of the frames
};

}  // namespace scanferry::firmware
