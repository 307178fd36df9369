// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <string>

#include <scanferry/dimse/pdu.hpp>

#include "negotiation.hpp"

using namespace negotiation;

namespace {

/// The sub-items between the implementation class UID and its version name, and those behind it.
struct SubItems {
  Bytes before_name;
  Bytes behind_name;
};
SubItems sub_items_of(const AssociatePdu& pdu) {
  SubItems out;
  bool behind = false;
  ItemCursor cursor{pdu.user.sub_items};
  while (const auto item = cursor.next()) {
    if (item->type == ItemType::maximum_length || item->type == ItemType::implementation_class_uid) continue;
    if (item->type == ItemType::implementation_version_name) {
      behind = true;
      continue;
    }
    auto& place = behind ? out.behind_name : out.before_name;
    place = place + wire::item(static_cast<unsigned>(item->type), bytes(item->value));
  }
  return out;
}

}  // namespace

TEST_CASE("every sub-item of a request is written as PS3.7 D.3.3 draws it") {
  const std::array roles{RoleSelection{kCt, {.scu = false, .scp = true}}};
  const auto information = hex("02 01 00");
  const std::array extended{ExtendedNegotiation{kCt, information}};
  const std::array<std::string_view, 2> related{"1.2", "1.2.840.10008.5.1.4.1.1.88"};
  const std::array common{CommonExtendedProposal{kCt, "1.2.840.10008.4.2", related}};
  const AssociateRequest request{.called = "PACS",
                                 .calling = "SCANFERRY",
                                 .window = OperationsWindow{.invoked = 3, .performed = 0},
                                 .roles = roles,
                                 .extended = extended,
                                 .common_extended = common,
                                 .identity = UserIdentity{.type = IdentityType::username_and_passcode,
                                                          .response_requested = true,
                                                          .primary = bytes_of("anna"),
                                                          .secondary = bytes_of("secret")}};
  const auto pdu = encoded(request);
  const auto sub_items = sub_items_of(decoded(PduType::associate_rq, pdu));
  CHECK(sub_items.before_name == kWindow + kRole);
  CHECK(sub_items.behind_name == kExtended + kCommon + kIdentity);
}

TEST_CASE("every type of user identity is written and read back") {
  struct Row {
    IdentityType type;
    std::string_view secondary;
    Bytes drawn;
  };
  const std::string_view token = "0123456789";
  for (const auto& row : {Row{IdentityType::username, "", hex("58 00 0010 01 00 000A '0123456789' 0000")},
                          Row{IdentityType::username_and_passcode, "pw", hex("58 00 0012 02 00 000A '0123456789' 0002 'pw'")},
                          Row{IdentityType::kerberos, "", hex("58 00 0010 03 00 000A '0123456789' 0000")},
                          Row{IdentityType::saml, "", hex("58 00 0010 04 00 000A '0123456789' 0000")},
                          Row{IdentityType::jwt, "", hex("58 00 0010 05 00 000A '0123456789' 0000")}}) {
    INFO(name_of(row.type));
    const UserIdentity identity{
        .type = row.type, .response_requested = false, .primary = bytes_of(token), .secondary = bytes_of(row.secondary)};
    const auto pdu = encoded({.called = "P", .calling = "S", .identity = identity});
    const auto asked = decoded(PduType::associate_rq, pdu);
    CHECK(sub_items_of(asked).behind_name == row.drawn);
    REQUIRE(asked.user.identity);
    CHECK(asked.user.identity->type == row.type);
    CHECK_FALSE(asked.user.identity->response_requested);
    CHECK(text_of(asked.user.identity->primary) == token);
    CHECK(text_of(asked.user.identity->secondary) == row.secondary);
  }
}

TEST_CASE("every sub-item of a peer is read") {
  const auto pdu = request_with(kWindow + kRole + kExtended + kCommon + kIdentity + kIdentityResponse);
  const auto asked = decoded(PduType::associate_rq, pdu);
  CHECK(asked.user.window == OperationsWindow{3, 0});
  CHECK(find_roles(asked.user.sub_items, kCt) == Roles{.scu = false, .scp = true});
  CHECK_FALSE(find_roles(asked.user.sub_items, wire::kVerification));
  REQUIRE(find_extended(asked.user.sub_items, kCt));
  CHECK(bytes(*find_extended(asked.user.sub_items, kCt)) == hex("02 01 00"));
  CHECK_FALSE(find_extended(asked.user.sub_items, kMr));
  ItemCursor cursor{asked.user.sub_items};
  const auto common = next_common_extended(cursor);
  REQUIRE(common);
  CHECK(common->sop_class_uid == kCt);
  CHECK(common->service_class_uid == "1.2.840.10008.4.2");
  auto related = common->related;
  CHECK(next_related(related) == "1.2");
  CHECK(next_related(related) == "1.2.840.10008.5.1.4.1.1.88");
  CHECK_FALSE(next_related(related));
  CHECK_FALSE(next_common_extended(cursor));
  REQUIRE(asked.user.identity);
  CHECK(asked.user.identity->response_requested);
  // A response is none of a request's.
  CHECK_FALSE(asked.user.identity_response);
}

