// SPDX-License-Identifier: Apache-2.0
#include "cli/storage_proposal.hpp"

#include <algorithm>
#include <array>

#include <scanferry/core/transfer_syntax.hpp>
#include <scanferry/core/uid_registry.hpp>
#include <scanferry/dimse/scu_session.hpp>
#include <scanferry/dimse/uids.hpp>

namespace scanferry::firmware {
namespace {

struct Kept {
  std::string_view modality;
  std::string_view keyword;
};

/// What archives most often hold, PS3.4 B.5. All of it fits into one association.
constexpr std::array kMostKept{
    Kept{"CR", "ComputedRadiographyImageStorage"},
    Kept{"CT", "CTImageStorage"},
    Kept{"CT", "EnhancedCTImageStorage"},
    Kept{"DX", "DigitalXRayImageStorageForPresentation"},
    Kept{"DX", "DigitalXRayImageStorageForProcessing"},
    Kept{"MG", "DigitalMammographyXRayImageStorageForPresentation"},
    Kept{"MG", "DigitalMammographyXRayImageStorageForProcessing"},
    Kept{"MG", "BreastTomosynthesisImageStorage"},
    Kept{"IO", "DigitalIntraOralXRayImageStorageForPresentation"},
    Kept{"MR", "MRImageStorage"},
    Kept{"MR", "EnhancedMRImageStorage"},
    Kept{"MR", "MRSpectroscopyStorage"},
    Kept{"NM", "NuclearMedicineImageStorage"},
    Kept{"PT", "PositronEmissionTomographyImageStorage"},
    Kept{"PT", "EnhancedPETImageStorage"},
    Kept{"US", "UltrasoundImageStorage"},
    Kept{"US", "UltrasoundMultiFrameImageStorage"},
    Kept{"XA", "XRayAngiographicImageStorage"},
    Kept{"XA", "EnhancedXAImageStorage"},
    Kept{"XA", "XRay3DAngiographicImageStorage"},
    Kept{"RF", "XRayRadiofluoroscopicImageStorage"},
    Kept{"OT", "SecondaryCaptureImageStorage"},
    Kept{"OT", "MultiFrameSingleBitSecondaryCaptureImageStorage"},
    Kept{"OT", "MultiFrameGrayscaleByteSecondaryCaptureImageStorage"},
    Kept{"OT", "MultiFrameGrayscaleWordSecondaryCaptureImageStorage"},
    Kept{"OT", "MultiFrameTrueColorSecondaryCaptureImageStorage"},
    Kept{"ES", "VLEndoscopicImageStorage"},
    Kept{"ES", "VideoEndoscopicImageStorage"},
    Kept{"GM", "VLMicroscopicImageStorage"},
    Kept{"SM", "VLWholeSlideMicroscopyImageStorage"},
    Kept{"XC", "VLPhotographicImageStorage"},
    Kept{"XC", "VideoPhotographicImageStorage"},
    Kept{"OP", "OphthalmicPhotography8BitImageStorage"},
    Kept{"OPT", "OphthalmicTomographyImageStorage"},
    Kept{"RTIMAGE", "RTImageStorage"},
    Kept{"RTDOSE", "RTDoseStorage"},
    Kept{"RTSTRUCT", "RTStructureSetStorage"},
    Kept{"RTPLAN", "RTPlanStorage"},
    Kept{"RTPLAN", "RTIonPlanStorage"},
    Kept{"RTRECORD", "RTBeamsTreatmentRecordStorage"},
    Kept{"RTRECORD", "RTIonBeamsTreatmentRecordStorage"},
    Kept{"RTRECORD", "RTBrachyTreatmentRecordStorage"},
    Kept{"RTRECORD", "RTTreatmentSummaryRecordStorage"},
    Kept{"PR", "GrayscaleSoftcopyPresentationStateStorage"},
    Kept{"PR", "ColorSoftcopyPresentationStateStorage"},
    Kept{"PR", "PseudoColorSoftcopyPresentationStateStorage"},
    Kept{"PR", "BlendingSoftcopyPresentationStateStorage"},
    Kept{"KO", "KeyObjectSelectionDocumentStorage"},
    Kept{"SR", "BasicTextSRStorage"},
    Kept{"SR", "EnhancedSRStorage"},
    Kept{"SR", "ComprehensiveSRStorage"},
    Kept{"SR", "Comprehensive3DSRStorage"},
    Kept{"SR", "MammographyCADSRStorage"},
    Kept{"SR", "ChestCADSRStorage"},
    Kept{"SR", "XRayRadiationDoseSRStorage"},
    Kept{"SR", "RadiopharmaceuticalRadiationDoseSRStorage"},
    Kept{"SR", "ProcedureLogStorage"},
    Kept{"SEG", "SegmentationStorage"},
    Kept{"SEG", "SurfaceSegmentationStorage"},
    Kept{"REG", "SpatialRegistrationStorage"},
    Kept{"REG", "DeformableSpatialRegistrationStorage"},
    Kept{"FID", "SpatialFiducialsStorage"},
    Kept{"RWV", "RealWorldValueMappingStorage"},
    Kept{"DOC", "EncapsulatedPDFStorage"},
    Kept{"DOC", "EncapsulatedCDAStorage"},
    Kept{"M3D", "EncapsulatedSTLStorage"},
    Kept{"ECG", "TwelveLeadECGWaveformStorage"},
    Kept{"ECG", "GeneralECGWaveformStorage"},
    Kept{"ECG", "AmbulatoryECGWaveformStorage"},
    Kept{"HD", "HemodynamicWaveformStorage"},
    Kept{"AU", "BasicVoiceAudioWaveformStorage"},
};

/// What most objects are stored in: of what an archive could choose from, the better first.
constexpr std::array<std::string_view, 9> kCommonSyntaxes{
    "ExplicitVRLittleEndian", "ImplicitVRLittleEndian", "JPEG2000Lossless", "JPEGLSLossless", "JPEGLosslessSV1", "RLELossless",
    "JPEG2000", "JPEGBaseline8Bit", "JPEGExtended12Bit",
};

/// PS3.22: they come in streams, never in a C-STORE.
constexpr std::string_view kRealTimeVideo = "1.2.840.10008.1.2.7.";

using Uids = std::vector<core::Uid>;

void add_once(Uids& uids, std::string_view uid) {
  if (std::ranges::find(uids, uid, [](const core::Uid& one) { return one.view(); }) == uids.end()) uids.emplace_back(uid);
}

/// The registry of a small build may lack it.
void add_keyword(Uids& uids, std::string_view keyword) {
  if (const auto entry = core::find_uid_keyword(keyword)) add_once(uids, entry->uid);
}

Result<void> add_named(Uids& uids, const std::string& name, core::UidType type, std::string_view what) {
  const auto entry = core::find_uid_keyword(name);
  if (entry && entry->type == type) {
    add_once(uids, entry->uid);
  } else if (core::is_valid_uid(name)) {
    add_once(uids, name);  // a private one, or newer than we are
  } else {
    return bad_input("\"", name, "\" is neither the UID nor the keyword of a ", what);
  }
  return {};
}

Result<void> add_modality(Uids& uids, const std::string& modality) {
  const auto before = uids.size();
  for (const auto& kept : kMostKept) {
    if (kept.modality == modality) add_keyword(uids, kept.keyword);
  }
  if (uids.size() > before) return {};
  std::string known;
  for (const auto& kept : kMostKept) {
    if (!known.ends_with(kept.modality)) known += text(known.empty() ? "" : " ", kept.modality);
  }
  return bad_input("--modality: \"", modality, "\" is none of ", known, "; see --sop-class");
}

Result<Uids> sop_classes_of(const StorageChoice& choice) {
  Uids uids;
  for (const auto& name : choice.sop_classes) {
    if (auto added = add_named(uids, name, core::UidType::sop_class, "SOP class"); !added) return bad_input("--sop-class: ", added.error().message);
  }
  for (const auto& modality : choice.modalities) {
    if (auto added = add_modality(uids, modality); !added) return std::unexpected{added.error()};
  }
  if (!uids.empty()) return uids;
  for (const auto& kept : kMostKept) add_keyword(uids, kept.keyword);
  for (std::size_t i = 0; i < core::uid_registry_size(); ++i) {
    const auto entry = core::uid_registry_entry(i);
    if (entry.is_storage) add_once(uids, entry.uid);
  }
  return uids;
}

/// The one first that says most: some archives send in the first context of a SOP class, whatever there is.
Uids every_syntax() {
  Uids uids{core::Uid{dimse::uid::kExplicitVrLittleEndian}};
  for (std::size_t i = 0; i < core::uid_registry_size(); ++i) {
    const auto entry = core::uid_registry_entry(i);
    // Retired ones too: archives keep what was stored in them.
    if (entry.type == core::UidType::transfer_syntax && !entry.uid.starts_with(kRealTimeVideo)) add_once(uids, entry.uid);
  }
  return uids;
}

Uids common_syntaxes() {
  Uids uids;
  for (const auto keyword : kCommonSyntaxes) add_keyword(uids, keyword);
  return uids;
}

/// What may be compressed. Objects of no known kind may be of any.
bool may_be_compressed(std::string_view sop_class_uid) {
  const auto entry = core::find_uid(sop_class_uid);
  return !entry || entry->keyword.find("Image") != std::string_view::npos;
}

}  // namespace

StorageProposal::StorageProposal(const Uids& syntaxes, std::string_view get_sop_class_uid)
    : request_syntaxes_{core::Uid{dimse::uid::kImplicitVrLittleEndian}} {
  const auto is_native = [](const core::Uid& uid) { return core::transfer_syntax_of(uid).pixels == core::PixelForm::native; };
  for (const auto& syntax : syntaxes) (is_native(syntax) ? native_ : compressed_).push_back(syntax);
  all_ = native_;
  all_.insert(all_.end(), compressed_.begin(), compressed_.end());
  contexts_.push_back({core::Uid{get_sop_class_uid}, core::Uid{dimse::uid::kExplicitVrLittleEndian}, request_syntaxes_});
}

void StorageProposal::add_alone(const core::Uid& sop_class) {
  for (const auto* some : {&native_, &compressed_}) {
    for (const auto& syntax : *some) contexts_.push_back({sop_class, syntax});
  }
}

void StorageProposal::add_together(const core::Uid& sop_class) {
  const auto add = [&](const Uids& syntaxes) {
    if (!syntaxes.empty()) contexts_.push_back({sop_class, syntaxes.front(), std::span{syntaxes}.subspan(1)});
  };
  add(native_);
  if (may_be_compressed(sop_class) || native_.empty()) add(compressed_);
}

void StorageProposal::add_as_one(const core::Uid& sop_class) {
  const auto& syntaxes = may_be_compressed(sop_class) || native_.empty() ? all_ : native_;
  contexts_.push_back({sop_class, syntaxes.front(), std::span{syntaxes}.subspan(1)});
}

bool StorageProposal::add(const core::Uid& sop_class, Add add_contexts) {
  const auto before = contexts_.size();
  (this->*add_contexts)(sop_class);
  // PS3.7 D.3.3.4: we ask as SCU of C-GET, and are SCP of what is stored.
  roles_.push_back({sop_classes_.emplace_back(sop_class).view(), {.scu = false, .scp = true}});
  dimse::ScuConfig config;
  config.roles = roles_;
  if (!dimse::fault_of(config, contexts_)) return true;
  contexts_.resize(before);
  roles_.pop_back();
  sop_classes_.pop_back();
  return false;
}

/// As many as are needed; none when not even one SOP class has room.
std::vector<StorageProposal> StorageProposal::spread(const Uids& sop_classes, const Uids& syntaxes, Add add_contexts,
                                                     std::string_view get_sop_class_uid) {
  std::vector<StorageProposal> proposals;
  for (const auto& sop_class : sop_classes) {
    if (!proposals.empty() && proposals.back().add(sop_class, add_contexts)) continue;
    proposals.push_back(StorageProposal{syntaxes, get_sop_class_uid});
    if (!proposals.back().add(sop_class, add_contexts)) return {};
  }
  return proposals;
}

Result<std::vector<StorageProposal>> StorageProposal::plan(const StorageChoice& choice, std::string_view get_sop_class_uid) {
  const auto sop_classes = sop_classes_of(choice);
  if (!sop_classes) return std::unexpected{sop_classes.error()};
  Uids chosen;
  for (const auto& name : choice.transfer_syntaxes) {
    const auto added = add_named(chosen, name, core::UidType::transfer_syntax, "transfer syntax");
    if (!added) return bad_input("--transfer-syntax: ", added.error().message);
  }
  // One association is worth more than a context for each transfer syntax.
  const auto few = chosen.empty() ? common_syntaxes() : chosen;
  std::vector<StorageProposal> proposals;
  if (choice.is_one_context) {
    // Not every one: DCMTK breaks off when there are more than 50 in one context.
    proposals = spread(*sop_classes, few, &StorageProposal::add_as_one, get_sop_class_uid);
  } else {
    if (chosen.empty()) proposals = spread(*sop_classes, every_syntax(), &StorageProposal::add_alone, get_sop_class_uid);
    if (proposals.size() != 1) proposals = spread(*sop_classes, few, &StorageProposal::add_alone, get_sop_class_uid);
    if (proposals.size() != 1) proposals = spread(*sop_classes, few, &StorageProposal::add_together, get_sop_class_uid);
  }
  if (proposals.empty()) return bad_input(few.size(), " transfer syntaxes are too many for one association; name fewer of them");
  return proposals;
}

}  // namespace scanferry::firmware
