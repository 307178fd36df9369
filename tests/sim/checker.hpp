// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "ledger_view.hpp"
#include "troubles.hpp"

namespace scanferry::tests {

/// What must be true, whatever went wrong. A broken promise fails the world.
class Checker {
 public:
  struct Scope {
    bool promises{true};  ///< look at what is durable at the moment of a promise; else only at what is lost in the end
    bool clock_steps{false};
    bool disk_errors{false};
    bool calm{false};     ///< nothing goes wrong: each object arrives at the first try
  };

  Checker(platform::sim::World& world, Device& device, const Camera& camera, Modality* modality, const PacsSites& sites, Scope scope);

  /// To be asked after each power cut: every acquisition that the camera completed is still in the folder, or every
  /// destination has it or will get it from the spool, and so with each object that the modality was told was safe.
  void nothing_is_lost();
  /// Every destination has every good acquisition, but for objects that are rightly held.
  [[nodiscard]] bool is_drained();
  /// Why is_drained() is false, for a person.
  [[nodiscard]] std::string what_is_missing();
  /// With the agent stopped: ledger, spool and folder agree with each other and with what the destinations have.
  void all_is_in_order(bool held_is_allowed);
  /// What was stored before, from the ledger's view, did not come again since.
  void nothing_came_again();
  void remember_receptions();

  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  LedgerReader& reader() { return reader_; }

 private:
  void on_log(std::string_view area, std::string_view line);
  void accepted_is_durable(const std::string& uid);
  void answered_is_kept(const ModalityObject& object);
  [[nodiscard]] bool is_everywhere(const ModalityObject& object) const;
  void bounds_hold();
  [[nodiscard]] bool is_in_folder(const CameraAcquisition& a) const;
  [[nodiscard]] std::map<FrameId, std::string> frames_in_spool() const;
  void spool_agrees_with(const LedgerView& ledger);
  [[nodiscard]] bool removal_may_wait(const LedgerView& ledger, const std::string& uid) const;
  void deliveries_are_done(const LedgerView& ledger, bool held_is_allowed);
  void folder_is_clear();
  void rejected_are_the_broken_ones();
  void calm_runs_send_once();
  [[nodiscard]] bool hold_has_a_reason(const std::string& uid, const std::string& destination) const;
  [[nodiscard]] const PacsSite* site_of(const std::string& destination) const;
  void fail(const std::string& what) { world_.fail(what); }

  platform::sim::World& world_;
  Device& device_;
  const Camera& camera_;
  const Modality* modality_;
  const PacsSites& sites_;
  Scope scope_;
  LedgerReader reader_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> receptions_;  ///< of what was stored, by UID and destination
  std::uint64_t accepted_{0};
};

}  // namespace scanferry::tests
