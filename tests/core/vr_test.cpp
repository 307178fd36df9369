// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include <scanferry/core/vr.hpp>

using namespace scanferry::core;

TEST_CASE("every VR has a code that leads back to it, and nothing else does") {
  int known = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const Vr vr = vr_of(static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second));
      if (vr == Vr::unknown) continue;
      ++known;
      CHECK(code_of(vr) == std::string{static_cast<char>(first), static_cast<char>(second)});
    }
  }
  CHECK(known == 34);
  CHECK(is_vr_code('Z', 'Z'));
  CHECK_FALSE(is_vr_code('a', 'B'));
  CHECK_FALSE(is_vr_code('A', 0));
}

TEST_CASE("lengths are 32 bits wide for the long VRs and those of later editions only") {
  const std::string_view long_ones = "OB OD OF OL OV OW SQ SV UC UN UR UT UV ??";
  for (int i = 0; i <= static_cast<int>(Vr::uv); ++i) {
    const Vr vr = static_cast<Vr>(i);
    CAPTURE(code_of(vr));
    CHECK(has_long_length(vr) == (long_ones.find(code_of(vr)) != std::string_view::npos));
  }
}

TEST_CASE("UIDs and bytes are padded with zero, other text with a space") {
  CHECK(padding_of(Vr::ui) == std::byte{0});
  CHECK(padding_of(Vr::ob) == std::byte{0});
  CHECK(padding_of(Vr::un) == std::byte{0});
  for (const Vr vr : {Vr::cs, Vr::lo, Vr::pn, Vr::is, Vr::ut, Vr::ur}) CHECK(padding_of(vr) == std::byte{' '});
}
