// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/core/utf8.hpp>

using namespace scanferry::core;

TEST_CASE("UTF-8 is counted in characters, and what is not well formed has no length") {
  CHECK(utf8_length("") == 0U);
  CHECK(utf8_length("abc") == 3U);
  CHECK(utf8_length("\u00e9\u5c71\U0001F600") == 3U);
  CHECK(utf8_length("\xF4\x8F\xBF\xBF") == 1U);
  for (const char* bad : {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE5\xB1", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE9" "b"}) {
    CHECK_FALSE(utf8_length(bad).has_value());
  }
}

TEST_CASE("characters are taken one by one, and a bad one stays where it is") {
  std::string_view text = "a\u00e9\u5c71\U0001F600\xFFz";
  CHECK(take_character(text) == U'a');
  CHECK(take_character(text) == U'\u00e9');
  CHECK(take_character(text) == U'\u5c71');
  CHECK(take_character(text) == U'\U0001F600');
  CHECK(take_character(text) == kNoCharacter);
  CHECK(text == "\xFFz");
}

TEST_CASE("ASCII ends at 7F") {
  CHECK(is_ascii(""));
  CHECK(is_ascii("\x01~\x7F"));
  CHECK_FALSE(is_ascii("a\x80"));
}
