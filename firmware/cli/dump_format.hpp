// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <scanferry/core/element_reader.hpp>

namespace scanferry::firmware {

/// Renders a reader's events as lines for a person, one for each element, item and fragment, indented by depth:
///
///     (0010,0010) PN [Doe^Jane]                               #   8, 1 PatientName
///
/// The number sign is followed by the length in bytes ("u/l": undefined), the value multiplicity where it is known, and the
/// keyword. Text stands as it is when it is UTF-8; control characters and other bytes are escaped as \x1B. Values longer
/// than the limit are cut and end in "...".
class DumpFormat {
 public:
  /// `value_max` is about how many characters of a value are shown: bytes of text, three for each byte in hexadecimal.
  explicit DumpFormat(std::size_t value_max) : value_max_{value_max} {}

  /// Takes what `reader` says of its last event; whole lines are appended to `out`.
  void take(core::ElementReader::Event event, const core::ElementReader& reader, std::string& out);
  /// Renders what is half read: for input that ends in an error.
  void flush(std::string& out);
  /// True when the rest of the current value would not change its line: it may be skipped.
  [[nodiscard]] bool has_enough() const;

 private:
  void begin(const core::ElementHeader& header, bool is_fragment, std::string& out);
  void append(const core::ElementReader& reader, std::string& out);
  void item(const core::ElementHeader& header, std::string& out);
  void end(const core::ElementReader& reader, std::string_view what, std::string& out);
  [[nodiscard]] std::string value() const;
  [[nodiscard]] std::string multiplicity() const;
  [[nodiscard]] std::string pending_line() const;

  std::size_t value_max_;
  core::ElementHeader header_{};
  bool pending_{false};  // a value is being collected
  std::string value_;    // its first bytes
  std::uint64_t separators_{0};
};

}  // namespace scanferry::firmware
