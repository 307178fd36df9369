// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <scanferry/platform/sim/node.hpp>

#include "run_options.hpp"
#include "wire.hpp"

namespace scanferry::tests {

/// One object that the modality made.
struct ModalityObject {
  std::string sop_instance_uid;
  Bytes data_set;
  core::Millis made_after{0};  ///< from the beginning of the run
  bool acknowledged{false};    ///< answered with success, at least once
};

/// Another device, which sends its objects to ours with C-STORE and repeats each until it was answered with success. It keeps power and
/// memory; what it breaks off it breaks off on purpose. Scripted from the bytes of PS3.8 and PS3.7.
class Modality {
 public:
  static constexpr const char* kSopClass = "1.2.840.10008.5.1.4.1.1.7";
  static constexpr const char* kTransferSyntax = "1.2.840.10008.1.2.1";

  Modality(platform::sim::World& world, platform::sim::Fabric& fabric, const RunOptions& options);

  void begin();
  /// From now on it breaks nothing off.
  void heal() { options_.breaks = options_.aborts = 0; }
  /// All objects were answered with success.
  [[nodiscard]] bool done() const;
  [[nodiscard]] const std::vector<ModalityObject>& objects() const { return objects_; }
  /// Null when it made no object with this UID.
  [[nodiscard]] const ModalityObject* find(const std::string& sop_instance_uid) const;
  /// Told of each answer of success, at the moment at which it arrives.
  void on_acknowledged(std::function<void(const ModalityObject&)> hook) { acknowledged_ = std::move(hook); }

 private:
  enum class Sent : std::uint8_t { success, refused, over };  ///< over: so is the association

  void make_object(std::uint32_t number);
  [[nodiscard]] ModalityObject* next_object();
  platform::Task<void> live();
  platform::Task<void> send_some();
  platform::Task<void> send_all(platform::ByteStream& stream, PduReader& reader);
  platform::Task<Sent> send_one(platform::ByteStream& stream, PduReader& reader, ModalityObject& object);
  platform::Task<bool> send_in_pieces(platform::ByteStream& stream, Bytes bytes);
  Sent judge(const std::optional<Pdu>& answer, ModalityObject& object);
  platform::Task<void> pause(core::Millis longest);

  platform::sim::World& world_;
  ModalityOptions options_;
  platform::sim::SimNode node_;
  platform::sim::Prng prng_;
  std::vector<ModalityObject> objects_;
  std::size_t next_{0};
  std::function<void(const ModalityObject&)> acknowledged_;
};

}  // namespace scanferry::tests
