// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/ae_title.hpp>
#include <scanferry/dimse/message_session.hpp>
#include <scanferry/dimse/presentation_context.hpp>
#include <scanferry/dimse/user_information.hpp>

namespace scanferry::dimse {

/// What is borrowed is so until the A-ASSOCIATE-RQ is written, and `serves` for the session's life.
struct ScuConfig {
  AeTitle calling;
  AeTitle called;
  std::uint32_t max_pdu_receive{16384};  ///< announced to the peer, PS3.8 D.1
  std::uint32_t max_pdu_send{131072};    ///< our own bound on P-DATA-TF PDUs below what the peer allows; bytes of PDU value
  Timeouts timeouts;
  std::optional<OperationsWindow> window{};             ///< without: one operation at a time
  std::span<const RoleSelection> roles{};               ///< for what the peer is to ask us, as in C-GET
  std::span<const ExtendedNegotiation> extended{};
  std::span<const CommonExtendedProposal> common_extended{};
  std::optional<UserIdentity> identity{};
  std::span<const CommandField> serves{};               ///< requests of the peer that are told; others are refused
};

/// What a person can do about a proposal that cannot be sent; nothing: it can.
std::optional<Words> fault_of(const ScuConfig& config, std::span<const ProposedContext> contexts);

/// One object to be stored.
struct StoreRequest {
  core::Uid sop_class_uid;
  core::Uid sop_instance_uid;
  core::Uid transfer_syntax_uid;
  std::uint64_t data_set_bytes{0};  ///< even, as every data set is (PS3.5 7.1.1)
};

/// The memory of a requestor's association. Left as it is: each buffer is written before it is read.
struct ScuBuffers {
  /// The longest A-ASSOCIATE-AC that is taken: every context answered with the longest UID, and 6 KiB of other items.
  static constexpr std::size_t kReplyBytesMax = 16 * std::size_t{1024};
  static_assert(kReplyBytesMax >= kAssociateAcBytesMax);

  std::array<std::byte, kAssociateRqBytesMax> request_pdu;  ///< stays: it is the memory of what was proposed
  std::array<std::byte, kReplyBytesMax> incoming;
  std::array<std::byte, 2 * kMessageHeadBytesMax> outgoing;  ///< a message's head, and an A-RELEASE or A-ABORT
};

/// The requestor's side of one association.
class ScuSession final : private ScuBuffers, public MessageSession {
 public:
  /// Puts the A-ASSOCIATE-RQ into the output. `contexts`: 1 to kContextsMax, copied; only what `fault_of` has nothing against.
  ScuSession(const ScuConfig& config, std::span<const ProposedContext> contexts, core::Instant now);

  /// What the peer answered to the first of `ScuConfig::extended`, PS3.7 D.3.3.5, once established. Its first 16 bytes: no service class
  /// has more (PS3.4). Empty: it knows nothing of it.
  [[nodiscard]] core::ByteView extended_answer() const { return core::ByteView{extended_answer_}.first(extended_answer_bytes_); }

  /// Queues a C-ECHO-RQ, PS3.7 9.3.5; answered by Event::response. Gives its message id.
  std::expected<std::uint16_t, RequestError> echo(core::Instant now);
  /// Queues a C-STORE-RQ, PS3.7 9.3.1, and the transfer of its data set.
  std::expected<std::uint16_t, RequestError> store(const StoreRequest& request, core::Instant now);

 private:
  void on_associate(const AssociatePdu& reply, core::Instant now) override;

  core::ByteView proposal_;  ///< the items of `request_pdu`
  core::Uid extended_class_;
  std::array<std::byte, 16> extended_answer_{};
  std::size_t extended_answer_bytes_{0};
  std::optional<OperationsWindow> window_;
  std::uint32_t max_pdu_send_;
  bool wants_identity_response_;
};

/// What one requestor's association costs, in bytes; half of it is the proposal with room for kContextsMax contexts.
inline constexpr std::size_t kScuSessionBytesMax = 48'500;
static_assert(sizeof(ScuSession) <= kScuSessionBytesMax);

}  // namespace scanferry::dimse
