// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <scanferry/core/dictionary.hpp>

namespace scanferry::model {

inline constexpr std::string_view kMediaStorageDirectoryUid = "1.2.840.10008.1.3.10";

/// Which objects bring a key into their record, PS3.3 F.5.
enum class KeyUse : std::uint8_t {
  always,             ///< type 1
  maybe_empty,        ///< type 2
  if_present,         ///< type 1C, where the object having it is the condition; type 3
  concept_modifiers,  ///< Content Sequence of a document: of its items those that modify the title, F.5.25
  verification,       ///< Verification DateTime of a document: the latest of its Verifying Observer Sequence
};

struct RecordKey {
  core::Attribute attribute;
  KeyUse use{KeyUse::always};
  std::string_view stand_in{};  ///< for a missing one of type 1; else what its VR suggests
};

/// A type of record, PS3.3 F.5, and its keys beside Specific Character Set.
struct RecordType {
  std::string_view name;
  std::span<const RecordKey> keys;
  bool is_below_series{true};  ///< else it is in the root
};

extern const RecordType kPatientRecord;
extern const RecordType kStudyRecord;
extern const RecordType kSeriesRecord;

/// The record for objects of a SOP class, by PS3.3 F.5 and PS3.4 B.5; `has_pixels` decides for classes that are not the
/// standard's: IMAGE, or PRIVATE.
const RecordType& record_type_for(std::string_view sop_class_uid, bool has_pixels);

/// 0 for PATIENT and what else is in the root, 1 STUDY, 2 SERIES, 3 all that is below a series.
unsigned level_of(std::string_view record_type);

}  // namespace scanferry::model
