// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/data_set.hpp>

#include <algorithm>
#include <utility>

namespace scanferry::model {

// What Document promises: an element takes 8 bytes in a file, an item, too, and a vector has up to twice the room it needs.
static_assert(2 * sizeof(Element) <= 24 * 8 && 2 * sizeof(Item) <= 24 * 8);

std::span<const Element> DataSet::elements() const { return elements_; }
std::span<Element> DataSet::elements() { return elements_; }

const Element* DataSet::find(core::Tag tag) const {
  const auto found = is_sorted_ ? std::ranges::lower_bound(elements_, tag, {}, &Element::tag) : std::ranges::find(elements_, tag, &Element::tag);
  return found != elements_.end() && found->tag == tag ? &*found : nullptr;
}

Element* DataSet::find(core::Tag tag) { return const_cast<Element*>(std::as_const(*this).find(tag)); }

Element& DataSet::put(Element element) {
  if (Element* const found = find(element.tag); found != nullptr) return *found = std::move(element);
  const auto place = std::ranges::find_if(elements_, [&](const Element& other) { return other.tag > element.tag; });
  return *elements_.insert(place, std::move(element));
}

Element& DataSet::append(Element element) {
  if (!elements_.empty() && elements_.back().tag >= element.tag) is_sorted_ = false;
  return elements_.emplace_back(std::move(element));
}

bool DataSet::erase(core::Tag tag) {
  return std::erase_if(elements_, [tag](const Element& element) { return element.tag == tag; }) != 0;
}

std::span<const Item> Element::items() const {
  const auto* const items = std::get_if<std::vector<Item>>(&value);
  return items == nullptr ? std::span<const Item>{} : std::span<const Item>{*items};
}

std::span<Item> Element::items() {
  auto* const items = std::get_if<std::vector<Item>>(&value);
  return items == nullptr ? std::span<Item>{} : std::span<Item>{*items};
}

core::ByteView Element::bytes() const {
  const auto* const bytes = std::get_if<core::ByteView>(&value);
  return bytes == nullptr ? core::ByteView{} : *bytes;
}

std::uint64_t Element::value_size() const {
  if (const auto* const stored = std::get_if<StoredValue>(&value)) return stored->range.size;
  return bytes().size();
}

std::map<core::Tag, const Element*> private_creators(const DataSet& data_set) {
  std::map<core::Tag, const Element*> creators;
  for (const Element& element : data_set.elements()) {
    const bool is_creator = element.tag.group % 2 == 1 && element.tag.element >= 0x0010 && element.tag.element <= 0x00FF;
    if (is_creator) creators.try_emplace(element.tag, &element);
  }
  return creators;
}

std::string_view trimmed_text(const Element* element) {
  if (element == nullptr) return {};
  std::string_view text = core::text_of(element->bytes());
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  return text;
}

}  // namespace scanferry::model
