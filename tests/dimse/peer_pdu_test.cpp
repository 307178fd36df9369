// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/dimse/pdu.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using scanferry::core::text_of;

/// What programs that we did not write say, byte by byte.
namespace {

// DCMTK 3.6.7: findscu -W
const auto kFindscu = wire::hex(
    "01000000010000010000414E592D53435020202020202020202046494E44534355202020202020202020000000000000"
    "000000000000000000000000000000000000000000000000000010000015312E322E3834302E31303030382E332E312E"
    "312E31200000610100FF0030000016312E322E3834302E31303030382E352E312E342E333140000013312E322E383430"
    "2E31303030382E312E322E3140000013312E322E3834302E31303030382E312E322E3240000011312E322E3834302E31"
    "303030382E312E325000003A51000004000040005200001B312E322E3237362E302E373233303031302E332E302E332E"
    "362E375500000F4F464649535F44434D544B5F333637");

// DCMTK 3.6.7: storescu -usr anna -pwd secret -rsp, with two contexts of two transfer syntaxes
const auto kStorescu = wire::hex(
    "01000000014B00010000414E592D53435020202020202020202053544F52455343552020202020202020000000000000"
    "000000000000000000000000000000000000000000000000000010000015312E322E3834302E31303030382E332E312E"
    "312E312000004F0100FF003000001B312E322E3834302E31303030382E352E312E342E312E312E362E3140000013312E"
    "322E3834302E31303030382E312E322E3140000011312E322E3834302E31303030382E312E32200000450300FF003000"
    "0011312E322E3834302E31303030382E312E3140000013312E322E3834302E31303030382E312E322E3140000011312E"
    "322E3834302E31303030382E312E325000004E51000004000040005200001B312E322E3237362E302E37323330303130"
    "2E332E302E332E362E375500000F4F464649535F44434D544B5F3336375800001002010004616E6E6100067365637265"
    "74");

AssociatePdu decoded(const wire::Bytes& pdu) {
  REQUIRE(wire::take_apart(pdu).size() == 1);
  const auto asked = decode_associate(PduType::associate_rq, std::span{pdu}.subspan(6));
  REQUIRE(asked);
  CHECK_FALSE(rejection_of(*asked));
  CHECK(asked->called.view() == "ANY-SCP");
  CHECK(asked->user.max_pdu_bytes == 16384);
  CHECK(asked->user.implementation_class_uid.view() == "1.2.276.0.7230010.3.0.3.6.7");
  CHECK(asked->user.implementation_version_name.view() == "OFFIS_DCMTK_367");
  CHECK_FALSE(asked->user.window);
  return *asked;
}

struct Proposal {
  unsigned id;
  std::string abstract_syntax;
  std::vector<std::string> transfer_syntaxes;
  friend bool operator==(const Proposal&, const Proposal&) = default;
};
std::vector<Proposal> proposals_of(const AssociatePdu& asked) {
  std::vector<Proposal> out;
  ItemCursor items{asked.items};
  while (const auto context = next_context(items, ItemType::proposed_context)) {
    Proposal one{context->id, std::string{context->abstract_syntax}, {}};
    for (std::uint8_t i = 0; !transfer_syntax_at(*context, i).empty(); ++i) {
      one.transfer_syntaxes.emplace_back(transfer_syntax_at(*context, i));
    }
    out.push_back(one);
  }
  return out;
}

}  // namespace

TEST_CASE("a request of DCMTK's findscu is understood") {
  const auto asked = decoded(kFindscu);
  CHECK(asked.calling.view() == "FINDSCU");
  CHECK_FALSE(asked.user.identity);
  const std::vector<Proposal> proposals{{1, "1.2.840.10008.5.1.4.31", {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2"}}};
  CHECK(proposals_of(asked) == proposals);
}

TEST_CASE("a request of DCMTK's storescu with a user is understood") {
  const auto asked = decoded(kStorescu);
  CHECK(asked.calling.view() == "STORESCU");
  const std::vector<std::string> syntaxes{"1.2.840.10008.1.2.1", "1.2.840.10008.1.2"};
  const std::vector<Proposal> proposals{{1, "1.2.840.10008.5.1.4.1.1.6.1", syntaxes}, {3, "1.2.840.10008.1.1", syntaxes}};
  CHECK(proposals_of(asked) == proposals);
  REQUIRE(asked.user.identity);
  CHECK(asked.user.identity->type == IdentityType::username_and_passcode);
  CHECK(asked.user.identity->response_requested);
  CHECK(text_of(asked.user.identity->primary) == "anna");
  CHECK(text_of(asked.user.identity->secondary) == "secret");
}
