// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/uid.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace scanferry::core {
namespace {

/// 128 bits, most significant first. 64-bit arithmetic on them is all that a 32-bit processor needs.
using Limbs = std::array<std::uint32_t, 4>;

Limbs limbs_of(std::uint64_t high, std::uint64_t low) {
  return {static_cast<std::uint32_t>(high >> 32U), static_cast<std::uint32_t>(high & 0xFFFFFFFFU),
          static_cast<std::uint32_t>(low >> 32U), static_cast<std::uint32_t>(low & 0xFFFFFFFFU)};
}

/// Divides in place and returns the remainder.
std::uint32_t divide(Limbs& limbs, std::uint32_t divisor) {
  std::uint64_t remainder = 0;
  for (std::uint32_t& limb : limbs) {
    const std::uint64_t part = remainder << 32U | limb;
    limb = static_cast<std::uint32_t>(part / divisor);
    remainder = part % divisor;
  }
  return static_cast<std::uint32_t>(remainder);
}

/// 2^128 has 39 decimal digits.
constexpr std::size_t kDigitsMax = 39;

FixedString<kDigitsMax> decimal(Limbs limbs) {
  std::array<char, kDigitsMax> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + divide(limbs, 10));
  } while (limbs != Limbs{});
  return {std::string_view{&digits[first], digits.size() - first}};
}

/// A bijection of 64 bits in which each input bit changes about half of the output bits.
std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 32U;
  x *= 0xE9846AF9B1A615DULL;
  x ^= x >> 32U;
  x *= 0xE9846AF9B1A615DULL;
  x ^= x >> 28U;
  return x;
}

/// Up to eight characters as one number, the same on every byte order.
std::uint64_t word_of(std::string_view text) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < text.size(); ++i) word |= std::uint64_t{static_cast<std::uint8_t>(text[i])} << (8 * i);
  return word;
}

}  // namespace

bool is_valid_uid(std::string_view text) {
  if (text.empty() || text.size() > Uid::capacity()) return false;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] >= '0' && text[i] <= '9') continue;
    if (i < text.size() && text[i] != '.') return false;
    const std::size_t digits = i - start;
    if (digits == 0 || (digits > 1 && text[start] == '0')) return false;
    start = i + 1;
  }
  return true;
}

Uid uid_from_bits(std::uint64_t high, std::uint64_t low) {
  // RFC 9562 5.8: version 8 in bits 48 to 51, variant 10 in bits 64 and 65; the other 122 bits are ours.
  high = (high & ~std::uint64_t{0xF000}) | 0x8000U;
  low = (low & ~(std::uint64_t{3} << 62U)) | std::uint64_t{2} << 62U;
  Uid uid{"2.25."};
  static_cast<void>(uid.append(decimal(limbs_of(high, low))));  // 5 + 39 characters always fit
  return uid;
}

Uid uid_from_name(std::uint64_t salt_high, std::uint64_t salt_low, std::string_view name) {
  // Two chained bijections: the second absorbs every state of the first, so names meet only if both do.
  std::uint64_t first = mix(salt_high ^ name.size());
  std::uint64_t second = mix(salt_low ^ std::rotl(first, 17));
  while (!name.empty()) {
    const std::string_view piece{name.data(), std::min<std::size_t>(name.size(), 8)};
    first = mix(first ^ word_of(piece));
    second = mix(second ^ std::rotl(first, 17));
    name.remove_prefix(piece.size());
  }
  return uid_from_bits(mix(first ^ std::rotl(second, 31)), second);
}

}  // namespace scanferry::core
