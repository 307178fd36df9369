// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <scanferry/dimse/item.hpp>
#include <scanferry/dimse/pdu.hpp>

#include "words.hpp"

namespace scanferry::dimse {

/// What is wrong with an item of a peer, and where in the PDU's bytes.
struct ItemFault {
  const std::byte* at;
  Words what;
};
using Checked = std::optional<ItemFault>;

/// "role selection of 3 bytes ..."
template <class... Parts>
ItemFault fault_at(const Item& item, Parts... parts) {
  return {item.value.data() - kItemHeaderBytes, words_of(name_of(item.type), " ", parts...)};
}

/// What is left when a cursor over items stopped; nothing when that is nothing.
inline Checked fault_of_rest(const ItemCursor& cursor) {
  const auto rest = cursor.rest();
  if (rest.empty()) return std::nullopt;
  if (rest.size() < kItemHeaderBytes) return ItemFault{rest.data(), words_of(rest.size(), " bytes that are no item")};
  const auto name = name_of(static_cast<ItemType>(rest[0]));
  const auto left = rest.size() - kItemHeaderBytes;
  return ItemFault{rest.data(), words_of(name, " of ", core::load_be16(rest.data() + 2), " bytes, where ", left, " are left")};
}

/// Items that come at most once.
class OnceOnly {
 public:
  /// True the second time.
  bool repeats(ItemType type) {
    const auto bit = std::uint32_t{1} << (static_cast<unsigned>(type) & 0x1FU);
    return (std::exchange(seen_, seen_ | bit) & bit) != 0;
  }

 private:
  std::uint32_t seen_{0};
};

/// Reads and checks a user information item of an A-ASSOCIATE-RQ or -AC.
Checked read_user_information(PduType pdu, const Item& item, UserInformation& user);

}  // namespace scanferry::dimse
