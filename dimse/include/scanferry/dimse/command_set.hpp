// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/byte_writer.hpp>
#include <scanferry/dimse/pdu.hpp>

namespace scanferry::dimse {

/// Command Field (0000,0100), PS3.7 E.1. Bit 15 tells a response from its request.
enum class CommandField : std::uint16_t {
  c_store_rq = 0x0001,
  c_store_rsp = 0x8001,
  c_find_rq = 0x0020,
  c_find_rsp = 0x8020,
  c_echo_rq = 0x0030,
  c_echo_rsp = 0x8030,
  c_cancel_rq = 0x0FFF,
};
inline constexpr std::uint16_t kResponseBit = 0x8000;

/// Command Data Set Type (0000,0800): this value says that no data set follows, any other that one does.
inline constexpr std::uint16_t kNoDataSet = 0x0101;
inline constexpr std::uint16_t kDataSetFollows = 0x0000;
/// Priority (0000,0700).
inline constexpr std::uint16_t kPriorityMedium = 0x0000;

/// The elements of a command set that this build reads or writes; absent ones are empty. PS3.7 E.1.
struct CommandSet {
  core::Uid affected_sop_class_uid;                  ///< (0000,0002)
  std::optional<std::uint16_t> command_field;        ///< (0000,0100)
  std::optional<std::uint16_t> message_id;           ///< (0000,0110)
  std::optional<std::uint16_t> responded_message_id; ///< (0000,0120)
  std::optional<std::uint16_t> priority;             ///< (0000,0700)
  std::optional<std::uint16_t> data_set_type;        ///< (0000,0800)
  std::optional<std::uint16_t> status;               ///< (0000,0900)
  core::FixedString<64> error_comment;               ///< (0000,0902), printable
  core::Uid affected_sop_instance_uid;               ///< (0000,1000)

  [[nodiscard]] bool is(CommandField field) const { return command_field == static_cast<std::uint16_t>(field); }
  [[nodiscard]] bool is_response() const { return (command_field.value_or(0) & kResponseBit) != 0; }
  [[nodiscard]] bool announces_data_set() const { return data_set_type != kNoDataSet; }
};

/// The longest encoding that `put_command_set` writes: Group Length, each text at its longest, each number.
inline constexpr std::size_t kCommandSetBytesMax = 12 + 3 * (8 + 64) + 6 * (8 + 2);

/// Writes the present elements in Implicit VR Little Endian with Command Group Length (0000,0000), PS3.7 6.3.1.
void put_command_set(ByteWriter& out, const CommandSet& command);

/// Reads a whole command set. Elements that are not known are skipped. The error says what is wrong: an element that
/// overruns, another group, a number that is not 16 bits wide, a text that is too long, no Command Field or no Data Set Type.
std::expected<CommandSet, Words> read_command_set(core::ByteView bytes);

}  // namespace scanferry::dimse
