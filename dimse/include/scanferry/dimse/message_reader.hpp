// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include <scanferry/core/bytes.hpp>
#include <scanferry/dimse/command_set.hpp>
#include <scanferry/dimse/pdu_reader.hpp>

namespace scanferry::dimse {

/// The longest command set that is accepted, in bytes. The longest of the standard's stays below 1 KiB unless it lists attributes.
inline constexpr std::size_t kCommandBytesMax = 4096;

/// A part of a DIMSE message, PS3.7 6.3.
struct MessagePart {
  std::uint8_t context_id{0};
  std::optional<CommandSet> command;  ///< a whole command set, or else a piece of the data set
  core::ByteView data;                ///< borrowed from the input
  bool last{false};                   ///< nothing more of this message follows
};

/// Puts fragments together to messages: command sets whole, data sets piece by piece. PS3.8 E.1: one message at a time, all its
/// fragments in one presentation context, the command before the data set.
class MessageReader {
 public:
  /// Nothing while a command set is incomplete. The error says how the peer broke the rules.
  std::expected<std::optional<MessagePart>, Words> take(const Fragment& fragment);

  /// A message has begun and is not complete.
  [[nodiscard]] bool inside_message() const { return filled_ > 0 || data_due_ == DataDue::begun; }

 private:
  enum class DataDue : std::uint8_t { no, perhaps, yes, begun };

  std::expected<std::optional<MessagePart>, Words> take_command(const Fragment& fragment);
  std::expected<std::optional<MessagePart>, Words> take_data(const Fragment& fragment);

  std::array<std::byte, kCommandBytesMax> command_{};
  std::size_t filled_{0};
  std::uint8_t context_id_{0};  ///< of the message under way
  DataDue data_due_{DataDue::no};
};

}  // namespace scanferry::dimse
