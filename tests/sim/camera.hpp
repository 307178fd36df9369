// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <scanferry/platform/sim/node.hpp>

#include "run_options.hpp"
#include "wire.hpp"

namespace scanferry::tests {

/// Names one frame that the camera made: acquisition and number.
using FrameId = std::pair<std::uint32_t, std::uint32_t>;

/// One acquisition as the camera made it.
struct CameraAcquisition {
  std::uint32_t id{0};
  bool good{true};
  bool complete{false};  ///< all its files are there
  std::string directory;
  std::string sidecar;                         ///< file name
  std::vector<std::pair<std::string, Bytes>> files;  ///< frames, by name
  std::vector<Bytes> frames;                   ///< as they must arrive
  std::uint32_t objects{0};
};

/// Drops acquisitions into the device's watched folder, file by file and piece by piece, as long as the device has power.
class Camera {
 public:
  static constexpr const char* kFolder = "/watch";

  Camera(platform::sim::SimNode& device, const RunOptions& options);

  /// Begins, spread over the first two thirds of the trouble.
  void begin();
  /// All files of all acquisitions are in the folder.
  [[nodiscard]] bool done() const { return complete_ == acquisitions_.size(); }
  [[nodiscard]] const std::vector<CameraAcquisition>& acquisitions() const { return acquisitions_; }
  /// Which frame this is; nothing when the camera did not make it.
  [[nodiscard]] std::optional<FrameId> recognize(const Bytes& frame) const;

 private:
  using Step = std::function<void()>;
  void make(std::uint32_t id);
  void make_native(CameraAcquisition& a, std::string& sidecar);
  void make_jpeg(CameraAcquisition& a, std::string& sidecar);
  void spoil(CameraAcquisition& a, std::string& sidecar);
  void add_steps(std::uint32_t id, const std::string& sidecar);
  void next_step(std::uint32_t id);

  platform::sim::SimNode& device_;
  const RunOptions& options_;
  platform::sim::Prng prng_;
  std::vector<CameraAcquisition> acquisitions_;
  std::map<std::uint32_t, std::deque<Step>> steps_;
  std::map<Bytes, FrameId> frames_;
  std::size_t complete_{0};
};

}  // namespace scanferry::tests
