// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scanferry/model/error.hpp>

namespace scanferry::model {

/// A JSON value whose numbers keep their digits: DICOM's decimal strings are more than a double can say.
struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind{Kind::null};
  std::string text;                   ///< of numbers as written, of strings unescaped
  std::vector<std::string> names;     ///< of the members of an object
  std::vector<JsonValue> values;      ///< of an array, or an object's members

  [[nodiscard]] const JsonValue* find(std::string_view name) const;
};

/// Reads one JSON text (RFC 8259), no deeper than `depth_max`. Errors with the byte offset.
Result<JsonValue> parse_json(std::string_view text, std::size_t depth_max);

}  // namespace scanferry::model
