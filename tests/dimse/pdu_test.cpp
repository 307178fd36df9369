// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/core/implementation.hpp>
#include <scanferry/dimse/pdu.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using wire::Bytes;
using wire::hex;
using wire::operator+;

namespace {

template <class Put>
Bytes encoded(Put put) {
  static std::array<std::byte, kAssociateRqBytesMax> room;
  ByteWriter out{room};
  put(out);
  return {out.written().begin(), out.written().end()};
}

Bytes implementation_items() {
  return wire::item(0x52, wire::text(scanferry::core::kImplementationClassUid)) +
         wire::item(0x55, wire::text(scanferry::core::kImplementationVersionName));
}

/// The value of a whole PDU.
std::span<const std::byte> value_of(const Bytes& pdu) { return std::span{pdu}.subspan(6); }

const std::vector<wire::Proposed> kOneContext{{1, wire::kVerification, {wire::kImplicit}}};

}  // namespace

TEST_CASE("an A-ASSOCIATE-RQ is written as PS3.8 9.3.2 draws it") {
  const AssociateRequest request{.called = "PACS", .calling = "SCANFERRY", .max_pdu_bytes = 16384};
  const std::array contexts{ProposedContext{"1.2.840.10008.1.1", "1.2.840.10008.1.2"},
                            ProposedContext{"1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.1.2.1"}};
  const auto user = hex("51 00 0004 00004000") + implementation_items();
  const auto variable = hex("10 00 0015 '1.2.840.10008.3.1.1.1'"
                            "20 00 002E 01 000000 | 30 00 0011 '1.2.840.10008.1.1' | 40 00 0011 '1.2.840.10008.1.2'"
                            "20 00 003A 03 000000 | 30 00 001B '1.2.840.10008.5.1.4.1.1.3.1' | 40 00 0013 '1.2.840.10008.1.2.1'") +
                        hex("50 00") + wire::be16(static_cast<unsigned>(user.size())) + user;
  const auto fixed = hex("0001 0000 'PACS            ' 'SCANFERRY       '") + Bytes(32);
  const auto expected = hex("01 00") + wire::be32(static_cast<std::uint32_t>(fixed.size() + variable.size())) + fixed + variable;
  CHECK(encoded([&](ByteWriter& out) { put_associate_rq(out, request, contexts); }) == expected);
}

TEST_CASE("the short PDUs are written as PS3.8 9.3.4 and 9.3.6 to 9.3.8 draw them") {
  CHECK(encoded([](ByteWriter& out) { put_associate_rj(out, {.result = 1, .source = 2, .reason = 3}); }) ==
        hex("03 00 00000004 00 01 02 03"));
  CHECK(encoded([](ByteWriter& out) { put_release_rq(out); }) == hex("05 00 00000004 00000000"));
  CHECK(encoded([](ByteWriter& out) { put_release_rp(out); }) == hex("06 00 00000004 00000000"));
  CHECK(encoded([](ByteWriter& out) { put_abort(out, AbortSource::service_provider, AbortReason::unexpected_pdu); }) ==
        hex("07 00 00000004 0000 02 02"));
}

TEST_CASE("a P-DATA-TF header counts the PDV, and the PDV counts its control header") {
  CHECK(encoded([](ByteWriter& out) { put_data_header(out, 5, FragmentKind::data_set, false, 0x1000); }) ==
        hex("04 00 00001006 | 00001002 05 00"));
  CHECK(encoded([](ByteWriter& out) { put_data_header(out, 1, FragmentKind::command, true, 8); }) ==
        hex("04 00 0000000E | 0000000A 01 03"));
  CHECK(encoded([](ByteWriter& out) { put_data_header(out, 1, FragmentKind::data_set, true, 0); }) ==
        hex("04 00 00000006 | 00000002 01 02"));
}

