// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include <scanferry/model/character_set.hpp>

#include "check_log.hpp"

namespace scanferry::model {

/// Checks each element by itself and beside its neighbours, to the bottom of all sequences: order, group lengths, private blocks,
/// PS3.6 (VR, retired), and the value against its VR, multiplicity and character set.
class ElementCheck {
 public:
  ElementCheck(CheckLog& log, bool is_meta) : log_{log}, is_meta_{is_meta} {}

  void check(const Place& place, const CharacterSet& outside = {});

 private:
  /// What elements must know of others in their data set; looked up once, whatever the order of the elements.
  struct Surroundings {
    explicit Surroundings(const DataSet& data_set);

    std::set<core::Tag> creators;                        ///< of private blocks, with a name in them
    std::map<std::uint16_t, std::uint64_t> group_bytes;  ///< of groups with a group length, without it
  };

  void check_element(const Place& place, const Element& element, const CharacterSet& characters, const Surroundings& around);
  void check_order(const Place& place, const Element& element, const Element& before);
  void check_group(const Place& place, const Element& element);
  void check_group_length(const Place& place, const Element& element, const Surroundings& around);
  void check_private(const Place& place, const Element& element, const Surroundings& around);
  void check_dictionary(const Place& place, const Element& element);
  void check_character_set(const Place& place, const Element& element);
  void check_uids(const Place& place, const Element& element);
  void check_value(const Place& place, const Element& element, const CharacterSet& characters);
  void check_text(const Place& place, const Element& element, const CharacterSet& characters);

  CheckLog& log_;
  bool is_meta_;
};

}  // namespace scanferry::model
