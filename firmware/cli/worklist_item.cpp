// SPDX-License-Identifier: Apache-2.0
#include "cli/worklist_item.hpp"

#include <utility>

#include <scanferry/model/json_reader.hpp>

#include "agent/text_file.hpp"
#include "cli/file_source.hpp"

namespace scanferry::firmware {
namespace {

/// Where the values go that stand in the item itself.
constexpr std::pair<const char*, const char*> kOfPatient[]{
    {"PatientName", "PatientName"},
    {"PatientID", "PatientID"},
    {"IssuerOfPatientID", "IssuerOfPatientID"},
    {"PatientBirthDate", "PatientBirthDate"},
    {"PatientSex", "PatientSex"},
    {"ReferencedPatientSequence", "ReferencedPatientSequence"},
    {"ScheduledProcedureStepSequence[0].Modality", "Modality"},
};

/// What goes into the Scheduled Step Attributes Sequence, under its own name.
constexpr std::pair<const char*, const char*> kOfStep[]{
    {"", "StudyInstanceUID"},
    {"", "ReferencedStudySequence"},
    {"", "AccessionNumber"},
    {"", "RequestedProcedureID"},
    {"", "RequestedProcedureDescription"},
    {"", "RequestedProcedureCodeSequence"},
    {"", "PlacerOrderNumberImagingServiceRequest"},
    {"", "FillerOrderNumberImagingServiceRequest"},
    {"ScheduledProcedureStepSequence[0].", "ScheduledProcedureStepID"},
    {"ScheduledProcedureStepSequence[0].", "ScheduledProcedureStepDescription"},
    {"ScheduledProcedureStepSequence[0].", "ScheduledProtocolCodeSequence"},
};

Keys keys_of(const model::Document& item) {
  Keys keys;
  for (const auto& [from, to] : kOfPatient) carry(item, from, to, keys);
  for (const auto& [from, name] : kOfStep) carry(item, text(from, name), text("ScheduledStepAttributesSequence[0].", name), keys);
  return keys;
}

/// JSON begins with a brace; neither a preamble nor a data set does.
bool is_json(std::string_view content) {
  const auto first = content.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && content[first] == '{';
}

}  // namespace

Result<Keys> keys_of_worklist(platform::Store& store, const std::string& path) {
  const auto content = read_text_file(store, path);
  if (!content) return std::unexpected{content.error()};
  if (!is_json(*content)) {
    const auto opened = open_document(store, path);
    if (!opened) return bad_input(opened.error().message, "; a worklist item is expected, in DICOM or as one line of 'worklist --json'");
    return keys_of(opened->document);
  }
  const auto no_bulk = [](std::string_view uri) -> model::Result<std::vector<std::byte>> { return std::unexpected{model::Error{text("bulk data at ", uri), 0, {}}}; };
  const auto item = model::read_json(*content, no_bulk);
  if (!item) return bad_input(path, ": ", item.error().text(), "; one line of 'worklist --json' is expected");
  return keys_of(*item);
}

}  // namespace scanferry::firmware