TEST_CASE("an A-ASSOCIATE-AC answers every context and repeats the titles as they came") {
  const auto rq = wire::associate_rq(
      {{1, wire::kVerification, {wire::kExplicit, wire::kImplicit}}, {5, wire::kUsMultiFrame, {wire::kImplicit}}},
      wire::max_length(0), " SCANFERRY", "PE\xFFR");
  const auto asked = decode_associate(PduType::associate_rq, value_of(rq));
  REQUIRE(asked);
  ContextAnswers answers;
  answers.set(1, {ContextResult::accepted, 1});
  answers.set(5, {ContextResult::abstract_syntax_not_supported, 0});
  const auto user = hex("51 00 0004 00008000") + implementation_items();
  const auto variable = hex("10 00 0015 '1.2.840.10008.3.1.1.1'"
                            "21 00 0019 01 00 00 00 | 40 00 0011 '1.2.840.10008.1.2'"
                            "21 00 0019 05 00 03 00 | 40 00 0011 '1.2.840.10008.1.2'") +
                        wire::item(0x50, user);
  const auto expected = wire::pdu(0x02, hex("0001 0000 ' SCANFERRY      ' 'PE' FF 'R            '") + Bytes(32) + variable);
  CHECK(encoded([&](ByteWriter& out) { put_associate_ac(out, *asked, answers, 0x8000); }) == expected);
}

TEST_CASE("the longest association request and answer fit their bounds exactly") {
  const scanferry::core::Uid longest{std::string(64, '1')};
  const std::vector<ProposedContext> contexts(kContextsMax, ProposedContext{longest, longest});
  const auto rq = encoded([&](ByteWriter& out) { put_associate_rq(out, {.called = "P", .calling = "S"}, contexts); });
  CHECK(rq.size() <= kAssociateRqBytesMax);
  CHECK(rq.size() + 200 > kAssociateRqBytesMax);
  const auto asked = decode_associate(PduType::associate_rq, value_of(rq));
  REQUIRE(asked);
  ContextAnswers answers;
  for (std::size_t i = 0; i < kContextsMax; ++i) answers.set(context_id_at(i), {ContextResult::accepted, 0});
  const auto ac = encoded([&](ByteWriter& out) { put_associate_ac(out, *asked, answers, 0); });
  CHECK(ac.size() <= kAssociateAcBytesMax);
  CHECK(decode_associate(PduType::associate_ac, value_of(ac)));
}

TEST_CASE("an A-ASSOCIATE-RQ of a peer is read down to its sub-items") {
  const auto user = wire::max_length(0x00012345) + wire::item(0x52, wire::text("1.2.3")) + wire::item(0x55, wire::text("OTHER_1")) +
                    wire::item(0x53, wire::be16(1) + wire::be16(1)) + wire::item(0x5A, wire::text("whatever"));
  const auto rq = wire::associate_rq(
      {{1, wire::kVerification, {wire::kImplicit}}, {255, wire::kUsMultiFrame, {wire::kExplicit, wire::kJpegBaseline}}}, user,
      "  CALLED", "CALLING ");
  const auto asked = decode_associate(PduType::associate_rq, value_of(rq));
  REQUIRE(asked);
  CHECK(asked->called.view() == "CALLED");
  CHECK(asked->calling.view() == "CALLING");
  CHECK(asked->application_context == "1.2.840.10008.3.1.1.1");
  CHECK(asked->user.max_pdu_bytes == 0x12345);
  CHECK(asked->user.implementation_class_uid.view() == "1.2.3");
  CHECK(asked->user.implementation_version_name.view() == "OTHER_1");
  ItemCursor items{asked->items};
  const auto first = next_context(items, ItemType::proposed_context);
  const auto second = next_context(items, ItemType::proposed_context);
  REQUIRE(first);
  REQUIRE(second);
  CHECK_FALSE(next_context(items, ItemType::proposed_context));
  CHECK(first->abstract_syntax == wire::kVerification);
  CHECK(second->id == 255);
  CHECK(find_transfer_syntax(*second, wire::kJpegBaseline) == 1);
  CHECK_FALSE(find_transfer_syntax(*second, wire::kImplicit));
  CHECK(transfer_syntax_at(*second, 0) == wire::kExplicit);
  CHECK(transfer_syntax_at(*second, 2).empty());
}

