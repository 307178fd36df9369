// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <scanferry/core/time.hpp>
#include <scanferry/platform/store.hpp>

#include "agent/acquisition.hpp"
#include "agent/config.hpp"
#include "agent/failure.hpp"

namespace scanferry::firmware {

/// The folders below a watched one in which it puts what it has dealt with.
inline constexpr std::string_view kRejectedFolder = "rejected";
inline constexpr std::string_view kAcceptedFolder = "accepted";

/// One file of an acquisition: this content of it, and no other that may come to have its name.
struct SourceFile {
  std::string name;
  std::uint64_t identity{0};  ///< FileInfo::identity; 0: it is not there
};

/// A sidecar in a watched folder, or in a folder directly below it, with the frames that it names.
struct FoundAcquisition {
  std::string directory;
  std::string sidecar;             ///< file name
  std::uint64_t identity{0};       ///< of the sidecar's content: a new acquisition has a new one even under the same name
  core::WallTime modified{};       ///< of the sidecar: when the acquisition was complete
  Result<Acquisition> acquisition{};
  std::vector<SourceFile> frames;  ///< that the acquisition names, as they were at the last look
  std::uint64_t signature{0};      ///< changes whenever sidecar or frames change
  core::Instant unchanged_since{};
  std::string told;  ///< the last complaint about it: said once, not at every look

  [[nodiscard]] std::string path() const { return text(directory, "/", sidecar); }
  /// Names the source for the ledger and for derived UIDs.
  [[nodiscard]] std::string key() const { return text(path(), "\n", identity); }
};

/// Looks through a watched folder and remembers, from one look to the next, how long each set of files has rested. Rest is
/// measured on the monotonic clock: file times may come from another machine, or from a clock that steps.
class FolderScan {
 public:
  FolderScan(platform::Store& store, std::string root) : store_{store}, root_{std::move(root)} {}

  /// One look. Blocks. The result points into the scan and is valid until the next look.
  Result<std::vector<FoundAcquisition*>> look(core::Instant now);

  /// Files that no sidecar names, and since when their number has not changed; for a warning.
  [[nodiscard]] std::size_t unclaimed() const { return unclaimed_; }
  [[nodiscard]] const std::string& unclaimed_example() const { return unclaimed_example_; }
  [[nodiscard]] core::Instant unclaimed_since() const { return unclaimed_since_; }

 private:
  using Listing = std::map<std::string, platform::FileInfo>;
  Result<Listing> list(const std::string& directory);
  void look_into(const std::string& directory, const Listing& files, core::Instant now);
  void update(FoundAcquisition& found, const platform::FileInfo& sidecar, const Listing& files, core::Instant now);
  Result<Acquisition> read_sidecar(const std::string& path, std::uint64_t size);
  void count_unclaimed(const std::string& directory, const Listing& files);

  platform::Store& store_;
  std::string root_;
  std::map<std::string, FoundAcquisition> found_;  ///< by path of the sidecar
  std::map<std::string, FoundAcquisition> seen_;   ///< the same, of the look under way
  std::size_t unclaimed_{0};
  std::string unclaimed_example_;
  core::Instant unclaimed_since_{};
};

}  // namespace scanferry::firmware
