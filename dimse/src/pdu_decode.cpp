// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include <scanferry/dimse/pdu.hpp>

#include "words.hpp"

namespace scanferry::dimse {
namespace {

constexpr std::size_t kAssociateFixedBytes = 68;  ///< version, reserved, two titles, reserved
constexpr std::size_t kContextFixedBytes = 4;     ///< id, reserved, result, reserved

PduFault invalid(PduType type, std::string_view what) {
  return {AbortReason::invalid_parameter, words_of(name_of(type), ": ", what)};
}

std::uint8_t u8_at(core::ByteView bytes, std::size_t at) { return std::to_integer<std::uint8_t>(bytes[at]); }

/// A UID of an item. It is not padded (PS3.8 F.1), yet some peers pad it.
std::string_view uid_of(core::ByteView value) {
  auto text = core::text_of(value);
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

PresentationContext context_of(core::ByteView value) {
  PresentationContext context;
  context.id = u8_at(value, 0);
  context.result = u8_at(value, 2);
  context.sub_items = value.subspan(kContextFixedBytes);
  ItemCursor cursor{context.sub_items};
  while (const auto item = cursor.next()) {
    if (item->type == ItemType::abstract_syntax) context.abstract_syntax = uid_of(item->value);
  }
  return context;
}

using IdSet = std::array<bool, kContextsMax>;

/// Checks one presentation context item; gives what is wrong with it, or nothing.
std::string_view fault_of_context(ItemType type, core::ByteView value, IdSet& seen) {
  if (value.size() < kContextFixedBytes) return "a presentation context item is too short";
  const auto id = u8_at(value, 0);
  if (id % 2 == 0) return "a presentation context id is even";
  if (std::exchange(seen[context_index_of(id)], true)) return "a presentation context id is used twice";
  // PS3.8 9.3.3.2: the transfer syntax of a refusal is not tested.
  if (type == ItemType::answered_context && u8_at(value, 2) != 0) return {};
  ItemCursor cursor{value.subspan(kContextFixedBytes)};
  while (const auto item = cursor.next()) {
    if (uid_of(item->value).size() > core::Uid::capacity()) return "a UID has more than 64 characters";
  }
  return cursor.overran() ? "a sub-item overruns its presentation context item" : std::string_view{};
}

std::string_view read_user_sub_item(const Item& item, UserInformation& user) {
  switch (item.type) {
    case ItemType::maximum_length:
      if (item.value.size() != 4) return "the maximum length sub-item is not 4 bytes long";
      user.max_pdu_bytes = core::load_be32(item.value.data());
      return {};
    case ItemType::implementation_class_uid:
      user.implementation_class_uid = printable<core::Uid::capacity()>(core::text_of(item.value));
      return {};
    case ItemType::implementation_version_name:
      user.implementation_version_name = printable<16>(core::text_of(item.value));
      return {};
    default:
      return {};  // PS3.8 D.2: sub-items that are not known are ignored
  }
}

std::string_view read_user_information(core::ByteView value, UserInformation& user) {
  ItemCursor cursor{value};
  while (const auto item = cursor.next()) {
    if (const auto fault = read_user_sub_item(*item, user); !fault.empty()) return fault;
  }
  return cursor.overran() ? "a user information sub-item overruns its item" : std::string_view{};
}

/// One item of the variable part; `contexts` is the type of context item that belongs into this PDU.
std::string_view read_item(const Item& item, ItemType contexts, AssociatePdu& pdu, IdSet& seen) {
  if (item.type == contexts) return fault_of_context(item.type, item.value, seen);
  if (item.type == ItemType::user_information) return read_user_information(item.value, pdu.user);
  if (item.type == ItemType::application_context) pdu.application_context = uid_of(item.value);
  return {};  // PS3.8 9.3: items that are not known are skipped
}

AssociatePdu read_fixed_part(core::ByteView value) {
  AssociatePdu pdu;
  pdu.protocol_version = core::load_be16(value.data());
  pdu.titles = value.subspan(4, 32);
  pdu.called = printable<16>(core::text_of(pdu.titles.first(16)));
  pdu.calling = printable<16>(core::text_of(pdu.titles.last(16)));
  pdu.items = value.subspan(kAssociateFixedBytes);
  return pdu;
}

}  // namespace

std::string_view name_of(PduType type) {
  switch (type) {
    case PduType::associate_rq: return "A-ASSOCIATE-RQ";
    case PduType::associate_ac: return "A-ASSOCIATE-AC";
    case PduType::associate_rj: return "A-ASSOCIATE-RJ";
    case PduType::p_data_tf: return "P-DATA-TF";
    case PduType::release_rq: return "A-RELEASE-RQ";
    case PduType::release_rp: return "A-RELEASE-RP";
    case PduType::abort: return "A-ABORT";
  }
  return "unknown PDU";
}

std::optional<Item> ItemCursor::next() {
  if (rest_.size() < size::kItemHeader) return std::nullopt;
  const std::size_t length = core::load_be16(rest_.data() + 2);
  if (length > rest_.size() - size::kItemHeader) return std::nullopt;
  const Item item{static_cast<ItemType>(rest_[0]), rest_.subspan(size::kItemHeader, length)};
  rest_ = rest_.subspan(size::kItemHeader + length);
  return item;
}

std::optional<PresentationContext> next_context(ItemCursor& items, ItemType type) {
  while (const auto item = items.next()) {
    if (item->type == type) return context_of(item->value);
  }
  return std::nullopt;
}

std::optional<std::uint8_t> find_transfer_syntax(const PresentationContext& context, std::string_view uid) {
  ItemCursor cursor{context.sub_items};
  for (unsigned index = 0; index <= 0xFF;) {
    const auto item = cursor.next();
    if (!item) break;
    if (item->type != ItemType::transfer_syntax) continue;
    if (uid_of(item->value) == uid) return static_cast<std::uint8_t>(index);
    ++index;
  }
  return std::nullopt;
}

std::string_view transfer_syntax_at(const PresentationContext& context, std::uint8_t index) {
  ItemCursor cursor{context.sub_items};
  while (const auto item = cursor.next()) {
    if (item->type != ItemType::transfer_syntax) continue;
    if (index-- == 0) return uid_of(item->value);
  }
  return {};
}

std::expected<AssociatePdu, PduFault> decode_associate(PduType type, core::ByteView value) {
  if (value.size() < kAssociateFixedBytes) return std::unexpected{invalid(type, "too short for its fixed fields")};
  auto pdu = read_fixed_part(value);
  const auto contexts = type == PduType::associate_rq ? ItemType::proposed_context : ItemType::answered_context;
  IdSet seen{};
  ItemCursor cursor{pdu.items};
  while (const auto item = cursor.next()) {
    if (const auto fault = read_item(*item, contexts, pdu, seen); !fault.empty()) return std::unexpected{invalid(type, fault)};
  }
  if (cursor.overran()) return std::unexpected{invalid(type, "an item overruns the PDU")};
  return pdu;
}

Rejection decode_associate_rj(core::ByteView value) {
  return {.result = u8_at(value, 1), .source = u8_at(value, 2), .reason = u8_at(value, 3)};
}

Abortion decode_abort(core::ByteView value) { return {.source = u8_at(value, 2), .reason = u8_at(value, 3)}; }

}  // namespace scanferry::dimse
