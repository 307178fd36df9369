// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/decimal.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <limits>

namespace scanferry::core {
namespace {

// binary64 of IEEE 754: a fraction of 52 bits below an implied one, an exponent of 11 bits, a sign.
constexpr int kFractionBits = 52;
constexpr int kExponentBias = 1075;  ///< of a significand taken as an integer
constexpr int kExponentMin = 1 - kExponentBias;
constexpr std::uint64_t kInfinityBits = 0x7FF0000000000000;

/// Outside of these powers of ten, 64 bits of digits are beyond every double or nearer to zero than to any other.
constexpr int kTenMax = 309;
constexpr int kTenMin = -344;

/// A natural number in place, least significant word first. 64 bits times 10^344 are 1207 bits; `to_double` adds 70 to them.
class Natural {
 public:
  explicit Natural(std::uint64_t value) : words_{static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32U)} {
    shrink(2);
  }

  void multiply(std::uint32_t factor) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      carry += std::uint64_t{words_[i]} * factor;
      words_[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    if (carry != 0) words_[size_++] = static_cast<std::uint32_t>(carry);
  }

  /// Returns true when something remained.
  bool divide(std::uint32_t divisor) {
    std::uint64_t remainder = 0;
    for (std::size_t i = size_; i-- > 0;) {
      const std::uint64_t part = remainder << 32U | words_[i];
      words_[i] = static_cast<std::uint32_t>(part / divisor);
      remainder = part % divisor;
    }
    shrink(size_);
    return remainder != 0;
  }

  void shift_left(unsigned bits) {
    const std::size_t words = bits / 32;
    std::copy_backward(words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(size_),
                       words_.begin() + static_cast<std::ptrdiff_t>(size_ + words));
    std::fill_n(words_.begin(), words, 0U);
    size_ += words;
    multiply(std::uint32_t{1} << bits % 32);
  }

  /// Returns true when a bit that was one fell off.
  bool shift_right(unsigned bits) {
    bool is_inexact = false;
    for (; bits >= 32 && size_ > 0; bits -= 32) {
      is_inexact |= words_[0] != 0;
      std::copy(words_.begin() + 1, words_.begin() + static_cast<std::ptrdiff_t>(size_), words_.begin());
      words_[--size_] = 0;
    }
    return bits == 0 || size_ == 0 ? is_inexact : divide(std::uint32_t{1} << bits) || is_inexact;
  }

  [[nodiscard]] std::uint64_t low() const { return std::uint64_t{words_[1]} << 32U | words_[0]; }

 private:
  void shrink(std::size_t size) {
    while (size > 0 && words_[size - 1] == 0) --size;
    size_ = size;
  }

