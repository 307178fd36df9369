// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/ae_title.hpp>
#include <scanferry/dimse/byte_writer.hpp>
#include <scanferry/dimse/item.hpp>
#include <scanferry/dimse/presentation_context.hpp>
#include <scanferry/dimse/user_information.hpp>

namespace scanferry::dimse {

/// PS3.8 9.3.1.
enum class PduType : std::uint8_t {
  associate_rq = 0x01,
  associate_ac = 0x02,
  associate_rj = 0x03,
  p_data_tf = 0x04,
  release_rq = 0x05,
  release_rp = 0x06,
  abort = 0x07,
};
/// "A-ASSOCIATE-RQ" and so on, as the standard writes it.
std::string_view name_of(PduType type);

inline constexpr std::size_t kPduHeaderBytes = 6;  ///< type, reserved, 32-bit length
inline constexpr std::size_t kPdvHeaderBytes = 6;  ///< 32-bit length, context id, message control header
/// Value of the four short PDUs: A-ASSOCIATE-RJ, A-RELEASE-RQ and -RP, A-ABORT.
inline constexpr std::size_t kShortPduBytes = 4;

/// Below this no message makes progress: a PDV header and 8 bytes of message.
inline constexpr std::uint32_t kPduBytesMin = kPdvHeaderBytes + 8;

/// PS3.8 9.3.8 table 9-26.
enum class AbortSource : std::uint8_t { service_user = 0, service_provider = 2 };
enum class AbortReason : std::uint8_t {
  not_specified = 0,
  unrecognized_pdu = 1,
  unexpected_pdu = 2,
  unrecognized_parameter = 4,
  unexpected_parameter = 5,
  invalid_parameter = 6,
};

/// PS3.8 9.3.4 table 9-21, raw: a peer may send anything.
struct Rejection {
  std::uint8_t result{0};
  std::uint8_t source{0};
  std::uint8_t reason{0};
};
/// PS3.8 9.3.8, raw.
struct Abortion {
  std::uint8_t source{0};
  std::uint8_t reason{0};
};

/// One line for a person about what a peer did.
using Words = core::FixedString<96>;
/// What was wrong with bytes that should be a PDU.
struct PduFault {
  AbortReason reason{};
  Words what;
};

/// A decoded A-ASSOCIATE-RQ or -AC. Views into the PDU's bytes.
struct AssociatePdu {
  std::uint16_t protocol_version{0};
  core::ByteView titles;    ///< called and calling AE title as they came, 32 bytes: an AC repeats them
  AeTitle called;           ///< without padding; characters outside the repertoire replaced by '?'
  AeTitle calling;
  std::string_view application_context;
  core::ByteView items;     ///< the whole variable part, for `ItemCursor`
  UserInformation user;
};

/// A presentation context item of an RQ (`result` meaningless) or an AC (`abstract_syntax` empty).
struct PresentationContext {
  std::uint8_t id{0};
  std::uint8_t result{0};
  std::string_view abstract_syntax;
  core::ByteView sub_items;
};
/// The next context of `type`, skipping other items; the PDU was decoded before, so nothing can be wrong with it.
std::optional<PresentationContext> next_context(ItemCursor& items, ItemType type);
/// The place of `uid` among the context's transfer syntaxes; nothing when it is not there.
std::optional<std::uint8_t> find_transfer_syntax(const PresentationContext& context, std::string_view uid);
/// The transfer syntax at `index`; empty when there is none.
std::string_view transfer_syntax_at(const PresentationContext& context, std::uint8_t index);

/// Decodes and checks an A-ASSOCIATE-RQ or -AC value down to the last sub-item. A fault names the item and its place, in bytes from
/// the start of the PDU.
std::expected<AssociatePdu, PduFault> decode_associate(PduType type, core::ByteView value);
/// Decodes values of kShortPduBytes.
Rejection decode_associate_rj(core::ByteView value);
Abortion decode_abort(core::ByteView value);

/// Why an acceptor refuses whatever the contexts are: the protocol version (PS3.8 9.3.2) or the application context (PS3.7 A.2.1)
/// is not ours.
std::optional<Rejection> rejection_of(const AssociatePdu& asked);

/// What an A-ASSOCIATE-RQ says, apart from the contexts. What is borrowed is so until the PDU is encoded, `identity->primary` until
/// it is written.
struct AssociateRequest {
  AeTitle called;
  AeTitle calling;
  std::uint32_t max_pdu_bytes{kPduBytesAssumed};
  std::optional<OperationsWindow> window{};  ///< without: one operation at a time
  // Of each at most one per SOP class.
  std::span<const RoleSelection> roles{};
  std::span<const ExtendedNegotiation> extended{};
  std::span<const CommonExtendedProposal> common_extended{};
  std::optional<UserIdentity> identity{};
};

/// An encoded A-ASSOCIATE-RQ, to be written in this order. An identity's primary field is not copied: an association would otherwise
/// carry a token about for all its life.
struct RequestPdu {
  core::ByteView head;      ///< the whole PDU when there is no identity
  core::ByteView identity;  ///< the caller's `identity->primary`
  core::ByteView tail;      ///< lies behind `head` in memory
};

/// The bytes that `put_associate_rq` takes in its output: the PDU without the identity's primary field.
std::size_t associate_rq_bytes(const AssociateRequest& request, std::span<const ProposedContext> contexts);
/// What a person can do about a proposal that cannot be sent; nothing: it can. `room` is that of the output. Field lengths of 16 bits,
/// kContextsMax, kSyntaxesMax, kPerClassItemsMax and kIdentityBytesMax are the other bounds.
std::optional<Words> fault_of(const AssociateRequest& request, std::span<const ProposedContext> contexts, std::size_t room);
/// Contexts get the ids of `context_id_at`. Only what `fault_of` has nothing against.
RequestPdu put_associate_rq(ByteWriter& out, const AssociateRequest& request, std::span<const ProposedContext> contexts);

/// What an A-ASSOCIATE-AC says beside contexts and roles. Each is sent only when the requestor asked for it.
struct AssociateAnswer {
  OperationsWindow window{};  ///< what we are willing to grant
  std::span<const ExtendedNegotiation> extended{};
  std::optional<core::ByteView> identity_response{};  ///< empty for user names and passcodes; without: not believed
};

/// Answers each context of `asked` by `answers`, and each role selection for a SOP class of an accepted context by that context's
/// roles: a role that was not proposed is never granted. False, and nothing written, when it is longer than what is left in `out`.
bool put_associate_ac(ByteWriter& out, const AssociatePdu& asked, const ContextAnswers& answers, std::uint32_t max_pdu_bytes,
                      const AssociateAnswer& more = {});
void put_associate_rj(ByteWriter& out, const Rejection& rejection);
void put_release_rq(ByteWriter& out);
void put_release_rp(ByteWriter& out);
void put_abort(ByteWriter& out, AbortSource source, AbortReason reason);

/// Which part of a message a fragment carries, PS3.8 E.2.
enum class FragmentKind : std::uint8_t { data_set = 0, command = 1 };
/// The header of a P-DATA-TF with one PDV of `bytes` bytes, which follow.
void put_data_header(ByteWriter& out, std::uint8_t context_id, FragmentKind kind, bool last, std::uint32_t bytes);
inline constexpr std::size_t kDataHeaderBytes = kPduHeaderBytes + kPdvHeaderBytes;

namespace size {
inline constexpr std::size_t kUidItem = kItemHeaderBytes + core::Uid::capacity();
inline constexpr std::size_t kAssociateFixed = kPduHeaderBytes + 68;
inline constexpr std::size_t kWindowItem = kItemHeaderBytes + 4;
inline constexpr std::size_t kUserInformation =
    kItemHeaderBytes + (kItemHeaderBytes + 4) + kUidItem + kWindowItem + (kItemHeaderBytes + 16);
inline constexpr std::size_t kAssociateCommon = kAssociateFixed + kUidItem + kUserInformation;
}  // namespace size

/// Room for an A-ASSOCIATE-RQ. It holds kContextsMax contexts of two UIDs each, all of the greatest length; or, with UIDs as long as
/// the standard's, role selection for each of them and 4 KiB of other negotiation too. `fault_of` says when a proposal needs more.
inline constexpr std::size_t kAssociateRqBytesMax =
    size::kAssociateCommon + kContextsMax * (kItemHeaderBytes + 4 + 2 * size::kUidItem);
/// Room for an A-ASSOCIATE-AC, likewise: kContextsMax contexts with the longest UID each, or with the standard's UIDs and role
/// selection for each of them.
inline constexpr std::size_t kAssociateAcBytesMax =
    size::kAssociateCommon + kContextsMax * (kItemHeaderBytes + 4 + size::kUidItem);

}  // namespace scanferry::dimse
