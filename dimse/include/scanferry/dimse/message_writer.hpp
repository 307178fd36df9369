// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <scanferry/dimse/command_set.hpp>
#include <scanferry/dimse/pdu.hpp>
#include <scanferry/dimse/session.hpp>

namespace scanferry::dimse {

/// The most that the beginning of a message takes in the output: its command set cut for the smallest peer, and the
/// header of the first piece of its data set.
inline constexpr std::size_t kMessageHeadBytesMax =
    kCommandSetBytesMax + (kCommandSetBytesMax / (kPduBytesMin - kPdvHeaderBytes) + 2) * kDataHeaderBytes;

/// Cuts a DIMSE message into P-DATA-TF PDUs of one PDV each. The data set is never touched: for each PDU there are 12 bytes of
/// header in the output and a window of the data set that belongs behind them.
class MessageWriter {
 public:
  /// Sets what one PDU may hold: what the peer takes and our own bound, in bytes of PDU value; at least kPduBytesMin.
  /// PS3.8 E.1: each fragment has an even number of bytes.
  void set_pdu_bytes_max(std::uint32_t peer, std::uint32_t ours);

  /// Puts the command into `out`, and the header of the data set's first piece behind it: with `window`, one gathered write.
  void begin(ByteWriter& out, std::uint8_t context_id, const CommandSet& command, std::optional<std::uint64_t> data_set_bytes);
  /// After output and window were written: puts the next header into `out`, if there is more.
  void advance(ByteWriter& out);
  /// Forgets the rest of the message.
  void cancel();

  [[nodiscard]] PayloadWindow window() const { return window_; }
  /// A message was begun and is not written to its end.
  [[nodiscard]] bool busy() const { return busy_; }

 private:
  void put_command(ByteWriter& out, std::uint8_t context_id, const CommandSet& command) const;
  void put_next_header(ByteWriter& out);

  std::uint32_t fragment_bytes_max_{kPduBytesMin - kPdvHeaderBytes};
  std::uint8_t context_id_{0};
  std::uint64_t data_set_bytes_{0};
  PayloadWindow window_;
  bool busy_{false};
  bool last_piece_{true};  ///< the window, empty or not, ends the message
};

}  // namespace scanferry::dimse
