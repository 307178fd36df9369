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

/// What archives most often hold, PS3.4 B.5. All of it fits into one proposal.
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

void StorageProposal::begin(std::string_view get_sop_class_uid) {
  contexts_.clear();
  request_syntaxes_ = {core::Uid{dimse::uid::kImplicitVrLittleEndian}};
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

bool StorageProposal::fits() const {
  dimse::ScuConfig config;
  config.roles = roles_;
  return !dimse::fault_of(config, contexts_);
}

Result<StorageProposal> StorageProposal::make(const StorageChoice& choice, std::string_view get_sop_class_uid) {
  auto sop_classes = sop_classes_of(choice);
  if (!sop_classes) return std::unexpected{sop_classes.error()};
  Uids chosen;
  for (const auto& name : choice.transfer_syntaxes) {
    const auto added = add_named(chosen, name, core::UidType::transfer_syntax, "transfer syntax");
    if (!added) return bad_input("--transfer-syntax: ", added.error().message);
  }
  StorageProposal proposal;
  proposal.sop_classes_ = std::move(*sop_classes);
  // PS3.7 D.3.3.4: we ask as SCU of C-GET, and are SCP of what is stored.
  for (const auto& sop_class : proposal.sop_classes_) proposal.roles_.push_back({sop_class.view(), {.scu = false, .scp = true}});
  struct Layout {
    Uids syntaxes;
    void (StorageProposal::*add)(const core::Uid&);
  };
  const auto few = chosen.empty() ? common_syntaxes() : chosen;
  std::vector<Layout> layouts;
  if (choice.is_one_context) {
    // Not every one: DCMTK breaks off when there are more than 50 in one context.
    layouts.push_back({few, &StorageProposal::add_as_one});
  } else {
    if (chosen.empty()) layouts.push_back({every_syntax(), &StorageProposal::add_alone});
    layouts.push_back({few, &StorageProposal::add_alone});
    layouts.push_back({few, &StorageProposal::add_together});
  }
  for (const auto& layout : layouts) {
    const auto is_native = [](const core::Uid& uid) { return core::transfer_syntax_of(uid).pixels == core::PixelForm::native; };
    proposal.native_.clear();
    proposal.compressed_.clear();
    for (const auto& syntax : layout.syntaxes) (is_native(syntax) ? proposal.native_ : proposal.compressed_).push_back(syntax);
    proposal.all_ = proposal.native_;
    proposal.all_.insert(proposal.all_.end(), proposal.compressed_.begin(), proposal.compressed_.end());
    proposal.begin(get_sop_class_uid);
    for (const auto& sop_class : proposal.sop_classes_) (proposal.*layout.add)(sop_class);
    if (proposal.fits()) return proposal;
  }
  return bad_input(proposal.sop_classes_.size(), " SOP classes are too many for one association; name fewer of them, or of transfer syntaxes");
}

}  // namespace scanferry::firmware
