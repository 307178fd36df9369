// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <string>

#include <scanferry/dimse/pdu.hpp>

#include "negotiation.hpp"

using namespace negotiation;

TEST_CASE("128 contexts with a role selection each are proposed, granted and read back") {
  std::vector<std::string> uids(kContextsMax);
  std::vector<ProposedContext> contexts(kContextsMax);
  std::vector<RoleSelection> roles(kContextsMax);
  for (std::size_t i = 0; i < kContextsMax; ++i) {
    uids[i] = "1.2.840.10008.5.1.4.1.1.999.9." + std::to_string(i);
    contexts[i] = {std::string_view{uids[i]}, "1.2.840.10008.1.2.4.201"};
    roles[i] = {uids[i], {.scu = i % 2 == 0, .scp = true}};
  }
  const AssociateRequest request{.called = "P", .calling = "S", .roles = roles};
  CHECK(associate_rq_bytes(request, contexts) <= kAssociateRqBytesMax);
  const auto pdu = encoded(request, contexts);
  const auto asked = decoded(PduType::associate_rq, pdu);
  ContextAnswers answers;
  for (std::size_t i = 0; i < kContextsMax; ++i) {
    // Every third is refused, every fourth gets no role beside the default.
    const auto result = i % 3 == 0 ? ContextResult::user_rejected : ContextResult::accepted;
    answers.set(context_id_at(i), {result, 0, {.scu = true, .scp = i % 4 != 0}});
  }
  const auto ac = answer(asked, answers);
  const auto reply = decoded(PduType::associate_ac, ac);
  const auto read = read_answers(asked.items, reply.items);
  for (std::size_t i = 0; i < kContextsMax; ++i) {
    INFO(i);
    const auto id = context_id_at(i);
    CHECK(read.accepted(id) == (i % 3 != 0));
    if (read.accepted(id)) CHECK(read.at(id).roles == Roles{.scu = i % 2 == 0, .scp = i % 4 != 0});
  }
}

TEST_CASE("an acceptor that grants a role which was not proposed grants nothing") {
  const auto proposal = request_with(kRole);
  const auto reply = reply_with(hex("54 00 001D 0019 '1.2.840.10008.5.1.4.1.1.2' 01 01 | 54 00 0015 0011 '1.2.840.10008.1.1' 00 01"));
  const auto read = read_answers(decoded(PduType::associate_rq, proposal).items, decoded(PduType::associate_ac, reply).items);
  CHECK(read.at(3).roles == Roles{.scu = false, .scp = true});
  CHECK(read.at(1).roles == Roles{});
}

TEST_CASE("a token is written from where it lies, and the proposal is understood without it") {
  const std::string token(kIdentityBytesMax, 'T');
  const std::array roles{RoleSelection{kCt, {.scu = true, .scp = true}}};
  const AssociateRequest request{.called = "P",
                                 .calling = "S",
                                 .roles = roles,
                                 .identity = UserIdentity{.type = IdentityType::saml, .primary = bytes_of(token), .secondary = {}}};
  std::array<std::byte, 1024> room;
  REQUIRE_FALSE(fault_of(request, kContexts, room.size()));
  ByteWriter out{room};
  const auto pdu = put_associate_rq(out, request, kContexts);
  CHECK(pdu.identity.data() == bytes_of(token).data());
  CHECK(pdu.head.size() + pdu.tail.size() == out.size());
  const auto whole = bytes(pdu.head) + bytes(pdu.identity) + bytes(pdu.tail);
  const auto asked = decoded(PduType::associate_rq, whole);
  REQUIRE(asked.user.identity);
  CHECK(text_of(asked.user.identity->primary) == token);

  const auto kept = out.written().subspan(size::kAssociateFixed);
  ContextAnswers answers;
  answers.set(3, {ContextResult::accepted, 0, {.scu = true, .scp = true}});
  const auto ac = answer(asked, answers);
  const auto read = read_answers(kept, decoded(PduType::associate_ac, ac).items);
  CHECK(read.accepted(3));
  CHECK(read.at(3).roles == Roles{.scu = true, .scp = true});
  CHECK(find_context(kept, read, kCt) == 3);
}

