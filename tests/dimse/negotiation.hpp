// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>

#include <array>
#include <vector>

#include <scanferry/dimse/pdu.hpp>

#include "wire.hpp"

/// Association PDUs with everything that can be negotiated, for tests of several files.
namespace negotiation {

using namespace scanferry::dimse;
using scanferry::core::ByteView;
using scanferry::core::bytes_of;
using scanferry::core::text_of;
using wire::Bytes;
using wire::hex;
using wire::operator+;

inline constexpr std::string_view kCt = "1.2.840.10008.5.1.4.1.1.2";
inline constexpr std::string_view kMr = "1.2.840.10008.5.1.4.1.1.4";

inline Bytes bytes(ByteView view) { return {view.begin(), view.end()}; }

inline const std::array<ProposedContext, 2> kContexts{{{"1.2.840.10008.1.1", "1.2.840.10008.1.2"}, {kCt, "1.2.840.10008.1.2.1"}}};

/// A request as it goes over the wire.
inline Bytes encoded(const AssociateRequest& request, std::span<const ProposedContext> contexts = kContexts) {
  std::vector<std::byte> room(associate_rq_bytes(request, contexts));
  REQUIRE_FALSE(fault_of(request, contexts, room.size()));
  ByteWriter out{room};
  const auto pdu = put_associate_rq(out, request, contexts);
  CHECK(out.left() == 0);
  return bytes(pdu.head) + bytes(pdu.identity) + bytes(pdu.tail);
}

inline AssociatePdu decoded(PduType type, const Bytes& pdu) {
  const auto read = decode_associate(type, std::span{pdu}.subspan(6));
  REQUIRE(read);
  CHECK(wire::take_apart(pdu).size() == 1);
  return *read;
}

inline Bytes answer(const AssociatePdu& asked, const ContextAnswers& answers, const AssociateAnswer& more = {}) {
  std::array<std::byte, kAssociateAcBytesMax> room;
  ByteWriter out{room};
  REQUIRE(put_associate_ac(out, asked, answers, 16384, more));
  return bytes(out.written());
}

inline Bytes request_with(const Bytes& sub_items) {
  return wire::associate_rq({{1, wire::kVerification, {wire::kImplicit}}, {3, kCt, {wire::kExplicit}}},
                            wire::max_length(0) + sub_items);
}
inline Bytes reply_with(const Bytes& sub_items) {
  return wire::associate_ac({{1, 0, wire::kImplicit}, {3, 0, wire::kExplicit}}, wire::max_length(0) + sub_items);
}

// The sub-items as PS3.7 D.3.3.3 to D.3.3.7 draw them.
inline const Bytes kWindow = hex("53 00 0004 0003 0000");
inline const Bytes kRole = hex("54 00 001D 0019 '1.2.840.10008.5.1.4.1.1.2' 00 01");
inline const Bytes kExtended = hex("56 00 001E 0019 '1.2.840.10008.5.1.4.1.1.2' 02 01 00");
inline const Bytes kCommon = hex("57 00 0051 0019 '1.2.840.10008.5.1.4.1.1.2' 0011 '1.2.840.10008.4.2' 0021"
                          "0003 '1.2' 001A '1.2.840.10008.5.1.4.1.1.88'");
inline const Bytes kIdentity = hex("58 00 0010 02 01 0004 'anna' 0006 'secret'");
inline const Bytes kIdentityResponse = hex("59 00 0008 0006 'ticket'");

}  // namespace negotiation
