// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <scanferry/core/delivery.hpp>

namespace scanferry::dimse {

/// Whose trouble a "retry later" is.
enum class Blame : std::uint8_t { nobody, object, peer };

struct StatusMeaning {
  core::Outcome outcome;
  Blame blame;                    ///< `peer`: leave the whole destination alone for a while; `object`: go on with others
  std::string_view text;          ///< in plain words, static
};

/// What a C-STORE status means for the object, PS3.4 B.2.3 and PS3.7 Annex C. The rules, first match first:
///
/// | status                                                        | outcome             | blame  |
/// |---------------------------------------------------------------|---------------------|--------|
/// | 0000                                                          | stored              | nobody |
/// | 0001, 0107, 0116, Bxxx: warnings                              | stored_with_warning | nobody |
/// | 0111 duplicate SOP instance: it is there already              | stored_with_warning | nobody |
/// | A7xx out of resources, 0213 resource limitation               | retry_later         | peer   |
/// | 0110 processing failure: others may pass                      | retry_later         | object |
/// | 0210 duplicate invocation, FE00 cancelled: gone the next time | retry_later         | object |
/// | A9xx does not match its class, Cxxx cannot understand          | hold                | object |
/// | 0122 class not supported, 0124 not authorised, every other    | hold                | object |
StatusMeaning explain_store_status(std::uint16_t status);

/// FF00 and FF01: more responses to the same request follow, PS3.7 Annex C.
constexpr bool is_pending(std::uint16_t status) { return status == 0xFF00 || status == 0xFF01; }
/// What the last status of a query means, PS3.4 C.4.1.1.4 and PS3.7 Annex C, with what to try. Empty for success.
std::string_view explain_find_status(std::uint16_t status);
/// The same for the last status of a C-MOVE or C-GET, PS3.4 C.4.2.1.5 and C.4.3.1.4.
std::string_view explain_retrieve_status(std::uint16_t status);

/// What the status of an N-CREATE, N-SET, N-GET, N-ACTION, N-EVENT-REPORT or N-DELETE means, PS3.7 10.1 and Annex C. Empty for success.
std::string_view explain_normalized_status(std::uint16_t status);
/// Success, or a warning: it was done.
bool is_normalized_success(std::uint16_t status);

/// Why an archive does not commit itself to an object: Failure Reason (0008,1197), PS3.3 C.14.1.1.
std::string_view explain_commitment_failure(std::uint16_t reason);

/// One sentence for an A-ASSOCIATE-RJ, PS3.8 9.3.4 table 9-21, with what to try.
std::string_view explain_reject(std::uint8_t result, std::uint8_t source, std::uint8_t reason);
/// True when the same request may pass later without anyone changing anything.
bool is_transient_reject(std::uint8_t result, std::uint8_t source, std::uint8_t reason);
/// One sentence for an A-ABORT, PS3.8 9.3.8 table 9-26, with what to try.
std::string_view explain_abort(std::uint8_t source, std::uint8_t reason);

}  // namespace scanferry::dimse
