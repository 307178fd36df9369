// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include <scanferry/platform/sim/node.hpp>

#include "camera.hpp"
#include "modality.hpp"
#include "scripted_pacs.hpp"

namespace scanferry::tests {

/// A scripted PACS on a machine of its own, with a record of which of the camera's frames have arrived. What the modality made, if there
/// is one, must arrive as it was.
class PacsSite {
 public:
  PacsSite(platform::sim::World& world, platform::sim::Fabric& fabric, const std::string& host, const PacsBehaviour& behaviour,
           const Camera& camera, const Modality* modality);

  ScriptedPacs& pacs() { return pacs_; }
  [[nodiscard]] const ScriptedPacs& pacs() const { return pacs_; }
  [[nodiscard]] const std::string& host() const { return node_.host(); }
  void boot();
  /// Goes down, with or without a last word, and comes back after `span`.
  void restart(bool loses_power, core::Millis span);

  /// The object that brought each frame.
  [[nodiscard]] const std::map<FrameId, std::string>& arrived() const { return arrived_; }
  [[nodiscard]] bool has(const CameraAcquisition& acquisition) const;

 private:
  void note(const std::string& uid, const ScriptedPacs::Stored& object);

  platform::sim::World& world_;
  const Camera& camera_;
  const Modality* modality_;
  ScriptedPacs pacs_;
  platform::sim::SimNode node_;
  std::map<FrameId, std::string> arrived_;
};

}  // namespace scanferry::tests
