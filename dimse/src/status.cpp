// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/status.hpp>

#include <array>

namespace scanferry::dimse {
namespace {

using core::Outcome;

struct StatusRow {
  std::uint16_t first;
  std::uint16_t last;
  StatusMeaning meaning;
};

constexpr StatusMeaning stored(std::string_view text) { return {Outcome::stored, Blame::nobody, text}; }
constexpr StatusMeaning warned(std::string_view text) { return {Outcome::stored_with_warning, Blame::nobody, text}; }
constexpr StatusMeaning held(std::string_view text) { return {Outcome::hold, Blame::object, text}; }
constexpr StatusMeaning later(Blame blame, std::string_view text) { return {Outcome::retry_later, blame, text}; }

// PS3.4 table B.2-1; PS3.7 C.1 to C.6 for the codes below 1000H. The first row that holds the status counts.
constexpr std::array kStatuses{
    StatusRow{0x0000, 0x0000, stored("stored")},
    StatusRow{0x0001, 0x0001, warned("stored; the PACS does not support some optional attributes")},
    StatusRow{0x0105, 0x0106, held("the PACS does not accept an attribute of the object; its log should name it")},
    StatusRow{0x0107, 0x0107, warned("stored; the PACS did not recognise some attributes")},
    StatusRow{0x0110, 0x0110, later(Blame::object, "the PACS failed while processing the object; its log should say why")},
    StatusRow{0x0111, 0x0111, warned("the PACS has an object with this SOP Instance UID already")},
    StatusRow{0x0116, 0x0116, warned("stored; the PACS found attribute values out of range")},
    StatusRow{0x0117, 0x0117, held("the PACS calls the SOP Instance UID invalid")},
    StatusRow{0x0118, 0x0118, held("the PACS does not know the SOP class; enable it there")},
    StatusRow{0x0119, 0x0119, held("the PACS says that the SOP instance is of another SOP class")},
    StatusRow{0x0120, 0x0121, held("the PACS misses an attribute in the object; its log should name it")},
    StatusRow{0x0122, 0x0122, held("the PACS does not support the SOP class; enable it there")},
    StatusRow{0x0124, 0x0124, held("the PACS does not authorise us to store; allow our AE title there")},
    StatusRow{0x0210, 0x0210, later(Blame::object, "the PACS believes that the message id is in use")},
    StatusRow{0x0211, 0x0211, held("the PACS does not know the C-STORE operation; is it a storage provider?")},
    StatusRow{0x0212, 0x0212, held("the PACS does not accept the C-STORE request as it was put")},
    StatusRow{0x0213, 0x0213, later(Blame::peer, "the PACS is short of resources")},
    StatusRow{0xA700, 0xA7FF, later(Blame::peer, "the PACS is out of resources; is its disk full?")},
    StatusRow{0xA800, 0xA8FF, held("the PACS does not support the SOP class; enable it there")},
    StatusRow{0xA900, 0xA9FF, held("the PACS says that the data set does not match the SOP class; its log should say in what")},
    StatusRow{0xB000, 0xB000, warned("stored; the PACS changed some attributes")},
    StatusRow{0xB006, 0xB006, warned("stored; the PACS discarded some attributes")},
    StatusRow{0xB007, 0xB007, warned("stored; the PACS says that the data set does not match the SOP class")},
    StatusRow{0xB000, 0xBFFF, warned("stored, with a warning of the PACS's own")},
    StatusRow{0xC000, 0xCFFF, held("the PACS cannot understand the object; its log should say why")},
    StatusRow{0xFE00, 0xFE00, later(Blame::object, "the PACS cancelled the operation")},
    StatusRow{0x0000, 0xFFFF, held("the PACS refused the object with a status that the standard does not define for C-STORE")},
};

struct Row {
  std::uint16_t first;
  std::uint16_t last;
  std::string_view text;
};

// PS3.4 C.4.1.1.4 and K.4.1.1.4; PS3.7 C.1 to C.6 for the codes below 1000H. The first row that holds the status counts.
constexpr std::array kFindStatuses{
    Row{0x0000, 0x0000, ""},
    Row{0x0110, 0x0110, "the peer failed while processing the query; its log should say why"},
    Row{0x0122, 0x0122, "the peer does not support this query; enable it there"},
    Row{0x0124, 0x0124, "the peer does not authorise us to ask; allow our AE title there"},
    Row{0x0211, 0x0211, "the peer does not know the C-FIND operation; is it an archive or a worklist?"},
    Row{0xA700, 0xA7FF, "the peer is out of resources; ask for less, or later"},
    Row{0xA900, 0xA9FF, "the peer says that the keys do not fit the query; is a key of the level missing?"},
    Row{0xC000, 0xCFFF, "the peer cannot process the query; its log should say why"},
    Row{0xFE00, 0xFE00, "the query was cancelled"},
    Row{0x0000, 0xFFFF, "the peer refused the query with a status that the standard does not define for it"},
};

// PS3.4 C.4.2.1.5 and C.4.3.1.4, likewise.
constexpr std::array kRetrieveStatuses{
    Row{0x0000, 0x0000, ""},
    Row{0x0122, 0x0122, "the peer does not support retrieval; enable it there"},
    Row{0x0124, 0x0124, "the peer does not authorise us to retrieve; allow our AE title there"},
    Row{0x0211, 0x0211, "the peer does not know the operation; is it an archive that can be retrieved from?"},
    Row{0xA701, 0xA701, "the peer is out of resources and cannot say what there is; ask for less, or later"},
    Row{0xA702, 0xA702, "the peer is out of resources and cannot send; is the receiver reachable from there?"},
    Row{0xA700, 0xA7FF, "the peer is out of resources; ask for less, or later"},
    Row{0xA801, 0xA801, "the peer does not know the AE title that is to receive; register it there, with address and port"},
    Row{0xA900, 0xA9FF, "the peer says that the keys do not fit the level; give the unique key of the level, and of those above"},
    Row{0xB000, 0xB000, "not all objects could be sent, or not without a warning"},
    Row{0xC000, 0xCFFF, "the peer cannot process the request; its log should say why"},
    Row{0xFE00, 0xFE00, "the retrieval was cancelled"},
    Row{0x0000, 0xFFFF, "the peer refused with a status that the standard does not define for retrieval"},
};

// PS3.7 C.1 to C.6.
constexpr std::array kNormalizedStatuses{
    Row{0x0000, 0x0000, ""},
    Row{0x0001, 0x0001, "done, but some optional attributes are not supported"},
    Row{0x0105, 0x0105, "the peer does not know an attribute of the request"},
    Row{0x0106, 0x0106, "the peer does not accept the value of an attribute; its log should name it"},
    Row{0x0107, 0x0107, "done, but the peer did not recognise some attributes"},
    Row{0x0110, 0x0110, "the peer failed while processing the request, or does not allow it any more"},
    Row{0x0111, 0x0111, "the peer has an instance with this UID already"},
    Row{0x0112, 0x0112, "the peer does not know the instance; is the UID right?"},
    Row{0x0113, 0x0113, "the peer does not know the type of the event"},
    Row{0x0114, 0x0115, "the peer does not accept the argument of the event or action"},
    Row{0x0116, 0x0116, "done, but the peer found attribute values out of range"},
    Row{0x0117, 0x0117, "the peer calls the SOP Instance UID invalid"},
    Row{0x0118, 0x0118, "the peer does not know the SOP class; enable it there"},
    Row{0x0119, 0x0119, "the peer says that the instance is of another SOP class"},
    Row{0x0120, 0x0120, "the peer misses an attribute in the request; its log should name it"},
    Row{0x0121, 0x0121, "the peer misses the value of an attribute in the request; its log should name it"},
    Row{0x0122, 0x0122, "the peer does not support the SOP class; enable it there"},
    Row{0x0123, 0x0123, "the peer does not know the type of the action"},
    Row{0x0124, 0x0124, "the peer does not authorise us; allow our AE title there"},
    Row{0x0210, 0x0210, "the peer believes that the message id is in use"},
    Row{0x0211, 0x0211, "the peer does not know the operation"},
    Row{0x0212, 0x0212, "the peer does not accept the request as it was put"},
    Row{0x0213, 0x0213, "the peer is short of resources; try later"},
    Row{0x0000, 0xFFFF, "the peer refused with a status that the standard does not define for it"},
};

// PS3.3 C.14.1.1.
constexpr std::array kCommitmentFailures{
    Row{0x0110, 0x0110, "the archive failed while processing it; its log should say why"},
    Row{0x0112, 0x0112, "the archive does not have it: send it again"},
    Row{0x0119, 0x0119, "the archive has it under another SOP class"},
    Row{0x0122, 0x0122, "the archive does not support its SOP class"},
    Row{0x0131, 0x0131, "the archive has seen the transaction before"},
    Row{0x0213, 0x0213, "the archive is short of resources; ask again later"},
    Row{0x0000, 0xFFFF, "for a reason that the standard does not define"},
};

/// The last row of each table holds every status.
template <std::size_t Size>
std::string_view text_of(const std::array<Row, Size>& rows, std::uint16_t status) {
  for (const auto& row : rows) {
    if (status >= row.first && status <= row.last) return row.text;
  }
  return rows.back().text;
}

struct RejectRow {
  std::uint8_t source;
  std::uint8_t reason;
  std::string_view text;
};

constexpr std::uint8_t kPermanent = 1;
constexpr std::uint8_t kTransient = 2;

// PS3.8 table 9-21: source 1 is the service user, 2 the provider's ACSE part, 3 its presentation part.
constexpr std::array kRejects{
    RejectRow{1, 1, "the PACS gives no reason; look into its log, and check both AE titles, our address and the user there"},
    RejectRow{1, 2, "the PACS does not support the DICOM application context; is it a DICOM archive?"},
    RejectRow{1, 3, "the PACS does not know our AE title; register it there or set `aet`"},
    RejectRow{1, 7, "the PACS does not answer to the AE title that we called; correct the destination's AE title"},
    RejectRow{2, 1, "the PACS gives no reason; look into its log"},
    RejectRow{2, 2, "the PACS does not support version 1 of the upper layer protocol; is it a DICOM archive?"},
    RejectRow{3, 1, "the PACS is congested for the moment; no action is needed unless it lasts"},
    RejectRow{3, 2, "the PACS has reached its limit of associations; use fewer or raise the limit there"},
};

/// PS3.8 table 9-21 again: the reasons that it reserves.
bool is_reserved_reject(std::uint8_t source, std::uint8_t reason) {
  if (source == 1) return (reason >= 4 && reason <= 6) || (reason >= 8 && reason <= 10);
  return source == 3 && (reason == 0 || (reason >= 3 && reason <= 7));
}

struct AbortRow {
  std::uint8_t source;
  std::uint8_t reason;
  std::string_view text;
};

// PS3.8 table 9-26: with source 0, the service user, the reason means nothing; source 1 and reason 3 are reserved.
constexpr std::array kAborts{
    AbortRow{2, 0, "the PACS's protocol layer gives no reason; look into its log"},
    AbortRow{2, 1, "the PACS met a PDU that it does not know; is a proxy or TLS in between?"},
    AbortRow{2, 2, "the PACS met a PDU where it did not expect one; report this with the logs of both sides"},
    AbortRow{2, 3, "the PACS's protocol layer gives a reason that the standard reserves; look into its log"},
    AbortRow{2, 4, "the PACS met a PDU parameter that it does not know; report this with the logs of both sides"},
    AbortRow{2, 5, "the PACS met a PDU parameter where it did not expect one; report this with the logs of both sides"},
    AbortRow{2, 6, "the PACS met a PDU parameter with an invalid value; check the AE titles for odd characters"},
};

}  // namespace

StatusMeaning explain_store_status(std::uint16_t status) {
  for (const auto& row : kStatuses) {
    if (status >= row.first && status <= row.last) return row.meaning;
  }
  return kStatuses.back().meaning;  // not reached: the last row holds every status
}

std::string_view explain_find_status(std::uint16_t status) { return text_of(kFindStatuses, status); }
std::string_view explain_retrieve_status(std::uint16_t status) { return text_of(kRetrieveStatuses, status); }

std::string_view explain_commitment_failure(std::uint16_t reason) { return text_of(kCommitmentFailures, reason); }
std::string_view explain_normalized_status(std::uint16_t status) { return text_of(kNormalizedStatuses, status); }
bool is_normalized_success(std::uint16_t status) { return status == 0 || status == 0x0001 || status == 0x0107 || status == 0x0116; }

std::string_view explain_reject(std::uint8_t result, std::uint8_t source, std::uint8_t reason) {
  for (const auto& row : kRejects) {
    if (row.source == source && row.reason == reason) return row.text;
  }
  const bool reserved = is_reserved_reject(source, reason);
  if (result == kTransient) {
    return reserved ? "for now, with a reason that the standard reserves; no action is needed unless it lasts"
                    : "for now, with a reason that the standard does not define; no action is needed unless it lasts";
  }
  if (result != kPermanent) return "with a result and a reason that the standard does not define; look into the log of the PACS";
  return reserved ? "for good, with a reason that the standard reserves; look into the log of the PACS"
                  : "for good, with a reason that the standard does not define; look into the log of the PACS";
}

bool is_transient_reject(std::uint8_t result, std::uint8_t source, std::uint8_t reason) {
  // Congestion and a limit reached pass by themselves, whatever the result field says.
  return result == kTransient || (source == 3 && (reason == 1 || reason == 2));
}

std::string_view explain_abort(std::uint8_t source, std::uint8_t reason) {
  if (source == 0) return "the application on the other side gave up; look into the log of the PACS";
  for (const auto& row : kAborts) {
    if (row.source == source && row.reason == reason) return row.text;
  }
  if (source == 1) return "from a source that the standard reserves; look into the log of the PACS";
  return "with a reason that the standard does not define; look into the log of the PACS";
}

}  // namespace scanferry::dimse
