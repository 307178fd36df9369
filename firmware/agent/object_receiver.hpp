// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <scanferry/core/uid.hpp>
#include <scanferry/platform/platform.hpp>

#include "agent/failure.hpp"
#include "agent/servant.hpp"

namespace scanferry::firmware {

/// An object that a peer sends, as its C-STORE-RQ announces it. The UIDs are valid ones.
struct IncomingObject {
  core::Uid sop_class_uid;
  core::Uid sop_instance_uid;
  core::Uid transfer_syntax_uid;
  std::string caller;  ///< AE title, not to be trusted
};

/// What is answered for an object, PS3.4 B.2.3.
struct StoreAnswer {
  std::uint16_t status{0};
  std::string comment;  ///< for (0000,0902): no data of the patient
};

/// Where received objects go. All of it blocks: storage thread only.
class ObjectKeeper {
 public:
  virtual ~ObjectKeeper() = default;
  /// Where the object is written until it is complete; what a crash leaves there is removed another time. A failure, of this and of
  /// `admit`, is answered as out of resources.
  virtual Result<std::string> place_for(const IncomingObject& object) = 0;
  /// Asked before each piece of an object is written: nobody says beforehand how long it becomes. After `ended` with the sum of
  /// what was admitted the object is complete, and `keep` comes next, or gone.
  virtual Result<void> admit(std::uint64_t bytes) = 0;
  virtual void ended(std::uint64_t bytes) = 0;
  /// The Part 10 file at `path` is complete and synced: it gets its name, and that is synced too, or it is removed. Only then is the
  /// peer answered.
  virtual StoreAnswer keep(const IncomingObject& object, const std::string& path, platform::File& file) = 0;
};

/// The C-STORE SCP of one association, PS3.4 B: each object is written as it comes, in pieces of 256 KiB at most, and answered with
/// success once it is safe.
class ObjectReceiver final : public Servant {
 public:
  /// `keeper` outlives it.
  ObjectReceiver(platform::Platform& platform, ObjectKeeper& keeper, std::string caller)
      : platform_{platform}, keeper_{keeper}, caller_{std::move(caller)} {}

  platform::Task<std::optional<dimse::Event>> serve(dimse::Event request, Pump& pump, dimse::MessageSession& session) override;

 private:
  struct Writing;
  platform::Task<std::optional<StoreAnswer>> write(Writing& writing, core::ByteView data);
  platform::Task<StoreAnswer> finish(Writing& writing);
  StoreAnswer no_room(const Failure& why);

  platform::Platform& platform_;
  ObjectKeeper& keeper_;
  std::string caller_;
};

}  // namespace scanferry::firmware
