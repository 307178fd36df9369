// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/association_listener.hpp"
#include "agent/object_receiver.hpp"
#include "agent/spool.hpp"
#include "agent/storage_acceptance.hpp"

namespace scanferry::firmware {

/// Takes the objects of other devices into the spool, for all destinations: success is answered when the object is as safe as one that
/// was acquired here.
class Gateway final : public ObjectKeeper {
 public:
  /// `accepted` is called on the agent's thread after each object. `spool` outlives it.
  Gateway(platform::Platform& platform, Spool& spool, const AgentConfig& config, std::function<void()> accepted);

  [[nodiscard]] const StorageAcceptance& acceptance() const { return acceptance_; }
  /// For one association.
  [[nodiscard]] std::unique_ptr<Servant> make_servant(const Caller& caller);

  // ObjectKeeper. Storage thread only.
  Result<std::string> place_for(const IncomingObject& object) override { return spool_.place_for(object.sop_instance_uid); }
  Result<void> admit(std::uint64_t bytes) override { return spool_.admit_received(bytes); }
  void ended(std::uint64_t bytes) override { spool_.received_ended(bytes); }
  std::vector<StoreAnswer> keep(std::span<const ReceivedObject> objects) override;

 private:
  StoreAnswer answer(const ReceivedObject& object, const Result<Spool::Received>& received);

  platform::Platform& platform_;
  Spool& spool_;
  std::vector<std::string> destinations_;
  StorageAcceptance acceptance_;
  AcceptanceGroup group_;
  std::function<void()> accepted_;
};

}  // namespace scanferry::firmware
