// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>

#include "check_condition.hpp"
#include "check_modules.hpp"

namespace scanferry::model {
namespace {

using check_tables::Attribute;
using check_tables::Part;
using check_tables::Type;

constexpr core::Tag kSharedFunctionalGroups{0x5200, 0x9229};
constexpr core::Tag kPerFrameFunctionalGroups{0x5200, 0x9230};
constexpr core::Tag kNumberOfFrames{0x0028, 0x0008};
constexpr core::Tag kPixelData{0x7FE0, 0x0010};

bool is_always(const Attribute& attribute) { return attribute.type == Type::one || attribute.type == Type::two; }

/// Whether an object has a module that it need not have is to be told from its attributes.
class ModuleUse {
 public:
  ModuleUse(const Place& object, std::span<const Part> parts) : object_{object} {
    for (const Part& part : parts) {
      if (!part.is_macro) count(check_tables::module_of(part));
    }
  }

  Force of(const Part& part) const {
    if (part.usage == 'M') return Force::full;
    if (part.usage == 'C' && holds(check_tables::kConditions[part.condition], object_).value_or(false)) return Force::full;
    return by_attributes(check_tables::module_of(part).list);
  }

 private:
  void count(const check_tables::Module& module) {
    if (module.list == check_tables::kNone) return;
    for (const Attribute& attribute : check_tables::attributes_of(module.list)) ++modules_with_[attribute.tag()];
  }

  /// Attributes of several modules say nothing; of Type 3 or conditional ones little: somebody may have added one. A module that
  /// has no others, as VOI LUT, is told from its conditional ones.
  Force by_attributes(std::uint16_t list) const {
    // Several modules describe pixels; which of them is in use is clear from where the pixels are.
    if (check_tables::find_attribute(list, kPixelData) != nullptr)
      return object_.data_set->find(kPixelData) != nullptr ? Force::full : Force::known;
    const bool has_always = std::ranges::any_of(check_tables::attributes_of(list), is_always);
    Force force = Force::known;
    for (const Element& element : object_.data_set->elements()) {
      const Attribute* const attribute = check_tables::find_attribute(list, element.tag);
      if (attribute == nullptr || modules_with_.find(attribute->tag())->second > 1) continue;
      const bool is_telling = is_always(*attribute) || attribute->is_repeating || (!has_always && attribute->type != Type::three);
      force = std::max(force, is_telling ? Force::full : Force::doubted);
    }
    return force;
  }

  const Place& object_;
  std::map<core::Tag, int> modules_with_;
};

/// PS3.3 C.7.6.16: each macro of the IOD is in the shared item or in the items of all frames.
class FunctionalGroups {
 public:
  FunctionalGroups(const Place& object, CheckLog& log) : object_{object}, log_{log} {
    shared_ = object.data_set->find(kSharedFunctionalGroups);
    frames_ = object.data_set->find(kPerFrameFunctionalGroups);
  }

  void check(std::span<const Part> parts, const CheckOptions& options) {
    if (shared_ == nullptr && frames_ == nullptr) return;
    std::vector<Demand> demands;
    for (const Part& part : parts) {
      const auto& module = check_tables::module_of(part);
      if (!part.is_macro || module.list == check_tables::kNone) continue;
      demands.push_back({module.list, check_tables::text_at(module.name), Force::known, Force::full});
      check_macro(part);
    }
    check_count();
    AttributeCheck attributes{log_, options};
    for (const Element* const sequence : {shared_, frames_}) {
      for (std::size_t i = 0; sequence != nullptr && i < sequence->items().size(); ++i)
        attributes.check(place_of(object_, *sequence, i), demands);
    }
  }

 private:
  void check_count() {
    const auto frames = integer_of(*object_.data_set, kNumberOfFrames);
    if (frames_ == nullptr || !frames || std::cmp_equal(*frames, frames_->items().size())) return;
    log_.add(CheckSeverity::error, object_, *frames_,
             "has " + std::to_string(frames_->items().size()) + " items for " + std::to_string(*frames) + " frames");
  }

