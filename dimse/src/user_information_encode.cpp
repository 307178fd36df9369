// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/implementation.hpp>

#include "item_encode.hpp"

namespace scanferry::dimse {
namespace {

/// A text or a run of bytes behind its length in 16 bits.
void put_counted(ByteWriter& out, core::ByteView bytes) {
  out.be16(static_cast<std::uint16_t>(bytes.size()));
  out.bytes(bytes);
}
void put_counted(ByteWriter& out, std::string_view text) { put_counted(out, core::bytes_of(text)); }
std::size_t counted_bytes(std::string_view text) { return 2 + text.size(); }

// | type 51H 0 | res 1 | length 0004H 2..3 | maximum length 4..7 |   PS3.8 D.1.1
void put_maximum_length(ByteWriter& out, std::uint32_t max_pdu_bytes) {
  const auto item = open_item(out, ItemType::maximum_length);
  out.be32(max_pdu_bytes);
  out.close_be16(item);
}

// | type 53H 0 | res 1 | length 0004H 2..3 | operations invoked 4..5 | operations performed 6..7 |   PS3.7 D.3.3.3
void put_window(ByteWriter& out, OperationsWindow window) {
  const auto item = open_item(out, ItemType::operations_window);
  out.be16(window.invoked);
  out.be16(window.performed);
  out.close_be16(item);
}

// | type 54H 0 | res 1 | length 2..3 | UID length 4..5 | SOP class UID | SCU role | SCP role |   PS3.7 D.3.3.4
void put_role(ByteWriter& out, const RoleSelection& selection) {
  const auto item = open_item(out, ItemType::role_selection);
  put_counted(out, selection.sop_class_uid);
  out.u8(selection.roles.scu ? 1 : 0);
  out.u8(selection.roles.scp ? 1 : 0);
  out.close_be16(item);
}
std::size_t role_bytes(const RoleSelection& selection) {
  return kItemHeaderBytes + counted_bytes(selection.sop_class_uid) + 2;
}

// | type 56H 0 | res 1 | length 2..3 | UID length 4..5 | SOP class UID | the service class's information |   PS3.7 D.3.3.5
void put_extended(ByteWriter& out, const ExtendedNegotiation& extended) {
  const auto item = open_item(out, ItemType::extended_negotiation);
  put_counted(out, extended.sop_class_uid);
  out.bytes(extended.information);
  out.close_be16(item);
}
std::size_t extended_bytes(const ExtendedNegotiation& extended) {
  return kItemHeaderBytes + counted_bytes(extended.sop_class_uid) + extended.information.size();
}

// | type 57H 0 | version 1 | length 2..3 | UID length, SOP class UID | UID length, service class UID | length of what follows |
// UID length, related general SOP class UID | ... |   PS3.7 D.3.3.6
void put_common_extended(ByteWriter& out, const CommonExtendedProposal& common) {
  const auto item = open_item(out, ItemType::common_extended_negotiation);
  put_counted(out, common.sop_class_uid);
  put_counted(out, common.service_class_uid);
  const auto related = out.open_be16();
  for (const auto uid : common.related) put_counted(out, uid);
  out.close_be16(related);
  out.close_be16(item);
}
std::size_t common_extended_bytes(const CommonExtendedProposal& common) {
  auto bytes = kItemHeaderBytes + counted_bytes(common.sop_class_uid) + counted_bytes(common.service_class_uid) + 2;
  for (const auto uid : common.related) bytes += counted_bytes(uid);
  return bytes;
}

// | type 58H 0 | res 1 | length 2..3 | type of identity 4 | response requested 5 | length 6..7, primary field |
// length, secondary field |   PS3.7 D.3.3.7.1
std::size_t put_identity(ByteWriter& out, const UserIdentity& identity) {
  const auto item = open_item(out, ItemType::user_identity);
  out.u8(static_cast<std::uint8_t>(identity.type));
  out.u8(identity.response_requested ? 1 : 0);
  out.be16(static_cast<std::uint16_t>(identity.primary.size()));
  const auto place = out.size();
  put_counted(out, identity.secondary);
  out.close_be16(item, identity.primary.size());
  return place;
}
constexpr std::size_t kIdentityFixedBytes = kItemHeaderBytes + 6;

// | type 59H 0 | res 1 | length 2..3 | length 4..5, server response |   PS3.7 D.3.3.7.2
void put_identity_response(ByteWriter& out, core::ByteView response) {
  const auto item = open_item(out, ItemType::user_identity_response);
  put_counted(out, response);
  out.close_be16(item);
}

// In the order of their types, as everybody sends them.
void put_who_we_are(ByteWriter& out, std::uint32_t max_pdu_bytes) {
  put_maximum_length(out, max_pdu_bytes);
  put_text_item(out, ItemType::implementation_class_uid, core::kImplementationClassUid);
}
void put_version_name(ByteWriter& out) {
  put_text_item(out, ItemType::implementation_version_name, core::kImplementationVersionName);
}

constexpr std::size_t kAlwaysBytes = kItemHeaderBytes + (kItemHeaderBytes + 4) +
                                     (kItemHeaderBytes + core::kImplementationClassUid.size()) +
                                     (kItemHeaderBytes + core::kImplementationVersionName.size());

bool answers_identity(const AssociatePdu& asked, const AssociateAnswer& more) {
  return more.identity_response && asked.user.identity && asked.user.identity->response_requested;
}

}  // namespace

// | type 50H 0 | res 1 | length 2..3 | sub-items 4.. |   PS3.8 9.3.2.3
std::size_t put_user_information(ByteWriter& out, const AssociateRequest& request) {
  const auto item = open_item(out, ItemType::user_information);
  put_who_we_are(out, request.max_pdu_bytes);
  if (request.window) put_window(out, *request.window);
  for (const auto& role : request.roles) put_role(out, role);
  put_version_name(out);
  for (const auto& extended : request.extended) put_extended(out, extended);
  for (const auto& common : request.common_extended) put_common_extended(out, common);
  const auto place = request.identity ? put_identity(out, *request.identity) : out.size();
  out.close_be16(item, request.identity ? request.identity->primary.size() : 0);
  return place;
}

std::size_t user_information_bytes(const AssociateRequest& request) {
  auto bytes = kAlwaysBytes;
  if (request.window) bytes += size::kWindowItem;
  for (const auto& role : request.roles) bytes += role_bytes(role);
  for (const auto& extended : request.extended) bytes += extended_bytes(extended);
  for (const auto& common : request.common_extended) bytes += common_extended_bytes(common);
  if (request.identity) bytes += kIdentityFixedBytes + request.identity->secondary.size();
  return bytes;
}

std::optional<Roles> answered_roles(const AssociatePdu& asked, const ContextAnswers& answers, const RoleSelection& proposed) {
  ItemCursor items{asked.items};
  while (const auto context = next_context(items, ItemType::proposed_context)) {
    if (context->abstract_syntax != proposed.sop_class_uid || !answers.accepted(context->id)) continue;
    return agree(proposed.roles, answers.at(context->id).roles);
  }
  return std::nullopt;
}

// | type 50H 0 | res 1 | length 2..3 | sub-items 4.. |   PS3.8 9.3.3.3
void put_user_information(ByteWriter& out, const AssociatePdu& asked, const ContextAnswers& answers, std::uint32_t max_pdu_bytes,
                          const AssociateAnswer& more) {
  const auto item = open_item(out, ItemType::user_information);
  put_who_we_are(out, max_pdu_bytes);
  if (asked.user.window) put_window(out, agree(asked.user.window, more.window));
  ItemCursor roles{asked.user.sub_items};
  while (const auto proposed = next_role(roles)) {
    if (const auto granted = answered_roles(asked, answers, *proposed)) put_role(out, {proposed->sop_class_uid, *granted});
  }
  put_version_name(out);
  for (const auto& extended : more.extended) {
    if (find_extended(asked.user.sub_items, extended.sop_class_uid)) put_extended(out, extended);
  }
  if (answers_identity(asked, more)) put_identity_response(out, *more.identity_response);
  out.close_be16(item);
}

std::size_t user_information_bytes(const AssociatePdu& asked, const ContextAnswers& answers, const AssociateAnswer& more) {
  auto bytes = kAlwaysBytes;
  if (asked.user.window) bytes += size::kWindowItem;
  ItemCursor roles{asked.user.sub_items};
  while (const auto proposed = next_role(roles)) {
    if (answered_roles(asked, answers, *proposed)) bytes += role_bytes(*proposed);
  }
  for (const auto& extended : more.extended) {
    if (find_extended(asked.user.sub_items, extended.sop_class_uid)) bytes += extended_bytes(extended);
  }
  if (answers_identity(asked, more)) bytes += kItemHeaderBytes + 2 + more.identity_response->size();
  return bytes;
}

}  // namespace scanferry::dimse
