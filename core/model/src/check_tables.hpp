// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <scanferry/core/tag.hpp>

/// PS3.3 as tables: which modules an IOD has, and which attributes a module. check/generate.py writes them when the project is
/// built. They hold numbers and characters only, no pointers. A text is its index in kTexts, which says where it begins.
namespace scanferry::model::check_tables {

inline constexpr std::uint16_t kNone = 0xFFFF;

/// PS3.5 7.4.
enum class Type : std::uint8_t { one, one_conditional, two, two_conditional, three };

/// An attribute in a module or in an item of a sequence.
struct Attribute {
  std::uint16_t group;
  std::uint16_t element;
  std::uint16_t children;   ///< the list of an item's attributes; 0: none are known
  std::uint16_t condition;  ///< 0: none is known
  std::uint16_t terms;      ///< kNone: none are known
  Type type;
  bool is_doubted;    ///< editions of the standard differ in the type
  bool is_repeating;  ///< the low byte of the group counts, PS3.5 7.6

  [[nodiscard]] core::Tag tag() const { return {group, element}; }
};

enum class Operation : std::uint8_t { present, empty, equals, greater, and_, or_, not_, always, never };

/// One step of a condition; see check/conditions.py.
struct Step {
  Operation operation;
  std::uint8_t number;  ///< which value, from 1; 0: any of them
  std::uint8_t way;     ///< data sets outwards; kOutwards: the nearest that has it
  std::uint16_t group;
  std::uint16_t element;
  std::uint16_t text;
};
inline constexpr std::uint8_t kOutwards = 0xFF;

struct Condition {
  std::uint16_t words;  ///< for people; empty where the tables have a formula alone
  std::uint16_t first_step;
  std::uint8_t steps;  ///< 0: it was not understood
  bool is_weak;        ///< a guess of what the standard says in words
};

/// Whether other values are an error, a warning (the list may be out of date) or to be mentioned (defined terms).
enum class TermKind : std::uint8_t { error, warning, note };

struct Terms {
  std::uint16_t text;  ///< "A|B|C"
  TermKind kind;
};

struct Module {
  std::uint16_t name;
  std::uint16_t list;  ///< kNone: its attributes are not in the tables
  bool is_complete;    ///< else only what every object must have is in the tables
};

/// A module or functional group macro of an IOD.
struct Part {
  std::uint16_t module;
  std::uint16_t condition;
  char usage;  ///< M, C or U
  bool is_macro;
};

struct Iod {
  std::uint16_t name;
  std::uint16_t first_part;
  std::uint16_t parts;
};

struct SopClass {
  std::uint16_t uid;
  std::uint16_t iod;
};

extern const std::uint16_t kLists[];  // of list n the first attribute; that of list n + 1 is behind its last
extern const Attribute kAttributes[];
extern const Condition kConditions[];
extern const Step kSteps[];
extern const Terms kTerms[];
extern const Module kModules[];
extern const Part kParts[];
extern const Iod kIods[];
extern const SopClass kSopClasses[];  // ascending by UID
extern const std::size_t kSopClassesCount;
extern const std::uint32_t kTexts[];
extern const char kCharacters[];

inline std::string_view text_at(std::uint16_t index) { return {kCharacters + kTexts[index], kTexts[index + 1] - kTexts[index]}; }
inline std::span<const Attribute> attributes_of(std::uint16_t list) { return {kAttributes + kLists[list], kAttributes + kLists[list + 1]}; }
inline std::span<const Step> steps_of(const Condition& condition) { return {kSteps + condition.first_step, condition.steps}; }
inline std::span<const Part> parts_of(const Iod& iod) { return {kParts + iod.first_part, iod.parts}; }
inline const Module& module_of(const Part& part) { return kModules[part.module]; }

/// The attribute of `list` that stands for `tag`, or null.
const Attribute* find_attribute(std::uint16_t list, core::Tag tag);

/// The IOD of a SOP Class, or null.
const Iod* find_iod(std::string_view sop_class_uid);

}  // namespace scanferry::model::check_tables
