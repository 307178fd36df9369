// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/fixed_string.hpp>

using namespace scanferry::core;

TEST_CASE("a fixed string keeps what fits and appends all or nothing") {
  FixedString<4> text{"abcdef"};
  CHECK(text.view() == "abcd");
  text.assign("ab");
  CHECK(text.append("cd"));
  CHECK_FALSE(text.append("e"));
  CHECK(text.view() == "abcd");
  text.clear();
  CHECK(text.empty());
}

TEST_CASE("what an earlier value left behind does not count in comparisons") {
  FixedString<4> longer{"abcd"};
  longer.assign("a");
  CHECK(longer == FixedString<4>{"a"});
  CHECK(FixedString<4>{"a"} < FixedString<4>{"b"});
}

TEST_CASE("numbers are stored and loaded in both byte orders") {
  std::byte bytes[4]{};
  store_le32(bytes, 0x01020304);
  CHECK(bytes[0] == std::byte{4});
  CHECK(load_le32(bytes) == 0x01020304);
  CHECK(load_be32(bytes) == 0x04030201);
  store_be16(bytes, 0xFEDC);
  CHECK(load_be16(bytes) == 0xFEDC);
  CHECK(load_le16(bytes) == 0xDCFE);
}
