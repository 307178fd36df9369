// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/tag.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/ae_title.hpp>
#include <scanferry/dimse/byte_writer.hpp>
#include <scanferry/dimse/pdu.hpp>

namespace scanferry::dimse {

/// Command Field (0000,0100) of each request, PS3.7 E.1. Bit 15 tells a response from its request.
enum class CommandField : std::uint16_t {
  c_store = 0x0001,
  c_get = 0x0010,
  c_find = 0x0020,
  c_move = 0x0021,
  c_echo = 0x0030,
  n_event_report = 0x0100,
  n_get = 0x0110,
  n_set = 0x0120,
  n_action = 0x0130,
  n_create = 0x0140,
  n_delete = 0x0150,
  c_cancel = 0x0FFF,
};
inline constexpr std::uint16_t kResponseBit = 0x8000;
constexpr std::uint16_t request_field(CommandField operation) { return static_cast<std::uint16_t>(operation); }
constexpr std::uint16_t response_field(CommandField operation) { return request_field(operation) | kResponseBit; }

/// Command Data Set Type (0000,0800): this value says that no data set follows, any other that one does.
inline constexpr std::uint16_t kNoDataSet = 0x0101;
inline constexpr std::uint16_t kDataSetFollows = 0x0000;
/// Priority (0000,0700).
inline constexpr std::uint16_t kPriorityMedium = 0x0000;

/// The value of a command element that lists attributes (VR AT). It keeps the first kTagsMax.
class TagList {
 public:
  static constexpr std::size_t kTagsMax = 16;

  TagList() = default;
  explicit TagList(std::span<const core::Tag> tags) {
    for (const auto tag : tags) add(tag);
  }
  void add(core::Tag tag) {
    if (count_ < kTagsMax) tags_[count_++] = tag;
  }
  [[nodiscard]] std::span<const core::Tag> tags() const { return std::span{tags_}.first(count_); }

 private:
  std::array<core::Tag, kTagsMax> tags_{};
  std::size_t count_{0};
};

/// The elements of a command set; absent ones are empty. PS3.7 E.1, without those that it retired.
struct CommandSet {
  core::Uid affected_sop_class_uid{};                   ///< (0000,0002)
  core::Uid requested_sop_class_uid{};                  ///< (0000,0003)
  std::optional<std::uint16_t> command_field{};         ///< (0000,0100)
  std::optional<std::uint16_t> message_id{};            ///< (0000,0110)
  std::optional<std::uint16_t> responded_message_id{};  ///< (0000,0120)
  AeTitle move_destination{};                           ///< (0000,0600)
  std::optional<std::uint16_t> priority{};              ///< (0000,0700)
  std::optional<std::uint16_t> data_set_type{};         ///< (0000,0800)
  std::optional<std::uint16_t> status{};                ///< (0000,0900)
  TagList offending{};                                  ///< (0000,0901) what the peer objects to
  core::FixedString<64> error_comment{};                ///< (0000,0902), printable
  std::optional<std::uint16_t> error_id{};              ///< (0000,0903)
  core::Uid affected_sop_instance_uid{};                ///< (0000,1000)
  core::Uid requested_sop_instance_uid{};               ///< (0000,1001)
  std::optional<std::uint16_t> event_type{};            ///< (0000,1002)
  TagList attributes{};                                 ///< (0000,1005) of N-GET
  std::optional<std::uint16_t> action_type{};           ///< (0000,1008)
  std::optional<std::uint16_t> remaining{};             ///< (0000,1020) sub-operations of C-MOVE and C-GET, and how they went
  std::optional<std::uint16_t> completed{};             ///< (0000,1021)
  std::optional<std::uint16_t> failed{};                ///< (0000,1022)
  std::optional<std::uint16_t> warned{};                ///< (0000,1023)
  AeTitle move_originator{};                            ///< (0000,1030) of a C-STORE that a C-MOVE led to
  std::optional<std::uint16_t> move_message_id{};       ///< (0000,1031)

  [[nodiscard]] bool is_response() const { return (command_field.value_or(0) & kResponseBit) != 0; }
  [[nodiscard]] bool announces_data_set() const { return data_set_type != kNoDataSet; }
  /// The SOP class and instance that the operation is about: some operations affect them, others request them.
  [[nodiscard]] const core::Uid& sop_class_uid() const {
    return requested_sop_class_uid.empty() ? affected_sop_class_uid : requested_sop_class_uid;
  }
  [[nodiscard]] const core::Uid& sop_instance_uid() const {
    return requested_sop_instance_uid.empty() ? affected_sop_instance_uid : requested_sop_instance_uid;
  }
};

/// The longest encoding that `put_command_set` writes: Group Length, each text and each list at its longest, each number.
inline constexpr std::size_t kCommandSetBytesMax =
    12 + 5 * (8 + 64) + 2 * (8 + 16) + 14 * (8 + 2) + 2 * (8 + 4 * TagList::kTagsMax);

/// Writes the present elements in Implicit VR Little Endian with Command Group Length (0000,0000), PS3.7 6.3.1.
void put_command_set(ByteWriter& out, const CommandSet& command);

/// Reads a whole command set. Elements that are not known are skipped. The error says what is wrong: an element that
/// overruns, another group, a number that is not 16 bits wide, a text that is too long, no Command Field or no Data Set Type.
std::expected<CommandSet, Words> read_command_set(core::ByteView bytes);

}  // namespace scanferry::dimse