TEST_CASE("a proposal that cannot be sent is refused in words") {
  const std::vector<ProposedContext> many(129, kContexts[0]);
  const std::vector<scanferry::core::Uid> syntaxes(255, "1.2");
  const std::array wide{ProposedContext{"1.2", "1.2", syntaxes}};
  const std::vector<RoleSelection> roles(257, RoleSelection{"1.2", {}});
  const std::string token(kIdentityBytesMax + 1, 'T');
  const Bytes block(60'000);
  const std::array extended{ExtendedNegotiation{"1.2", block}};
  const auto says = [](const AssociateRequest& request, std::span<const ProposedContext> contexts, std::size_t room) {
    const auto fault = fault_of(request, contexts, room);
    return fault ? std::string{fault->view()} : std::string{};
  };
  const AssociateRequest plain{.called = "P", .calling = "S"};
  const auto with_identity = [&](std::string_view primary, std::string_view secondary) {
    auto request = plain;
    request.identity =
        UserIdentity{.type = IdentityType::jwt, .primary = bytes_of(primary), .secondary = bytes_of(secondary)};
    return request;
  };
  auto crowded = plain;
  crowded.roles = roles;
  auto wordy = with_identity(std::string_view{token}.substr(1), "");
  wordy.extended = extended;
  CHECK(says(plain, kContexts, 100'000).empty());
  CHECK(says(plain, {}, 100'000) == "a proposal without a presentation context");
  CHECK(says(plain, many, 100'000) == "129 presentation contexts; an association has at most 128");
  CHECK(says(plain, wide, 100'000) == "more than 255 transfer syntaxes in one context");
  CHECK(says(crowded, kContexts, 100'000) == "role selection or extended negotiation for more than 256 SOP classes");
  CHECK(says(with_identity(token, ""), kContexts, 100'000) == "JSON Web Token of 8193 bytes; we send at most 8192");
  CHECK(says(with_identity("u", std::string_view{token}.substr(0, 257)), kContexts, 100'000) ==
        "passcode of 257 bytes; we send at most 256");
  CHECK(says(plain, kContexts, 100) ==
        "a proposal of " + std::to_string(associate_rq_bytes(plain, kContexts)) + " bytes; we send at most 100: propose less at once");
  CHECK(says(wordy, kContexts, 100'000).starts_with("user information of 68"));
}

TEST_CASE("an answer that is longer than its room is not begun") {
  const auto pdu = request_with(kRole);
  const auto asked = decoded(PduType::associate_rq, pdu);
  ContextAnswers answers;
  answers.set(3, {ContextResult::accepted, 0, {.scu = true, .scp = true}});
  const auto whole = answer(asked, answers).size();
  std::vector<std::byte> room(whole);
  ByteWriter exact{room};
  CHECK(put_associate_ac(exact, asked, answers, 0));
  ByteWriter tight{std::span{room}.first(whole - 1)};
  CHECK_FALSE(put_associate_ac(tight, asked, answers, 0));
  CHECK(tight.size() == 0);
}

TEST_CASE("several transfer syntaxes may be proposed in one context") {
  const std::array<scanferry::core::Uid, 2> more{"1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"};
  const std::array contexts{ProposedContext{kCt, "1.2.840.10008.1.2", more}};
  const auto pdu = encoded({.called = "P", .calling = "S"}, contexts);
  const auto asked = decoded(PduType::associate_rq, pdu);
  ItemCursor items{asked.items};
  const auto context = next_context(items, ItemType::proposed_context);
  REQUIRE(context);
  CHECK(transfer_syntax_at(*context, 0) == wire::kImplicit);
  CHECK(transfer_syntax_at(*context, 1) == wire::kExplicit);
  CHECK(transfer_syntax_at(*context, 2) == wire::kJpegBaseline);
  CHECK(transfer_syntax_at(*context, 3).empty());
}

namespace {

const Bytes kRichItems = hex("52 00 0003 '1.2' 55 00 0002 'AB'") + kWindow + kRole + kExtended + kCommon + hex("77 00 0002 0000");
const Bytes kRichRequest = request_with(kRichItems + kIdentity);
const Bytes kRichReply = reply_with(kRichItems + kIdentityResponse);

/// Walks all that can be walked; the sum keeps it from being left out.
std::size_t walk(const AssociatePdu& pdu, ItemType contexts) {
  std::size_t sum = 0;
  ItemCursor items{pdu.items};
  while (const auto context = next_context(items, contexts)) sum += transfer_syntax_at(*context, 0).size();
  const auto each = [&](auto next, auto size) {
    ItemCursor cursor{pdu.user.sub_items};
    while (const auto found = next(cursor)) sum += size(*found);
  };
  each(next_role, [](const auto& r) { return r.sop_class_uid.size(); });
  each(next_extended, [](const auto& e) { return e.information.size(); });
  each(next_common_extended, [](const auto& c) {
    auto related = c.related;
    std::size_t count = 0;
    while (next_related(related)) ++count;
    return count;
  });
  return sum;
}

}  // namespace

TEST_CASE("every truncation of a rich association PDU is refused or ends behind an item") {
  for (const auto type : {PduType::associate_rq, PduType::associate_ac}) {
    const auto& pdu = type == PduType::associate_rq ? kRichRequest : kRichReply;
    const auto value = std::span{pdu}.subspan(6);
    std::size_t whole = 0;
    for (std::size_t length = 0; length < value.size(); ++length) {
      // On the heap and of its own size, so that a sanitizer sees a read behind it.
      const Bytes cut{value.begin(), value.begin() + static_cast<std::ptrdiff_t>(length)};
      const auto read = decode_associate(type, cut);
      if (read) ++whole;
      if (!read) CHECK(read.error().what.view().starts_with(name_of(type)));
    }
    // Behind the fixed part, the application context and each of two presentation contexts.
    CHECK(whole == 4);
  }
}

TEST_CASE("no changed byte of an association PDU leads out of it") {
  std::size_t sum = 0;
  for (const auto type : {PduType::associate_rq, PduType::associate_ac}) {
    const auto contexts = type == PduType::associate_rq ? ItemType::proposed_context : ItemType::answered_context;
    const auto& pdu = type == PduType::associate_rq ? kRichRequest : kRichReply;
    for (std::size_t at = 6; at < pdu.size(); ++at) {
      for (unsigned change = 1; change < 256; ++change) {
        Bytes value{pdu.begin() + 6, pdu.end()};
        value[at - 6] ^= static_cast<std::byte>(change);
        if (const auto read = decode_associate(type, value)) sum += walk(*read, contexts);
      }
    }
  }
  CHECK(sum > 0);
}
