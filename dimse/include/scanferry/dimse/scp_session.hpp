// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <scanferry/dimse/ae_title.hpp>
#include <scanferry/dimse/message_session.hpp>

namespace scanferry::dimse {

/// What an acceptor takes beside Verification, which it always takes.
class Acceptance {
 public:
  virtual ~Acceptance() = default;
  /// Why this requestor gets no association at all. Its titles are not to be trusted.
  [[nodiscard]] virtual std::optional<Rejection> refuses(const AssociatePdu& asked) const = 0;
  /// The answer for one context; `proposed` are the roles that the requestor would have in it.
  [[nodiscard]] virtual ContextAnswer judge(const PresentationContext& context, Roles proposed) const = 0;
};

struct ScpConfig {
  AeTitle title;                         ///< ours
  bool any_called_title{true};           ///< answer to other called titles too: a service engineer may mistype it
  std::uint32_t max_pdu_receive{16384};
  OperationsWindow window{};             ///< what we are willing to grant
  Timeouts timeouts;
  const Acceptance* acceptance{nullptr};      ///< borrowed for life; null: Verification alone
  std::span<const CommandField> serves{};     ///< requests that are told; others are refused; borrowed for life
};

/// The memory of an acceptor's association. Left as it is: each buffer is written before it is read.
struct ScpBuffers {
  /// The longest A-ASSOCIATE-RQ that is taken. Requestors that propose 128 contexts with a dozen transfer syntaxes each exist.
  static constexpr std::size_t kRequestBytesMax = 64 * std::size_t{1024};
  static_assert(kRequestBytesMax >= kAssociateRqBytesMax);
  /// An A-ASSOCIATE-AC, a response behind it and an A-RELEASE-RP behind that may all wait to be written.
  static constexpr std::size_t kOutgoingBytesMax = kAssociateAcBytesMax + kMessageHeadBytesMax + kPduHeaderBytes + kShortPduBytes;

  std::array<std::byte, kRequestBytesMax> incoming;  ///< stays: it is the memory of what was proposed
  std::array<std::byte, kOutgoingBytesMax> outgoing;
};

/// The acceptor's side of one association. Of the transfer syntaxes of a Verification context it takes Explicit or Implicit VR
/// Little Endian, PS3.4 A.
class ScpSession final : private ScpBuffers, public MessageSession {
 public:
  /// A transport connection just arrived; the peer has `timeouts.associate` to ask for an association.
  ScpSession(const ScpConfig& config, core::Instant now);

  /// Who asked, once established or rejected; padding removed, not to be trusted.
  [[nodiscard]] const AeTitle& calling() const { return calling_; }
  [[nodiscard]] const AeTitle& called() const { return called_; }

 private:
  void on_associate(const AssociatePdu& asked, core::Instant now) override;
  [[nodiscard]] std::optional<Rejection> rejection_for(const AssociatePdu& asked) const;
  [[nodiscard]] ContextAnswers judge_all(const AssociatePdu& asked) const;

  ScpConfig config_;
  AeTitle calling_;
  AeTitle called_;
};

/// What one acceptor's association costs, in bytes, most of it the room for the peer's A-ASSOCIATE-RQ.
inline constexpr std::size_t kScpSessionBytesMax = 87'500;
static_assert(sizeof(ScpSession) <= kScpSessionBytesMax);

}  // namespace scanferry::dimse
