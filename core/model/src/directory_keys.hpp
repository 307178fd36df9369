// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include <scanferry/model/document.hpp>

#include "directory_tree.hpp"

namespace scanferry::model {

/// Which keys were made up, and for how many records.
using MadeUp = std::map<core::Tag, std::size_t>;

/// The same UID for the same name, always.
std::string made_up_uid(std::string_view name);

/// An IS, or what sorts last when there is none.
std::int64_t number_in(const DataSet& data_set, core::Attribute attribute);

/// Brings the keys of one object into its records.
class KeyCopier {
 public:
  /// Bytes are kept in `arena`.
  KeyCopier(const Document& object, Document& arena, MadeUp& made_up) : object_{object}, arena_{arena}, made_up_{made_up} {}

  [[nodiscard]] std::string sop_class_uid() const;
  /// What tells the object's patient from others: the ID; without one name and birth date; without those the study.
  [[nodiscard]] std::string patient_identity() const;
  [[nodiscard]] std::string study_uid() const;
  [[nodiscard]] std::string series_uid(const std::string& study_uid) const;

  /// Puts the keys of its type, as far as the object has them, and the character set where a key needs it (PS3.3 F.5).
  void copy(DirectoryNode& node);
  /// Puts the reference to the object's file.
  void put_reference(DirectoryNode& node);
  /// Puts `uid` where the object has none.
  void put_uid(DirectoryNode& node, core::Attribute attribute, const std::string& uid);

 private:
  [[nodiscard]] std::string text(core::Attribute attribute) const;
  [[nodiscard]] const Element* source_of(const RecordKey& key);
  [[nodiscard]] const Element* latest_verification() const;
  [[nodiscard]] core::ByteView in_present_form(core::Vr vr, core::ByteView value);
  [[nodiscard]] Element copy_of(const Element& element);

  const Document& object_;
  Document& arena_;
  MadeUp& made_up_;
};

/// Makes up what the records directly below `node` must have and have not, PS3.3 F.5: numbers go on behind the largest one.
void fill_missing(DirectoryNode& node, Document& arena, MadeUp& made_up);

}  // namespace scanferry::model
