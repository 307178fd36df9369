// SPDX-License-Identifier: Apache-2.0
#include "directory_keys.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <scanferry/core/uid.hpp>

namespace scanferry::model {
namespace {

namespace at = core::attribute;
using core::Vr;

constexpr std::uint64_t kSaltHigh = 0x7363616E66657272;
constexpr std::uint64_t kSaltLow = 0x444943'4F4D4449;
constexpr std::int64_t kNoNumber = std::numeric_limits<std::int64_t>::max();
constexpr char kEscape = '\x1B';

/// What stands for a date or time that is missing, best first: series, acquisition, content, creation of the instance.
constexpr std::array kOtherDates{at::kSeriesDate, at::kAcquisitionDate, at::kContentDate, at::kInstanceCreationDate};
constexpr std::array kOtherTimes{at::kSeriesTime, at::kAcquisitionTime, at::kContentTime, at::kInstanceCreationTime};

/// A value without anything in it counts as none, PS3.5 7.4.5.
bool is_empty(const Element& element) {
  if (element.is_sequence()) return element.items().empty();
  return core::is_text(element.vr) ? trimmed_text(&element).empty() : element.bytes().empty();
}

const Element* find_filled(const DataSet& data_set, core::Attribute attribute) {
  const Element* const element = data_set.find(attribute.tag);
  return element != nullptr && !is_empty(*element) ? element : nullptr;
}

bool is_affected(Vr vr) {
  return vr == Vr::lo || vr == Vr::lt || vr == Vr::pn || vr == Vr::sh || vr == Vr::st || vr == Vr::uc || vr == Vr::ut;
}

/// True when the default repertoire does not do for some text.
bool needs_character_set(const DataSet& data_set) {
  const auto is_foreign = [](char c) { return c == kEscape || static_cast<unsigned char>(c) >= 0x80; };
  return std::ranges::any_of(data_set.elements(), [&](const Element& element) {
    if (is_affected(element.vr) && std::ranges::any_of(core::text_of(element.bytes()), is_foreign)) return true;
    return std::ranges::any_of(element.items(), [](const Item& item) { return needs_character_set(item.data_set); });
  });
}

/// Of a file that states none.
std::string_view uid_of(core::Encoding encoding) {
  switch (encoding) {
    case core::Encoding::implicit_little_endian: return "1.2.840.10008.1.2";
    case core::Encoding::explicit_big_endian: return "1.2.840.10008.1.2.2";
    case core::Encoding::explicit_little_endian: break;
  }
  return "1.2.840.10008.1.2.1";
}

Element plain(core::Attribute attribute, std::string_view text, Document& arena) {
  return {.tag = attribute.tag, .vr = attribute.vr, .value = arena.keep(core::bytes_of(text))};
}

std::string stand_in_of(const RecordKey& key) {
  if (!key.stand_in.empty()) return std::string{key.stand_in};
  switch (key.attribute.vr) {
    case Vr::da: return "19000101";
    case Vr::tm: return "000000";
    case Vr::dt: return "19000101000000";
    case Vr::us: return {"\1\0", 2};
    case Vr::ul: return {"\1\0\0\0", 4};
    default: return "UNKNOWN";
  }
}

/// A code for what nobody said: (261665006, SCT, "Unknown").
Element unknown_code(core::Attribute attribute, Document& arena) {
  std::vector<Item> items(1);
  items[0].data_set.put(plain(at::kCodeValue, "261665006", arena));
  items[0].data_set.put(plain(at::kCodingSchemeDesignator, "SCT", arena));
  items[0].data_set.put(plain(at::kCodeMeaning, "Unknown", arena));
  return {.tag = attribute.tag, .vr = Vr::sq, .value = std::move(items)};
}

bool is_concept_modifier(const Item& item) { return trimmed_text(item.data_set.find(at::kRelationshipType.tag)) == "HAS CONCEPT MOD"; }

/// Numbers and names that must be told apart among neighbours.
class Neighbours {
 public:
  explicit Neighbours(const DirectoryNode& parent) : parent_{parent} {}

  /// One more than the largest.
  std::string next_number(core::Attribute attribute) {
    const auto [found, is_new] = largest_.try_emplace(attribute.tag, 0);
    if (is_new) found->second = largest(attribute);
    return std::to_string(++found->second);
  }

