// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <scanferry/model/check.hpp>

namespace scanferry::model {

/// A data set of the object, and the way to it.
struct Place {
  const DataSet* data_set{nullptr};
  const Place* outer{nullptr};  ///< null: the object itself
  core::Tag sequence{};         ///< in `outer`
  std::uint32_t item{0};
  std::uint64_t end{0};  ///< where the data set ends
};

/// The item `index` of a sequence in `outer`.
Place place_of(const Place& outer, const Element& sequence, std::size_t index);

/// Collects findings: each once, the graver one where two agree on the element, and few of those that repeat.
class CheckLog {
 public:
  explicit CheckLog(bool with_notes) : with_notes_{with_notes} {}

  /// Of an element that is there.
  void add(CheckSeverity severity, const Place& place, const Element& element, std::string text, std::string value = {});
  /// Of an element that is missing. What several modules miss is told once.
  void missing(CheckSeverity severity, const Place& place, core::Tag tag, std::string text);
  /// Of the file as a whole, or of what the reader says.
  void add(CheckSeverity severity, std::uint64_t offset, std::string path, std::string text);

  /// The object ends at `tag`, by a defect: nothing is missing from there on.
  void end_at(core::Tag tag) { end_ = tag; }
  /// All findings by offset; the log is empty behind.
  std::vector<CheckFinding> take();

 private:
  struct Repeats {
    std::size_t count{0};
    std::size_t last{0};  // index in findings_
  };
  [[nodiscard]] bool is_unwanted(CheckSeverity severity) const;
  void put(CheckFinding finding, const std::string& kind);

  bool with_notes_;
  std::vector<CheckFinding> findings_;
  core::Tag end_{0xFFFF, 0xFFFF};
  std::map<std::string, Repeats> repeats_;      // by kind: path without items, and text
  std::map<std::string, std::size_t> missing_;  // by path: index in findings_
};

/// What a person should see of a value: in UTF-8, cut, control characters as question marks.
std::string shown_value(const Element& element, const class CharacterSet& characters);
std::string shown_text(std::string_view text);

}  // namespace scanferry::model
