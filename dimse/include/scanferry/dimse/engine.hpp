// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/time.hpp>
#include <scanferry/dimse/association.hpp>
#include <scanferry/dimse/message_reader.hpp>
#include <scanferry/dimse/message_writer.hpp>
#include <scanferry/dimse/session.hpp>

namespace scanferry::dimse {

/// Events waiting to be taken. A driver takes them after each call, so few suffice; should one not, the oldest go.
class EventQueue {
 public:
  void push(const Event& event);
  std::optional<Event> pop();
  /// Room for what one more message may lead to: its event, and a violation behind it.
  [[nodiscard]] bool has_room() const { return count_ + 2 <= kEventsMax; }

 private:
  static constexpr std::size_t kEventsMax = 4;
  std::array<Event, kEventsMax> events_{};
  std::size_t first_{0};
  std::size_t count_{0};
};

/// What of the peer's doing a session has to decide on.
struct Arrival {
  enum class Kind : std::uint8_t { asked, accepted, message };
  Kind kind{};
  AssociatePdu associate;  ///< of `asked` and `accepted`
  MessagePart part;        ///< of `message`
};

/// All that every session has in common, whatever its services and its role: an association, messages in and out, deadlines and
/// events. A session adds what it asks, what it answers, and nothing else.
class Engine {
 public:
  /// Buffers as for Association, borrowed for life; `outgoing` holds at least kMessageHeadBytesMax.
  Engine(Role role, const Timeouts& timeouts, core::ByteBuffer incoming, core::ByteBuffer outgoing, std::uint32_t max_pdu_receive,
         core::Instant now);

  // --- the driver's side, as in Session
  /// Takes bytes from the front of `bytes` until the session has to decide, or all of them.
  std::optional<Arrival> receive(core::ByteView& bytes, core::Instant now);
  void peer_closed();
  [[nodiscard]] core::ByteView output() const { return association_.output(); }
  [[nodiscard]] PayloadWindow payload() const { return writer_.window(); }
  void wrote(core::Instant now);
  std::optional<Event> poll();
  /// No event waits that bytes were lent to, or that the driver may answer at once; and there is room for more.
  [[nodiscard]] bool may_receive() const { return !is_driver_due_ && events_.has_room(); }
  [[nodiscard]] core::Instant deadline() const { return deadline_; }
  void on_time(core::Instant now);
  [[nodiscard]] bool finished() const { return association_.state() == State::sta1; }

  // --- the session's side
  /// Requestor: sends an encoded A-ASSOCIATE-RQ, borrowed until written.
  void request(const RequestPdu& pdu) { association_.request(pdu); }
  /// Acceptor: the answer to `asked`; `establish` follows an acceptance. False when the answer is longer than the output's room.
  bool accept(const AssociatePdu& asked, const ContextAnswers& answers, std::uint32_t max_pdu_receive, const AssociateAnswer& more) {
    return association_.accept(asked, answers, max_pdu_receive, more);
  }
  void reject(const Rejection& rejection, core::Instant now);
  /// Negotiation is over, contexts and limits are known: tells `established`. Fragments are bounded by the peer's limit and `ours`.
  /// A peer's limit that no message fits into is a violation.
  void establish(const ContextAnswers& answers, std::uint32_t peer_pdu_bytes_max, std::uint32_t our_pdu_bytes_max,
                 core::Instant now);
  /// Sends a message. Only when `can_send`.
  void send(std::uint8_t context_id, const CommandSet& command, std::optional<std::uint64_t> data_set_bytes, core::Instant now);
  [[nodiscard]] bool can_send() const { return association_.may_send_data() && !writer_.busy(); }
  /// A message is not written to its end.
  [[nodiscard]] bool is_sending() const { return writer_.busy(); }
  /// What is waited for whenever nothing is being written; its deadline starts anew.
  void rest_in(Stage stage, core::Instant now);
  void release(core::Instant now);
  /// A-ABORT, and finished once it is written.
  void abort(core::Instant now);
  /// The peer broke the rules of the message exchange: A-ABORT, and the peer may close.
  void violate(const Words& what, core::Instant now);

  /// After a request, and after a piece of a data set (borrowed from what was fed), nothing more is received before it was taken.
  void tell(Event event);
  void tell_data(core::ByteView data, bool is_last);
  /// Tells the response to the message that is being written when that is done: the rest has to be sent all the same, PS3.8 E.1.
  void tell_when_written(const Event& response) { early_response_ = response; }
  [[nodiscard]] Stage stage() const { return stage_; }
  /// Empty until `establish`.
  [[nodiscard]] const ContextAnswers& answers() const { return answers_; }
  /// Some of a data set was, or may have been, written since the last `forget_data`.
  [[nodiscard]] bool data_began() const { return data_began_; }
  void forget_data() { data_began_ = false; }

 private:
  std::optional<Arrival> on_indication(const Indication& indication, core::Instant now);
  std::optional<Arrival> on_fragment(const Fragment& fragment, core::Instant now);
  void on_release(core::Instant now);
  void enter(Stage stage, core::Instant now);
  void message_written(core::Instant now);
  void tell_violation(const Words& what);
  void stop_sending();
  void drop();

  Timeouts timeouts_;
  Association association_;
  MessageReader reader_;
  MessageWriter writer_;
  ContextAnswers answers_;
  EventQueue events_;
  std::optional<Event> early_response_;
  Stage stage_{Stage::associating};
  Stage rest_{Stage::idle};
  core::Instant deadline_;
  bool close_when_written_{false};
  bool data_began_{false};
  bool is_driver_due_{false};
};

}  // namespace scanferry::dimse
