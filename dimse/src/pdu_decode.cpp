// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include <scanferry/dimse/pdu.hpp>
#include <scanferry/dimse/uids.hpp>

#include "item_check.hpp"

namespace scanferry::dimse {
namespace {

constexpr std::size_t kAssociateFixedBytes = 68;  ///< version, reserved, two titles, reserved
constexpr std::size_t kContextFixedBytes = 4;     ///< id, reserved, result, reserved

PduFault invalid(PduType type, const Words& what) { return {AbortReason::invalid_parameter, words_of(name_of(type), what.view())}; }

std::uint8_t u8_at(core::ByteView bytes, std::size_t at) { return std::to_integer<std::uint8_t>(bytes[at]); }

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

/// PS3.8 9.3.2.2 and 9.3.3.2: one abstract syntax in a proposal, one transfer syntax in an answer.
Checked fault_of_syntaxes(const Item& context) {
  OnceOnly once;
  ItemCursor cursor{context.value.subspan(kContextFixedBytes)};
  while (const auto item = cursor.next()) {
    const bool transfer = item->type == ItemType::transfer_syntax;
    if (!transfer && item->type != ItemType::abstract_syntax) continue;
    if (uid_of(item->value).size() > core::Uid::capacity()) return fault_at(*item, "of ", item->value.size(), " characters");
    const bool several = transfer && context.type == ItemType::proposed_context;
    if (!several && once.repeats(item->type)) return fault_at(*item, "comes twice");
  }
  return fault_of_rest(cursor);
}

Checked fault_of_context(const Item& context, IdSet& seen) {
  const auto value = context.value;
  if (value.size() < kContextFixedBytes) return fault_at(context, "of ", value.size(), " bytes is too short");
  const auto id = u8_at(value, 0);
  if (id % 2 == 0) return fault_at(context, "id ", id, " is even");
  if (std::exchange(seen[context_index_of(id)], true)) return fault_at(context, "id ", id, " is used twice");
  // PS3.8 9.3.3.2: the transfer syntax of a refusal is not tested.
  if (context.type == ItemType::answered_context && u8_at(value, 2) != 0) return std::nullopt;
  return fault_of_syntaxes(context);
}

Checked read_application_context(const Item& item, AssociatePdu& pdu) {
  pdu.application_context = uid_of(item.value);
  if (pdu.application_context.size() <= core::Uid::capacity()) return std::nullopt;
  return fault_at(item, "of ", item.value.size(), " characters");
}

/// Reads and checks the variable part.
Checked read_items(PduType type, AssociatePdu& pdu) {
  const auto contexts = type == PduType::associate_rq ? ItemType::proposed_context : ItemType::answered_context;
  IdSet seen{};
  bool named = false;
  bool informed = false;
  ItemCursor cursor{pdu.items};
  while (const auto item = cursor.next()) {
    Checked fault;
    if (item->type == contexts) {
      fault = fault_of_context(*item, seen);
    } else if (item->type == ItemType::application_context) {
      fault = std::exchange(named, true) ? fault_at(*item, "comes twice") : read_application_context(*item, pdu);
    } else if (item->type == ItemType::user_information) {
      fault = std::exchange(informed, true) ? fault_at(*item, "comes twice") : read_user_information(type, *item, pdu.user);
    }  // PS3.8 9.3.1: items that are not known are skipped
    if (fault) return fault;
  }
  return fault_of_rest(cursor);
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
  if (value.size() < kAssociateFixedBytes) {
    return std::unexpected{invalid(type, words_of(": ", value.size(), " bytes are too few for its fixed fields"))};
  }
  auto pdu = read_fixed_part(value);
  if (const auto fault = read_items(type, pdu)) {
    const auto place = static_cast<std::size_t>(fault->at - value.data()) + kPduHeaderBytes;
    return std::unexpected{invalid(type, words_of(", byte ", place, ": ", fault->what.view()))};
  }
  return pdu;
}

std::optional<Rejection> rejection_of(const AssociatePdu& asked) {
  // PS3.8 9.3.2: only bit 0 is tested.
  if ((asked.protocol_version & 1U) == 0) return Rejection{.result = 1, .source = 2, .reason = 2};
  if (asked.application_context != uid::kApplicationContext) return Rejection{.result = 1, .source = 1, .reason = 2};
  return std::nullopt;
}

Rejection decode_associate_rj(core::ByteView value) {
  return {.result = u8_at(value, 1), .source = u8_at(value, 2), .reason = u8_at(value, 3)};
}

Abortion decode_abort(core::ByteView value) { return {.source = u8_at(value, 2), .reason = u8_at(value, 3)}; }

}  // namespace scanferry::dimse
