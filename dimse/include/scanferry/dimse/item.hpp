// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <scanferry/core/bytes.hpp>

namespace scanferry::dimse {

/// The items and sub-items of A-ASSOCIATE-RQ and -AC: PS3.8 9.3.2, 9.3.3 and D.1; PS3.7 D.3.3.
enum class ItemType : std::uint8_t {
  application_context = 0x10,
  proposed_context = 0x20,
  answered_context = 0x21,
  abstract_syntax = 0x30,
  transfer_syntax = 0x40,
  user_information = 0x50,
  maximum_length = 0x51,
  implementation_class_uid = 0x52,
  operations_window = 0x53,
  role_selection = 0x54,
  implementation_version_name = 0x55,
  extended_negotiation = 0x56,
  common_extended_negotiation = 0x57,
  user_identity = 0x58,
  user_identity_response = 0x59,
};
/// "presentation context" and so on, without "item".
std::string_view name_of(ItemType type);

inline constexpr std::size_t kItemHeaderBytes = 4;  ///< type, reserved, 16-bit length

struct Item {
  ItemType type{};  ///< may be none of the enumerators
  core::ByteView value;
};

/// Walks items or sub-items: type, reserved, 16-bit length, value.
class ItemCursor {
 public:
  explicit ItemCursor(core::ByteView bytes) : rest_{bytes} {}
  /// The next item; nothing at the end, or when an item overruns its container.
  std::optional<Item> next();
  /// After `next` gave nothing: whether bytes were left that are no item.
  [[nodiscard]] bool overran() const { return !rest_.empty(); }
  [[nodiscard]] core::ByteView rest() const { return rest_; }

 private:
  core::ByteView rest_;
};

/// The UID in an item's value, borrowed. It is not padded (PS3.8 F.1), yet some peers pad it.
std::string_view uid_of(core::ByteView value);

}  // namespace scanferry::dimse
