// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanferry/dimse/message_session.hpp>

#include "agent/pump.hpp"

namespace scanferry::firmware {

/// Serves what a peer asks, on an association of either side: C-STORE, the objects of a C-GET, the report of a storage commitment.
class Servant {
 public:
  virtual ~Servant() = default;
  /// Takes the data set of `request` from the pump and responds through the session. When the association ends before that, the event
  /// that says so; nothing else is given back.
  virtual platform::Task<std::optional<dimse::Event>> serve(dimse::Event request, Pump& pump, dimse::MessageSession& session) = 0;
};

}  // namespace scanferry::firmware
