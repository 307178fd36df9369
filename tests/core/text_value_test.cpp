// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include <scanferry/core/text_value.hpp>

using namespace scanferry::core;

namespace {

std::string repeated(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

struct Row {
  Vr vr;
  std::string value;
  bool passes;
};

}  // namespace

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

TEST_CASE("a value is judged after its VR") {
  const std::string e_acute = "\u00e9";
  const std::string group64 = repeated(64, "n");
  const Row rows[] = {
      {Vr::lo, repeated(64, e_acute), true},
      {Vr::lo, repeated(65, "x"), false},
      {Vr::lo, "two\\values", false},
      {Vr::lo, "tab\there", false},
      {Vr::lo, "\x1B", false},
      {Vr::lo, "\x7F", false},
      {Vr::lo, "\u0085", false},
      {Vr::sh, repeated(16, e_acute), true},
      {Vr::sh, repeated(17, "x"), false},
      {Vr::cs, "ORIGINAL_1 A", true},
      {Vr::cs, "lower", false},
      {Vr::cs, repeated(17, "A"), false},
      {Vr::cs, "A\\B", false},
      {Vr::da, "20240229", true},
      {Vr::da, "20230229", false},
      {Vr::da, "19000229", false},
      {Vr::da, "20000229", true},
      {Vr::da, "20240431", false},
      {Vr::da, "20241301", false},
      {Vr::da, "20240100", false},
      {Vr::da, "2024010", false},
      {Vr::da, "2024.1.1", false},
      {Vr::tm, "23", true},
      {Vr::tm, "2359", true},
      {Vr::tm, "235960", true},
      {Vr::tm, "101112.123456", true},
      {Vr::tm, "101112.", false},
      {Vr::tm, "101112.1234567", false},
      {Vr::tm, "1011.5", false},
      {Vr::tm, "24", false},
      {Vr::tm, "1060", false},
      {Vr::tm, "101", false},
      {Vr::tm, ".5", false},
      {Vr::tm, "1O", false},
      {Vr::pn, "Doe^Jane^Ann^Dr^MD", true},
      {Vr::pn, "a^b^c^d^e^f", false},
      {Vr::pn, group64 + "=" + group64 + "=" + group64, true},
      {Vr::pn, group64 + "n", false},
      {Vr::pn, "a=b=c=d", false},
      {Vr::pn, "a=b=", true},
      {Vr::pn, "a\\b", false},
      {Vr::ui, "1.2.3", true},
      {Vr::ui, "1.2.03", false},
      {Vr::ae, "PACS", true},
      {Vr::ae, "    ", false},
      {Vr::ae, "A\\B", false},
      {Vr::ae, repeated(17, "A"), false},
  };
  for (const Row& row : rows) {
    CAPTURE(code_of(row.vr), row.value);
    const auto result = check_text({{0x0010, 0x0020}, row.vr, {}}, row.value);
    CHECK(result.has_value() == row.passes);
    if (result) continue;
    CHECK(result.error().code == Errc::bad_value);
    CHECK(result.error().tag == Tag{0x0010, 0x0020});
    CHECK_FALSE(result.error().what.empty());
  }
}

TEST_CASE("an empty value passes for every VR, and bad UTF-8 for none") {
  for (const Vr vr : {Vr::ae, Vr::cs, Vr::da, Vr::lo, Vr::pn, Vr::sh, Vr::tm, Vr::ui}) {
    CHECK(check_text({{}, vr, {}}, "").has_value());
    CHECK_FALSE(check_text({{}, vr, {}}, "\xC3").has_value());
  }
}
