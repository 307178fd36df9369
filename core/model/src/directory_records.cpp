// SPDX-License-Identifier: Apache-2.0
#include "directory_records.hpp"

#include <algorithm>
#include <iterator>

namespace scanferry::model {
namespace {

namespace at = core::attribute;
using enum KeyUse;

constexpr RecordKey kInstanceNumber{at::kInstanceNumber};
constexpr RecordKey kContentDate{at::kContentDate};
constexpr RecordKey kContentTime{at::kContentTime};
constexpr RecordKey kCreationDate{at::kPresentationCreationDate};
constexpr RecordKey kCreationTime{at::kPresentationCreationTime};
// The Content Identification Macro, PS3.3 10.9.
constexpr RecordKey kContentLabel{at::kContentLabel};
constexpr RecordKey kContentDescription{at::kContentDescription, maybe_empty};
constexpr RecordKey kContentCreator{at::kContentCreatorName, maybe_empty};
constexpr RecordKey kTitle{at::kConceptNameCodeSequence};
constexpr RecordKey kTitleModifiers{at::kContentSequence, concept_modifiers};
constexpr RecordKey kManufacturer{at::kManufacturer};

constexpr RecordKey kPatientKeys[] = {
    {at::kPatientName, maybe_empty}, {at::kPatientID}, {at::kPatientBirthDate, if_present}, {at::kPatientSex, if_present}};
constexpr RecordKey kStudyKeys[] = {
    {at::kStudyDate},        {at::kStudyTime}, {at::kAccessionNumber, maybe_empty}, {at::kStudyDescription, maybe_empty},
    {at::kStudyInstanceUID}, {at::kStudyID}};
constexpr RecordKey kSeriesKeys[] = {
    {at::kModality, always, "OT"}, {at::kSeriesDescription, if_present}, {at::kSeriesInstanceUID}, {at::kSeriesNumber}};
constexpr RecordKey kImageKeys[] = {
    kInstanceNumber, {at::kNumberOfFrames, if_present}, {at::kRows, if_present}, {at::kColumns, if_present}};
constexpr RecordKey kDoseKeys[] = {kInstanceNumber, {at::kDoseSummationType}, {at::kDoseComment, if_present}};
constexpr RecordKey kStructureSetKeys[] = {
    kInstanceNumber, {at::kStructureSetLabel}, {at::kStructureSetDate, maybe_empty}, {at::kStructureSetTime, maybe_empty}};
constexpr RecordKey kPlanKeys[] = {kInstanceNumber, {at::kRTPlanLabel}, {at::kRTPlanDate, maybe_empty}, {at::kRTPlanTime, maybe_empty}};
constexpr RecordKey kTreatmentKeys[] = {kInstanceNumber, {at::kTreatmentDate, maybe_empty}, {at::kTreatmentTime, maybe_empty}};
constexpr RecordKey kPresentationKeys[] = {kCreationDate,
                                           kCreationTime,
                                           kInstanceNumber,
                                           kContentLabel,
                                           kContentDescription,
                                           kContentCreator,
                                           {at::kReferencedSeriesSequence, if_present},
                                           {at::kBlendingSequence, if_present}};
constexpr RecordKey kDatedKeys[] = {kInstanceNumber, kContentDate, kContentTime};
constexpr RecordKey kLabelledKeys[] = {kContentDate, kContentTime, kInstanceNumber, kContentLabel, kContentDescription, kContentCreator};
constexpr RecordKey kDocumentKeys[] = {kInstanceNumber,
                                       {at::kCompletionFlag, always, "PARTIAL"},
                                       {at::kVerificationFlag, always, "UNVERIFIED"},
                                       kContentDate,
                                       kContentTime,
                                       {at::kVerificationDateTime, verification},
                                       kTitle,
                                       kTitleModifiers};
constexpr RecordKey kKeyObjectKeys[] = {kInstanceNumber, kContentDate, kContentTime, kTitle, kTitleModifiers};
constexpr RecordKey kSpectroscopyKeys[] = {{at::kImageType, always, "ORIGINAL\\PRIMARY"},
                                           kContentDate,
                                           kContentTime,
                                           kInstanceNumber,
                                           {at::kReferencedImageEvidenceSequence, if_present},
                                           {at::kNumberOfFrames, always, "1"},
                                           {at::kRows},
                                           {at::kColumns},
                                           {at::kDataPointRows},
                                           {at::kDataPointColumns}};
constexpr RecordKey kHangingKeys[] = {{at::kHangingProtocolName},
                                      {at::kHangingProtocolDescription},
                                      {at::kHangingProtocolLevel, always, "SITE"},
                                      {at::kHangingProtocolCreator},
                                      {at::kHangingProtocolCreationDateTime},
                                      {at::kHangingProtocolDefinitionSequence},
                                      {at::kHangingProtocolUserIdentificationCodeSequence, maybe_empty},
                                      {at::kNumberOfPriorsReferenced}};
constexpr RecordKey kEncapsulatedKeys[] = {{at::kContentDate, maybe_empty},
                                           {at::kContentTime, maybe_empty},
                                           kInstanceNumber,
                                           {at::kDocumentTitle, maybe_empty},
                                           {at::kHL7InstanceIdentifier, if_present},
                                           {at::kConceptNameCodeSequence, maybe_empty},
                                           {at::kMIMETypeOfEncapsulatedDocument, always, "application/octet-stream"}};
constexpr RecordKey kPaletteKeys[] = {kContentLabel, kContentDescription};
constexpr RecordKey kImplantKeys[] = {kManufacturer, {at::kImplantName}, {at::kImplantSize, if_present}, {at::kImplantPartNumber}};
constexpr RecordKey kAssemblyKeys[] = {{at::kImplantAssemblyTemplateName}, kManufacturer, {at::kProcedureTypeCodeSequence}};
constexpr RecordKey kImplantGroupKeys[] = {{at::kImplantTemplateGroupName}, {at::kImplantTemplateGroupIssuer}};
constexpr RecordKey kSurfaceScanKeys[] = {kContentDate, kContentTime};
constexpr RecordKey kAssessmentKeys[] = {kInstanceNumber, {at::kInstanceCreationDate}, {at::kInstanceCreationTime, maybe_empty}};
constexpr RecordKey kRadiotherapyKeys[] = {
    kInstanceNumber, {at::kUserContentLabel, if_present}, {at::kUserContentLongLabel, if_present}, kContentDescription, kContentCreator};
constexpr RecordKey kPrivateKeys[] = {{at::kInstanceNumber, if_present}};

constexpr RecordType kImage{"IMAGE", kImageKeys};
constexpr RecordType kDose{"RT DOSE", kDoseKeys};
constexpr RecordType kStructureSet{"RT STRUCTURE SET", kStructureSetKeys};
constexpr RecordType kRtPlan{"RT PLAN", kPlanKeys};
constexpr RecordType kTreatment{"RT TREAT RECORD", kTreatmentKeys};
constexpr RecordType kRadiotherapy{"RADIOTHERAPY", kRadiotherapyKeys};
constexpr RecordType kPresentation{"PRESENTATION", kPresentationKeys};
constexpr RecordType kWaveform{"WAVEFORM", kDatedKeys};
constexpr RecordType kDocument{"SR DOCUMENT", kDocumentKeys};
constexpr RecordType kKeyObject{"KEY OBJECT DOC", kKeyObjectKeys};
constexpr RecordType kSpectroscopy{"SPECTROSCOPY", kSpectroscopyKeys};
constexpr RecordType kRawData{"RAW DATA", kDatedKeys};
constexpr RecordType kRegistration{"REGISTRATION", kLabelledKeys};
constexpr RecordType kFiducial{"FIDUCIAL", kLabelledKeys};
constexpr RecordType kEncapsulated{"ENCAP DOC", kEncapsulatedKeys};
constexpr RecordType kValueMap{"VALUE MAP", kLabelledKeys};
constexpr RecordType kStereometric{"STEREOMETRIC", {}};
constexpr RecordType kPlan{"PLAN", {}};
constexpr RecordType kMeasurement{"MEASUREMENT", kLabelledKeys};
constexpr RecordType kSurface{"SURFACE", kLabelledKeys};
constexpr RecordType kSurfaceScan{"SURFACE SCAN", kSurfaceScanKeys};
constexpr RecordType kTract{"TRACT", kLabelledKeys};
constexpr RecordType kAssessment{"ASSESSMENT", kAssessmentKeys};
constexpr RecordType kAnnotation{"ANNOTATION", kLabelledKeys};
constexpr RecordType kPrivate{"PRIVATE", kPrivateKeys};
constexpr RecordType kHanging{"HANGING PROTOCOL", kHangingKeys, false};
constexpr RecordType kPalette{"PALETTE", kPaletteKeys, false};
constexpr RecordType kImplant{"IMPLANT", kImplantKeys, false};
constexpr RecordType kAssembly{"IMPLANT ASSY", kAssemblyKeys, false};
constexpr RecordType kImplantGroup{"IMPLANT GROUP", kImplantGroupKeys, false};

/// What follows kStorageRoot in a SOP Class UID; with a dot at the end it stands for all that begin so.
struct ClassRow {
  std::string_view uid;
  const RecordType& type;
};
constexpr std::string_view kStorageRoot = "1.2.840.10008.5.1.4.";

/// The first row that fits holds. The classes that are not here are images, or not the standard's.
constexpr ClassRow kClasses[] = {
    {"1.1.4.2", kSpectroscopy},
    {"1.1.9.", kWaveform},
    {"1.1.11.", kPresentation},
    {"1.1.66", kRawData},
    {"1.1.66.1", kRegistration},
    {"1.1.66.2", kFiducial},
    {"1.1.66.3", kRegistration},
    {"1.1.66.5", kSurface},
    {"1.1.66.6", kTract},
    {"1.1.67", kValueMap},
    {"1.1.68.", kSurfaceScan},
    {"1.1.77.1.5.3", kStereometric},
    {"1.1.78.6", kDocument},
    {"1.1.78.", kMeasurement},
    {"1.1.79.1", kDocument},
    {"1.1.80.1", kMeasurement},
    {"1.1.88.59", kKeyObject},
    {"1.1.88.", kDocument},
    {"1.1.90.1", kAssessment},
    {"1.1.91.1", kAnnotation},
    {"1.1.104.", kEncapsulated},
    {"1.1.131", kPresentation},
    {"1.1.481.1", kImage},
    {"1.1.481.2", kDose},
    {"1.1.481.3", kStructureSet},
    {"1.1.481.4", kTreatment},
    {"1.1.481.5", kRtPlan},
    {"1.1.481.6", kTreatment},
    {"1.1.481.7", kTreatment},
    {"1.1.481.8", kRtPlan},
    {"1.1.481.9", kTreatment},
    {"1.1.481.23", kImage},  // Enhanced RT Image, Enhanced Continuous RT Image
    {"1.1.481.24", kImage},
    {"1.1.481.", kRadiotherapy},
    {"34.1", kPlan},
    {"34.7", kPlan},
    {"34.10", kPlan},
    {"38.1", kHanging},
    {"39.1", kPalette},
    {"43.1", kImplant},
    {"44.1", kAssembly},
    {"45.1", kImplantGroup},
};

}  // namespace

constinit const RecordType kPatientRecord{"PATIENT", kPatientKeys};
constinit const RecordType kStudyRecord{"STUDY", kStudyKeys};
constinit const RecordType kSeriesRecord{"SERIES", kSeriesKeys};

const RecordType& record_type_for(std::string_view sop_class_uid, bool has_pixels) {
  if (sop_class_uid.starts_with(kStorageRoot)) {
    const auto rest = sop_class_uid.substr(kStorageRoot.size());
    const auto fits = [rest](const ClassRow& row) { return row.uid.ends_with('.') ? rest.starts_with(row.uid) : rest == row.uid; };
    const auto* const found = std::ranges::find_if(kClasses, fits);
    if (found != std::end(kClasses)) return found->type;
  }
  return has_pixels ? kImage : kPrivate;
}

unsigned level_of(std::string_view record_type) {
  if (record_type == kStudyRecord.name) return 1;
  if (record_type == kSeriesRecord.name) return 2;
  const bool is_in_root = record_type == kPatientRecord.name || record_type == kHanging.name || record_type == kPalette.name ||
                          record_type == kImplant.name || record_type == kAssembly.name || record_type == kImplantGroup.name;
  return is_in_root ? 0 : 3;
}

}  // namespace scanferry::model
