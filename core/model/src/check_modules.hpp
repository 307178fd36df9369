// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "check_log.hpp"
#include "check_tables.hpp"

namespace scanferry::model {

/// How much a list of attributes asks for.
enum class Force : std::uint8_t {
  known,    ///< its attributes may be there, nothing is required
  doubted,  ///< what is missing is a warning: it is not sure that the module is in use
  full,
};

/// A list of attributes that is in force for a data set.
struct Demand {
  std::uint16_t list{0};
  std::string_view module;
  Force here{Force::full};
  Force inside{Force::full};  ///< for the items of its sequences
};

/// Checks the attributes of modules and macros: presence, emptiness, enumerated values, and what none of them knows.
class AttributeCheck {
 public:
  AttributeCheck(CheckLog& log, const CheckOptions& options) : log_{log}, options_{options} {}

  /// `place` and all that is in its sequences.
  void check(const Place& place, std::span<const Demand> demands);

 private:
  void check_list(const Place& place, const Demand& demand);
  void check_one(const Place& place, const Demand& demand, const check_tables::Attribute& attribute, core::Tag tag);
  void check_missing(const Place& place, const Demand& demand, const check_tables::Attribute& attribute, core::Tag tag);
  void check_terms(const Place& place, const check_tables::Attribute& attribute, const Element& element);
  void check_inside(const Place& place, std::span<const Demand> demands, const Element& element);

  CheckLog& log_;
  const CheckOptions& options_;
};

/// Checks an object against its IOD, PS3.3 A: modules, and the functional groups of enhanced multi-frame objects. Adds what the tables
/// do not know to `report`.
void check_iod(const Place& object, const check_tables::Iod& iod, const CheckOptions& options, CheckLog& log, CheckReport& report);

}  // namespace scanferry::model
