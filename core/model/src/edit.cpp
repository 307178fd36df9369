// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/edit.hpp>

#include <algorithm>

#include <scanferry/model/element_text.hpp>

#include "value_bytes.hpp"

namespace scanferry::model {
namespace {

using core::Vr;

constexpr std::uint16_t kMetaGroup = 0x0002;

/// Walks to what a path names and works on it there.
class Editor {
 public:
  Editor(Document& document, const TagPath& path) : document_{document}, path_{path} {}

  Result<std::size_t> set(std::string_view value, SetMode mode, std::optional<Vr> vr) {
    if (path_.steps.back().item) return fail(path_.steps.size() - 1, "an item takes no value; name an element in it");
    if (path_.steps.back().tag == core::attribute::kTransferSyntaxUID.tag) return fail(0, "the transfer syntax is changed by 'convert'");
    value_ = value;
    mode_ = mode;
    vr_ = vr;
    bool is_changed = false;
    if (auto done = set_in(root(), 0, CharacterSet{}, is_changed); !done) return std::unexpected{done.error()};
    if (count_ == 0) return fail(0, "there is no such element");
    return count_;
  }

  std::size_t erase() {
    erase_in(root(), 0);
    return count_;
  }

 private:
  DataSet& root() { return path_.steps.front().tag.group == kMetaGroup ? document_.meta() : document_.data_set(); }

  [[nodiscard]] bool is_last(std::size_t step) const { return step + 1 == path_.steps.size(); }

  Result<void> set_in(DataSet& data_set, std::size_t step, const CharacterSet& around, bool& is_changed) {
    const CharacterSet characters = character_set_in(data_set, around);
    const auto tag = resolve(data_set, path_.steps[step]);
    if (!tag) return mode_ != SetMode::modify ? fail(step, "there is no private block of this creator") : Result<void>{};
    if (Element* const element = data_set.find(*tag)) return work_on(*element, step, characters, is_changed);
    if (mode_ == SetMode::modify) return {};
    auto made = make(*tag, step);
    if (!made) return std::unexpected{made.error()};
    const std::size_t before = count_;
    if (auto done = work_on(*made, step, characters, is_changed); !done) return done;
    if (count_ != before) data_set.put(std::move(*made));
    return {};
  }

  Result<void> work_on(Element& element, std::size_t step, const CharacterSet& characters, bool& is_changed) {
    const std::size_t before = count_;
    if (auto done = is_last(step) ? assign(element, characters) : set_in_items(element, step, characters); !done) return done;
    element.is_changed |= count_ != before;
    is_changed |= count_ != before;
    return {};
  }

  Result<void> set_in_items(Element& element, std::size_t step, const CharacterSet& characters) {
    auto* const items = std::get_if<std::vector<Item>>(&element.value);
    if (items == nullptr) return fail(step, "this is no sequence");
    const std::uint32_t wanted = path_.steps[step].item.value_or(0);
    const std::size_t size_before = items->size();
    if (wanted == items->size() && mode_ != SetMode::modify) items->emplace_back().is_changed = true;
    if (wanted != TagPath::kEvery && wanted >= items->size()) {
      return mode_ == SetMode::modify ? Result<void>{} : fail(step, "the sequence has " + std::to_string(items->size()) + " items, counted from 0");
    }
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (wanted != TagPath::kEvery && wanted != i) continue;
      Item& item = (*items)[i];
      if (auto done = set_in(item.data_set, step + 1, characters, item.is_changed); !done) {
        items->resize(size_before);
        return done;
      }
    }
    return {};
  }

  Result<Element> make(core::Tag tag, std::size_t step) const {
    const Vr known = core::vr_in_dictionary(tag);
    const Vr vr = is_last(step) ? vr_.value_or(known) : Vr::sq;
    if (vr == Vr::unknown) return fail(step, "its VR is not known: say it, as in (0009,1001):LO=VALUE");
    Element element{.tag = tag, .vr = vr, .is_changed = true, .value = core::ByteView{}};
    element.is_implicit = document_.encoding() == core::Encoding::implicit_little_endian && tag.group != kMetaGroup;
    if (vr == Vr::sq) element.value = std::vector<Item>{};
    return element;
  }

  Result<void> assign(Element& element, const CharacterSet& characters) {
    const Vr vr = vr_ ? *vr_ : meaning_of(element);
    if (vr == Vr::sq) {
      if (!value_.empty()) return fail(path_.steps.size() - 1, "a sequence takes no value; name an element in one of its items");
      element.value = std::vector<Item>{};
    } else {
      auto bytes = value_bytes(vr, value_, characters, mode_ == SetMode::ask);
      if (!bytes) return fail(path_.steps.size() - 1, bytes.error());
      element.value = document_.keep(core::bytes_of(*bytes));
    }
    if (vr_) element.vr = *vr_;
    element.has_undefined_length = false;
    ++count_;
    return {};
  }

  bool erase_in(DataSet& data_set, std::size_t step) {
    const auto tag = resolve(data_set, path_.steps[step]);
    Element* const element = tag ? data_set.find(*tag) : nullptr;
    if (element == nullptr) return false;
    const std::size_t before = count_;
    if (is_last(step) && !path_.steps[step].item) {
      // What was erased leaves its mark on its neighbours' group length.
      ++count_;
      data_set.erase(*tag);
      if (Element* const group_length = data_set.find({tag->group, 0}); group_length != nullptr) group_length->is_changed = true;
      return true;
    }
    auto* const items = std::get_if<std::vector<Item>>(&element->value);
    if (items == nullptr) return false;
    const std::uint32_t wanted = path_.steps[step].item.value_or(0);
    for (std::size_t i = items->size(); i-- > 0;) {
      if (wanted != TagPath::kEvery && wanted != i) continue;
      if (is_last(step)) {
        items->erase(items->begin() + static_cast<std::ptrdiff_t>(i));
        ++count_;
      } else {
        (*items)[i].is_changed |= erase_in((*items)[i].data_set, step + 1);
      }
    }
    element->is_changed |= count_ != before;
    return count_ != before;
  }

  [[nodiscard]] std::unexpected<Error> fail(std::size_t step, std::string what) const {
    const TagPath to{{path_.steps.begin(), path_.steps.begin() + static_cast<std::ptrdiff_t>(step + 1)}};
    return std::unexpected{Error{std::move(what), 0, to.text()}};
  }

  Document& document_;
  const TagPath& path_;
  std::string_view value_;
  SetMode mode_{};
  std::optional<Vr> vr_;
  std::size_t count_{0};
};

}  // namespace

Result<std::size_t> set_value(Document& document, const TagPath& path, std::string_view value, SetMode mode, std::optional<Vr> vr) {
  auto done = Editor{document, path}.set(value, mode, vr);
  if (!done || path.steps.size() != 1) return done;
  // PS3.10 7.1: File Meta Information says the same.
  namespace at = core::attribute;
  for (const auto& [of_data, of_file] : {std::pair{at::kSOPClassUID, at::kMediaStorageSOPClassUID},
                                         std::pair{at::kSOPInstanceUID, at::kMediaStorageSOPInstanceUID}}) {
    const TagPath meta_path{{{of_file.tag, {}, {}}}};
    if (path.steps[0].tag == of_data.tag) (void)Editor{document, meta_path}.set(value, SetMode::modify, {});
  }
  return done;
}

std::size_t erase(Document& document, const TagPath& path) { return Editor{document, path}.erase(); }

}  // namespace scanferry::model
