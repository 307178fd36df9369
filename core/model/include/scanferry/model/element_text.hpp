// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scanferry/model/character_set.hpp>
#include <scanferry/model/data_set.hpp>

namespace scanferry::model {

/// The character set that holds in `data_set`: what its (0008,0005) says, else `around` (PS3.3 C.12.1.1.2).
CharacterSet character_set_in(const DataSet& data_set, const CharacterSet& around);

/// What a value means: the VR of an element that was written as UN (PS3.5 6.2.2) is looked up, and is VR UN when nobody knows it.
core::Vr meaning_of(const Element& element);

/// Values of a text VR in UTF-8, split at backslashes where the VR has several, without padding. No value: none.
std::vector<std::string> text_values(const Element& element, const CharacterSet& characters);

/// The numbers of a binary VR and the tags of AT as text, one a value; floating point as short as it reads back the same.
/// Bytes behind the last whole number are left out.
std::vector<std::string> number_values(core::Vr vr, core::ByteView bytes);

/// Bytes of one number of `vr`; 0 for VRs that are no list of numbers to be shown as such.
std::size_t number_bytes(core::Vr vr);

}  // namespace scanferry::model
