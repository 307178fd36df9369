// SPDX-License-Identifier: Apache-2.0
#include "check_meta.hpp"

#include <array>
#include <utility>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/uid_registry.hpp>

#include "check_condition.hpp"
#include "check_elements.hpp"

namespace scanferry::model {
namespace {

namespace at = core::attribute;

constexpr std::uint16_t kMetaGroup = 0x0002;

/// All of Type 1, PS3.10 7.1. The version of who wrote the file is not required.
constexpr std::array kRequired = {
    at::kFileMetaInformationGroupLength.tag, at::kFileMetaInformationVersion.tag, at::kMediaStorageSOPClassUID.tag,
    at::kMediaStorageSOPInstanceUID.tag,     at::kTransferSyntaxUID.tag,          at::kImplementationClassUID.tag};

void check_required(const Place& meta, CheckLog& log) {
  for (const core::Tag tag : kRequired) {
    const Element* const element = meta.data_set->find(tag);
    if (element == nullptr) {
      log.missing(CheckSeverity::error, meta, tag, "type 1 of File Meta Information is missing");
    } else if (is_empty(*element)) {
      log.add(CheckSeverity::error, meta, *element, "is empty, and type 1 of File Meta Information, which needs a value");
    }
  }
}

void check_length(const Document& document, const Place& meta, CheckLog& log) {
  const Element* const length = meta.data_set->find(at::kFileMetaInformationGroupLength.tag);
  const auto stated = integer_of(*meta.data_set, at::kFileMetaInformationGroupLength.tag);
  if (length == nullptr || !stated) return;
  const std::uint64_t bytes = document.data_set_offset() - (length->source.offset + length->source.size);
  if (std::cmp_equal(*stated, bytes)) return;
  log.add(CheckSeverity::error, meta, *length, "is wrong: " + std::to_string(bytes) + " bytes follow in File Meta Information",
          std::to_string(*stated));
}

void check_transfer_syntax(const Document& document, const Place& meta, CheckLog& log) {
  const Element* const element = meta.data_set->find(at::kTransferSyntaxUID.tag);
  if (element == nullptr || document.transfer_syntax().empty()) return;
  const auto entry = core::find_uid(document.transfer_syntax());
  if (!entry || entry->type != core::UidType::transfer_syntax) {
    log.add(CheckSeverity::warning, meta, *element, "is no transfer syntax of the standard", shown_text(document.transfer_syntax()));
  } else if (entry->is_retired) {
    log.add(CheckSeverity::note, meta, *element, "is retired: " + std::string{entry->name}, std::string{entry->uid});
  }
}

/// What stands in both must be equal; a DICOMDIR has it in File Meta Information only.
void check_twin(const Place& meta, const Place& object, const core::Attribute& of_file, const core::Attribute& of_data, CheckLog& log) {
  const Element* const ours = meta.data_set->find(of_file.tag);
  const Element* const theirs = object.data_set->find(of_data.tag);
  if (ours == nullptr || theirs == nullptr || trimmed_text(ours) == trimmed_text(theirs)) return;
  log.add(CheckSeverity::error, meta, *ours, "is not that of the data set, " + shown_text(trimmed_text(theirs)),
          shown_text(trimmed_text(ours)));
}

}  // namespace

void check_meta(const Document& document, CheckLog& log) {
  const Place meta{.data_set = &document.meta(), .end = document.data_set_offset()};
  const Place object{.data_set = &document.data_set(), .end = document.data_set_end()};
  if (document.meta().empty()) return;
  ElementCheck{log, true}.check(meta);
  for (const Element& element : document.meta().elements()) {
    if (element.tag.group != kMetaGroup) log.add(CheckSeverity::error, meta, element, "is no element of File Meta Information");
  }
  check_required(meta, log);
  check_length(document, meta, log);
  check_transfer_syntax(document, meta, log);
  check_twin(meta, object, at::kMediaStorageSOPClassUID, at::kSOPClassUID, log);
  check_twin(meta, object, at::kMediaStorageSOPInstanceUID, at::kSOPInstanceUID, log);
}

}  // namespace scanferry::model
