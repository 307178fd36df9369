// SPDX-License-Identifier: Apache-2.0
#include "cli/carried.hpp"

#include <scanferry/core/dictionary.hpp>
#include <scanferry/model/element_text.hpp>
#include <scanferry/model/tag_path.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {
namespace {

std::string values_of(const model::Element& element, const model::CharacterSet& characters) {
  const core::Vr vr = model::meaning_of(element);
  std::string all;
  for (const auto& value : core::is_text(vr) ? model::text_values(element, characters) : model::number_values(vr, element.bytes())) {
    if (!all.empty()) all += '\\';
    all += value;
  }
  return all;
}

/// Neither private, nor of the encoding, nor newer than our dictionary.
bool is_carried(core::Tag tag) {
  const bool is_of_encoding = tag.element == 0 || tag == core::attribute::kSpecificCharacterSet.tag;
  return tag.group % 2 == 0 && !is_of_encoding && core::vr_in_dictionary(tag) != core::Vr::unknown;
}

void carry_element(const model::Element& element, const model::CharacterSet& around, const std::string& to, Keys& keys) {
  std::size_t number = 0;
  for (const auto& item : element.items()) {
    const auto characters = model::character_set_in(item.data_set, around);
    const auto here = text(to, "[", number++, "].");
    for (const auto& inner : item.data_set.elements()) {
      if (is_carried(inner.tag)) carry_element(inner, characters, here + model::tag_text(inner.tag), keys);
    }
  }
  if (element.is_sequence()) return;
  if (const auto values = values_of(element, around); !values.empty()) keys.push_back(text(to, "=", values));
}

}  // namespace

void carry(const model::Document& document, std::string_view from, const std::string& to, Keys& keys) {
  const auto path = model::TagPath::parse(from);
  const auto* data_set = &document.data_set();
  auto characters = model::character_set_in(*data_set, model::CharacterSet{});
  for (const auto& step : path->steps) {
    const auto* element = data_set->find(step.tag);
    if (element == nullptr) return;
    if (!step.item) return carry_element(*element, characters, to, keys);
    if (*step.item >= element->items().size()) return;
    data_set = &element->items()[*step.item].data_set;
    characters = model::character_set_in(*data_set, characters);
  }
}

void add_code(const std::string& path, std::string_view value, std::string_view scheme, std::string_view meaning, Keys& keys) {
  keys.push_back(text(path, "[0].CodeValue=", value));
  keys.push_back(text(path, "[0].CodingSchemeDesignator=", scheme));
  keys.push_back(text(path, "[0].CodeMeaning=", meaning));
}

}  // namespace scanferry::firmware
