// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/decimal.hpp>
#include <scanferry/core/fixed_string.hpp>
#include <scanferry/core/result.hpp>
#include <scanferry/core/tag.hpp>
#include <scanferry/core/vr.hpp>

namespace scanferry::core {

/// The order of the bytes of a number in a data set; big endian only in the retired transfer syntax, PS3.5 A.3.
enum class ByteOrder : std::uint8_t { little, big };

/// What a binary value can be: an integer of 8 to 64 bits, a float, a double, or a tag (AT: group, then element).
template <class T>
concept Number = std::same_as<T, Tag> || std::same_as<T, float> || std::same_as<T, double> ||
                 (std::integral<T> && !std::same_as<T, bool>);

/// Reads the number at `p`, which has sizeof(T) bytes.
template <Number T>
T load_number(const std::byte* p, ByteOrder order) {
  if constexpr (std::same_as<T, Tag>) {
    return Tag{load_number<std::uint16_t>(p, order), load_number<std::uint16_t>(p + 2, order)};
  } else {
    using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    Bits bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bits = static_cast<Bits>(bits << 8U) | std::to_integer<Bits>(p[order == ByteOrder::big ? i : sizeof(T) - 1 - i]);
    }
    if constexpr (std::floating_point<T>) {
      return std::bit_cast<T>(bits);
    } else {
      return static_cast<T>(bits);
    }
  }
}

/// Writes `number` to `p`, which has room for sizeof(T) bytes.
template <Number T>
void store_number(std::byte* p, T number, ByteOrder order) {
  if constexpr (std::same_as<T, Tag>) {
    store_number(p, number.group, order);
    store_number(p + 2, number.element, order);
  } else {
    using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    Bits bits{};
    if constexpr (std::floating_point<T>) {
      bits = std::bit_cast<Bits>(number);
    } else {
      bits = static_cast<Bits>(number);
    }
    for (std::size_t i = 0; i < sizeof(T); ++i, bits = static_cast<Bits>(bits >> 8U)) {
      p[order == ByteOrder::big ? sizeof(T) - 1 - i : i] = static_cast<std::byte>(bits & 0xFFU);
    }
  }
}

/// The numbers of a binary value, read one by one where they lie; bytes after the last whole number are left out.
template <Number T>
class Numbers {
 public:
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    T operator*() const { return load_number<T>(at_, order_); }
    Iterator& operator++() {
      at_ += sizeof(T);
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class Numbers;
    Iterator(const std::byte* at, ByteOrder order) : at_{at}, order_{order} {}

    const std::byte* at_{nullptr};
    ByteOrder order_{};
  };

  Numbers(ByteView value, ByteOrder order) : value_{value.first(value.size() - value.size() % sizeof(T))}, order_{order} {}

  [[nodiscard]] std::size_t size() const { return value_.size() / sizeof(T); }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  /// The number at `index`, which is below size().
  T operator[](std::size_t index) const { return load_number<T>(value_.data() + index * sizeof(T), order_); }
  [[nodiscard]] Iterator begin() const { return {value_.data(), order_}; }
  [[nodiscard]] Iterator end() const { return {value_.data() + value_.size(), order_}; }

 private:
  ByteView value_;
  ByteOrder order_;
};

/// Calls `visitor` with the Numbers of a binary value in the type of its VR, PS3.5 6.2. False, and not called, for text, SQ, UN
/// and what has no VR. One visitor for all: `visit_numbers(vr, value, order, [&](const auto& numbers) { ... })`.
template <class Visitor>
bool visit_numbers(Vr vr, ByteView value, ByteOrder order, Visitor&& visitor) {
  switch (vr) {
    case Vr::at: visitor(Numbers<Tag>{value, order}); return true;
    case Vr::ss: visitor(Numbers<std::int16_t>{value, order}); return true;
    case Vr::sl: visitor(Numbers<std::int32_t>{value, order}); return true;
    case Vr::sv: visitor(Numbers<std::int64_t>{value, order}); return true;
    case Vr::ob: visitor(Numbers<std::uint8_t>{value, order}); return true;
    case Vr::us:
    case Vr::ow: visitor(Numbers<std::uint16_t>{value, order}); return true;
    case Vr::ul:
    case Vr::ol: visitor(Numbers<std::uint32_t>{value, order}); return true;
    case Vr::uv:
    case Vr::ov: visitor(Numbers<std::uint64_t>{value, order}); return true;
    case Vr::fl:
    case Vr::of: visitor(Numbers<float>{value, order}); return true;
    case Vr::fd:
    case Vr::od: visitor(Numbers<double>{value, order}); return true;
    default: return false;
  }
}

/// One IS value, padding allowed; also numbers beyond the 32 bits that IS has. Errors: `bad_value` with the offset in `value`.
Result<std::int64_t> parse_integer(std::string_view value);

/// One DS value without loss, padding allowed; also texts of more than 16 characters. Of more than 19 significant digits the
/// rest is cut off; an exponent beyond 100,000,000 is taken for that. Errors: `bad_value` with the offset in `value`.
Result<Decimal> parse_decimal(std::string_view value);

/// One DS value as the nearest double. Errors: as parse_decimal, and a number beyond every double.
Result<double> parse_double(std::string_view value);

using IntegerText = FixedString<12>;
using DecimalText = FixedString<16>;
using ExactText = FixedString<40>;

/// An IS value, without padding.
IntegerText format_integer(std::int32_t number);

/// All digits of `decimal`, zeros at the end included, in the form that JSON and C also read: 0.50 for the DS "+.50".
ExactText format_exact(const Decimal& decimal);

/// A DS value: the shortest text that reads back as `number`, or where 16 characters are too few for that, as many digits of
/// it as they hold. Errors: `bad_value` for an infinity and what is not a number: DS has neither.
Result<DecimalText> format_decimal(double number);

}  // namespace scanferry::core
