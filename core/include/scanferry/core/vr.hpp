// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace scanferry::core {

/// The Value Representations of PS3.5 6.2, in the order of their codes; `unknown` is none of them.
enum class Vr : std::uint8_t {
  unknown,
  ae, as, at, cs, da, ds, dt, fd, fl, is, lo, lt, ob, od, of, ol, ov, ow,
  pn, sh, sl, sq, ss, st, sv, tm, uc, ui, ul, un, ur, us, ut, uv,
};

namespace detail {

inline constexpr std::string_view kVrCodes =
    "??AEASATCSDADSDTFDFLISLOLTOBODOFOLOVOWPNSHSLSQSSSTSVTMUCUIULUNURUSUTUV";
inline constexpr std::size_t kLetters = 26;

consteval std::array<Vr, kLetters * kLetters> vr_by_letters() {
  std::array<Vr, kLetters * kLetters> table{};
  for (std::size_t i = 1; i < kVrCodes.size() / 2; ++i) {
    const auto first = static_cast<std::size_t>(kVrCodes[2 * i] - 'A');
    const auto second = static_cast<std::size_t>(kVrCodes[2 * i + 1] - 'A');
    table[first * kLetters + second] = static_cast<Vr>(i);
  }
  return table;
}
inline constexpr auto kVrByLetters = vr_by_letters();

consteval std::uint64_t vr_set(std::initializer_list<Vr> members) {
  std::uint64_t bits = 0;
  for (const Vr vr : members) bits |= std::uint64_t{1} << static_cast<unsigned>(vr);
  return bits;
}
constexpr bool is_in(std::uint64_t set, Vr vr) { return (set >> static_cast<unsigned>(vr) & 1U) != 0; }

inline constexpr std::uint64_t kLongForm = vr_set({Vr::unknown, Vr::ob, Vr::od, Vr::of, Vr::ol, Vr::ov, Vr::ow, Vr::sq,
                                                   Vr::sv, Vr::uc, Vr::un, Vr::ur, Vr::ut, Vr::uv});
inline constexpr std::uint64_t kText = vr_set({Vr::ae, Vr::as, Vr::cs, Vr::da, Vr::ds, Vr::dt, Vr::is, Vr::lo, Vr::lt,
                                               Vr::pn, Vr::sh, Vr::st, Vr::tm, Vr::uc, Vr::ui, Vr::ur, Vr::ut});

inline constexpr std::uint64_t kWords16 = vr_set({Vr::at, Vr::ow, Vr::ss, Vr::us});
inline constexpr std::uint64_t kWords32 = vr_set({Vr::fl, Vr::of, Vr::ol, Vr::sl, Vr::ul});
inline constexpr std::uint64_t kWords64 = vr_set({Vr::fd, Vr::od, Vr::ov, Vr::sv, Vr::uv});

}  // namespace detail

/// A length of "not known in advance": a delimitation item ends the value, PS3.5 7.1.1.
inline constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFF;

/// The two characters of `vr`; "??" for `unknown`.
constexpr std::string_view code_of(Vr vr) { return {&detail::kVrCodes[2 * static_cast<std::size_t>(vr)], 2}; }

/// True for two capital letters: a VR, known or of a later edition of the standard.
constexpr bool is_vr_code(std::uint8_t first, std::uint8_t second) {
  return static_cast<std::uint8_t>(first - 'A') < detail::kLetters && static_cast<std::uint8_t>(second - 'A') < detail::kLetters;
}
/// The VR of a code, `unknown` when there is none.
constexpr Vr vr_of(std::uint8_t first, std::uint8_t second) {
  if (!is_vr_code(first, second)) return Vr::unknown;
  return detail::kVrByLetters[static_cast<std::size_t>(first - 'A') * detail::kLetters + static_cast<std::size_t>(second - 'A')];
}

/// PS3.5 7.1.2: these have two reserved bytes and a 32-bit length in Explicit VR; VRs of later editions will, too.
constexpr bool has_long_length(Vr vr) { return detail::is_in(detail::kLongForm, vr); }
/// True when values are characters.
constexpr bool is_text(Vr vr) { return detail::is_in(detail::kText, vr); }
/// PS3.5 7.3: the bytes of what changes with the byte order, 1 when nothing does. Half an AT is one word: its group, its element.
constexpr std::size_t word_bytes(Vr vr) {
  if (detail::is_in(detail::kWords16, vr)) return 2;
  if (detail::is_in(detail::kWords32, vr)) return 4;
  return detail::is_in(detail::kWords64, vr) ? 8 : 1;
}
/// PS3.5 6.2: what makes a value's length even: NUL after UIDs and bytes, a space after other text.
constexpr std::byte padding_of(Vr vr) { return is_text(vr) && vr != Vr::ui ? std::byte{' '} : std::byte{0}; }

}  // namespace scanferry::core
