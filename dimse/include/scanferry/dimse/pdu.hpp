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
#include <scanferry/dimse/presentation_context.hpp>

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

/// PS3.8 Annex D.1: the value 0 says that there is no limit.
inline constexpr std::uint32_t kPduUnlimited = 0;
/// A peer that does not say how much it takes (it must, PS3.7 D.3.3.1) gets what implementations commonly take.
inline constexpr std::uint32_t kPduBytesAssumed = 16384;
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

/// The sub-items of User Information that this build acts on, PS3.8 D.1 and PS3.7 D.3.3.2; the others are skipped.
struct UserInformation {
  std::uint32_t max_pdu_bytes{kPduBytesAssumed};  ///< of P-DATA-TF value that the sender of this takes; kPduUnlimited: any
  core::Uid implementation_class_uid;
  core::FixedString<16> implementation_version_name;
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

/// PS3.8 9.3.2 and 9.3.3, D.1; PS3.7 D.3.3.
enum class ItemType : std::uint8_t {
  application_context = 0x10,
  proposed_context = 0x20,
  answered_context = 0x21,
  abstract_syntax = 0x30,
  transfer_syntax = 0x40,
  user_information = 0x50,
  maximum_length = 0x51,
  implementation_class_uid = 0x52,
  implementation_version_name = 0x55,
};

struct Item {
  ItemType type{};  ///< may be none of the enumerators
  core::ByteView value;
};

/// Walks items or sub-items: type, reserved, 16-bit length, value.
class ItemCursor {
 public:
  explicit ItemCursor(core::ByteView bytes) : rest_{bytes} {}
  /// The next item; nothing at the end, or when an item overruns its container.
  std::optional<Item> next();
  /// After `next` gave nothing: whether bytes were left that are no item.
  [[nodiscard]] bool overran() const { return !rest_.empty(); }

 private:
  core::ByteView rest_;
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

/// Decodes and checks an A-ASSOCIATE-RQ or -AC value down to the last sub-item.
std::expected<AssociatePdu, PduFault> decode_associate(PduType type, core::ByteView value);
/// Decodes values of kShortPduBytes.
Rejection decode_associate_rj(core::ByteView value);
Abortion decode_abort(core::ByteView value);

/// What an A-ASSOCIATE-RQ says, apart from the contexts.
struct AssociateRequest {
  AeTitle called;
  AeTitle calling;
  std::uint32_t max_pdu_bytes{kPduBytesAssumed};
};

void put_associate_rq(ByteWriter& out, const AssociateRequest& request, std::span<const ProposedContext> contexts);
/// Answers each context of `request` by `answers`.
void put_associate_ac(ByteWriter& out, const AssociatePdu& request, const ContextAnswers& answers, std::uint32_t max_pdu_bytes);
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
inline constexpr std::size_t kItemHeader = 4;
inline constexpr std::size_t kUidItem = kItemHeader + core::Uid::capacity();
inline constexpr std::size_t kAssociateFixed = kPduHeaderBytes + 68;
inline constexpr std::size_t kUserInformation = kItemHeader + (kItemHeader + 4) + kUidItem + (kItemHeader + 16);
inline constexpr std::size_t kAssociateCommon = kAssociateFixed + kUidItem + kUserInformation;
}  // namespace size

/// The longest A-ASSOCIATE-RQ that `put_associate_rq` writes: id and reserved bytes, two UIDs, per context.
inline constexpr std::size_t kAssociateRqBytesMax =
    size::kAssociateCommon + kContextsMax * (size::kItemHeader + 4 + 2 * size::kUidItem);
/// The longest A-ASSOCIATE-AC that `put_associate_ac` writes.
inline constexpr std::size_t kAssociateAcBytesMax =
    size::kAssociateCommon + kContextsMax * (size::kItemHeader + 4 + size::kUidItem);

}  // namespace scanferry::dimse
