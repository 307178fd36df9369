// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/acceptance_group.hpp"
#include "agent/servant.hpp"

namespace scanferry::firmware {

/// The C-STORE SCP of one association, PS3.4 B: each object is written as it comes, in pieces of 256 KiB at most, and answered with
/// success once it is safe.
class ObjectReceiver final : public Servant {
 public:
  /// `group` outlives it.
  ObjectReceiver(platform::Platform& platform, AcceptanceGroup& group, std::string caller)
      : platform_{platform}, group_{group}, caller_{std::move(caller)} {}

  platform::Task<std::optional<dimse::Event>> serve(dimse::Event request, Pump& pump, dimse::MessageSession& session) override;

 private:
  platform::Task<std::optional<StoreAnswer>> write(IncomingFile& file, core::ByteView data);

  platform::Platform& platform_;
  AcceptanceGroup& group_;
  std::string caller_;
};

}  // namespace scanferry::firmware
