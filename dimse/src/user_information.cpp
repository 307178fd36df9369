// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/user_information.hpp>

#include <algorithm>

namespace scanferry::dimse {
namespace {

/// The number of operations that both allow; 0 stands for any number.
std::uint16_t narrower(std::uint16_t a, std::uint16_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

/// Takes bytes behind their length in 16 bits from the front of `bytes`; nothing when they overrun it.
std::optional<core::ByteView> take_counted(core::ByteView& bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const std::size_t length = core::load_be16(bytes.data());
  if (length > bytes.size() - 2) return std::nullopt;
  const auto counted = bytes.subspan(2, length);
  bytes = bytes.subspan(2 + length);
  return counted;
}

std::optional<core::ByteView> next_value(ItemCursor& sub_items, ItemType type) {
  while (const auto item = sub_items.next()) {
    if (item->type == type) return item->value;
  }
  return std::nullopt;
}

}  // namespace

Roles agree(std::optional<Roles> proposed, std::optional<Roles> answered) {
  if (!proposed || !answered) return {};
  return {.scu = proposed->scu && answered->scu, .scp = proposed->scp && answered->scp};
}

OperationsWindow agree(std::optional<OperationsWindow> proposed, std::optional<OperationsWindow> answered) {
  const auto asked = proposed.value_or(OperationsWindow{});
  const auto given = answered.value_or(OperationsWindow{});
  return {.invoked = narrower(asked.invoked, given.invoked), .performed = narrower(asked.performed, given.performed)};
}

std::string_view name_of(IdentityType type) {
  switch (type) {
    case IdentityType::username: return "user name";
    case IdentityType::username_and_passcode: return "user name and passcode";
    case IdentityType::kerberos: return "Kerberos ticket";
    case IdentityType::saml: return "SAML assertion";
    case IdentityType::jwt: return "JSON Web Token";
  }
  return "identity of an unknown type";
}

std::optional<std::string_view> next_related(core::ByteView& related) {
  const auto uid = take_counted(related);
  if (!uid) return std::nullopt;
  return uid_of(*uid);
}

std::optional<RoleSelection> next_role(ItemCursor& sub_items) {
  auto value = next_value(sub_items, ItemType::role_selection);
  if (!value) return std::nullopt;
  const auto uid = take_counted(*value);
  if (!uid || value->size() < 2) return std::nullopt;
  return RoleSelection{uid_of(*uid), {.scu = (*value)[0] == std::byte{1}, .scp = (*value)[1] == std::byte{1}}};
}

std::optional<ExtendedNegotiation> next_extended(ItemCursor& sub_items) {
  auto value = next_value(sub_items, ItemType::extended_negotiation);
  if (!value) return std::nullopt;
  const auto uid = take_counted(*value);
  if (!uid) return std::nullopt;
  return ExtendedNegotiation{uid_of(*uid), *value};
}

std::optional<CommonExtendedNegotiation> next_common_extended(ItemCursor& sub_items) {
  auto value = next_value(sub_items, ItemType::common_extended_negotiation);
  if (!value) return std::nullopt;
  const auto sop_class = take_counted(*value);
  const auto service_class = take_counted(*value);
  const auto related = take_counted(*value);
  if (!sop_class || !service_class || !related) return std::nullopt;
  return CommonExtendedNegotiation{uid_of(*sop_class), uid_of(*service_class), *related};
}

std::optional<Roles> find_roles(core::ByteView sub_items, std::string_view sop_class_uid) {
  ItemCursor cursor{sub_items};
  while (const auto selection = next_role(cursor)) {
    if (selection->sop_class_uid == sop_class_uid) return selection->roles;
  }
  return std::nullopt;
}

std::optional<core::ByteView> find_extended(core::ByteView sub_items, std::string_view sop_class_uid) {
  ItemCursor cursor{sub_items};
  while (const auto extended = next_extended(cursor)) {
    if (extended->sop_class_uid == sop_class_uid) return extended->information;
  }
  return std::nullopt;
}

}  // namespace scanferry::dimse
