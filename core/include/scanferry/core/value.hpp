// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/result.hpp>
#include <scanferry/core/vr.hpp>

namespace scanferry::core {

/// What is wrong with a value, PS3.5 6.2.
enum class ValueFault : std::uint8_t {
  odd_length,        ///< the value field has an odd length
  bad_length,        ///< the value field is not a whole number of values
  bad_multiplicity,  ///< there are fewer or more values than the attribute has
  bad_encoding,      ///< text given as UTF-8 is not
  bad_character,     ///< a character outside of the VR's repertoire
  bad_form,          ///< the right characters in a wrong order
  out_of_range,      ///< an integer beyond 32 bits in an IS
  too_long,          ///< more characters or bytes than the VR has
  // From here on it is clear what is meant.
  bad_padding,       ///< padded with something else than the VR says
  blank,             ///< spaces alone where an unknown value is empty
  legacy_form,       ///< the form of ACR-NEMA 300: 1993.08.22, 10:11:12
  long_for_explicit, ///< more than Explicit VR can say of this VR: 65534 bytes
};

enum class Severity : std::uint8_t { warning, error };

/// Errors break the standard; warnings break it, too, or come near, but every reader understands what is meant.
constexpr Severity severity_of(ValueFault code) {
  return code >= ValueFault::bad_padding ? Severity::warning : Severity::error;
}

/// One thing that is wrong in one value.
struct ValueFinding {
  ValueFault code{};
  std::size_t value_index{0};   ///< from 0
  std::size_t value_offset{0};  ///< where that value begins in the field, in bytes
  std::size_t offset{0};        ///< where in the value, in bytes
  std::string_view allowed;     ///< static text: what is allowed
};

/// How text in character sets (`has_character_set`) is given; all other text is in the default repertoire.
enum class TextForm : std::uint8_t {
  raw,   ///< as in the data set. Beyond ASCII only what no character set has is found: its values are not told apart
  utf8,  ///< decoded. Its length is then not the length in the data set
};

/// What is known about a value beside its VR.
struct ValueContext {
  TextForm text{TextForm::raw};
  Multiplicity multiplicity{1, 0, 1};  ///< of the attribute; an empty value may always be
  bool is_query{false};                ///< matching keys, PS3.4 C.2.2.2: ranges, wild cards, lists, "" for empty
};

/// Checks a whole value field, padding included: length, number of values, and each value against its VR's repertoire, form and
/// length. SQ and UN are not looked into. Gives the findings in `room`, in order: at most one for the padding and one for the
/// content of each value. It ends when `room` is full.
std::span<const ValueFinding> check_value(Vr vr, ByteView field, const ValueContext& context, std::span<ValueFinding> room);

/// One sentence on what text of `vr` may be, static; empty for VRs that are not text.
std::string_view allowed_text(Vr vr);

/// Says whether `value`, in UTF-8 and not padded, may be the only value of `attribute`: for whoever writes it.
/// An empty value passes. Errors: `bad_value` with the attribute's tag, the offset in the value and what its VR allows; values
/// that are not text always fail.
Result<void> check_text(const Attribute& attribute, std::string_view value);

}  // namespace scanferry::core
