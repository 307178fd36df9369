// SPDX-License-Identifier: Apache-2.0
#include "check_log.hpp"

#include <algorithm>

#include <scanferry/core/utf8.hpp>
#include <scanferry/model/character_set.hpp>
#include <scanferry/model/element_text.hpp>
#include <scanferry/model/tag_path.hpp>

namespace scanferry::model {
namespace {

TagPath path_to(const Place& place, core::Tag tag) {
  TagPath path;
  path.steps.push_back({tag, {}, {}});
  for (const Place* at = &place; at->outer != nullptr; at = at->outer) path.steps.push_back({at->sequence, {}, at->item});
  std::ranges::reverse(path.steps);
  return path;
}

/// The path whatever the items.
std::string kind_of(TagPath path, const std::string& text) {
  for (auto& step : path.steps) {
    if (step.item) step.item = TagPath::kEvery;
  }
  return path.text() + '\n' + text;
}

/// What was read out of a value of UN has no place of its own: it is that of the value.
std::uint64_t offset_of(const Place& place, const Element& element) {
  if (element.source.size != 0 || place.outer == nullptr) return element.source.offset;
  const Element* const sequence = place.outer->data_set->find(place.sequence);
  return sequence == nullptr ? 0 : offset_of(*place.outer, *sequence);
}

/// Where an element with `tag` would stand.
std::uint64_t offset_for(const Place& place, core::Tag tag) {
  const auto elements = place.data_set->elements();
  const auto next = std::ranges::find_if(elements, [tag](const Element& element) { return element.tag > tag; });
  if (next != elements.end()) return offset_of(place, *next);
  return place.end != 0 || elements.empty() ? place.end : offset_of(place, elements.back());
}

}  // namespace

Place place_of(const Place& outer, const Element& sequence, std::size_t index) {
  const Item& item = sequence.items()[index];
  return {&item.data_set, &outer, sequence.tag, static_cast<std::uint32_t>(index), item.source.offset + item.source.size};
}

void CheckLog::add(CheckSeverity severity, const Place& place, const Element& element, std::string text, std::string value) {
  if (is_unwanted(severity)) return;
  const TagPath path = path_to(place, element.tag);
  const std::string kind = kind_of(path, text);
  put({severity, offset_of(place, element), element.tag, path.text(), std::move(text), std::move(value), 0}, kind);
}

void CheckLog::missing(CheckSeverity severity, const Place& place, core::Tag tag, std::string text) {
  if (is_unwanted(severity)) return;
  const TagPath path = path_to(place, tag);
  if (path.steps.front().tag >= end_) return;
  const std::string name = path.text();
  if (const auto known = missing_.find(name); known != missing_.end()) {
    CheckFinding& before = findings_[known->second];
    if (severity >= before.severity || before.path != name) return;
    before.severity = severity;
    before.text = std::move(text);
    return;
  }
  const std::string kind = kind_of(path, "missing");
  put({severity, offset_for(place, tag), tag, name, std::move(text), {}, 0}, kind);
  missing_[name] = findings_.empty() ? 0 : findings_.size() - 1;
}

void CheckLog::add(CheckSeverity severity, std::uint64_t offset, std::string path, std::string text) {
  if (is_unwanted(severity)) return;
  const auto parsed = path.empty() ? TagPath{} : TagPath::parse(path).value_or(TagPath{});
  const std::string kind = kind_of(parsed, text);
  const core::Tag tag = parsed.steps.empty() ? core::Tag{} : parsed.steps.back().tag;
  put({severity, offset, tag, std::move(path), std::move(text), {}, 0}, kind);
}

void CheckLog::put(CheckFinding finding, const std::string& kind) {
  Repeats& repeats = repeats_[kind];
  if (++repeats.count > kRepeatsMax) return;
  repeats.last = findings_.size();
  findings_.push_back(std::move(finding));
}

bool CheckLog::is_unwanted(CheckSeverity severity) const {
  return findings_.size() == kCheckFindingsMax || (severity == CheckSeverity::note && !with_notes_);
}

std::vector<CheckFinding> CheckLog::take() {
  if (findings_.size() == kCheckFindingsMax) findings_.back().text += "; there may be more findings, which are not told";
  for (const auto& [kind, repeats] : repeats_) {
    if (repeats.count > kRepeatsMax) findings_[repeats.last].more = repeats.count - kRepeatsMax;
  }
  std::ranges::stable_sort(findings_, {}, &CheckFinding::offset);
  repeats_.clear();
  missing_.clear();
  return std::move(findings_);
}

std::string shown_text(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    std::string_view rest = text;
    const char32_t character = core::take_character(rest);
    if (character == core::kNoCharacter) rest.remove_prefix(1);
    const std::size_t bytes = text.size() - rest.size();
    if (shown.size() + bytes > CheckFinding::kShownBytesMax) return shown + "...";
    const bool is_control = character < 0x20 || (character >= 0x7F && character < 0xA0);
    shown += is_control || character == core::kNoCharacter ? "?" : text.substr(0, bytes);
    text = rest;
  }
  return shown;
}

std::string shown_value(const Element& element, const CharacterSet& characters) {
  const core::Vr vr = meaning_of(element);
  std::string all;
  for (const auto& value : core::is_text(vr)
                               ? text_values(element, characters)
                               : number_values(vr, element.bytes().first(std::min<std::size_t>(element.bytes().size(), 64)))) {
    if (!all.empty()) all += '\\';
    all += value;
    if (all.size() > CheckFinding::kShownBytesMax) break;
  }
  return shown_text(all);
}

}  // namespace scanferry::model
