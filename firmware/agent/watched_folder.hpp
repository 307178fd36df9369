// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/platform/platform.hpp>

#include "agent/acquisition_writer.hpp"
#include "agent/config.hpp"
#include "agent/folder_scan.hpp"
#include "agent/spool.hpp"

namespace scanferry::firmware {

/// Takes acquisitions from a folder: when a sidecar and all its frames are there, whole, and have rested, they become
/// objects in the spool; then, and only then, the files go. What stays wrong is moved aside with the reason, never deleted.
class WatchedFolder {
 public:
  /// Who is to know when something was accepted: the pushers.
  using OnAccepted = std::function<void()>;

  WatchedFolder(platform::Platform& platform, Spool& spool, const AgentConfig& config, WatchConfig watch, OnAccepted on_accepted);

  /// Until `stop`.
  platform::Task<void> run();
  void stop();

 private:
  /// False when disk or spool are in trouble.
  platform::Task<bool> deal_with(FoundAcquisition& found);
  platform::Task<Result<std::string>> examine_and_take(const FoundAcquisition& found);
  platform::Task<Result<std::string>> take(const FoundAcquisition& found, Acquisition acquisition, FrameSet frames);
  platform::Task<Result<void>> write(AcquisitionWriter& writer);
  platform::Task<bool> finish_source(FoundAcquisition& found, const std::string& accepted_files);
  platform::Task<bool> reject(FoundAcquisition& found, const std::string& reason);
  void warn_of_unclaimed();
  void complain(std::string& told, const std::string& what);
  void log(platform::LogLevel level, const std::string& line);

  platform::Platform& platform_;
  Spool& spool_;
  const AgentConfig& config_;
  WatchConfig watch_;
  OnAccepted on_accepted_;
  std::vector<std::string> destinations_;
  FolderScan scan_;
  std::unique_ptr<platform::Event> wake_;
  bool stopping_{false};
  std::string told_;                  ///< the last complaint about the folder itself
  std::size_t unclaimed_warned_{0};
};

}  // namespace scanferry::firmware
