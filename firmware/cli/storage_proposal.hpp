// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/presentation_context.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// What objects an archive may send in a C-GET; nothing chosen: all storage SOP classes of the standard.
struct StorageChoice {
  std::vector<std::string> sop_classes;        ///< UIDs, or keywords of PS3.6 A
  std::vector<std::string> modalities;         ///< values of Modality (0008,0060)
  std::vector<std::string> transfer_syntaxes;  ///< UIDs, or keywords; none: those that objects are stored in
  bool is_one_context{false};                  ///< for each SOP class, with the common transfer syntaxes: some archives look at no other
};

/// The presentation contexts and roles for a C-GET, PS3.4 C.5.3: one for the request, and those in which the archive stores. An
/// association has room for so much only (PS3.8 9.3.2.2: 128 contexts; ours has fewer): with few SOP classes each transfer syntax has a
/// context of its own, so that every object can come as it is stored; with many, they share contexts, the native ones one and the
/// compressed ones another. What is still too much takes several associations, one after the other.
class StorageProposal {
 public:
  /// At least one, each for one association; what archives most often hold is in the first, unless something was chosen. Errors name
  /// what is no SOP class, modality or transfer syntax, or say that there are too many transfer syntaxes.
  static Result<std::vector<StorageProposal>> plan(const StorageChoice& choice, std::string_view get_sop_class_uid);

  StorageProposal(StorageProposal&&) = default;
  StorageProposal& operator=(StorageProposal&&) = default;

  /// What these give is borrowed.
  [[nodiscard]] std::span<const dimse::ProposedContext> contexts() const { return contexts_; }
  [[nodiscard]] std::span<const dimse::RoleSelection> roles() const { return roles_; }

 private:
  using Uids = std::vector<core::Uid>;
  using Add = void (StorageProposal::*)(const core::Uid& sop_class);

  StorageProposal(const Uids& syntaxes, std::string_view get_sop_class_uid);
  void add_alone(const core::Uid& sop_class);
  void add_together(const core::Uid& sop_class);
  void add_as_one(const core::Uid& sop_class);
  /// False when there is no room for it.
  bool add(const core::Uid& sop_class, Add add_contexts);
  static std::vector<StorageProposal> spread(const Uids& sop_classes, const Uids& syntaxes, Add add_contexts, std::string_view get_sop_class_uid);

  Uids request_syntaxes_;
  Uids native_;
  Uids compressed_;
  Uids all_;  ///< the native ones first
  std::vector<dimse::ProposedContext> contexts_;
  std::deque<core::Uid> sop_classes_;  ///< that `roles_` names: they stay where they are
  std::vector<dimse::RoleSelection> roles_;
};

}  // namespace scanferry::firmware
