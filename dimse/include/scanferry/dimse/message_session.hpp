// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include <scanferry/dimse/command_set.hpp>
#include <scanferry/dimse/engine.hpp>
#include <scanferry/dimse/operation.hpp>
#include <scanferry/dimse/presentation_context.hpp>
#include <scanferry/dimse/session.hpp>

namespace scanferry::dimse {

/// Why a request could not be put on the association; nothing was sent.
enum class RequestError : std::uint8_t {
  not_ready,            ///< not established, a message is being written, or as many requests are under way as were agreed
  class_refused,        ///< the peer takes the SOP class in no presentation context
  syntax_refused,       ///< the peer takes the SOP class, but not with this transfer syntax
};

/// Operations that one side may have outstanding, whatever window was agreed (PS3.7 D.3.3.3).
inline constexpr std::uint16_t kOutstandingMax = 8;

/// So much of a data set has to come within `Timeouts::transfer`, or all that is left of it: who sends a byte now and then would
/// otherwise keep an association for ever.
inline constexpr std::size_t kProgressBytesMin = 1024;

/// The message exchange of an association, the same for every operation and for both roles (PS3.7 8 to 10): requests of ours with
/// their responses, and requests of the peer that are told and answered. C-ECHO is answered by itself; an operation that is not
/// served, or whose request lacks something, is refused by itself with the status that PS3.7 C has for it.
class MessageSession : public Session {
 public:
  void feed(core::ByteView& bytes, core::Instant now) final;
  void peer_closed(core::Instant now) final;
  [[nodiscard]] core::ByteView output() const final { return engine_.output(); }
  [[nodiscard]] PayloadWindow payload() const final { return engine_.payload(); }
  void wrote(core::Instant now) final;
  [[nodiscard]] std::optional<Event> poll() final { return engine_.poll(); }
  [[nodiscard]] core::Instant deadline() const final { return engine_.deadline(); }
  void on_time(core::Instant now) final { engine_.on_time(now); }
  [[nodiscard]] bool finished() const final { return engine_.finished(); }

  /// Negotiated, and not ending yet.
  [[nodiscard]] bool is_established() const;
  /// Established, no message being written, and one more request is allowed.
  [[nodiscard]] bool ready() const;
  /// How many requests of ours may be outstanding at once: 1, unless an asynchronous operations window was agreed.
  [[nodiscard]] std::uint16_t outstanding_max() const { return outstanding_max_; }
  [[nodiscard]] std::size_t outstanding() const { return request_count_; }

  /// Whether the peer accepted the pair. Meaningful once established.
  [[nodiscard]] std::expected<void, RequestError> accepts(std::string_view sop_class_uid, std::string_view transfer_syntax_uid) const;
  /// What was agreed for an accepted context: borrowed, for as long as the session lives. Empty for others.
  [[nodiscard]] std::string_view abstract_syntax_of(std::uint8_t context_id) const;
  [[nodiscard]] std::string_view transfer_syntax_of(std::uint8_t context_id) const;

  /// Queues a request (operation.hpp) in the context of its SOP class, and the transfer of its data set through `payload`. Without a
  /// data set any transfer syntax will do. Gives the message id; Event::response answers it, with a pending status when more follow.
  /// The peer may answer before it has everything: the rest is then still sent (PS3.8 E.1: no other message before), and the
  /// response comes out after it, or with the link's end.
  std::expected<std::uint16_t, RequestError> invoke(const CommandSet& request, core::Instant now);
  std::expected<std::uint16_t, RequestError> invoke(const CommandSet& request, std::string_view transfer_syntax_uid,
                                                    std::uint64_t data_set_bytes, core::Instant now);
  /// Queues a C-CANCEL-RQ, PS3.7 9.3.2.3, for a request of ours; its last response follows all the same. Nothing happens when there
  /// is no such request, or a message is not written to its end.
  void cancel(std::uint16_t message_id, core::Instant now);
  /// Queues the response to the request of Event::request, and the transfer of its data set. A pending status keeps the request
  /// open. What the request still has of a data set is read over. False, and nothing done, when it was answered already, was lost
  /// with the association, or a message is being written.
  bool respond(const CommandSet& response, std::optional<std::uint64_t> data_set_bytes, core::Instant now);

