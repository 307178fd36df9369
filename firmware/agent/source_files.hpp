// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/platform/store.hpp>

#include "agent/failure.hpp"
#include "agent/folder_scan.hpp"

namespace scanferry::firmware {

/// The files of one acquisition in a watched folder, and the ways in which they leave it. The sidecar always goes last, after
/// the frames are gone for good: as long as it is there, the rest of the work can be done again. A file that has been
/// replaced since by another of the same name is somebody else's and stays. Blocks.
class SourceFiles {
 public:
  /// The files as `found` saw them.
  SourceFiles(platform::Store& store, const std::string& root, const FoundAcquisition& found);
  /// The same acquisition, but its frames as they were when they were accepted: see `remember`.
  SourceFiles(platform::Store& store, const std::string& root, const FoundAcquisition& found, std::string_view remembered);

  /// Fails unless every file is still the one that was seen.
  [[nodiscard]] Result<void> check_unchanged() const;
  /// What the frames are, as text for the ledger.
  [[nodiscard]] std::string remember() const;

  Result<void> remove();
  /// Moves all into a folder of its own below `root`/`folder`, with `reason` as a text file when it is not empty.
  Result<void> move_to(std::string_view folder, std::string_view reason = {});

 private:
  [[nodiscard]] std::string path_of(const SourceFile& file) const { return text(found_.directory, "/", file.name); }
  [[nodiscard]] SourceFile sidecar() const { return {found_.sidecar, found_.identity}; }
  /// True when it is there and is the one that was seen.
  [[nodiscard]] Result<bool> is_ours(const SourceFile& file) const;
  Result<void> remove_if_ours(const SourceFile& file);
  Result<void> move_if_ours(const SourceFile& file, const std::string& target);
  Result<std::string> make_target(std::string_view folder);
  Result<void> write_reason(const std::string& target, std::string_view reason);
  Result<void> sync_source();
  Result<void> sync_both(const std::string& target);
  void leave();

  platform::Store& store_;
  const std::string& root_;
  const FoundAcquisition& found_;
  std::vector<SourceFile> frames_;
};

}  // namespace scanferry::firmware
