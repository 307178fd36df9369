// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/character_set.hpp>

#include <algorithm>

#include <scanferry/core/utf8.hpp>
#include <scanferry/core/value_text.hpp>

#include "character_decoder.hpp"
#include "character_encoder.hpp"
#include "character_terms.hpp"

namespace scanferry::model {

bool CharacterSet::declares(CodeSet set) const { return std::ranges::find(declared(), set) != declared().end(); }

std::string CharacterSet::value() const {
  std::string value;
  for (const CodeSet set : declared()) {
    if (!value.empty()) value += '\\';
    value += term_of(set, is_extended_);
  }
  return value;
}

Decoded CharacterSet::decode(std::string_view raw, core::Vr vr) const {
  // Nearly all text: in every set these bytes are themselves until an escape sequence says otherwise.
  if (core::is_ascii(raw) && raw.find('\x1B') == std::string_view::npos) return {std::string{raw}, {}, 0};
  return decode_text(core::has_character_set(vr) ? *this : CharacterSet{}, raw, Delimiters::of(vr));
}

std::expected<std::string, EncodeError> CharacterSet::encode(std::string_view text, core::Vr vr) const {
  const CharacterSet set = core::has_character_set(vr) ? *this : CharacterSet{};
  return encode_text(set, text, Delimiters::of(vr));
}

}  // namespace scanferry::model
