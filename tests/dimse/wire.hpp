// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/time.hpp>
#include <scanferry/dimse/session.hpp>

/// The wire as PS3.8 and PS3.7 draw it, written a second time and without a line of the product's encoders, so that tests
/// compare two readings of the standard.
namespace wire {

using Bytes = std::vector<std::byte>;

inline constexpr std::string_view kVerification = "1.2.840.10008.1.1";
inline constexpr std::string_view kUsMultiFrame = "1.2.840.10008.5.1.4.1.1.3.1";
inline constexpr std::string_view kImplicit = "1.2.840.10008.1.2";
inline constexpr std::string_view kExplicit = "1.2.840.10008.1.2.1";
inline constexpr std::string_view kJpegBaseline = "1.2.840.10008.1.2.4.50";

/// "04 00 | 41" and 'text' pieces: hexadecimal bytes; blanks and bars mean nothing; text stands in single quotes.
Bytes hex(std::string_view drawn);
Bytes text(std::string_view s);
Bytes be16(unsigned v);
Bytes be32(std::uint32_t v);
Bytes le16(unsigned v);
Bytes le32(std::uint32_t v);
Bytes operator+(Bytes a, const Bytes& b);

Bytes pdu(unsigned type, const Bytes& value);
Bytes item(unsigned type, const Bytes& value);

struct Proposed {
  unsigned id;
  std::string_view abstract_syntax;
  std::vector<std::string_view> transfer_syntaxes;
};
struct Answered {
  unsigned id;
  unsigned result;
  std::string_view transfer_syntax;
};
Bytes max_length(std::uint32_t bytes);
/// `user` is the content of the user information item.
Bytes associate_rq(const std::vector<Proposed>& contexts, const Bytes& user, std::string_view called = "SCANFERRY",
                   std::string_view calling = "PEER");
Bytes associate_ac(const std::vector<Answered>& contexts, const Bytes& user);
Bytes associate_rj(unsigned result, unsigned source, unsigned reason);
Bytes release_rq();
Bytes release_rp();
Bytes abort(unsigned source, unsigned reason);

/// One PDV; `control`: 1 command, 2 last.
Bytes pdv(unsigned context_id, unsigned control, const Bytes& fragment);
Bytes p_data(const Bytes& pdvs);

Bytes us(unsigned element, unsigned value);
Bytes ui(unsigned element, std::string_view uid);
/// Prepends the group length.
Bytes command(const Bytes& elements);
Bytes store_response(unsigned message_id, unsigned status, const Bytes& more = {});
Bytes echo_request(unsigned message_id);
Bytes echo_response(unsigned message_id, unsigned status);
/// A command in one PDU.
Bytes message(unsigned context_id, const Bytes& command_set);

/// A P-DATA-TF as seen from outside.
struct Pdv {
  unsigned context_id;
  unsigned control;
  Bytes fragment;
};
/// What a side wrote, taken apart; fails the test when it is no sequence of whole PDUs.
struct Pdu {
  unsigned type;
  Bytes value;
  std::vector<Pdv> pdvs;  ///< of type 4
};
std::vector<Pdu> take_apart(const Bytes& stream);
/// The command's 16-bit element, taken from a whole command set.
std::optional<unsigned> us_of(const Bytes& command_set, unsigned element);

/// What a driver does: writes all that a session wants written, and collects it.
struct Driver {
  scanferry::dimse::Session& session;
  scanferry::core::Instant now{};
  Bytes object;   ///< what payload windows are of
  Bytes written;  ///< all since the last `take`
  std::size_t writes{0};
  std::size_t largest_output{0};

  /// Writes until there is nothing to write.
  void write_all();
  /// Writes once; false when there was nothing.
  bool write_once();
  Bytes take();
  void feed(const Bytes& bytes);
  void pass(scanferry::core::Millis time) { now += time; }
  /// To the deadline, and there.
  void expire();
  std::optional<scanferry::dimse::Event> event() { return session.poll(); }
};

/// A reproducible object of `size` bytes.
Bytes object_of(std::size_t size);

/// A small generator that gives the same numbers everywhere.
struct Chance {
  std::uint64_t state;
  std::uint64_t next();
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
};

}  // namespace wire
