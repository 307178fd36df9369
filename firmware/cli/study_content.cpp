// SPDX-License-Identifier: Apache-2.0
#include "cli/study_content.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "cli/file_source.hpp"
#include "cli/object_list.hpp"

namespace scanferry::firmware {
namespace {

constexpr core::Tag kStudyInstanceUid{0x0020, 0x000D};
constexpr core::Tag kSeriesInstanceUid{0x0020, 0x000E};
constexpr core::Tag kRows{0x0028, 0x0010};
constexpr core::Tag kPerformedSteps{0x0008, 0x1111};
constexpr core::Tag kReferencedSopInstance{0x0008, 0x1155};

constexpr std::array kAboutSeries{"ProtocolName", "SeriesDescription", "PerformingPhysicianName", "OperatorsName"};

std::string uid_in(const model::DataSet& data_set, core::Tag tag) { return std::string{model::trimmed_text(data_set.find(tag))}; }

/// The one with this UID, which is the last in most lists.
template <typename T>
T& with_uid(std::vector<T>& all, const std::string& uid) {
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const T& one) { return one.uid == uid; });
  if (found != all.rend()) return *found;
  all.emplace_back().uid = uid;
  return all.back();
}

void add_steps(ContentStudy& study, const model::DataSet& data_set) {
  const auto* steps = data_set.find(kPerformedSteps);
  if (steps == nullptr) return;
  for (const auto& item : steps->items()) {
    const auto uid = uid_in(item.data_set, kReferencedSopInstance);
    if (!uid.empty() && std::ranges::find(study.procedure_steps, uid) == study.procedure_steps.end()) study.procedure_steps.push_back(uid);
  }
}

Result<void> add(const SendObject& object, const model::Document& document, std::vector<ContentStudy>& studies) {
  const auto& data_set = document.data_set();
  const auto study_uid = uid_in(data_set, kStudyInstanceUid);
  const auto series_uid = uid_in(data_set, kSeriesInstanceUid);
  if (study_uid.empty() || series_uid.empty()) return bad_input(object.path, ": has no ", study_uid.empty() ? "StudyInstanceUID" : "SeriesInstanceUID");
  auto& study = with_uid(studies, study_uid);
  add_steps(study, data_set);
  auto& series = with_uid(study.series, series_uid);
  if (series.instances.empty()) {
    for (const auto* name : kAboutSeries) carry(document, name, name, series.about);
  }
  series.instances.push_back({object.sop_class_uid, object.sop_instance_uid, data_set.find(kRows) != nullptr});
  return {};
}

}  // namespace

Result<std::vector<ContentStudy>> read_content(platform::Store& store, const std::vector<std::string>& paths) {
  const auto list = collect_objects(store, paths);
  const auto failed = std::ranges::find(list.problems, true, &ObjectProblem::is_failure);
  if (failed != list.problems.end()) return bad_input(failed->words);
  std::vector<ContentStudy> studies;
  std::set<std::string> seen;
  for (const auto& object : list.objects) {
    if (!seen.insert(object.sop_instance_uid).second) continue;
    const auto opened = open_document(store, object.path, {.stop_before_pixels = true});
    if (!opened) return std::unexpected{opened.error()};
    if (const auto added = add(object, opened->document, studies); !added) return std::unexpected{added.error()};
  }
  if (studies.empty()) return bad_input(paths.front(), paths.size() > 1 ? " and the others: " : ": ", "there is no object");
  return studies;
}

}  // namespace scanferry::firmware
