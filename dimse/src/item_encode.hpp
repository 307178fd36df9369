// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <scanferry/dimse/byte_writer.hpp>
#include <scanferry/dimse/pdu.hpp>

namespace scanferry::dimse {

// Every item and sub-item: | type 0 | reserved 1 | length 2..3, big endian | value 4.. |
inline std::size_t open_item(ByteWriter& out, ItemType type) {
  out.u8(static_cast<std::uint8_t>(type));
  out.u8(0);
  return out.open_be16();
}

/// A UID in an item is not padded, PS3.8 F.1.
inline void put_text_item(ByteWriter& out, ItemType type, std::string_view text) {
  const auto item = open_item(out, type);
  out.text(text);
  out.close_be16(item);
}

/// The user information item of an A-ASSOCIATE-RQ. Gives the place where the identity's primary field belongs, which is not put;
/// without an identity, the end.
std::size_t put_user_information(ByteWriter& out, const AssociateRequest& request);
/// The user information item of an A-ASSOCIATE-AC.
void put_user_information(ByteWriter& out, const AssociatePdu& asked, const ContextAnswers& answers, std::uint32_t max_pdu_bytes,
                          const AssociateAnswer& more);

/// The roles granted for a proposed role selection: those of the first accepted context of its SOP class; nothing when there is none.
std::optional<Roles> answered_roles(const AssociatePdu& asked, const ContextAnswers& answers, const RoleSelection& proposed);

/// Bytes of the user information items, header included and without the identity's primary field.
std::size_t user_information_bytes(const AssociateRequest& request);
std::size_t user_information_bytes(const AssociatePdu& asked, const ContextAnswers& answers, const AssociateAnswer& more);

}  // namespace scanferry::dimse