TEST_CASE("titles and names of a peer are made safe to show") {
  const auto rq = wire::associate_rq(kOneContext, wire::max_length(0), "A\nB\x1B[2J", std::string_view{"P\0\0\0", 4});
  const auto asked = decode_associate(PduType::associate_rq, value_of(rq));
  REQUIRE(asked);
  CHECK(asked->called.view() == "A?B?[2J");
  CHECK(asked->calling.view() == "P");
}

TEST_CASE("a UID that a peer padded is understood all the same") {
  const auto rq =
      wire::associate_rq({{1, std::string_view{"1.2.840.10008.1.1\0", 18}, {"1.2.840.10008.1.2 "}}}, wire::max_length(0));
  const auto asked = decode_associate(PduType::associate_rq, value_of(rq));
  REQUIRE(asked);
  ItemCursor items{asked->items};
  const auto context = next_context(items, ItemType::proposed_context);
  REQUIRE(context);
  CHECK(context->abstract_syntax == wire::kVerification);
  CHECK(find_transfer_syntax(*context, wire::kImplicit) == 0);
}

TEST_CASE("an association PDU that breaks its own frame is refused by name") {
  const auto fixed = wire::be16(1) + Bytes(66);
  const auto context = [](const char* head, const Bytes& rest) { return wire::item(0x20, hex(head) + rest); };
  const auto long_uid = wire::text(std::string(65, '1'));
  struct Row {
    Bytes value;
    std::string_view fault;
  };
  const std::array rows{
      Row{Bytes(67), ": 67 bytes are too few for its fixed fields"},
      Row{{}, ": 0 bytes are too few for its fixed fields"},
      Row{fixed + hex("20 00 00"), ", byte 74: 3 bytes that are no item"},
      Row{fixed + hex("20 00 FFFF 01"), ", byte 74: presentation context of 65535 bytes, where 1 are left"},
      Row{fixed + hex("99 00 0001"), ", byte 74: unknown item of 1 bytes, where 0 are left"},
      Row{fixed + hex("20 00 0003 01 00 00"), ", byte 74: presentation context of 3 bytes is too short"},
      Row{fixed + context("02 00 00 00", {}), ", byte 74: presentation context id 2 is even"},
      Row{fixed + context("00 00 00 00", {}), ", byte 74: presentation context id 0 is even"},
      Row{fixed + context("01 00 00 00", {}) + context("01 00 00 00", {}), ", byte 82: presentation context id 1 is used twice"},
      Row{fixed + context("01 00 00 00", hex("30 00 0005 'ab'")),
          ", byte 82: abstract syntax of 5 bytes, where 2 are left"},
      Row{fixed + context("01 00 00 00", wire::item(0x30, long_uid)), ", byte 82: abstract syntax of 65 characters"},
      Row{fixed + context("01 00 00 00", wire::item(0x40, long_uid)), ", byte 82: transfer syntax of 65 characters"},
      Row{fixed + context("01 00 00 00", wire::item(0x30, {}) + wire::item(0x30, {})), ", byte 86: abstract syntax comes twice"},
      Row{fixed + wire::item(0x10, long_uid), ", byte 74: application context of 65 characters"},
      Row{fixed + wire::item(0x10, {}) + wire::item(0x10, {}), ", byte 78: application context comes twice"},
      Row{fixed + wire::item(0x50, {}) + wire::item(0x50, {}), ", byte 78: user information comes twice"},
  };
  for (const auto& row : rows) {
    const auto asked = decode_associate(PduType::associate_rq, row.value);
    INFO(row.fault);
    REQUIRE_FALSE(asked);
    CHECK(asked.error().what.view() == "A-ASSOCIATE-RQ" + std::string{row.fault});
    CHECK(asked.error().reason == AbortReason::invalid_parameter);
  }
}

