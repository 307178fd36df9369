// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/time.hpp>
#include <scanferry/dimse/command_set.hpp>

namespace scanferry::dimse {

/// What an association is waiting for; each stage has a deadline of its own.
enum class Stage : std::uint8_t { associating, idle, transferring, awaiting_response, receiving, releasing, closing };

/// One thing that happened on an association, in the order in which it happened.
struct Event {
  enum class Kind : std::uint8_t {
    established,      ///< A-ASSOCIATE-AC received (requestor) or sent (acceptor)
    rejected,         ///< A-ASSOCIATE-RJ received or sent: `result`, `source`, `reason` of PS3.8 9.3.4
    response,         ///< a DIMSE response arrived: `command`, `message_id` of the request, `status`, `comment`, `is_last`
    request,          ///< the peer asks for an operation that is served: `command`, `message_id`, `context_id`, `is_last`
    data,             ///< a piece of the data set that belongs to the last request or response: `data`, `is_last`
    cancelled,        ///< the peer wants no more responses to its request `message_id`; the last one is due all the same
    echo_served,      ///< a C-ECHO of the peer was answered
    released,         ///< the association ended in good order
    aborted,          ///< A-ABORT received: `source`, `reason` of PS3.8 9.3.8
    timed_out,        ///< our deadline for `stage` passed; A-ABORT is in the output. Not so, and finished at once, when a write was
                      ///< under way (an A-ABORT inside a half-written PDU says nothing) or nobody asked for an association yet
    violated,         ///< the peer broke the protocol; `comment` says how, A-ABORT is in the output
    closed,           ///< the peer closed the transport without a word; `comment`: in the middle of a PDU or empty
  };
  Kind kind{};
  Stage stage{};                    ///< what was under way
  std::uint8_t result{0};
  std::uint8_t source{0};
  std::uint8_t reason{0};
  std::uint8_t context_id{0};
  std::uint16_t message_id{0};
  std::uint16_t status{0};          ///< DIMSE status, PS3.7 Annex C
  CommandSet command{};
  core::FixedString<96> comment{};  ///< (0000,0902) Error Comment, or what was violated
  std::uint64_t offset{0};          ///< bytes received before the violation
  core::ByteView data{};            ///< borrowed from what was fed, until the next call of a non-const member
  bool is_last{false};              ///< no more of this message follows: of a command, it has no data set
};

/// A part of the object under transfer that is to follow `Session::output` on the wire.
struct PayloadWindow {
  std::uint64_t offset{0};  ///< bytes from the start of the data set
  std::uint32_t length{0};  ///< 0: nothing
};

/// Deadlines of an association; each is idle-based: it starts anew with progress.
struct Timeouts {
  core::Millis associate{30'000};  ///< for the answer to A-ASSOCIATE-RQ; acceptor: for the request itself (ARTIM, PS3.8 9.1.4)
  core::Millis transfer{60'000};   ///< for the transport to take the next piece, and for the next kProgressBytesMin of what is received
  core::Millis response{120'000};  ///< for a DIMSE response; a PACS may think for long
  core::Millis idle{60'000};       ///< acceptor: between two requests
  core::Millis release{10'000};    ///< for A-RELEASE-RP, and for the peer to close after an abort or a reject
};

/// One association, sans-IO: bytes and time go in, bytes and events come out, nothing waits. The one who drives it
///   1. writes `output()` and then the `payload()` window of the object, and says `wrote`;
///   2. takes events with `poll` until there are none;
///   3. stops when `finished()`;
///   4. feeds what it has read and `feed` has left, or reads until `deadline()`: bytes go to `feed`, the end of the stream to
///      `peer_closed`, a passed deadline to `on_time`.
/// After every call, start again at 1.
class Session {
 public:
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Takes bytes of any length, split anywhere, from the front of `bytes`: all of them, or as many as lead to an event that must be
  /// taken first. Errors of the peer come out as events. Not while a write is under way; after one has failed, what the peer said
  /// last may still be fed before `peer_closed`.
  virtual void feed(core::ByteView& bytes, core::Instant now) = 0;
  /// The peer ended the stream, or the transport failed.
  virtual void peer_closed(core::Instant now) = 0;

  /// Bytes to write now; valid until the next call of a non-const member.
  [[nodiscard]] virtual core::ByteView output() const = 0;
  /// The part of the object to write right behind `output()`, in one gathered write with it.
  [[nodiscard]] virtual PayloadWindow payload() const = 0;
  /// All of `output()` and `payload()` was taken by the transport.
  virtual void wrote(core::Instant now) = 0;

  [[nodiscard]] virtual std::optional<Event> poll() = 0;
  [[nodiscard]] virtual core::Instant deadline() const = 0;
  virtual void on_time(core::Instant now) = 0;

  /// Nothing more will be written or is expected: close the transport.
  [[nodiscard]] virtual bool finished() const = 0;

 protected:
  Session() = default;
};

}  // namespace scanferry::dimse
