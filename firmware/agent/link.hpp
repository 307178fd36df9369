// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/delivery.hpp>
#include <scanferry/dimse/scu_session.hpp>
#include <scanferry/dimse/status.hpp>
#include <scanferry/platform/platform.hpp>

#include "agent/config.hpp"
#include "agent/context_plan.hpp"
#include "agent/pump.hpp"
#include "agent/servant.hpp"

namespace scanferry::firmware {

/// What one attempt to store one object came to.
struct StoreReport {
  core::Outcome outcome{};
  dimse::Blame blame{dimse::Blame::nobody};
  std::uint16_t status{0};
  std::string words;      ///< for a person: what happened and what to do
  std::string peer_says;  ///< the peer's Error Comment: it may name a patient, so it never goes into a log
  bool is_refusal{false}; ///< there is no presentation context for it; the object was not touched
};

/// The end of a C-STORE that was posted.
struct StoreEnd {
  std::uint16_t id{0};
  StoreReport report;
};

/// What a peer says to a request: a response, with its data set.
struct Answer {
  dimse::CommandSet command;
  std::uint16_t status{0};
  std::string data_set;                  ///< encoded; empty: none
  std::string_view transfer_syntax_uid;  ///< of the data set, borrowed from the link
};
/// One line for a person: the status, what `meaning` says of it, and the peer's comment.
std::string explain(const Answer& answer, std::string_view meaning);
/// Gives the data set of a request in a transfer syntax. Null for a request that has none.
using EncodeDataSet = std::function<Result<std::string>(std::string_view transfer_syntax_uid)>;
/// Takes an answer after which more follow; false: no more are wanted, and the request is cancelled.
using TakeAnswer = std::function<bool(const Answer&)>;

/// What the peer may ask on an association of ours. All is borrowed while the link is open.
struct Serving {
  Servant* servant{nullptr};
  std::span<const dimse::CommandField> operations{};
  std::span<const dimse::RoleSelection> roles{};
};

/// One association to a destination from dial to release: what `send`, `echo`, the pushers and the health check all use.
class Link {
 public:
  Link(platform::Platform& platform, const dimse::AeTitle& calling, const DestinationConfig& destination);

  /// Before `open`.
  void serve(const Serving& serving) { serving_ = serving; }
  /// Before `open`: what is asked of the peer for a SOP class, PS3.7 D.3.3.5. Borrowed until the link is open.
  void negotiate(std::span<const dimse::ExtendedNegotiation> extended) { scu_.extended = extended; }
  /// What it answered to the first of these; empty: nothing.
  [[nodiscard]] core::ByteView negotiated() const { return open_ ? session_->extended_answer() : core::ByteView{}; }
  /// Dials and associates. A failure says what was met and what to try; nothing is open then.
  platform::Task<Result<void>> open(std::span<const dimse::ProposedContext> contexts);
  /// `open` failed, and the peer may take another association later (PS3.8 9.3.4: rejected-transient).
  [[nodiscard]] bool has_no_place() const { return has_no_place_; }
  /// Associated and of further use.
  [[nodiscard]] bool is_open() const { return open_ && session_->is_established(); }
  [[nodiscard]] bool accepts(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) const;

  /// One C-ECHO. The link is closed after a failure.
  platform::Task<Result<void>> echo();
  /// Begins one C-STORE of `file` from `data_set_offset` on, and gives its id once it is written; or says what became of it at once.
  /// Only when `may_post`.
  platform::Task<std::expected<std::uint16_t, StoreReport>> post(const dimse::StoreRequest& request, platform::File& file,
                                                                std::uint64_t data_set_offset);
  /// Open, and the peer takes one more request before it has answered those under way.
  [[nodiscard]] bool may_post() const { return is_open() && session_->ready(); }
  /// How the next of those that were posted ended, in whatever order the peer answers. The link is closed unless it answered: then
  /// this gives the others one by one, without waiting.
  platform::Task<StoreEnd> next_end();
  /// One request of any other kind (dimse/operation.hpp), its data set encoded in Explicit VR Little Endian where that was accepted
  /// for the SOP class, else in Implicit. Gives the last answer, whatever its status; `take` gets those before it. A failure is the
  /// link's, which is closed then, or `encode`'s, or says that the peer takes no such requests.
  platform::Task<Result<Answer>> ask(dimse::CommandSet request, EncodeDataSet encode, TakeAnswer take);
  /// Waits until `until` for what the peer has to ask, and serves it. True when something was served; false when nothing came, and
  /// the link is still of use. A failure closes the link.
  platform::Task<Result<bool>> attend(core::Instant until);
  /// Releases in good order.
  platform::Task<void> close();
  /// Breaks off at once: what is under way fails. For a stop that cannot wait.
  void abort();

 private:
  platform::Task<void> break_off();
  [[nodiscard]] std::string explain(const dimse::Event& event) const;
  [[nodiscard]] StoreReport refused(const dimse::StoreRequest& request, dimse::RequestError error) const;
  platform::Task<StoreReport> lost(dimse::Event event);
  platform::Task<dimse::Event> next_answer();
  platform::Task<Result<Answer>> take_answers(std::uint16_t message_id, TakeAnswer take);
  platform::Task<Result<std::string>> take_data_set();
  [[nodiscard]] StoreReport answered(const dimse::Event& event) const;

  platform::Platform& platform_;
  dimse::ScuConfig scu_;
  DestinationConfig destination_;
  Serving serving_;
  std::unique_ptr<platform::ByteStream> stream_;
  std::unique_ptr<dimse::ScuSession> session_;
  std::unique_ptr<Pump> pump_;
  std::vector<std::uint16_t> posted_;      ///< what has no end yet, in order
  std::optional<StoreReport> loss_;        ///< what became of all that is still posted
  bool open_{false};
  bool has_no_place_{false};
  bool aborted_{false};
};

}  // namespace scanferry::firmware