TEST_CASE("items and sub-items that are not known are skipped wherever they are") {
  const auto unknown = [](unsigned type) { return wire::item(type, Bytes(200)); };
  const auto context = wire::item(0x20, hex("01 00 00 00") + unknown(0x41) + wire::item(0x30, wire::text("1.2")) + unknown(0x00) +
                                            wire::item(0x40, wire::text("1.3")) + unknown(0xFF));
  const auto user = wire::item(0x50, unknown(0x54 + 0x20) + wire::max_length(7) + unknown(0xFF) + unknown(0xFF));
  const auto value = wire::be16(1) + Bytes(66) + unknown(0x11) + context + unknown(0x21) + user + unknown(0xFF);
  const auto asked = decode_associate(PduType::associate_rq, value);
  REQUIRE(asked);
  CHECK(asked->user.max_pdu_bytes == 7);
  ItemCursor items{asked->items};
  const auto proposed = next_context(items, ItemType::proposed_context);
  REQUIRE(proposed);
  CHECK(proposed->abstract_syntax == "1.2");
  CHECK(transfer_syntax_at(*proposed, 0) == "1.3");
}

TEST_CASE("an acceptance of two transfer syntaxes in one context is refused") {
  const auto value = wire::be16(1) + Bytes(66) + wire::item(0x21, hex("01 00 00 00 | 40 00 0000 | 40 00 0000"));
  const auto reply = decode_associate(PduType::associate_ac, value);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().what.view() == "A-ASSOCIATE-AC, byte 86: transfer syntax comes twice");
}

TEST_CASE("an association with another protocol version or another application context is rejected as such") {
  const auto rejected = [](unsigned version, std::string_view application_context) {
    const auto value = wire::be16(version) + Bytes(66) + wire::item(0x10, wire::text(application_context));
    const auto asked = decode_associate(PduType::associate_rq, value);
    REQUIRE(asked);
    const auto rejection = rejection_of(*asked);
    return rejection ? std::array<int, 3>{rejection->result, rejection->source, rejection->reason} : std::array<int, 3>{};
  };
  constexpr auto kOurs = "1.2.840.10008.3.1.1.1";
  CHECK(rejected(0x0001, kOurs) == std::array{0, 0, 0});
  CHECK(rejected(0xFFFF, kOurs) == std::array{0, 0, 0});
  CHECK(rejected(0x0000, kOurs) == std::array{1, 2, 2});
  CHECK(rejected(0x0002, kOurs) == std::array{1, 2, 2});
  CHECK(rejected(0x0001, "1.2.840.10008.3.1.1.2") == std::array{1, 1, 2});
  CHECK(rejected(0x0001, "") == std::array{1, 1, 2});
}

TEST_CASE("every truncation of an association PDU is refused or has whole items") {
  const auto rq = wire::associate_rq(kOneContext, wire::max_length(16384));
  const auto value = value_of(rq);
  std::size_t whole = 0;
  for (std::size_t length = 0; length < value.size(); ++length) {
    if (decode_associate(PduType::associate_rq, value.first(length))) ++whole;
  }
  // Behind the fixed part, the application context and the presentation context.
  CHECK(whole == 3);
}

TEST_CASE("the transfer syntax of a refused context is not looked at") {
  const auto garbage = hex("21 00 0006 01 00 03 00 | 40 00");
  const auto value = wire::be16(1) + Bytes(66) + garbage;
  CHECK(decode_associate(PduType::associate_ac, value));
}

TEST_CASE("the short PDUs of a peer are read raw") {
  const auto rejection = decode_associate_rj(hex("00 02 03 01"));
  CHECK(rejection.result == 2);
  CHECK(rejection.source == 3);
  CHECK(rejection.reason == 1);
  const auto abortion = decode_abort(hex("00 00 02 06"));
  CHECK(abortion.source == 2);
  CHECK(abortion.reason == 6);
}