TEST_CASE("an answer says what was asked for, and no more") {
  const auto information = hex("01 01");
  const std::array extended{ExtendedNegotiation{kCt, information}, ExtendedNegotiation{kMr, information}};
  ContextAnswers answers;
  answers.set(1, {ContextResult::accepted, 0});
  answers.set(3, {ContextResult::accepted, 0, {.scu = true, .scp = true}});
  const AssociateAnswer more{.window = {.invoked = 8, .performed = 4}, .extended = extended, .identity_response = bytes_of("ticket")};

  const auto plain = request_with({});
  const auto silent = sub_items_of(decoded(PduType::associate_ac, answer(decoded(PduType::associate_rq, plain), answers, more)));
  CHECK(silent.before_name.empty());
  CHECK(silent.behind_name.empty());

  const auto rich = request_with(kWindow + kRole + kExtended + kCommon + kIdentity);
  const auto ac = answer(decoded(PduType::associate_rq, rich), answers, more);
  const auto reply = decoded(PduType::associate_ac, ac);
  CHECK(sub_items_of(reply).before_name == hex("53 00 0004 0003 0004") + kRole);
  CHECK(sub_items_of(reply).behind_name ==
        hex("56 00 001D 0019 '1.2.840.10008.5.1.4.1.1.2' 01 01") + kIdentityResponse);
  REQUIRE(reply.user.identity_response);
  CHECK(text_of(*reply.user.identity_response) == "ticket");

  const auto unasked = request_with(hex("58 00 000A 01 00 0004 'anna' 0000"));
  const auto quiet = answer(decoded(PduType::associate_rq, unasked), answers, more);
  CHECK_FALSE(decoded(PduType::associate_ac, quiet).user.identity_response);
}

TEST_CASE("an empty server response is a response") {
  const auto ac = answer(decoded(PduType::associate_rq, request_with(kIdentity)), {}, {.identity_response = ByteView{}});
  const auto reply = decoded(PduType::associate_ac, ac);
  REQUIRE(reply.user.identity_response);
  CHECK(reply.user.identity_response->empty());
  CHECK(sub_items_of(reply).behind_name == hex("59 00 0002 0000"));
}

TEST_CASE("roles hold when both sides say so") {
  using Said = std::optional<Roles>;
  constexpr Roles kScu{true, false};
  constexpr Roles kScp{false, true};
  constexpr Roles kBoth{true, true};
  constexpr Roles kNone{false, false};
  struct Row {
    Said proposed;
    Said answered;
    Roles agreed;
  };
  for (const auto& row : {Row{{}, {}, kScu}, Row{{}, kBoth, kScu}, Row{kBoth, {}, kScu}, Row{kScp, {}, kScu},
                          Row{kBoth, kBoth, kBoth}, Row{kBoth, kScp, kScp}, Row{kScp, kBoth, kScp}, Row{kScu, kBoth, kScu},
                          Row{kScp, kScu, kNone}, Row{kBoth, kNone, kNone}}) {
    CHECK(agree(row.proposed, row.answered) == row.agreed);
  }
}

TEST_CASE("the narrower operations window holds, and one at a time when a side says nothing") {
  using Window = OperationsWindow;
  using Said = std::optional<Window>;
  struct Row {
    Said proposed;
    Said answered;
    Window agreed;
  };
  for (const auto& row : {Row{{}, {}, {1, 1}}, Row{Window{0, 0}, {}, {1, 1}}, Row{{}, Window{9, 9}, {1, 1}},
                          Row{Window{0, 0}, Window{0, 0}, {0, 0}}, Row{Window{0, 7}, Window{5, 0}, {5, 7}},
                          Row{Window{3, 9}, Window{4, 2}, {3, 2}}, Row{Window{65535, 1}, Window{0, 65535}, {65535, 1}}}) {
    CHECK(agree(row.proposed, row.answered) == row.agreed);
  }
}

