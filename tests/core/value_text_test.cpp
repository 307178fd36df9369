// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <iterator>
#include <string>
#include <vector>

#include <scanferry/core/value_text.hpp>

using namespace scanferry::core;
using namespace std::string_view_literals;

static_assert(std::forward_iterator<TextValues::Iterator>);

TEST_CASE("values are split at backslashes, where the VR has several") {
  struct Row {
    Vr vr;
    std::string_view field;
    std::vector<std::string_view> values;
  };
  const Row rows[] = {
      {Vr::cs, "", {}},
      {Vr::cs, "A", {"A"}},
      {Vr::cs, "ORIGINAL\\PRIMARY ", {"ORIGINAL", "PRIMARY "}},
      {Vr::ds, "\\", {"", ""}},
      {Vr::lo, "a\\\\b", {"a", "", "b"}},
      {Vr::uc, "a\\b", {"a", "b"}},
      {Vr::lt, "a\\b", {"a\\b"}},
      {Vr::st, "\\", {"\\"}},
      {Vr::ur, "a\\b", {"a\\b"}},
      {Vr::ut, "a\\b", {"a\\b"}},
  };
  for (const Row& row : rows) {
    CAPTURE(code_of(row.vr), row.field);
    const TextValues values{row.vr, row.field};
    std::vector<std::string_view> seen;
    for (const std::string_view value : values) seen.push_back(value);
    CHECK(seen == row.values);
    CHECK(values.count() == row.values.size());
    CHECK(values.empty() == row.values.empty());
    for (std::size_t i = 0; i < row.values.size(); ++i) CHECK(values.at(i) == row.values[i]);
    CHECK_FALSE(values.at(row.values.size()).has_value());
  }
}

TEST_CASE("an iterator knows the last value, and two over one field compare by place") {
  const TextValues values{Vr::is, "1\\2"};
  auto first = values.begin();
  auto second = values.begin();
  CHECK(first == second);
  CHECK_FALSE(first.is_last());
  second++;
  CHECK(first != second);
  CHECK(second.is_last());
  CHECK(++second == values.end());
}

TEST_CASE("trimming takes what means nothing in the VR") {
  struct Row {
    Vr vr;
    std::string_view value;
    std::string_view trimmed;
  };
  const Row rows[] = {
      {Vr::ae, " PACS ", "PACS"}, {Vr::cs, " A B ", "A B"},    {Vr::ds, " 1 ", "1"},      {Vr::is, " 1 ", "1"},
      {Vr::lo, " a ", "a"},       {Vr::sh, " a ", "a"},        {Vr::lt, " a ", " a"},     {Vr::st, " a ", " a"},
      {Vr::ut, " a ", " a"},      {Vr::uc, " a ", " a"},       {Vr::pn, " A^B ", " A^B"}, {Vr::ur, " a ", " a"},
      {Vr::ui, "1.2\0"sv, "1.2"}, {Vr::da, "20200101 ", "20200101"}, {Vr::lo, "a\0\0"sv, "a"},  {Vr::cs, "   ", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(code_of(row.vr), row.value);
    CHECK(trimmed(row.vr, row.value) == row.trimmed);
  }
}

TEST_CASE("a person's name is split in groups and components, and nothing is lost") {
  const PersonName name = split_person_name("Yamada^Tarou=\u5c71\u7530^\u592a\u90ce=\u3084\u307e\u3060^\u305f\u308d\u3046 ");
  CHECK(name.alphabetic == "Yamada^Tarou");
  CHECK(name.ideographic == "\u5c71\u7530^\u592a\u90ce");
  CHECK(name.phonetic == "\u3084\u307e\u3060^\u305f\u308d\u3046");
  CHECK(split_name_group(name.ideographic).given == "\u592a\u90ce");

  const NameComponents all = split_name_group("Adams^John Robert^Quincy^Rev.^B.A. M.Div.");
  CHECK(all.family == "Adams");
  CHECK(all.given == "John Robert");
  CHECK(all.middle == "Quincy");
  CHECK(all.prefix == "Rev.");
  CHECK(all.suffix == "B.A. M.Div.");

  CHECK(split_person_name("==x").phonetic == "x");
  CHECK(split_person_name("a=b=c=d").phonetic == "c=d");
  CHECK(split_name_group("a^b^c^d^e^f").suffix == "e^f");
  CHECK(split_name_group("").family.empty());
}
