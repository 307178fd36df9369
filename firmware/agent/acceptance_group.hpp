// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include <scanferry/platform/platform.hpp>

#include "agent/incoming_file.hpp"

namespace scanferry::firmware {

/// Brings objects of several associations to safety together. Those that became whole while the disk worked on others form the next
/// group: their files are synced one after the other, and then directory and ledger once for all of them. Nobody waits for company.
class AcceptanceGroup {
 public:
  /// `keeper` outlives it.
  AcceptanceGroup(platform::Platform& platform, ObjectKeeper& keeper) : platform_{platform}, keeper_{keeper} {}

  [[nodiscard]] ObjectKeeper& keeper() { return keeper_; }
  /// Completes `file`, which all has been put into, and closes it. Success: it is safe.
  platform::Task<StoreAnswer> accept(IncomingFile& file);
  /// What is answered when the disk failed; what it said is not for the peer's eyes, but the log's.
  StoreAnswer no_room(const Failure& why);
  [[nodiscard]] bool had_no_room() const { return had_no_room_; }

 private:
  struct Waiting {
    IncomingFile* file{nullptr};
    std::unique_ptr<platform::Event> turn;
    std::optional<StoreAnswer> answer;  ///< given on the agent's thread alone: who has it may go, with its file
  };
  using Group = std::vector<Waiting*>;

  platform::Task<void> lead();
  [[nodiscard]] Group take_group();
  /// Storage thread. One answer for each.
  [[nodiscard]] std::vector<StoreAnswer> accept_all(const Group& group);

  platform::Platform& platform_;
  ObjectKeeper& keeper_;
  Group waiting_;  ///< one for an association at most
  bool is_led_{false};
  bool had_no_room_{false};
};

}  // namespace scanferry::firmware
