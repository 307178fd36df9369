// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// The well-known UIDs that the protocol itself needs, PS3.6 Annex A.
namespace scanferry::dimse::uid {

inline constexpr std::string_view kApplicationContext = "1.2.840.10008.3.1.1.1";
inline constexpr std::string_view kVerification = "1.2.840.10008.1.1";
inline constexpr std::string_view kPatientRootFind = "1.2.840.10008.5.1.4.1.2.1.1";
inline constexpr std::string_view kStudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1";
inline constexpr std::string_view kPatientRootMove = "1.2.840.10008.5.1.4.1.2.1.2";
inline constexpr std::string_view kStudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";
inline constexpr std::string_view kPatientRootGet = "1.2.840.10008.5.1.4.1.2.1.3";
inline constexpr std::string_view kStudyRootGet = "1.2.840.10008.5.1.4.1.2.2.3";
inline constexpr std::string_view kModalityWorklistFind = "1.2.840.10008.5.1.4.31";
inline constexpr std::string_view kPerformedProcedureStep = "1.2.840.10008.3.1.2.3.3";
inline constexpr std::string_view kPerformedProcedureStepRetrieve = "1.2.840.10008.3.1.2.3.4";
inline constexpr std::string_view kStorageCommitmentPush = "1.2.840.10008.1.20.1";
inline constexpr std::string_view kStorageCommitmentPushInstance = "1.2.840.10008.1.20.1.1";
inline constexpr std::string_view kInstanceAvailability = "1.2.840.10008.5.1.4.33";
inline constexpr std::string_view kImplicitVrLittleEndian = "1.2.840.10008.1.2";
inline constexpr std::string_view kExplicitVrLittleEndian = "1.2.840.10008.1.2.1";

}  // namespace scanferry::dimse::uid
