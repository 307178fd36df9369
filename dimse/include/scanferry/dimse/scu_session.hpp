// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/ae_title.hpp>
#include <scanferry/dimse/engine.hpp>
#include <scanferry/dimse/presentation_context.hpp>
#include <scanferry/dimse/session.hpp>

namespace scanferry::dimse {

struct ScuConfig {
  AeTitle calling;
  AeTitle called;
  std::uint32_t max_pdu_receive{16384};  ///< announced to the peer, PS3.8 D.1
  std::uint32_t max_pdu_send{131072};    ///< our own bound on P-DATA-TF PDUs below what the peer allows; bytes of PDU value
  Timeouts timeouts;
};

/// One object to be stored.
struct StoreRequest {
  core::Uid sop_class_uid;
  core::Uid sop_instance_uid;
  core::Uid transfer_syntax_uid;
  std::uint64_t data_set_bytes{0};  ///< even, as every data set is (PS3.5 7.1.1)
};

/// A query, PS3.4 C.4.1.
struct FindRequest {
  core::Uid sop_class_uid;         ///< the information model that is asked
  core::Uid transfer_syntax_uid;   ///< of the identifier
  std::uint64_t identifier_bytes{0};
};

/// Why a request could not be put on the association; nothing was sent.
enum class RequestError : std::uint8_t {
  not_ready,            ///< not established, or another request is under way
  class_refused,        ///< the peer takes the SOP class in no presentation context
  syntax_refused,       ///< the peer takes the SOP class, but not with this transfer syntax
};

/// The requestor's side of one association that echoes, stores and finds, one operation at a time (PS3.7 9.1).
class ScuSession final : public Session {
 public:
  /// Puts the A-ASSOCIATE-RQ into the output. `contexts`: 1 to kContextsMax, copied.
  ScuSession(const ScuConfig& config, std::span<const ProposedContext> contexts, core::Instant now);

  void feed(core::ByteView& bytes, core::Instant now) override;
  void peer_closed(core::Instant now) override;
  [[nodiscard]] core::ByteView output() const override;
  [[nodiscard]] PayloadWindow payload() const override;
  void wrote(core::Instant now) override;
  [[nodiscard]] std::optional<Event> poll() override;
  [[nodiscard]] core::Instant deadline() const override;
  void on_time(core::Instant now) override;
  [[nodiscard]] bool finished() const override;

  /// Established and no request under way.
  [[nodiscard]] bool ready() const;
  /// Whether the peer accepted the pair. Meaningful once established.
  [[nodiscard]] std::expected<void, RequestError> accepts(std::string_view sop_class_uid,
                                                          std::string_view transfer_syntax_uid) const;

  /// Queues a C-ECHO-RQ, PS3.7 9.3.5; answered by Event::response. Returns its message id.
  std::expected<std::uint16_t, RequestError> echo(core::Instant now);
  /// Queues a C-STORE-RQ, PS3.7 9.3.1, and the transfer of its data set through `payload`; answered by Event::response.
  /// The peer may answer before it has everything: the rest is then still sent (PS3.8 E.1: no other message before), and the
  /// response comes out after it, or with the link's end.
  std::expected<std::uint16_t, RequestError> store(const StoreRequest& request, core::Instant now);
  /// Queues a C-FIND-RQ, PS3.7 9.3.2, and the transfer of its identifier through `payload`. Each match is an Event::response with a
  /// pending status (`is_pending`) and its data set in Event::data; the last Event::response has another status.
  std::expected<std::uint16_t, RequestError> find(const FindRequest& request, core::Instant now);
  /// Queues a C-CANCEL-RQ, PS3.7 9.3.2.3, for the query under way; its last response follows all the same. Nothing happens when
  /// there is no query, or its request is not written to the end.
  void cancel(core::Instant now);
  /// True when a data set byte of the current request was written, or may have been: the link broke with a window out.
  [[nodiscard]] bool data_began() const;

  /// Ends in good order; Event::released follows. When not `ready` it is an abort.
  void release(core::Instant now);
  /// Puts an A-ABORT into the output (service-user, PS3.8 9.3.8) and is finished once it is written.
  void abort(core::Instant now);

 private:
  /// The request that awaits its response.
  struct Request {
    CommandField field{};
    std::uint16_t message_id{0};
    std::uint8_t context_id{0};
    bool has_match{false};  ///< the last response was a match, whose data set is due
  };
  /// The longest A-ASSOCIATE-AC that is taken: every context answered with the longest UID, and 6 KiB of other items.
  static constexpr std::size_t kReplyBytesMax = 16 * std::size_t{1024};
  static_assert(kReplyBytesMax >= kAssociateAcBytesMax);

  void on_accepted(const AssociatePdu& reply, core::Instant now);
  void on_message(const MessagePart& part, core::Instant now);
  void on_response(const MessagePart& part, core::Instant now);
  [[nodiscard]] std::optional<Words> fault_of(const MessagePart& part) const;
  std::uint16_t ask(CommandSet command, std::uint8_t context_id, std::optional<std::uint64_t> data_set_bytes, core::Instant now);

  ScuConfig config_;
  // The three buffers are left as they are: each is written before it is read.
  std::array<std::byte, kAssociateRqBytesMax> request_pdu_;  ///< stays: it is the memory of what was proposed
  std::array<std::byte, kReplyBytesMax> incoming_;
  std::array<std::byte, kMessageHeadBytesMax> outgoing_;
  core::ByteView proposal_;  ///< the items of `request_pdu_`
  Engine engine_;
  std::optional<Request> request_;
  std::uint16_t next_message_id_{1};
};

/// What one requestor's association costs, in bytes; half of it is the proposal with room for kContextsMax contexts.
inline constexpr std::size_t kScuSessionBytesMax = 43'000;
static_assert(sizeof(ScuSession) <= kScuSessionBytesMax);

}  // namespace scanferry::dimse
