// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "item_check.hpp"

namespace scanferry::dimse {
namespace {

/// Reads a value from its front, and remembers when it was too short.
class Fields {
 public:
  explicit Fields(core::ByteView value) : rest_{value} {}

  std::uint8_t u8() {
    const auto bytes = take(1);
    return bytes.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(bytes[0]);
  }
  core::ByteView counted() {
    const auto length = take(2);
    return length.empty() ? length : take(core::load_be16(length.data()));
  }
  [[nodiscard]] bool overrun() const { return overrun_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  core::ByteView take(std::size_t count) {
    if (overrun_ || count > rest_.size()) {
      overrun_ = true;
      return {};
    }
    const auto bytes = rest_.first(count);
    rest_ = rest_.subspan(count);
    return bytes;
  }

  core::ByteView rest_;
  bool overrun_{false};
};

Checked fault_of_length(const Item& item, std::size_t length) {
  if (item.value.size() == length) return std::nullopt;
  return fault_at(item, "of ", item.value.size(), " bytes, not ", length);
}

Checked fault_of_fields(const Item& item, const Fields& fields) {
  if (fields.overrun()) return fault_at(item, "of ", item.value.size(), " bytes is too short for its fields");
  return std::nullopt;
}

/// PS3.5 9.1. `uid` is of `item`.
Checked fault_of_uid(const Item& item, core::ByteView uid) {
  if (uid_of(uid).size() <= core::Uid::capacity()) return std::nullopt;
  return fault_at(item, "with a UID of ", uid.size(), " characters");
}

Checked check_role(const Item& item) {
  Fields fields{item.value};
  const auto uid = fields.counted();
  fields.u8();
  fields.u8();
  if (auto fault = fault_of_fields(item, fields)) return fault;
  return fault_of_uid(item, uid);
}

Checked check_extended(const Item& item) {
  Fields fields{item.value};
  const auto uid = fields.counted();
  if (auto fault = fault_of_fields(item, fields)) return fault;
  return fault_of_uid(item, uid);
}

/// What follows the related SOP classes is reserved, PS3.7 D.3.3.6.
Checked check_common_extended(const Item& item) {
  Fields fields{item.value};
  const auto sop_class = fields.counted();
  const auto service_class = fields.counted();
  Fields related{fields.counted()};
  if (auto fault = fault_of_fields(item, fields)) return fault;
  for (const auto uid : {sop_class, service_class}) {
    if (auto fault = fault_of_uid(item, uid)) return fault;
  }
  while (related.left() > 0) {
    const auto uid = related.counted();
    if (related.overrun()) return fault_at(item, "with a related UID that overruns it");
    if (auto fault = fault_of_uid(item, uid)) return fault;
  }
  return std::nullopt;
}

Checked read_identity(const Item& item, UserInformation& user) {
  Fields fields{item.value};
  UserIdentity identity;
  identity.type = static_cast<IdentityType>(fields.u8());
  identity.response_requested = fields.u8() == 1;
  identity.primary = fields.counted();
  identity.secondary = fields.counted();
  user.identity = identity;
  return fault_of_fields(item, fields);
}

Checked read_identity_response(const Item& item, UserInformation& user) {
  Fields fields{item.value};
  user.identity_response = fields.counted();
  return fault_of_fields(item, fields);
}

Checked read_window(const Item& item, UserInformation& user) {
  if (auto fault = fault_of_length(item, 4)) return fault;
  user.window = OperationsWindow{core::load_be16(item.value.data()), core::load_be16(item.value.data() + 2)};
  return std::nullopt;
}

Checked read_maximum_length(const Item& item, UserInformation& user) {
  if (auto fault = fault_of_length(item, 4)) return fault;
  user.max_pdu_bytes = core::load_be32(item.value.data());
  return std::nullopt;
}

bool is_per_class(ItemType type) {
  return type == ItemType::role_selection || type == ItemType::extended_negotiation ||
         type == ItemType::common_extended_negotiation;
}

Checked read_sub_item(PduType pdu, const Item& item, UserInformation& user) {
  const bool request = pdu == PduType::associate_rq;
  switch (item.type) {
    case ItemType::maximum_length: return read_maximum_length(item, user);
    case ItemType::implementation_class_uid:
      user.implementation_class_uid = printable<core::Uid::capacity()>(core::text_of(item.value));
      return std::nullopt;
    case ItemType::implementation_version_name:
      user.implementation_version_name = printable<16>(core::text_of(item.value));
      return std::nullopt;
    case ItemType::operations_window: return read_window(item, user);
    case ItemType::role_selection: return check_role(item);
    case ItemType::extended_negotiation: return check_extended(item);
    case ItemType::common_extended_negotiation: return check_common_extended(item);
    case ItemType::user_identity: return request ? read_identity(item, user) : std::nullopt;
    case ItemType::user_identity_response: return request ? std::nullopt : read_identity_response(item, user);
    default: return std::nullopt;  // PS3.8 D.2: sub-items that are not known are ignored
  }
}

bool is_known_once(ItemType type) {
  return type >= ItemType::maximum_length && type <= ItemType::user_identity_response && !is_per_class(type);
}

/// Two items of one sort for one SOP class must not differ. Requestors that put one per context repeat themselves.
Checked fault_of_repeats(core::ByteView sub_items, ItemType type) {
  std::array<core::ByteView, kPerClassItemsMax> seen;  // written before it is read
  std::size_t count = 0;
  ItemCursor cursor{sub_items};
  while (const auto item = cursor.next()) {
    if (item->type != type) continue;
    if (count == seen.size()) return fault_at(*item, "for the ", count + 1, "th time");
    const auto key = uid_of(Fields{item->value}.counted());
    for (std::size_t i = 0; i < count; ++i) {
      if (uid_of(Fields{seen[i]}.counted()) != key) continue;
      if (core::text_of(seen[i]) != core::text_of(item->value)) return fault_at(*item, "contradicts one before it");
    }
    seen[count++] = item->value;
  }
  return std::nullopt;
}

}  // namespace

Checked read_user_information(PduType pdu, const Item& information, UserInformation& user) {
  user.sub_items = information.value;
  OnceOnly once;
  ItemCursor cursor{information.value};
  while (const auto item = cursor.next()) {
    if (is_known_once(item->type) && once.repeats(item->type)) return fault_at(*item, "comes twice");
    if (auto fault = read_sub_item(pdu, *item, user)) return fault;
  }
  if (auto fault = fault_of_rest(cursor)) return fault;
  for (const auto type : {ItemType::role_selection, ItemType::extended_negotiation, ItemType::common_extended_negotiation}) {
    if (auto fault = fault_of_repeats(information.value, type)) return fault;
  }
  return std::nullopt;
}

}  // namespace scanferry::dimse