TEST_CASE("a sub-item that breaks its own frame is refused by name and place") {
  struct Row {
    Bytes sub_item;
    std::string_view fault;
  };
  const auto long_uid = hex("0041") + wire::text(std::string(65, '1'));
  const std::array rows{
      Row{hex("51 00 0004 00000000"), "maximum length comes twice"},
      Row{hex("53 00 0003 000000"), "operations window of 3 bytes, not 4"},
      Row{hex("53 00 0000"), "operations window of 0 bytes, not 4"},
      Row{hex("53 00 0005 0000000000"), "operations window of 5 bytes, not 4"},
      Row{hex("54 00 0000"), "role selection of 0 bytes is too short for its fields"},
      Row{hex("54 00 0005 0002 '11' 01"), "role selection of 5 bytes is too short for its fields"},
      Row{hex("54 00 0004 FFFF 01 01"), "role selection of 4 bytes is too short for its fields"},
      Row{wire::item(0x54, long_uid + hex("01 01")), "role selection with a UID of 65 characters"},
      Row{hex("56 00 0003 0002 '1'"), "extended negotiation of 3 bytes is too short for its fields"},
      Row{wire::item(0x56, long_uid), "extended negotiation with a UID of 65 characters"},
      Row{hex("57 00 0006 0001 '1' 0001 '1'"), "common extended negotiation of 6 bytes is too short for its fields"},
      Row{hex("57 00 0009 0001 '1' 0000 0002 0001"), "common extended negotiation with a related UID that overruns it"},
      Row{hex("57 00 0008 0001 '1' 0000 0001 00"), "common extended negotiation with a related UID that overruns it"},
      Row{wire::item(0x57, hex("0000 0000") + wire::be16(67) + long_uid), "common extended negotiation with a UID of 65 characters"},
      Row{hex("58 00 0001 01"), "user identity of 1 bytes is too short for its fields"},
      Row{hex("58 00 0008 01 00 0004 'anna'"), "user identity of 8 bytes is too short for its fields"},
      Row{hex("58 00 0006 01 00 FFFF 0000"), "user identity of 6 bytes is too short for its fields"},
      Row{hex("58 00 0006 01 00 0000 0001"), "user identity of 6 bytes is too short for its fields"},
      Row{hex("54 00 00FF 00"), "role selection of 255 bytes, where 1 are left"},
      Row{hex("7F 00 FFFF"), "unknown item of 65535 bytes, where 0 are left"},
      Row{hex("54"), "1 bytes that are no item"},
  };
  for (const auto& row : rows) {
    const auto pdu = request_with(row.sub_item);
    const auto place = std::to_string(pdu.size() - row.sub_item.size());
    const auto asked = decode_associate(PduType::associate_rq, std::span{pdu}.subspan(6));
    INFO(row.fault);
    REQUIRE_FALSE(asked);
    CHECK(asked.error().what.view() == "A-ASSOCIATE-RQ, byte " + place + ": " + std::string{row.fault});
    CHECK(asked.error().reason == AbortReason::invalid_parameter);
  }
  const auto reply = reply_with(hex("59 00 0003 0002 00"));
  const auto read = decode_associate(PduType::associate_ac, std::span{reply}.subspan(6));
  REQUIRE_FALSE(read);
  CHECK(read.error().what.view().ends_with("user identity response of 3 bytes is too short for its fields"));
}

TEST_CASE("what may come once per SOP class may repeat itself, but not contradict itself") {
  for (const auto* drawn : {"54 00 0005 0001 '%' 00 01", "56 00 0004 0001 '%' 01", "57 00 0007 0001 '%' 0000 0000"}) {
    const auto with_uid = [&](char uid) {
      std::string text{drawn};
      text[text.find('%')] = uid;
      return hex(text);
    };
    const auto twice = request_with(with_uid('1') + with_uid('2') + with_uid('1'));
    CHECK(decode_associate(PduType::associate_rq, std::span{twice}.subspan(6)));
    auto other = with_uid('1');
    other.back() = std::byte{0};
    if (other == with_uid('1')) other = hex("57 00 0008 0001 '1' 0000 0000 00");
    const auto contradicting = request_with(with_uid('1') + other);
    const auto asked = decode_associate(PduType::associate_rq, std::span{contradicting}.subspan(6));
    REQUIRE_FALSE(asked);
    CHECK(asked.error().what.view().ends_with("contradicts one before it"));
  }
}

TEST_CASE("a flood of sub-items is refused before it costs time") {
  Bytes roles;
  for (unsigned i = 0; i <= kPerClassItemsMax; ++i) {
    roles = roles + wire::item(0x54, hex("0003") + wire::text(std::to_string(100 + i)) + hex("01 01"));
  }
  const auto pdu = request_with(roles);
  const auto asked = decode_associate(PduType::associate_rq, std::span{pdu}.subspan(6));
  REQUIRE_FALSE(asked);
  CHECK(asked.error().what.view().ends_with("role selection for the 257th time"));
}
