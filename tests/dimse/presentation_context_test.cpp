// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/dimse/pdu.hpp>
#include <scanferry/dimse/presentation_context.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;

namespace {

/// The items of an association PDU.
std::span<const std::byte> items_of(const wire::Bytes& pdu) { return std::span{pdu}.subspan(6 + 68); }

const wire::Bytes kProposal = wire::associate_rq({{1, wire::kVerification, {wire::kImplicit}},
                                                  {3, wire::kUsMultiFrame, {wire::kExplicit}},
                                                  {5, wire::kUsMultiFrame, {wire::kJpegBaseline}},
                                                  {7, "1.2.3", {wire::kExplicit}}},
                                                 wire::max_length(0));

}  // namespace

TEST_CASE("context ids are odd and count up to 255") {
  CHECK(context_id_at(0) == 1);
  CHECK(context_id_at(kContextsMax - 1) == 255);
  CHECK(context_index_of(255) == kContextsMax - 1);
}

TEST_CASE("a pair is usable only where the peer accepted it") {
  const auto reply =
      wire::associate_ac({{1, 0, wire::kImplicit}, {3, 0, wire::kExplicit}, {5, 4, ""}, {7, 3, ""}}, wire::max_length(0));
  const auto answers = read_answers(items_of(kProposal), items_of(reply));
  const auto find = [&](std::string_view abstract, std::optional<std::string_view> syntax = {}) {
    return find_context(items_of(kProposal), answers, abstract, syntax);
  };
  CHECK(find(wire::kVerification) == 1);
  CHECK(find(wire::kUsMultiFrame, wire::kExplicit) == 3);
  CHECK(find(wire::kUsMultiFrame, wire::kJpegBaseline).error() == ContextError::syntax_refused);
  CHECK(find("1.2.3", wire::kExplicit).error() == ContextError::class_refused);
  CHECK(find("1.2.4", wire::kExplicit).error() == ContextError::class_refused);
  CHECK(find(wire::kUsMultiFrame, "").error() == ContextError::syntax_refused);
}

TEST_CASE("a class that is refused for its transfer syntax alone is said to be so") {
  const auto reply = wire::associate_ac({{5, 4, ""}}, wire::max_length(0));
  const auto answers = read_answers(items_of(kProposal), items_of(reply));
  CHECK(find_context(items_of(kProposal), answers, wire::kUsMultiFrame, wire::kJpegBaseline).error() ==
        ContextError::syntax_refused);
}

TEST_CASE("what a peer accepts without having been asked is not accepted") {
  // Context 3 with a syntax that was not proposed, context 9 not proposed, context 7 not answered.
  const auto reply =
      wire::associate_ac({{3, 0, wire::kImplicit}, {9, 0, wire::kImplicit}, {1, 77, wire::kImplicit}}, wire::max_length(0));
  const auto answers = read_answers(items_of(kProposal), items_of(reply));
  CHECK(answers.at(3).result == ContextResult::transfer_syntaxes_not_supported);
  CHECK_FALSE(answers.accepted(9));
  CHECK_FALSE(answers.accepted(1));
  CHECK(answers.at(7).result == ContextResult::unanswered);
  for (unsigned id = 0; id < 256; ++id) CHECK_FALSE(answers.accepted(static_cast<std::uint8_t>(id)));
}

TEST_CASE("an acceptor may choose among several transfer syntaxes") {
  const auto proposal =
      wire::associate_rq({{11, "1.2.3", {wire::kJpegBaseline, wire::kExplicit, wire::kImplicit}}}, wire::max_length(0));
  const auto reply = wire::associate_ac({{11, 0, wire::kImplicit}}, wire::max_length(0));
  const auto answers = read_answers(items_of(proposal), items_of(reply));
  CHECK(answers.at(11).syntax == 2);
  CHECK(find_context(items_of(proposal), answers, "1.2.3", wire::kImplicit) == 11);
  CHECK_FALSE(find_context(items_of(proposal), answers, "1.2.3", wire::kExplicit));
}
