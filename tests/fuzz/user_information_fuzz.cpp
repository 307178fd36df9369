// SPDX-License-Identifier: Apache-2.0
// Any bytes as the sub-items of an association PDU that is right otherwise. What was understood of a request can be proposed again,
// and means the same.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <scanferry/dimse/pdu.hpp>

#include "require.hpp"

using namespace scanferry;
using fuzz::require;

namespace {

constexpr std::string_view kApplicationContext = "1.2.840.10008.3.1.1.1";
constexpr std::size_t kSubItemsBytesMax = 0xFFFF;

// | version 0..1 | reserved 2..3 | titles 4..35 | reserved 36..67 | items 68.. |   PS3.8 9.3.2
std::vector<std::byte> associate_value(core::ByteView sub_items) {
  std::vector<std::byte> value(68 + 2 * dimse::kItemHeaderBytes + kApplicationContext.size() + sub_items.size());
  dimse::ByteWriter out{value};
  out.be16(1);
  out.be16(0);
  out.fill(32, ' ');
  out.fill(32);
  out.be16(0x1000);
  out.be16(static_cast<std::uint16_t>(kApplicationContext.size()));
  out.text(kApplicationContext);
  out.be16(0x5000);
  out.be16(static_cast<std::uint16_t>(sub_items.size()));
  out.bytes(sub_items);
  return value;
}

/// What of `user` may come once per SOP class, as lists to propose.
struct PerClass {
  std::vector<dimse::RoleSelection> roles;
  std::vector<dimse::ExtendedNegotiation> extended;
  std::vector<dimse::CommonExtendedNegotiation> common;

  explicit PerClass(const dimse::UserInformation& user) {
    dimse::ItemCursor cursor{user.sub_items};
    while (const auto one = dimse::next_role(cursor)) add(roles, *one);
    cursor = dimse::ItemCursor{user.sub_items};
    while (const auto one = dimse::next_extended(cursor)) add(extended, *one);
    cursor = dimse::ItemCursor{user.sub_items};
    while (const auto one = dimse::next_common_extended(cursor)) {
      for (auto related = one->related; const auto uid = dimse::next_related(related);) require(uid->size() <= core::Uid::capacity());
      add(common, *one);
    }
    require(roles.size() <= dimse::kPerClassItemsMax && extended.size() <= dimse::kPerClassItemsMax);
  }
  /// The first of each SOP class counts.
  template <class List, class One>
  static void add(List& list, const One& one) {
    for (const auto& other : list) {
      if (other.sop_class_uid == one.sop_class_uid) return;
    }
    list.push_back(one);
  }
};

void check_proposal(const dimse::UserInformation& user) {
  const PerClass said{user};
  dimse::AssociateRequest request{.called = "A", .calling = "B", .max_pdu_bytes = user.max_pdu_bytes, .window = user.window};
  request.roles = said.roles;
  request.extended = said.extended;
  request.identity = user.identity;
  std::vector<std::byte> room(4 * kSubItemsBytesMax);
  if (dimse::fault_of(request, {}, room.size())) return;
  dimse::ByteWriter out{room};
  const auto pdu = dimse::put_associate_rq(out, request, {});
  std::vector<std::byte> value{pdu.head.begin() + dimse::kPduHeaderBytes, pdu.head.end()};
  value.insert(value.end(), pdu.identity.begin(), pdu.identity.end());
  value.insert(value.end(), pdu.tail.begin(), pdu.tail.end());
  const auto again = dimse::decode_associate(dimse::PduType::associate_rq, value);
  require(again.has_value());
  require(again->user.max_pdu_bytes == user.max_pdu_bytes && again->user.window == user.window);
  for (const auto& role : said.roles) require(dimse::find_roles(again->user.sub_items, role.sop_class_uid) == role.roles);
  for (const auto& one : said.extended) {
    const auto found = dimse::find_extended(again->user.sub_items, one.sop_class_uid);
    require(found && std::ranges::equal(*found, one.information));
  }
  require(again->user.identity.has_value() == user.identity.has_value());
  if (user.identity) require(std::ranges::equal(again->user.identity->primary, user.identity->primary));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto sub_items = std::as_bytes(std::span{data, std::min(size, kSubItemsBytesMax)});
  const auto value = associate_value(sub_items);
  for (const auto type : {dimse::PduType::associate_rq, dimse::PduType::associate_ac}) {
    const auto pdu = dimse::decode_associate(type, value);
    if (!pdu) {
      require(!pdu.error().what.empty());
      continue;
    }
    require(pdu->user.sub_items.size() == sub_items.size());
    if (type == dimse::PduType::associate_rq) check_proposal(pdu->user);
  }
  return 0;
}
