// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/check.hpp>

#include <algorithm>
#include <array>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/uid_registry.hpp>

#include "check_condition.hpp"
#include "check_elements.hpp"
#include "check_log.hpp"
#include "check_meta.hpp"
#include "check_modules.hpp"
#include "check_pixels.hpp"
#include "check_tables.hpp"

namespace scanferry::model {
namespace {

namespace at = core::attribute;

/// What the reader met breaks the standard, but for padding that every reader takes.
CheckSeverity severity_of(const Error& finding) {
  const bool is_harmless =
      finding.what.find("taken as padding") != std::string::npos || finding.what.find("reserved bytes") != std::string::npos;
  return is_harmless ? CheckSeverity::warning : CheckSeverity::error;
}

void tell_reader(const Document& document, CheckLog& log) {
  const auto elements = document.data_set().elements();
  if (document.defect()) log.end_at(elements.empty() ? core::Tag{} : elements.back().tag);
  for (const Error& finding : document.findings()) log.add(severity_of(finding), finding.offset, finding.path, finding.what);
  if (const auto& defect = document.defect())
    log.add(CheckSeverity::error, defect->offset, defect->path, defect->what + "; nothing behind it was checked");
}

/// A DICOMDIR has its SOP Class in File Meta Information only.
std::string_view sop_class_of(const Document& document) {
  const auto own = trimmed_text(document.data_set().find(at::kSOPClassUID.tag));
  return own.empty() ? trimmed_text(document.meta().find(at::kMediaStorageSOPClassUID.tag)) : own;
}

void name_class(std::string_view uid, const Place& object, CheckLog& log, CheckReport& report) {
  const auto entry = core::find_uid(uid);
  report.sop_class = entry && !entry->name.empty() ? entry->name : uid;
  const Element* const element = object.data_set->find(at::kSOPClassUID.tag);
  if (element == nullptr || uid.empty()) return;
  if (!entry) {
    log.add(CheckSeverity::warning, object, *element, "is no SOP Class of the standard", shown_text(uid));
  } else if (entry->type != core::UidType::sop_class) {
    log.add(CheckSeverity::error, object, *element, "is not the UID of a SOP Class, but of " + std::string{entry->name}, shown_text(uid));
  } else if (entry->is_retired) {
    log.add(CheckSeverity::note, object, *element, "is retired: " + std::string{entry->name}, shown_text(uid));
  }
}

/// Each UID is of one thing, PS3.5 9.
void check_identity(const Place& object, CheckLog& log) {
  constexpr std::array kIdentities = {at::kSOPInstanceUID.tag, at::kStudyInstanceUID.tag, at::kSeriesInstanceUID.tag,
                                      at::kFrameOfReferenceUID.tag};
  for (auto one = kIdentities.begin(); one != kIdentities.end(); ++one) {
    const Element* const element = object.data_set->find(*one);
    const std::string_view uid = trimmed_text(element);
    const auto is_same = [&](core::Tag other) { return !uid.empty() && trimmed_text(object.data_set->find(other)) == uid; };
    const auto twin = std::find_if(kIdentities.begin(), one, is_same);
    if (twin == one) continue;
    const auto entry = core::find_entry(*twin);
    log.add(CheckSeverity::error, object, *element,
            "is the same as " + std::string{entry ? entry->keyword : ""} + ": each thing has a UID of its own", shown_text(uid));
  }
}

}  // namespace

std::size_t CheckReport::count(CheckSeverity severity) const {
  std::size_t count = 0;
  for (const CheckFinding& finding : findings) count += finding.severity == severity ? 1 + finding.more : 0;
  return count;
}

CheckReport check(const Document& document, const CheckOptions& options) {
  CheckReport report;
  CheckLog log{options.with_notes};
  const Place object{.data_set = &document.data_set(), .end = document.data_set_end()};
  tell_reader(document, log);
  check_meta(document, log);
  ElementCheck{log, false}.check(object);
  check_identity(object, log);
  check_pixels(document, object, log);
  const std::string_view sop_class = sop_class_of(document);
  name_class(sop_class, object, log, report);
  if (const auto* const iod = check_tables::find_iod(sop_class)) {
    report.iod = check_tables::text_at(iod->name);
    check_iod(object, *iod, options, log, report);
  } else if (sop_class.empty()) {
    log.missing(CheckSeverity::error, object, at::kSOPClassUID.tag,
                "is missing: without it nobody knows what the object is, and no module was checked");
  }
  report.findings = log.take();
  return report;
}

}  // namespace scanferry::model