  void check_macro(const Part& part) {
    const auto& module = check_tables::module_of(part);
    const std::string name = "functional group macro " + std::string{check_tables::text_at(module.name)};
    const bool is_required =
        part.usage == 'M' || (part.usage == 'C' && holds(check_tables::kConditions[part.condition], object_).value_or(false));
    for (const Attribute& attribute : check_tables::attributes_of(module.list)) {
      const bool is_shared =
          shared_ != nullptr && !shared_->items().empty() && shared_->items()[0].data_set.find(attribute.tag()) != nullptr;
      const std::size_t frames = frames_ == nullptr ? 0 : frames_->items().size();
      const std::size_t with = frames_with(attribute.tag());
      if (is_shared && with > 0) {
        log_.add(CheckSeverity::error, object_, *frames_,
                 name + " is in the shared item and in those of frames: it must be in one of them only");
      } else if (!is_shared && is_required && with < frames && is_always(attribute)) {
        log_.add(CheckSeverity::error, object_, *frames_,
                 name + " is required, and missing in " + std::to_string(frames - with) + " of " + std::to_string(frames) + " frames");
      }
    }
  }

  std::size_t frames_with(core::Tag tag) const {
    if (frames_ == nullptr) return 0;
    const auto has = [tag](const Item& item) { return item.data_set.find(tag) != nullptr; };
    return static_cast<std::size_t>(std::ranges::count_if(frames_->items(), has));
  }

  const Place& object_;
  CheckLog& log_;
  const Element* shared_{nullptr};
  const Element* frames_{nullptr};
};

/// A note where nobody but a person knows whether the module must be there.
void tell_condition(const Part& part, const Place& object, CheckLog& log) {
  const auto words = check_tables::text_at(check_tables::kConditions[part.condition].words);
  if (part.usage != 'C' || words.empty() || holds(check_tables::kConditions[part.condition], object)) return;
  log.add(CheckSeverity::note, object.end, {},
          "module " + std::string{check_tables::text_at(check_tables::module_of(part).name)} +
              " is not used, its condition is not checked: " + std::string{words});
}

/// An IOD without Number of Frames has one frame.
void check_single_frame(const Place& object, std::span<const Demand> demands, CheckLog& log) {
  const Element* const frames = object.data_set->find(kNumberOfFrames);
  const auto number = integer_of(*object.data_set, kNumberOfFrames);
  const auto knows = [](const Demand& demand) { return check_tables::find_attribute(demand.list, kNumberOfFrames) != nullptr; };
  if (frames == nullptr || number.value_or(1) == 1 || std::ranges::any_of(demands, knows)) return;
  log.add(CheckSeverity::error, object, *frames, "must be 1 or left out: objects of this IOD have one frame", std::to_string(*number));
}

}  // namespace

void check_iod(const Place& object, const check_tables::Iod& iod, const CheckOptions& options, CheckLog& log, CheckReport& report) {
  const auto parts = check_tables::parts_of(iod);
  const ModuleUse use{object, parts};
  std::vector<Demand> demands;
  for (const Part& part : parts) {
    const auto& module = check_tables::module_of(part);
    const std::string_view name = check_tables::text_at(module.name);
    if (module.list == check_tables::kNone) {
      report.unchecked.push_back(name);
    } else if (!part.is_macro) {
      if (!module.is_complete) report.partly.push_back(name);
      const Force force = use.of(part);
      demands.push_back({module.list, name, force, force == Force::known ? Force::full : force});
      if (force == Force::known && options.with_notes) tell_condition(part, object, log);
    }
  }
  AttributeCheck{log, options}.check(object, demands);
  check_single_frame(object, demands, log);
  FunctionalGroups{object, log}.check(parts, options);
}

}  // namespace scanferry::model
