// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <scanferry/dimse/scp_session.hpp>

namespace scanferry::firmware {

/// What a storage provider takes: all storage SOP classes of the standard, PS3.4 B.5, and of each context the transfer syntax that it
/// likes best: objects are kept as they come, compressed or not.
struct StorageTerms {
  std::vector<std::string> sop_classes;        ///< further ones, private or newer than we are
  bool is_any_class{false};                    ///< everything that is proposed
  std::vector<std::string> transfer_syntaxes;  ///< the best first; then the first one proposed
  bool is_no_other_syntax{false};              ///< none but these
  std::vector<std::string> calling;            ///< AE titles that may associate; empty: all
  bool is_echo_for_all{false};                 ///< who asks for Verification alone may associate all the same
};

class StorageAcceptance final : public dimse::Acceptance {
 public:
  explicit StorageAcceptance(StorageTerms terms) : terms_{std::move(terms)} {}

  [[nodiscard]] std::optional<dimse::Rejection> refuses(const dimse::AssociatePdu& asked) const override;
  [[nodiscard]] dimse::ContextAnswer judge(const dimse::PresentationContext& context, dimse::Roles proposed) const override;

 private:
  [[nodiscard]] bool takes(std::string_view sop_class_uid) const;

  StorageTerms terms_;
};

}  // namespace scanferry::firmware
