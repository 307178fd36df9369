// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/item.hpp>

/// What is negotiated beside presentation contexts: the sub-items of User Information, PS3.8 D.1 and PS3.7 D.3.3. All views that
/// come out of a PDU are borrowed from its bytes.
namespace scanferry::dimse {

/// PS3.8 Annex D.1: the value 0 says that there is no limit.
inline constexpr std::uint32_t kPduUnlimited = 0;
/// A peer that does not say how much it takes (it must, PS3.7 D.3.3.1) gets what implementations commonly take.
inline constexpr std::uint32_t kPduBytesAssumed = 16384;

/// What the requestor of the association is in the contexts of one SOP class; the acceptor is its counterpart. PS3.7 D.3.3.4:
/// unless both say otherwise, the requestor is SCU alone.
struct Roles {
  bool scu{true};
  bool scp{false};
  friend bool operator==(const Roles&, const Roles&) = default;
};
/// One SCP/SCU role selection sub-item, as proposed or as answered.
struct RoleSelection {
  std::string_view sop_class_uid;
  Roles roles;
};
/// The roles that hold when one side proposed and the other answered: what both say, and the default when one says nothing. For an
/// acceptor `answered` is what it is willing to grant. No role at all may be left; such a context is of no use.
Roles agree(std::optional<Roles> proposed, std::optional<Roles> answered);

/// PS3.7 D.3.3.3, always from the requestor's point of view: operations that it may have outstanding at once, and those that the
/// acceptor may. 0: any number.
struct OperationsWindow {
  std::uint16_t invoked{1};
  std::uint16_t performed{1};
  friend bool operator==(const OperationsWindow&, const OperationsWindow&) = default;
};
/// The window that holds: the narrower of the two, and one operation at a time when one side says nothing. For an acceptor
/// `answered` is what it is willing to grant; the result is what it sends.
OperationsWindow agree(std::optional<OperationsWindow> proposed, std::optional<OperationsWindow> answered);

/// One SOP class extended negotiation sub-item, PS3.7 D.3.3.5. What the bytes mean is the service class's (PS3.4).
struct ExtendedNegotiation {
  std::string_view sop_class_uid;
  core::ByteView information;
};

/// One SOP class common extended negotiation sub-item of a peer, PS3.7 D.3.3.6. It is not answered.
struct CommonExtendedNegotiation {
  std::string_view sop_class_uid;
  std::string_view service_class_uid;
  core::ByteView related;  ///< for `next_related`
};
/// Takes the next related general SOP class UID from the front of `related`.
std::optional<std::string_view> next_related(core::ByteView& related);
/// One to be sent.
struct CommonExtendedProposal {
  std::string_view sop_class_uid;
  std::string_view service_class_uid;
  std::span<const std::string_view> related;
};

/// PS3.7 D.3.3.7.1 table D.3-14; a peer may send any number.
enum class IdentityType : std::uint8_t { username = 1, username_and_passcode = 2, kerberos = 3, saml = 4, jwt = 5 };
/// "user name", "Kerberos ticket" and so on.
std::string_view name_of(IdentityType type);

/// PS3.7 D.3.3.7. Text is in UTF-8.
struct UserIdentity {
  IdentityType type{};
  bool response_requested{false};  ///< the peer is to say that it believes it; without its response the association is of no worth
  core::ByteView primary;          ///< user name, ticket, assertion or token
  core::ByteView secondary;        ///< passcode, of `username_and_passcode` alone
};
/// What `put_associate_rq` takes as a primary field, in bytes: assertions and tokens are signed, and seldom above half of this.
inline constexpr std::size_t kIdentityBytesMax = 8192;
inline constexpr std::size_t kPasscodeBytesMax = 256;

/// A decoded user information item. Of the sub-items that may come once per SOP class there are cursors over `sub_items`.
struct UserInformation {
  std::uint32_t max_pdu_bytes{kPduBytesAssumed};  ///< of P-DATA-TF value that the sender of this takes; kPduUnlimited: any
  core::Uid implementation_class_uid;
  core::FixedString<16> implementation_version_name;
  std::optional<OperationsWindow> window;
  std::optional<UserIdentity> identity;             ///< of an RQ
  std::optional<core::ByteView> identity_response;  ///< of an AC; empty for user names and passcodes
  core::ByteView sub_items;
};

/// The next of its sort, skipping other sub-items; the PDU was decoded before, so nothing can be wrong with it.
std::optional<RoleSelection> next_role(ItemCursor& sub_items);
std::optional<ExtendedNegotiation> next_extended(ItemCursor& sub_items);
std::optional<CommonExtendedNegotiation> next_common_extended(ItemCursor& sub_items);

/// What the sub-items say for one SOP class; nothing when they say nothing.
std::optional<Roles> find_roles(core::ByteView sub_items, std::string_view sop_class_uid);
std::optional<core::ByteView> find_extended(core::ByteView sub_items, std::string_view sop_class_uid);

/// Sub-items of one sort that may come once per SOP class; 128 contexts cannot have more than 128 SOP classes.
inline constexpr std::size_t kPerClassItemsMax = 256;

}  // namespace scanferry::dimse
