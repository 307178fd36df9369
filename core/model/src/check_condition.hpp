// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "check_log.hpp"
#include "check_tables.hpp"

namespace scanferry::model {

/// Says whether a condition holds at `place`. Nothing when the program cannot tell: it was not understood, or is none.
std::optional<bool> holds(const check_tables::Condition& condition, const Place& place);

/// The integer that is the first value of an element; nothing when it is not there, or none.
std::optional<std::int64_t> integer_of(const DataSet& data_set, core::Tag tag);

/// Values of an element as text, in the default repertoire, without padding.
std::vector<std::string> plain_values(const Element& element);

/// No value at all, blanks included: PS3.5 7.4.1 has none of them in a Type 1.
bool is_empty(const Element& element);

}  // namespace scanferry::model
