// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <scanferry/dimse/ae_title.hpp>
#include <scanferry/dimse/engine.hpp>
#include <scanferry/dimse/session.hpp>

namespace scanferry::dimse {

struct ScpConfig {
  AeTitle title;                         ///< ours
  bool any_called_title{true};           ///< answer to other called titles too: a service engineer may mistype it
  std::uint32_t max_pdu_receive{16384};
  Timeouts timeouts;
};

/// The acceptor's side of one association: the Verification SCP, PS3.4 A. It accepts Verification with Explicit or
/// Implicit VR Little Endian and refuses every other abstract syntax per context.
class ScpSession final : public Session {
 public:
  /// A transport connection just arrived; the peer has `timeouts.associate` to ask for an association.
  ScpSession(const ScpConfig& config, core::Instant now);

  void feed(core::ByteView& bytes, core::Instant now) override;
  void peer_closed(core::Instant now) override;
  [[nodiscard]] core::ByteView output() const override;
  [[nodiscard]] PayloadWindow payload() const override;
  void wrote(core::Instant now) override;
  [[nodiscard]] std::optional<Event> poll() override;
  [[nodiscard]] core::Instant deadline() const override;
  void on_time(core::Instant now) override;
  [[nodiscard]] bool finished() const override;

  /// Who asked, once established or rejected; padding removed, not to be trusted.
  [[nodiscard]] const AeTitle& calling() const;
  [[nodiscard]] const AeTitle& called() const;

  /// Refuses further work at once: A-ABORT, then finished.
  void abort(core::Instant now);

 private:
  /// A request whose message is not complete yet, to be answered when it is.
  struct Request {
    std::uint16_t field{0};
    std::uint16_t message_id{0};
    std::uint8_t context_id{0};
    bool expects_answer{true};
  };
  /// The longest A-ASSOCIATE-RQ that is taken. Requestors that propose 128 contexts with a dozen transfer syntaxes each exist.
  static constexpr std::size_t kRequestBytesMax = 64 * std::size_t{1024};
  static_assert(kRequestBytesMax >= kAssociateRqBytesMax);
  /// An A-ASSOCIATE-AC, a response behind it and an A-RELEASE-RP behind that may all wait to be written.
  static constexpr std::size_t kOutgoingBytesMax = kAssociateAcBytesMax + kMessageHeadBytesMax + kPduHeaderBytes + kShortPduBytes;

  void on_asked(const AssociatePdu& asked, core::Instant now);
  void on_message(const MessagePart& part, core::Instant now);
  void on_command(const MessagePart& part, core::Instant now);
  void answer(const Request& request, core::Instant now);

  ScpConfig config_;
  // Both buffers are left as they are: each is written before it is read.
  std::array<std::byte, kRequestBytesMax> incoming_;
  std::array<std::byte, kOutgoingBytesMax> outgoing_;
  Engine engine_;
  std::optional<Request> request_;
  AeTitle calling_;
  AeTitle called_;
};

/// What one acceptor's association costs, in bytes, most of it the room for the peer's A-ASSOCIATE-RQ.
inline constexpr std::size_t kScpSessionBytesMax = 84'000;
static_assert(sizeof(ScpSession) <= kScpSessionBytesMax);

}  // namespace scanferry::dimse
