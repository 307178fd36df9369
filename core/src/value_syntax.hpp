// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <scanferry/core/value.hpp>

namespace scanferry::core {

/// Where the content of one value stops being what its VR allows.
struct Fault {
  ValueFault code{};
  std::size_t offset{0};
};

/// The first fault of one value that is not empty, without its padding. Text in character sets is UTF-8, or ASCII.
std::optional<Fault> find_fault(Vr vr, std::string_view value, bool is_query);

/// The most bytes of one value, padding included; nothing where the limit counts characters or is that of the length field.
std::optional<std::size_t> value_bytes_max(Vr vr, bool is_query);

/// PS3.5 6.1.3: the control characters of C0 and C1, and DELETE.
constexpr bool is_control(char32_t character) { return character < 0x20 || (character >= 0x7F && character < 0xA0); }
/// PS3.5 6.2: those that LT, ST and UT may have.
constexpr bool is_layout(char32_t character) {
  return character == '\t' || character == '\n' || character == '\f' || character == '\r';
}
constexpr bool is_paragraphs(Vr vr) { return vr == Vr::lt || vr == Vr::st || vr == Vr::ut; }

}  // namespace scanferry::core
