// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/delivery.hpp>
#include <scanferry/dimse/scu_session.hpp>
#include <scanferry/dimse/status.hpp>
#include <scanferry/platform/platform.hpp>

#include "agent/config.hpp"
#include "agent/pump.hpp"

namespace scanferry::firmware {

/// What one attempt to store one object came to.
struct StoreReport {
  core::Outcome outcome{};
  dimse::Blame blame{dimse::Blame::nobody};
  std::uint16_t status{0};
  std::string words;      ///< for a person: what happened and what to do
  std::string peer_says;  ///< the peer's Error Comment: it may name a patient, so it never goes into a log
};

/// Gives an identifier in a transfer syntax.
using EncodeIdentifier = std::function<Result<std::string>(std::string_view transfer_syntax_uid)>;
/// Takes a match; false: no more are wanted.
using TakeMatch = std::function<bool(std::string_view data_set, std::string_view transfer_syntax_uid)>;

/// One association to a destination from dial to release: what `send`, `echo`, the pushers and the health check all use.
class Link {
 public:
  Link(platform::Platform& platform, const dimse::AeTitle& calling, const DestinationConfig& destination);

  /// Dials and associates. A failure says what was met and what to try; nothing is open then.
  platform::Task<Result<void>> open(std::span<const dimse::ProposedContext> contexts);
  /// Associated and of further use.
  [[nodiscard]] bool is_open() const { return open_ && session_->ready(); }
  [[nodiscard]] bool accepts(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) const;

  /// One C-ECHO. The link is closed after a failure.
  platform::Task<Result<void>> echo();
  /// One C-STORE of `file` from `data_set_offset` on. The link is closed unless the peer answered.
  platform::Task<StoreReport> store(const dimse::StoreRequest& request, platform::File& file, std::uint64_t data_set_offset);
  /// One C-FIND with the identifier that `encode` gives in the transfer syntax that was accepted: `visit` gets each match, encoded
  /// in that syntax, and says whether it wants more; no more cancels the query. The link is closed unless the peer answered to the end.
  platform::Task<Result<void>> find(std::string_view sop_class_uid, EncodeIdentifier encode, TakeMatch visit);
  /// Releases in good order.
  platform::Task<void> close();
  /// Breaks off at once: what is under way fails. For a stop that cannot wait.
  void abort();

 private:
  platform::Task<void> break_off();
  [[nodiscard]] std::string explain(const dimse::Event& event) const;
  [[nodiscard]] StoreReport refused(const dimse::StoreRequest& request, dimse::RequestError error) const;
  platform::Task<StoreReport> lost(dimse::Event event);
  platform::Task<Result<void>> take_matches(std::string_view transfer_syntax_uid, std::uint16_t message_id, TakeMatch visit);
  platform::Task<Result<std::string>> take_match();
  [[nodiscard]] StoreReport answered(const dimse::Event& event) const;

  platform::Platform& platform_;
  dimse::ScuConfig scu_;
  DestinationConfig destination_;
  std::unique_ptr<platform::ByteStream> stream_;
  std::unique_ptr<dimse::ScuSession> session_;
  std::unique_ptr<Pump> pump_;
  bool open_{false};
  bool aborted_{false};
};

/// The contexts that these instances need, each pair once, at most kContextsMax.
class ContextPlan {
 public:
  /// False when the plan is full.
  bool add(std::string_view sop_class_uid, std::string_view transfer_syntax_uid);
  [[nodiscard]] bool has(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) const;
  [[nodiscard]] std::span<const dimse::ProposedContext> contexts() const { return contexts_; }

 private:
  std::vector<dimse::ProposedContext> contexts_;
};

}  // namespace scanferry::firmware
