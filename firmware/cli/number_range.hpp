// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>

#include <CLI/CLI.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// As CLI::Range, which lets NaN pass: that is neither less nor more than anything.
inline CLI::Validator number_between(double low, double high) {
  const CLI::Range range{low, high};
  const auto check = [range](const std::string& value) {
    double number = 0;
    const bool is_nan = CLI::detail::lexical_cast(value, number) && std::isnan(number);
    return is_nan ? text("Value ", value, " is no number") : range(value);
  };
  return {check, range.get_description()};
}

}  // namespace scanferry::firmware