  /// An ID that no other patient has.
  std::string unused_patient_id() {
    for (;;) {
      std::string id = "UNKNOWN-" + std::to_string(++unknown_patients_);
      if (parent_.find("I" + id) == nullptr) return id;
    }
  }

 private:
  [[nodiscard]] std::int64_t largest(core::Attribute attribute) const {
    std::int64_t largest = 0;
    for (const auto& node : parent_.lower) {
      if (const auto number = number_in(node->keys, attribute); number != kNoNumber) largest = std::max(largest, number);
    }
    return largest;
  }

  const DirectoryNode& parent_;
  std::map<core::Tag, std::int64_t> largest_;  // once looked for
  std::size_t unknown_patients_{0};
};

Element made_up_element(const RecordKey& key, Neighbours& neighbours, Document& arena) {
  if (key.attribute.vr == Vr::sq) return unknown_code(key.attribute, arena);
  if (key.attribute.tag == at::kPatientID.tag) return plain(key.attribute, neighbours.unused_patient_id(), arena);
  const bool is_number = (key.attribute.vr == Vr::is && key.stand_in.empty()) || key.attribute.tag == at::kStudyID.tag;
  return plain(key.attribute, is_number ? neighbours.next_number(key.attribute) : stand_in_of(key), arena);
}

}  // namespace

std::string made_up_uid(std::string_view name) { return std::string{core::uid_from_name(kSaltHigh, kSaltLow, name).view()}; }

std::int64_t number_in(const DataSet& data_set, core::Attribute attribute) {
  std::string_view text = trimmed_text(data_set.find(attribute.tag));
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int32_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return end.ec == std::errc{} && !text.empty() ? number : kNoNumber;
}

std::string KeyCopier::text(core::Attribute attribute) const { return std::string{trimmed_text(object_.data_set().find(attribute.tag))}; }

std::string KeyCopier::sop_class_uid() const {
  auto uid = text(at::kSOPClassUID);
  return uid.empty() ? std::string{trimmed_text(object_.meta().find(at::kMediaStorageSOPClassUID.tag))} : uid;
}

std::string sop_instance_uid_of(const Document& object) {
  const auto uid = trimmed_text(object.data_set().find(at::kSOPInstanceUID.tag));
  return std::string{uid.empty() ? trimmed_text(object.meta().find(at::kMediaStorageSOPInstanceUID.tag)) : uid};
}

std::string KeyCopier::patient_identity() const {
  if (const auto id = text(at::kPatientID); !id.empty()) return "I" + id;
  const auto birth_date = text(at::kPatientBirthDate);
  if (const auto name = text(at::kPatientName); !name.empty() && !birth_date.empty()) return "N" + name + "\\" + birth_date;
  return "S" + study_uid();
}

std::string KeyCopier::study_uid() const {
  if (auto uid = text(at::kStudyInstanceUID); !uid.empty()) return uid;
  return made_up_uid("study " + text(at::kPatientID) + "\\" + text(at::kPatientName) + "\\" + text(at::kStudyDate) + "\\" +
                     text(at::kStudyTime) + "\\" + text(at::kStudyID));
}

std::string KeyCopier::series_uid(const std::string& study_uid) const {
  if (auto uid = text(at::kSeriesInstanceUID); !uid.empty()) return uid;
  return made_up_uid("series " + study_uid + "\\" + text(at::kModality) + "\\" + text(at::kSeriesNumber));
}

void KeyCopier::copy(DirectoryNode& node) {
  for (const RecordKey& key : node.type->keys) {
    const Element* const source = source_of(key);
    if (source == nullptr) {
      if (key.use == KeyUse::maybe_empty) node.keys.put(plain(key.attribute, {}, arena_));
      continue;
    }
    Element element = copy_of(*source);
    element.tag = key.attribute.tag;
    if (!element.is_sequence()) element.vr = key.attribute.vr;
    if (key.attribute.vr == Vr::da || key.attribute.vr == Vr::tm) element.value = in_present_form(key.attribute.vr, element.bytes());
    if (key.use == KeyUse::concept_modifiers) {
      std::erase_if(std::get<std::vector<Item>>(element.value), [](const Item& item) { return !is_concept_modifier(item); });
    }
    if (key.use != KeyUse::concept_modifiers || !element.items().empty()) node.keys.put(std::move(element));
  }
  const Element* const characters = find_filled(object_.data_set(), at::kSpecificCharacterSet);
  if (characters != nullptr && needs_character_set(node.keys)) node.keys.put(copy_of(*characters));
}

/// The element that a key is taken from; null for none.
const Element* KeyCopier::source_of(const RecordKey& key) {
  if (key.use == KeyUse::verification) return latest_verification();
  const auto fits = [&key](const Element* element) {
    return element != nullptr && element->is_sequence() == (key.attribute.vr == Vr::sq) &&
           !std::holds_alternative<StoredValue>(element->value);
  };
  const Element* const element = find_filled(object_.data_set(), key.attribute);
  if (fits(element)) return element;
  if (key.use != KeyUse::always || (key.attribute.vr != Vr::da && key.attribute.vr != Vr::tm)) return nullptr;
  for (const core::Attribute other : key.attribute.vr == Vr::da ? kOtherDates : kOtherTimes) {
    const Element* const found = find_filled(object_.data_set(), other);
    if (!fits(found)) continue;
    ++made_up_[key.attribute.tag];
    return found;
  }
  return nullptr;
}

const Element* KeyCopier::latest_verification() const {
  const Element* latest = nullptr;
  const Element* const observers = object_.data_set().find(at::kVerifyingObserverSequence.tag);
  if (observers == nullptr) return nullptr;
  for (const Item& observer : observers->items()) {
    const Element* const when = find_filled(observer.data_set, at::kVerificationDateTime);
    if (when != nullptr && !when->is_sequence() && (latest == nullptr || trimmed_text(when) > trimmed_text(latest))) latest = when;
  }
  return latest;
}

/// Dates and times in the form of ACR-NEMA 300, 1993.11.24 and 09:53:00, lose what separates them, PS3.5 6.2.
core::ByteView KeyCopier::in_present_form(Vr vr, core::ByteView value) {
  std::string digits{core::text_of(value)};
  std::erase(digits, vr == Vr::da ? '.' : ':');
  return arena_.keep(core::bytes_of(digits));
}

Element KeyCopier::copy_of(const Element& element) {
  Element copy{.tag = element.tag, .vr = element.vr, .value = core::ByteView{}};
  if (!element.is_sequence()) {
    copy.value = arena_.keep(core::is_text(element.vr) ? core::bytes_of(trimmed_text(&element)) : element.bytes());
    return copy;
  }
  std::vector<Item> items(element.items().size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (const Element& inner : element.items()[i].data_set.elements()) {
      if (!std::holds_alternative<StoredValue>(inner.value) && !inner.is_encapsulated()) items[i].data_set.append(copy_of(inner));
    }
  }
  copy.vr = Vr::sq;
  copy.value = std::move(items);
  return copy;
}

void KeyCopier::put_reference(DirectoryNode& node) {
  // PS3.3 F.6.1: who made the type of a private record is told by a UID; here the class of what it stands for.
  if (node.type->name == "PRIVATE") node.reference.put(plain(at::kPrivateRecordUID, sop_class_uid(), arena_));
  node.reference.put(plain(at::kReferencedSOPClassUIDInFile, sop_class_uid(), arena_));
  node.reference.put(plain(at::kReferencedSOPInstanceUIDInFile, sop_instance_uid_of(object_), arena_));
  const auto syntax = object_.transfer_syntax();
  node.reference.put(plain(at::kReferencedTransferSyntaxUIDInFile, syntax.empty() ? uid_of(object_.encoding()) : syntax, arena_));
}

void KeyCopier::put_uid(DirectoryNode& node, core::Attribute attribute, const std::string& uid) {
  if (node.keys.find(attribute.tag) != nullptr) return;
  node.keys.put(plain(attribute, uid, arena_));
  ++made_up_[attribute.tag];
}

void fill_missing(DirectoryNode& node, Document& arena, MadeUp& made_up) {
  Neighbours neighbours{node};
  for (const auto& lower : node.lower) {
    for (const RecordKey& key : lower->type->keys) {
      if (key.use != KeyUse::always || lower->keys.find(key.attribute.tag) != nullptr) continue;
      lower->keys.put(made_up_element(key, neighbours, arena));
      ++made_up[key.attribute.tag];
    }
  }
}

}  // namespace scanferry::model
