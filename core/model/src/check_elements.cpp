// SPDX-License-Identifier: Apache-2.0
#include "check_elements.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/core/value.hpp>
#include <scanferry/core/value_number.hpp>
#include <scanferry/core/value_text.hpp>
#include <scanferry/model/element_text.hpp>
#include <scanferry/model/tag_path.hpp>

#include "check_condition.hpp"

namespace scanferry::model {
namespace {

using core::ValueFault;
using core::Vr;

constexpr std::uint16_t kMetaGroup = 0x0002;
constexpr core::Tag kSpecificCharacterSet{0x0008, 0x0005};
/// Of one value; who writes hundreds of bad ones learns it from these.
constexpr std::size_t kValueFindingsMax = 4;

std::string codes_of(std::uint64_t vrs) {
  std::string codes;
  for (unsigned vr = 1; vr <= static_cast<unsigned>(Vr::uv); ++vr) {
    if (!core::detail::is_in(vrs, static_cast<Vr>(vr))) continue;
    codes.append(codes.empty() ? "" : " or ").append(core::code_of(static_cast<Vr>(vr)));
  }
  return codes;
}

std::string text_of(const core::Multiplicity& vm) {
  const std::string least = std::to_string(vm.min);
  if (vm.max == 0) return least + " to " + (vm.step > 1 ? std::to_string(vm.step) : "") + "n";
  return vm.min == vm.max ? least : least + " to " + std::to_string(vm.max);
}

std::string text_of(const core::ValueFinding& finding) {
  const bool is_clear = core::severity_of(finding.code) == core::Severity::warning;
  return std::string{is_clear ? "is odd: " : "is wrong: "} + std::string{finding.allowed};
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\x1B'; });
}

core::Multiplicity multiplicity_of(const Element& element) {
  const auto entry = core::find_entry(element.tag);
  return entry && element.tag.group % 2 == 0 ? entry->vm : core::Multiplicity{1, 0, 1};
}

}  // namespace

ElementCheck::Surroundings::Surroundings(const DataSet& data_set) {
  for (const Element& element : data_set.elements()) {
    const auto [group, number] = element.tag;
    if (number == 0) group_bytes[group] = 0;
    if (group % 2 != 0 && number >= 0x10 && number <= 0xFF && !trimmed_text(&element).empty()) creators.insert(element.tag);
  }
  if (group_bytes.empty()) return;
  for (const Element& element : data_set.elements()) {
    const auto group = group_bytes.find(element.tag.group);
    if (group != group_bytes.end() && element.tag.element != 0) group->second += element.source.size + element.source.strays;
  }
}

void ElementCheck::check(const Place& place, const CharacterSet& outside) {
  const CharacterSet characters = character_set_in(*place.data_set, outside);
  const Surroundings around{*place.data_set};
  const Element* before = nullptr;
  for (const Element& element : place.data_set->elements()) {
    if (before != nullptr) check_order(place, element, *before);
    check_element(place, element, characters, around);
    for (std::size_t i = 0; i < element.items().size(); ++i) check(place_of(place, element, i), characters);
    before = &element;
  }
}

void ElementCheck::check_element(const Place& place, const Element& element, const CharacterSet& characters, const Surroundings& around) {
  check_group(place, element);
  if (element.tag.element == 0) {
    check_group_length(place, element, around);
  } else if (element.tag.group % 2 != 0) {
    check_private(place, element, around);
  } else {
    check_dictionary(place, element);
  }
  if (element.tag == kSpecificCharacterSet) check_character_set(place, element);
  check_value(place, element, characters);
}

/// PS3.5 7.1: ascending, each tag once.
void ElementCheck::check_order(const Place& place, const Element& element, const Element& before) {
  if (element.tag > before.tag) return;
  const bool is_twice = element.tag == before.tag;
  log_.add(CheckSeverity::error, place, element,
           is_twice ? "is there twice" : "stands behind " + tag_text(before.tag) + ": elements are in the order of their tags");
}

/// PS3.5 7.1 and 7.8, PS3.10 7.1: which groups a data set has.
void ElementCheck::check_group(const Place& place, const Element& element) {
  const std::uint16_t group = element.tag.group;
  if (is_meta_) return;
  if (group <= 0x0007 && group % 2 != 0) {
    log_.add(CheckSeverity::error, place, element, "is in a group that private elements must not have");
  } else if (group == 0xFFFF) {
    log_.add(CheckSeverity::error, place, element, "is in group FFFF, which does not exist");
  } else if (group <= kMetaGroup || group == 0x0006) {
    log_.add(CheckSeverity::error, place, element, "is no element of a data set, but of a command or of File Meta Information");
  }
}

/// PS3.5 7.2. That of File Meta Information is checked where its length is known.
void ElementCheck::check_group_length(const Place& place, const Element& element, const Surroundings& around) {
  if (is_meta_) return;
  log_.add(CheckSeverity::note, place, element, "is retired: group lengths are of no use any more, leave them out");
  const auto stated = core::Numbers<std::uint32_t>{element.bytes(), core::ByteOrder::little};
  const std::uint64_t bytes = around.group_bytes.at(element.tag.group);
  if (stated.size() == 1 && stated[0] == bytes) return;
  log_.add(CheckSeverity::error, place, element, "is wrong: the group has " + std::to_string(bytes) + " bytes",
           stated.empty() ? "" : std::to_string(stated[0]));
}

/// PS3.5 7.8.1.
void ElementCheck::check_private(const Place& place, const Element& element, const Surroundings& around) {
  const std::uint16_t number = element.tag.element;
  if (number < 0x10 || (number > 0xFF && number < 0x1000)) {
    log_.add(CheckSeverity::error, place, element, "is private, and has a number that neither a creator nor a block of private data has");
    return;
  }
  if (number <= 0xFF) {
    if (element.vr == Vr::lo || element.is_implicit) return;
    const auto severity = element.vr == Vr::un ? CheckSeverity::warning : CheckSeverity::error;
    log_.add(severity, place, element, "is a private creator and must have VR LO", std::string{core::code_of(element.vr)});
    return;
  }
  const auto creator = core::private_creator_tag(element.tag);
  if (creator && !around.creators.contains(*creator)) {
    log_.add(CheckSeverity::error, place, element, "is private, and its block has no creator in " + tag_text(*creator));
  }
}

void ElementCheck::check_dictionary(const Place& place, const Element& element) {
  const auto entry = core::find_entry(element.tag);
  if (!entry) {
    log_.add(CheckSeverity::warning, place, element, "is not in the dictionary: PS3.6 has no such attribute");
    return;
  }
  if (entry->is_retired) log_.add(CheckSeverity::note, place, element, "is retired");
  if (element.is_implicit || entry->vrs == 0 || entry->allows(element.vr)) return;
  // PS3.5 6.2.2: UN is what a program writes that does not know better.
  const bool is_un = element.vr == Vr::un || (element.is_sequence() && entry->allows(Vr::sq));
  log_.add(is_un ? CheckSeverity::warning : CheckSeverity::error, place, element, "has a wrong VR: PS3.6 says " + codes_of(entry->vrs),
           std::string{core::code_of(element.vr)});
}

void ElementCheck::check_character_set(const Place& place, const Element& element) {
  std::string complaint;
  const std::string_view stated = core::text_of(element.bytes());
  const CharacterSet set = CharacterSet::of(stated, &complaint);
  if (complaint.empty()) return;
  log_.add(set.is_understood() ? CheckSeverity::warning : CheckSeverity::error, place, element, complaint,
           shown_text(trimmed_text(&element)));
}

/// PS3.5 9.1 and B: the root of all is ISO's and ITU's, and they have given out 0, 1 and 2.
void ElementCheck::check_uids(const Place& place, const Element& element) {
  for (const std::string_view padded : core::TextValues{core::Vr::ui, core::text_of(element.bytes())}) {
    const std::string_view uid = core::trimmed(core::Vr::ui, padded);
    if (!core::is_valid_uid(uid) || (uid[0] <= '2' && (uid.size() == 1 || uid[1] == '.'))) continue;
    log_.add(CheckSeverity::error, place, element, "is a UID that nobody can have given out: it must begin with 0, 1 or 2",
             shown_text(uid));
  }
}

void ElementCheck::check_value(const Place& place, const Element& element, const CharacterSet& characters) {
  if (element.is_sequence() || element.bytes().empty()) return;
  const Vr vr = meaning_of(element);
  if (vr == Vr::ui) check_uids(place, element);
  if (core::has_character_set(vr) && !is_ascii(core::text_of(element.bytes()))) return check_text(place, element, characters);
  std::array<core::ValueFinding, kValueFindingsMax> room{};
  const auto multiplicity = multiplicity_of(element);
  for (const auto& finding : core::check_value(vr, element.bytes(), {.multiplicity = multiplicity}, room)) {
    // The reader has told it.
    if (finding.code == ValueFault::odd_length) continue;
    if (finding.code == ValueFault::long_for_explicit && element.is_implicit) continue;
    const auto severity = core::severity_of(finding.code) == core::Severity::error ? CheckSeverity::error : CheckSeverity::warning;
    if (finding.code == ValueFault::bad_multiplicity) {
      const std::size_t count = plain_values(element).size();
      log_.add(severity, place, element,
               "has " + std::to_string(count) + (count == 1 ? " value" : " values") + ": it must have " + text_of(multiplicity));
      continue;
    }
    const std::string_view value =
        core::is_text(vr) ? *core::TextValues{vr, core::text_of(element.bytes())}.at(finding.value_index) : std::string_view{};
    log_.add(severity, place, element, text_of(finding), shown_text(value.substr(0, value.find_last_not_of(' ') + 1)));
  }
}

/// Text beyond ASCII: first whether it is in its character set, then its characters are counted.
void ElementCheck::check_text(const Place& place, const Element& element, const CharacterSet& characters) {
  const Vr vr = meaning_of(element);
  const std::string_view raw = core::text_of(element.bytes());
  const Decoded decoded = characters.decode(raw, vr);
  const std::string suspect = diagnose(characters, raw, vr);
  if (decoded.flaw) {
    return log_.add(CheckSeverity::error, place, element, suspect.empty() ? "is not in the Specific Character Set" : suspect,
                    shown_text(decoded.text));
  }
  if (!suspect.empty()) log_.add(CheckSeverity::warning, place, element, suspect, shown_text(decoded.text));
  std::array<core::ValueFinding, kValueFindingsMax> room{};
  const core::ValueContext context{.text = core::TextForm::utf8, .multiplicity = multiplicity_of(element)};
  for (const auto& finding : core::check_value(vr, core::bytes_of(decoded.text), context, room)) {
    const auto severity = core::severity_of(finding.code) == core::Severity::error ? CheckSeverity::error : CheckSeverity::warning;
    log_.add(severity, place, element, text_of(finding), shown_value(element, characters));
  }
}

}  // namespace scanferry::model
