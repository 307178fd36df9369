// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/implementation.hpp>
#include <scanferry/dimse/pdu.hpp>
#include <scanferry/dimse/uids.hpp>

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

// Every item and sub-item: | type 0 | reserved 1 | length 2..3, big endian | value 4.. |
std::size_t open_item(ByteWriter& out, ItemType type) {
  out.u8(static_cast<std::uint8_t>(type));
  out.u8(0);
  return out.open_be16();
}

/// A UID in an item is not padded, PS3.8 F.1.
void put_text_item(ByteWriter& out, ItemType type, std::string_view text) {
  const auto item = open_item(out, type);
  out.text(text);
  out.close_be16(item);
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
  out.close_be16(item);
}

// | type 21H 0 | res 1 | length 2..3 | context id 4 | res 5 | result 6 | res 7 | transfer syntax |   PS3.8 9.3.3.2
// The transfer syntax means nothing in a refusal, but has to be there.
void put_answered_context(ByteWriter& out, const PresentationContext& context, ContextAnswer answer) {
  const auto item = open_item(out, ItemType::answered_context);
  out.u8(context.id);
  out.u8(0);
  out.u8(static_cast<std::uint8_t>(answer.result));
  out.u8(0);
  const bool accepted = answer.result == ContextResult::accepted;
  put_text_item(out, ItemType::transfer_syntax,
                accepted ? transfer_syntax_at(context, answer.syntax) : uid::kImplicitVrLittleEndian);
  out.close_be16(item);
}

// | type 51H 0 | res 1 | length 0004H 2..3 | maximum length 4..7 |   PS3.8 D.1.1
void put_maximum_length(ByteWriter& out, std::uint32_t max_pdu_bytes) {
  const auto item = open_item(out, ItemType::maximum_length);
  out.be32(max_pdu_bytes);
  out.close_be16(item);
}

// | type 50H 0 | res 1 | length 2..3 | sub-items 4.. |   PS3.8 9.3.2.3
void put_user_information(ByteWriter& out, std::uint32_t max_pdu_bytes) {
  const auto item = open_item(out, ItemType::user_information);
  put_maximum_length(out, max_pdu_bytes);
  put_text_item(out, ItemType::implementation_class_uid, core::kImplementationClassUid);
  put_text_item(out, ItemType::implementation_version_name, core::kImplementationVersionName);
  out.close_be16(item);
}

void put_short(ByteWriter& out, PduType type, std::uint8_t second, std::uint8_t third, std::uint8_t fourth) {
  const auto pdu = open_pdu(out, type);
  out.u8(0);
  out.u8(second);
  out.u8(third);
  out.u8(fourth);
  out.close_be32(pdu);
}

}  // namespace

// | 01H 0 | res 1 | length 2..5 | version 6..7 | res 8..9 | called 10..25 | calling 26..41 | res 42..73 | items 74.. |
// PS3.8 9.3.2
void put_associate_rq(ByteWriter& out, const AssociateRequest& request, std::span<const ProposedContext> contexts) {
  const auto pdu = open_pdu(out, PduType::associate_rq);
  out.be16(kProtocolVersion);
  out.fill(2);
  put_title(out, request.called);
  put_title(out, request.calling);
  out.fill(32);
  put_text_item(out, ItemType::application_context, uid::kApplicationContext);
  for (std::size_t i = 0; i < contexts.size(); ++i) put_proposed_context(out, context_id_at(i), contexts[i]);
  put_user_information(out, request.max_pdu_bytes);
  out.close_be32(pdu);
}

// | 02H 0 | res 1 | length 2..5 | version 6..7 | res 8..9 | titles of the RQ 10..41 | res 42..73 | items 74.. |
// PS3.8 9.3.3
void put_associate_ac(ByteWriter& out, const AssociatePdu& request, const ContextAnswers& answers, std::uint32_t max_pdu_bytes) {
  const auto pdu = open_pdu(out, PduType::associate_ac);
  out.be16(kProtocolVersion);
  out.fill(2);
  out.bytes(request.titles);
  out.fill(32);
  put_text_item(out, ItemType::application_context, uid::kApplicationContext);
  ItemCursor items{request.items};
  while (auto context = next_context(items, ItemType::proposed_context)) {
    put_answered_context(out, *context, answers.at(context->id));
  }
  put_user_information(out, max_pdu_bytes);
  out.close_be32(pdu);
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