  std::array<std::uint32_t, 44> words_{};
  std::size_t size_{0};
};

constexpr std::uint32_t kBillion = 1'000'000'000;

std::uint32_t power_of_ten(int exponent) {
  std::uint32_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

struct Scaled {
  std::uint64_t floor{0};
  bool is_inexact{false};
};

/// value x 10^ten x 2^two, whose floor fits in 64 bits.
Scaled scale(std::uint64_t value, int ten, int two) {
  Natural number{value};
  bool is_inexact = false;
  for (int left = ten; left > 0; left -= 9) number.multiply(left < 9 ? power_of_ten(left) : kBillion);
  if (two > 0) number.shift_left(static_cast<unsigned>(two));
  for (int left = -ten; left > 0; left -= 9) is_inexact |= number.divide(left < 9 ? power_of_ten(left) : kBillion);
  if (two < 0) is_inexact |= number.shift_right(static_cast<unsigned>(-two));
  return {number.low(), is_inexact};
}

/// Drops `bits` (1 to 64) at the low end, to nearest, ties to even.
std::uint64_t rounded(Scaled scaled, int bits) {
  const std::uint64_t half = std::uint64_t{1} << (bits - 1);
  const std::uint64_t kept = bits == 64 ? 0 : scaled.floor >> bits;
  const std::uint64_t rest = scaled.floor & (half * 2 - 1);
  const bool is_up = rest > half || (rest == half && (scaled.is_inexact || (kept & 1U) != 0));
  return kept + (is_up ? 1 : 0);
}

/// The bits of the double nearest to scaled x 2^exponent, where scaled.floor has 62 bits or more.
std::uint64_t nearest_bits(Scaled scaled, int exponent) {
  const int width = 64 - std::countl_zero(scaled.floor);
  const int dropped = std::max(width - (kFractionBits + 1), kExponentMin - exponent);
  if (dropped > 63) return dropped == 64 && rounded(scaled, 64) != 0 ? 1 : 0;
  // A significand that rounds up to the next power of two carries into the exponent, as it should.
  const std::uint64_t significand = rounded(scaled, dropped);
  const int biased = exponent + dropped + kExponentBias;
  if (biased > 2046) return kInfinityBits;
  const std::uint64_t implied = std::uint64_t{1} << kFractionBits;
  if (significand < implied) return significand;
  return (static_cast<std::uint64_t>(biased - 1) << kFractionBits) + significand;
}

/// Powers of ten that a double holds exactly: with digits below 2^53 one rounding gives the answer.
constexpr std::array kExactPowers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

double magnitude(std::uint64_t digits, int ten) {
  if (digits == 0 || ten < kTenMin) return 0;
  if (ten > kTenMax) return std::bit_cast<double>(kInfinityBits);
  const auto distance = static_cast<std::size_t>(ten < 0 ? -ten : ten);
  if (digits >> (kFractionBits + 1) == 0 && distance < kExactPowers.size()) {
    const auto exact = static_cast<double>(digits);
    return ten < 0 ? exact / kExactPowers[distance] : exact * kExactPowers[distance];
  }
  const int ten_bits = ten * 1741647 >> 19;  // floor(ten x log2(10))
  const int two = 63 - (64 - std::countl_zero(digits)) - ten_bits - 1;
  return std::bit_cast<double>(nearest_bits(scale(digits, ten, two), -two));
}

int count_digits(std::uint64_t value) {
  int digits = 1;
  for (; value >= 10; value /= 10) ++digits;
  return digits;
}

/// significand x 2^exponent to `digits` decimal digits.
Decimal rounded_to(std::uint64_t significand, int exponent, int digits) {
  // floor(log10 of the highest bit): that of the number, or one too low.
  const int magnitude_ten = (63 - std::countl_zero(significand) + exponent) * 315653 >> 20;
  for (int ten = digits - 1 - magnitude_ten;; --ten) {
    const std::uint64_t value = rounded(scale(significand, ten, exponent + 1), 1);
    if (count_digits(value) <= digits) return {value, -ten, false};
  }
}

}  // namespace

double to_double(Decimal decimal) {
  const double value = magnitude(decimal.digits, decimal.exponent);
  return decimal.is_negative ? -value : value;
}

Decimal to_decimal(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const bool is_negative = bits >> 63U != 0;
  const auto biased = static_cast<int>(bits >> kFractionBits & 0x7FFU);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << kFractionBits) - 1);
  const std::uint64_t significand = biased == 0 ? fraction : fraction | std::uint64_t{1} << kFractionBits;
  if (significand == 0) return {0, 0, is_negative};
  // Each decimal of 15 digits has a double of its own, where doubles are not yet running out of bits.
  Decimal decimal;
  for (int digits = biased == 0 ? 1 : std::numeric_limits<double>::digits10; digits <= 17; ++digits) {
    decimal = rounded_to(significand, std::max(biased, 1) - kExponentBias, digits);
    if (std::bit_cast<std::uint64_t>(to_double(decimal)) == (bits & ~(std::uint64_t{1} << 63U))) break;
  }
  for (; decimal.digits % 10 == 0; decimal.digits /= 10) ++decimal.exponent;
  decimal.is_negative = is_negative;
  return decimal;
}

}  // namespace scanferry::core
