// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/tag.hpp>
#include <scanferry/model/document.hpp>

namespace scanferry::model {

enum class CheckSeverity : std::uint8_t {
  error,    ///< the standard forbids it
  warning,  ///< some reader will stumble, or the standard probably forbids it: its editions, or our tables of it, are not of one mind
  note,     ///< worth knowing: retired, an extension, a condition that only a person can judge
};

/// One thing that is wrong, or worth a word.
struct CheckFinding {
  CheckSeverity severity{};
  std::uint64_t offset{0};  ///< in the file, of inflated data where it is deflated; of what is missing: where it would stand
  core::Tag tag{};          ///< (0000,0000): not of one element
  std::string path;         ///< as TagPath writes it; empty when it is not of one element
  std::string text;         ///< what is wrong, where it helps what to write instead; follows the name of the element
  std::string value;        ///< the value it is about, in UTF-8, cut at kShownBytesMax and "..." added; empty when it is about none
  std::size_t more{0};      ///< how often the same comes again, in other items

  static constexpr std::size_t kShownBytesMax = 64;
};

struct CheckOptions {
  bool with_notes{false};  ///< else errors and warnings only
};

struct CheckReport {
  std::vector<CheckFinding> findings;       ///< in the order of the file
  std::string sop_class;                    ///< name, else UID; empty when the object has none
  std::string_view iod;                     ///< static; empty: nothing is known of that SOP Class, so no module was checked
  std::vector<std::string_view> unchecked;  ///< modules and macros of the IOD whose attributes are not in the tables; static
  std::vector<std::string_view> partly;     ///< of those only what every object must have is in the tables; static

  /// With those that come again.
  [[nodiscard]] std::size_t count(CheckSeverity severity) const;
};

/// Checks an object against PS3.3 (modules, attribute types, enumerated values), PS3.5 (VRs, values, order, pixels), PS3.6 (VR, VM)
/// and PS3.10 (File Meta Information). What repeats in other items is told kRepeatsMax times and then counted.
CheckReport check(const Document& document, const CheckOptions& options = {});

inline constexpr std::size_t kRepeatsMax = 3;
/// A report has no more; the last one says so.
inline constexpr std::size_t kCheckFindingsMax = 10'000;

}  // namespace scanferry::model
