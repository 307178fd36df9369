// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/presentation_context.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// What objects an archive may send in a C-GET; nothing chosen: what archives most often hold.
struct StorageChoice {
  std::vector<std::string> sop_classes;        ///< UIDs, or keywords of PS3.6 A
  std::vector<std::string> modalities;         ///< values of Modality (0008,0060)
  std::vector<std::string> transfer_syntaxes;  ///< UIDs, or keywords; none: those that objects are stored in
  bool is_one_context{false};                  ///< for each SOP class, with the common transfer syntaxes: some archives look at no other
};

/// The presentation contexts and roles for a C-GET, PS3.4 C.5.3: one for the request, and those in which the archive stores. An
/// association has room for so much only: with few SOP classes each transfer syntax has a context of its own, so that every object
/// can come as it is stored; with many, they share contexts, the native ones one and the compressed ones another.
class StorageProposal {
 public:
  /// Errors name what is no SOP class, modality or transfer syntax, or say that there are too many for one association.
  static Result<StorageProposal> make(const StorageChoice& choice, std::string_view get_sop_class_uid);

  StorageProposal(StorageProposal&&) = default;
  StorageProposal& operator=(StorageProposal&&) = default;

  /// What these give is borrowed.
  [[nodiscard]] std::span<const dimse::ProposedContext> contexts() const { return contexts_; }
  [[nodiscard]] std::span<const dimse::RoleSelection> roles() const { return roles_; }

 private:
  using Uids = std::vector<core::Uid>;

  StorageProposal() = default;
  void begin(std::string_view get_sop_class_uid);
  void add_alone(const core::Uid& sop_class);
  void add_together(const core::Uid& sop_class);
  void add_as_one(const core::Uid& sop_class);
  [[nodiscard]] bool fits() const;

  Uids request_syntaxes_;
  Uids native_;
  Uids compressed_;
  Uids all_;  ///< the native ones first
  Uids sop_classes_;
  std::vector<dimse::ProposedContext> contexts_;
  std::vector<dimse::RoleSelection> roles_;
};

}  // namespace scanferry::firmware
