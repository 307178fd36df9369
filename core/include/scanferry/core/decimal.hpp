// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace scanferry::core {

/// A decimal number without loss: digits x 10^exponent.
struct Decimal {
  std::uint64_t digits{0};
  std::int32_t exponent{0};
  bool is_negative{false};
};

/// The double nearest to `decimal`, ties to even; an infinity or zero where no double is near.
/// Not by std::from_chars, which brings 24 KB into a static program.
double to_double(Decimal decimal);

/// The fewest digits, without trailing zeros, that name `value` among all doubles when each is rounded from it: at most 17.
/// `value` is finite. Not by std::to_chars, which brings 130 KB into a static program.
Decimal to_decimal(double value);

}  // namespace scanferry::core