  /// True when a data set byte of the last request was written, or may have been: the link broke with a window out.
  [[nodiscard]] bool data_began() const { return engine_.data_began(); }

  /// Ends in good order; Event::released follows. With something under way it is an abort.
  void release(core::Instant now);
  /// A-ABORT (service-user, PS3.8 9.3.8), and finished once it is written.
  void abort(core::Instant now) { engine_.abort(now); }

 protected:
  /// `serves`: the operations whose requests are told; borrowed for life.
  MessageSession(Role role, const Timeouts& timeouts, core::ByteBuffer incoming, core::ByteBuffer outgoing, std::uint32_t max_pdu_receive,
                 std::span<const CommandField> serves, core::Instant now)
      : engine_{role, timeouts, incoming, outgoing, max_pdu_receive, now}, serves_{serves} {}

  /// The peer's A-ASSOCIATE-RQ or -AC.
  virtual void on_associate(const AssociatePdu& pdu, core::Instant now) = 0;
  /// What was agreed; 0 stands for any number, and is bounded here. `proposal`: the items of the A-ASSOCIATE-RQ, borrowed for life.
  void agreed(core::ByteView proposal, std::uint16_t ours, std::uint16_t peers);

  [[nodiscard]] Engine& engine() { return engine_; }

 private:
  /// One of ours that awaits its response.
  struct Request {
    const Operation* operation{nullptr};
    std::uint16_t message_id{0};
    std::uint8_t context_id{0};
  };
  /// One of the peer's that awaits ours.
  struct Asked {
    std::uint16_t message_id{0};
    std::uint16_t field{0};
    std::uint16_t status{0};   ///< of the response, when it is not the driver's
    std::string_view comment;  ///< likewise
    std::uint8_t context_id{0};
    bool is_told{false};       ///< the driver responds
    bool is_complete{false};   ///< with its data set
  };

  void on_message(const MessagePart& part, core::Instant now);
  void on_request(const MessagePart& part, core::Instant now);
  void on_cancel(const CommandSet& command);
  void on_response(const MessagePart& part, core::Instant now);
  void on_data(const MessagePart& part, core::Instant now);
  [[nodiscard]] std::optional<Words> fault_of_response(const MessagePart& part) const;
  void answer_by_itself(Asked& asked, const CommandSet& request) const;
  void settle(core::Instant now);
  [[nodiscard]] bool serves(CommandField field) const;
  [[nodiscard]] std::size_t find_request_of(std::optional<std::uint16_t> message_id) const;
  [[nodiscard]] std::size_t find_asked(std::optional<std::uint16_t> message_id) const;
  void drop_asked(std::size_t at);
  void answer_next(core::Instant now);
  std::expected<std::uint16_t, RequestError> ask(const CommandSet& request, std::optional<std::string_view> transfer_syntax_uid,
                                                 std::optional<std::uint64_t> data_set_bytes, core::Instant now);
  void send(std::uint8_t context_id, const CommandSet& command, std::optional<std::uint64_t> data_set_bytes, core::Instant now);

  Engine engine_;
  std::span<const CommandField> serves_;
  core::ByteView proposal_;
  std::array<Request, kOutstandingMax> requests_{};
  std::size_t request_count_{0};
  std::array<Asked, kOutstandingMax> asked_{};
  std::size_t asked_count_{0};
  std::uint16_t outstanding_max_{1};
  std::uint16_t asked_max_{1};
  std::uint16_t next_message_id_{1};
  std::uint16_t sending_id_{0};  ///< of the request that is being written, or was last; 0: another message was
  std::size_t progress_bytes_{0};  ///< of a data set, since the deadline of the transfer began anew
  bool is_data_due_{false};      ///< a data set belongs to the last command that came
  bool is_data_told_{false};     ///< and the driver gets it
  bool is_match_due_{false};     ///< it is that of a match, and has to come
};

}  // namespace scanferry::dimse
