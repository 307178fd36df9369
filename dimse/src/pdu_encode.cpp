// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/pdu.hpp>

#include <algorithm>

#include <scanferry/dimse/uids.hpp>

#include "item_encode.hpp"
#include "words.hpp"

namespace scanferry::dimse {
namespace {

/// PS3.8 9.3.2: bit 0 stands for version 1.
constexpr std::uint16_t kProtocolVersion = 0x0001;

// Every PDU: | type 0 | reserved 1 | length 2..5, big endian | value 6.. |
std::size_t open_pdu(ByteWriter& out, PduType type) {
  out.u8(static_cast<std::uint8_t>(type));
  out.u8(0);
  return out.open_be32();
}

void put_title(ByteWriter& out, const AeTitle& title) {
  out.text(title);
  out.fill(AeTitle::capacity() - title.size(), ' ');
}

// | type 20H 0 | res 1 | length 2..3 | context id 4 | reserved 5..7 | abstract syntax | transfer syntax |   PS3.8 9.3.2.2
void put_proposed_context(ByteWriter& out, std::uint8_t id, const ProposedContext& context) {
  const auto item = open_item(out, ItemType::proposed_context);
  out.u8(id);
  out.fill(3);
  put_text_item(out, ItemType::abstract_syntax, context.abstract_syntax);
  put_text_item(out, ItemType::transfer_syntax, context.transfer_syntax);
  for (const auto& syntax : context.alternatives) put_text_item(out, ItemType::transfer_syntax, syntax);
  out.close_be16(item);
}
std::size_t proposed_context_bytes(const ProposedContext& context) {
  auto bytes = 3 * kItemHeaderBytes + 4 + context.abstract_syntax.size() + context.transfer_syntax.size();
  for (const auto& syntax : context.alternatives) bytes += kItemHeaderBytes + syntax.size();
  return bytes;
}

// | type 21H 0 | res 1 | length 2..3 | context id 4 | res 5 | result 6 | res 7 | transfer syntax |   PS3.8 9.3.3.2
// The transfer syntax means nothing in a refusal, but has to be there.
std::string_view answered_syntax(const PresentationContext& context, ContextAnswer answer) {
  const bool accepted = answer.result == ContextResult::accepted;
  return accepted ? transfer_syntax_at(context, answer.syntax) : uid::kImplicitVrLittleEndian;
}
void put_answered_context(ByteWriter& out, const PresentationContext& context, ContextAnswer answer) {
  const auto item = open_item(out, ItemType::answered_context);
  out.u8(context.id);
  out.u8(0);
  out.u8(static_cast<std::uint8_t>(answer.result));
  out.u8(0);
  put_text_item(out, ItemType::transfer_syntax, answered_syntax(context, answer));
  out.close_be16(item);
}

constexpr std::size_t kHeadBytes = size::kAssociateFixed + kItemHeaderBytes + uid::kApplicationContext.size();

std::size_t associate_ac_bytes(const AssociatePdu& asked, const ContextAnswers& answers, const AssociateAnswer& more) {
  auto bytes = kHeadBytes + user_information_bytes(asked, answers, more);
  ItemCursor items{asked.items};
  while (const auto context = next_context(items, ItemType::proposed_context)) {
    bytes += 2 * kItemHeaderBytes + 4 + answered_syntax(*context, answers.at(context->id)).size();
  }
  return bytes;
}

void put_short(ByteWriter& out, PduType type, std::uint8_t second, std::uint8_t third, std::uint8_t fourth) {
  const auto pdu = open_pdu(out, type);
  out.u8(0);
  out.u8(second);
  out.u8(third);
  out.u8(fourth);
  out.close_be32(pdu);
}

std::optional<Words> fault_of_identity(const AssociateRequest& request) {
  if (!request.identity) return std::nullopt;
  const auto& identity = *request.identity;
  const auto size = identity.primary.size();
  if (size > kIdentityBytesMax) {
    return words_of(name_of(identity.type), " of ", size, " bytes; we send at most ", kIdentityBytesMax);
  }
  if (identity.secondary.size() > kPasscodeBytesMax) {
    return words_of("passcode of ", identity.secondary.size(), " bytes; we send at most ", kPasscodeBytesMax);
  }
  return std::nullopt;
}

/// Everything else of 16 bits in length is inside the user information item, or is bounded by kSyntaxesMax.
std::optional<Words> fault_of_user_information(const AssociateRequest& request) {
  const auto bytes = user_information_bytes(request) + (request.identity ? request.identity->primary.size() : 0);
  if (bytes <= 0xFFFF) return std::nullopt;
  return words_of("user information of ", bytes, " bytes; it has at most 65535: negotiate less at once");
}

}  // namespace

// | 01H 0 | res 1 | length 2..5 | version 6..7 | res 8..9 | called 10..25 | calling 26..41 | res 42..73 | items 74.. |
// PS3.8 9.3.2
RequestPdu put_associate_rq(ByteWriter& out, const AssociateRequest& request, std::span<const ProposedContext> contexts) {
  const auto begin = out.size();
  const auto pdu = open_pdu(out, PduType::associate_rq);
  out.be16(kProtocolVersion);
  out.fill(2);
  put_title(out, request.called);
  put_title(out, request.calling);
  out.fill(32);
  put_text_item(out, ItemType::application_context, uid::kApplicationContext);
  for (std::size_t i = 0; i < contexts.size(); ++i) put_proposed_context(out, context_id_at(i), contexts[i]);
  const auto place = put_user_information(out, request);
  const auto identity = request.identity ? request.identity->primary : core::ByteView{};
  out.close_be32(pdu, identity.size());
  const auto written = out.written();
  return {.head = written.subspan(begin, place - begin), .identity = identity, .tail = written.subspan(place)};
}

std::size_t associate_rq_bytes(const AssociateRequest& request, std::span<const ProposedContext> contexts) {
  auto bytes = kHeadBytes + user_information_bytes(request);
  for (const auto& context : contexts) bytes += proposed_context_bytes(context);
  return bytes;
}

std::optional<Words> fault_of(const AssociateRequest& request, std::span<const ProposedContext> contexts, std::size_t room) {
  if (contexts.empty()) return words_of("a proposal without a presentation context");
  if (contexts.size() > kContextsMax) return words_of(contexts.size(), " presentation contexts; an association has at most ", kContextsMax);
  const auto too_many = [](const ProposedContext& c) { return c.alternatives.size() >= kSyntaxesMax; };
  if (std::ranges::any_of(contexts, too_many)) return words_of("more than ", kSyntaxesMax, " transfer syntaxes in one context");
  if (std::max({request.roles.size(), request.extended.size(), request.common_extended.size()}) > kPerClassItemsMax) {
    return words_of("role selection or extended negotiation for more than ", kPerClassItemsMax, " SOP classes");
  }
  if (auto fault = fault_of_identity(request)) return fault;
  const auto bytes = associate_rq_bytes(request, contexts);
  if (bytes > room) return words_of("a proposal of ", bytes, " bytes; we send at most ", room, ": propose less at once");
  return fault_of_user_information(request);
}

// | 02H 0 | res 1 | length 2..5 | version 6..7 | res 8..9 | titles of the RQ 10..41 | res 42..73 | items 74.. |
// PS3.8 9.3.3
bool put_associate_ac(ByteWriter& out, const AssociatePdu& asked, const ContextAnswers& answers, std::uint32_t max_pdu_bytes,
                      const AssociateAnswer& more) {
  if (associate_ac_bytes(asked, answers, more) > out.left()) return false;
  const auto pdu = open_pdu(out, PduType::associate_ac);
  out.be16(kProtocolVersion);
  out.fill(2);
  out.bytes(asked.titles);
  out.fill(32);
  put_text_item(out, ItemType::application_context, uid::kApplicationContext);
  ItemCursor items{asked.items};
  while (const auto context = next_context(items, ItemType::proposed_context)) {
    put_answered_context(out, *context, answers.at(context->id));
  }
  put_user_information(out, asked, answers, max_pdu_bytes, more);
  out.close_be32(pdu);
  return true;
}

// | 03H 0 | res 1 | 00000004H 2..5 | res 6 | result 7 | source 8 | reason 9 |   PS3.8 9.3.4
void put_associate_rj(ByteWriter& out, const Rejection& rejection) {
  put_short(out, PduType::associate_rj, rejection.result, rejection.source, rejection.reason);
}

// | 05H 0 | res 1 | 00000004H 2..5 | res 6..9 |   PS3.8 9.3.6
void put_release_rq(ByteWriter& out) { put_short(out, PduType::release_rq, 0, 0, 0); }

// | 06H 0 | res 1 | 00000004H 2..5 | res 6..9 |   PS3.8 9.3.7
void put_release_rp(ByteWriter& out) { put_short(out, PduType::release_rp, 0, 0, 0); }

// | 07H 0 | res 1 | 00000004H 2..5 | res 6..7 | source 8 | reason 9 |   PS3.8 9.3.8
void put_abort(ByteWriter& out, AbortSource source, AbortReason reason) {
  put_short(out, PduType::abort, 0, static_cast<std::uint8_t>(source), static_cast<std::uint8_t>(reason));
}

// | 04H 0 | res 1 | length 2..5 | PDV length 6..9 | context id 10 | control 11 | fragment 12.. |   PS3.8 9.3.5, E.2
void put_data_header(ByteWriter& out, std::uint8_t context_id, FragmentKind kind, bool last, std::uint32_t bytes) {
  out.u8(static_cast<std::uint8_t>(PduType::p_data_tf));
  out.u8(0);
  out.be32(bytes + kPdvHeaderBytes);
  out.be32(bytes + 2);
  out.u8(context_id);
  out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(kind) | (last ? 2U : 0U)));
}

}  // namespace scanferry::dimse
