// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <scanferry/core/value.hpp>

using namespace scanferry::core;
using namespace std::string_literals;

namespace {

std::string repeated(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<ValueFinding> findings_of(Vr vr, std::string_view field, const ValueContext& context = {}) {
  std::array<ValueFinding, 16> room{};
  const auto found = check_value(vr, bytes_of(field), context, room);
  return {found.begin(), found.end()};
}

/// One value, made even as its VR says, and the one thing that is wrong with it.
struct Row {
  Vr vr;
  std::string value;
  std::optional<ValueFault> code{};
  std::size_t offset{0};
};

void check_rows(const std::vector<Row>& rows, const ValueContext& context = {}) {
  for (const Row& row : rows) {
    CAPTURE(code_of(row.vr), row.value);
    std::string field = row.value;
    if (field.size() % 2 != 0) field += static_cast<char>(padding_of(row.vr));
    const auto found = findings_of(row.vr, field, context);
    REQUIRE(found.size() == (row.code ? 1 : 0));
    if (!row.code) continue;
    CHECK(found[0].code == *row.code);
    CHECK(found[0].value_index == 0);
    CHECK(found[0].value_offset == 0);
    CHECK(found[0].offset == row.offset);
    CHECK_FALSE(found[0].allowed.empty());
  }
}

constexpr auto kCharacter = ValueFault::bad_character;
constexpr auto kForm = ValueFault::bad_form;
constexpr auto kLong = ValueFault::too_long;
constexpr auto kLegacy = ValueFault::legacy_form;
constexpr auto kPadding = ValueFault::bad_padding;
constexpr auto kBlank = ValueFault::blank;

constexpr Vr kAllVrs[] = {Vr::unknown, Vr::ae, Vr::as, Vr::at, Vr::cs, Vr::da, Vr::ds, Vr::dt, Vr::fd, Vr::fl, Vr::is, Vr::lo,
                          Vr::lt,      Vr::ob, Vr::od, Vr::of, Vr::ol, Vr::ov, Vr::ow, Vr::pn, Vr::sh, Vr::sl, Vr::sq, Vr::ss,
                          Vr::st,      Vr::sv, Vr::tm, Vr::uc, Vr::ui, Vr::ul, Vr::un, Vr::ur, Vr::us, Vr::ut, Vr::uv};

}  // namespace

TEST_CASE("names, codes and titles are held to their repertoires and lengths") {
  check_rows({
      {Vr::ae, "PACS"},
      {Vr::ae, " A~\"b "},
      {Vr::ae, repeated(16, "A")},
      {Vr::ae, repeated(17, "A"), kLong, 16},
      {Vr::ae, "    ", kForm},
      {Vr::ae, "A\tB", kCharacter, 1},
      {Vr::ae, "caf\u00e9", kCharacter, 3},
      {Vr::cs, "ORIGINAL_1 A"},
      {Vr::cs, "  "},
      {Vr::cs, repeated(16, "A")},
      {Vr::cs, repeated(17, "A"), kLong, 16},
      {Vr::cs, "lower", kCharacter},
      {Vr::cs, "A-B", kCharacter, 1},
      {Vr::cs, "A*", kCharacter, 1},
      {Vr::ui, "1.2.3"},
      {Vr::ui, "0.0"},
      {Vr::ui, "2." + repeated(62, "1")},
      {Vr::ui, "2." + repeated(63, "1"), kLong, 64},
      {Vr::ui, "1.2.03", kForm, 4},
      {Vr::ui, "1..2", kForm, 2},
      {Vr::ui, "1.2.", kForm, 4},
      {Vr::ui, ".1", kForm, 0},
      {Vr::ui, "1.2a", kCharacter, 3},
      {Vr::ui, " 1.2", kCharacter, 0},
      {Vr::ui, "1.2 ", kPadding, 3},
      {Vr::ui, "1.2.3\0\0\0"s, kPadding, 5},
      {Vr::ui, "\0\0"s, kBlank},
      {Vr::ur, "http://a.b/c%20d?e=f#g"},
      {Vr::ur, "a   "},
      {Vr::ur, repeated(5000, "x/")},
      {Vr::ur, " http://a", kCharacter, 0},
      {Vr::ur, "a\\b", kCharacter, 1},
      {Vr::ur, "a b", kCharacter, 1},
      {Vr::ur, "a%2", kForm, 1},
      {Vr::ur, "%20%GG", kForm, 3},
      {Vr::ur, "  ", kBlank},
  });
}

TEST_CASE("ages, dates and times are held to their forms") {
  check_rows({
      {Vr::as, "018M"},
      {Vr::as, "000D"},
      {Vr::as, "18M", kForm, 0},
      {Vr::as, "018m", kCharacter, 3},
      {Vr::as, "M018", kForm, 0},
      {Vr::as, "0018M", kForm, 3},
      {Vr::as, "    ", kBlank},
      {Vr::da, "20240229"},
      {Vr::da, "20230229", kForm, 6},
      {Vr::da, "2024 229", kCharacter, 4},
      {Vr::da, "20200101  ", kLong, 8},
      {Vr::da, "20200101-", kCharacter, 8},
      {Vr::da, "1993.08.22", kLegacy, 4},
      {Vr::da, "1993.8.22", kForm, 5},
      {Vr::da, "        ", kBlank},
      {Vr::tm, "10"},
      {Vr::tm, "101112.123456"},
      {Vr::tm, "101112.5   "},
      {Vr::tm, "101112.5       ", kLong, 14},
      {Vr::tm, "235960"},
      {Vr::tm, "2400", kForm, 0},
      {Vr::tm, "101112.1234567", kForm, 13},
      {Vr::tm, "10:11:12.123456", kLegacy, 2},
      {Vr::tm, "10:11", kLegacy, 2},
      {Vr::tm, "10-11", kCharacter, 2},
      {Vr::dt, "2007"},
      {Vr::dt, "2007-0500"},
      {Vr::dt, "20240229101112.123456+0100"},
      {Vr::dt, "20240229101112.123456+0100  ", kLong, 26},
      {Vr::dt, "2024-0000", kForm, 5},
      {Vr::dt, "20240230", kForm, 6},
      {Vr::dt, "2024-01-01", kForm, 7},
      {Vr::dt, "2024Z", kCharacter, 4},
  });
}

TEST_CASE("numbers in text are held to their forms and ranges") {
  check_rows({
      {Vr::ds, "-1.25E+3"},
      {Vr::ds, " 1.5  "},
      {Vr::ds, ".5"},
      {Vr::ds, "5."},
      {Vr::ds, "3.14159265358979"},
      {Vr::ds, "3.141592653589793", kLong, 16},
      {Vr::ds, "1E999"},
      {Vr::ds, "1,5", kCharacter, 1},
      {Vr::ds, "NaN", kCharacter, 0},
      {Vr::ds, "1 2", kForm, 1},
      {Vr::ds, "1.2.3", kForm, 3},
      {Vr::ds, "E5", kForm, 0},
      {Vr::ds, "    ", kBlank},
      {Vr::is, "-2147483648"},
      {Vr::is, "+2147483647"},
      {Vr::is, "2147483648", ValueFault::out_of_range, 0},
      {Vr::is, "-2147483649", ValueFault::out_of_range, 0},
      {Vr::is, "99999999999999999999", ValueFault::out_of_range, 18},
      {Vr::is, " 12 "},
      {Vr::is, "000000000012"},
      {Vr::is, "0000000000012", kLong, 12},
      {Vr::is, "1.0", kCharacter, 1},
      {Vr::is, "1-", kForm, 1},
  });
}

TEST_CASE("decoded text is counted in characters") {
  const std::string e_acute = "\u00e9";
  const std::string kanji64 = repeated(64, "\u5c71");
  check_rows(
      {
          {Vr::lo, repeated(64, e_acute)},
          {Vr::lo, repeated(65, e_acute), kLong, 128},
          {Vr::lo, "tab\there", kCharacter, 3},
          {Vr::lo, "a\x1B$B", kCharacter, 1},
          {Vr::lo, "a\u0085", kCharacter, 1},
          {Vr::lo, "a\x7F", kCharacter, 1},
          {Vr::lo, "a\xE9" "b", ValueFault::bad_encoding, 1},
          {Vr::lo, "a\0\0\0"s, kPadding, 1},
          {Vr::lo, "    "},
          {Vr::sh, repeated(16, e_acute)},
          {Vr::sh, repeated(17, e_acute), kLong, 32},
          {Vr::st, repeated(1024, e_acute)},
          {Vr::st, repeated(1025, e_acute), kLong, 2048},
          {Vr::st, "a\\b\r\n\t\f"},
          {Vr::st, "a\v", kCharacter, 1},
          {Vr::lt, repeated(10240, e_acute)},
          {Vr::lt, repeated(10241, e_acute), kLong, 20480},
          {Vr::uc, repeated(20000, e_acute)},
          {Vr::uc, "a\n", kCharacter, 1},
          {Vr::ut, repeated(20000, e_acute) + "\\\n"},
          {Vr::ut, "\x1B", kCharacter, 0},
          {Vr::pn, "Doe^Jane^Ann^Dr^MD"},
          {Vr::pn, "==x"},
          {Vr::pn, "a=b="},
          {Vr::pn, kanji64 + "=" + kanji64 + "=" + kanji64},
          {Vr::pn, kanji64 + "=" + kanji64 + "\u5c71", kLong, 2 * 192 + 1},
          {Vr::pn, "a^b^c^d^e^f", kForm, 9},
          {Vr::pn, "a=a^b^c^d^e^f", kForm, 11},
          {Vr::pn, "a=b=c=d", kForm, 5},
      },
      {.text = TextForm::utf8});
}

TEST_CASE("raw text beyond ASCII is judged only in what no character set has") {
  check_rows({
      {Vr::lo, repeated(64, "x")},
      {Vr::lo, repeated(65, "x"), kLong, 64},
      {Vr::lo, repeated(200, "\xE9")},
      {Vr::lo, "\x1B$B;3EDB@O:\x1B(B"},
      {Vr::pn, "\xB5\x5C^\x81\x3D=="},  // GBK: the second bytes are no delimiters
      {Vr::lo, "\xE9\n", kCharacter, 1},
      {Vr::st, "\xE9\r\n"},
      {Vr::st, "\xE9\v", kCharacter, 1},
      {Vr::sh, "\xE9\0"s, kPadding, 1},
  });
  const ValueContext single{.multiplicity = {1, 1, 1}};
  CHECK(findings_of(Vr::lo, "\xB5\\\xB5\\", single).empty());
  CHECK(findings_of(Vr::lo, "a\\bc", single).size() == 1);
}

TEST_CASE("text with a fixed repertoire is judged alike in both forms") {
  for (const TextForm text : {TextForm::raw, TextForm::utf8}) {
    CHECK(findings_of(Vr::cs, "A\xC3\xA9 ", {.text = text}).size() == 1);
    CHECK(findings_of(Vr::da, "2020010", {.text = text}).size() == 2);
  }
}

TEST_CASE("values that are not text have whole words") {
  struct Bytes {
    Vr vr;
    std::size_t size;
  };
  for (const Bytes& row : {Bytes{Vr::at, 4}, Bytes{Vr::fd, 8}, Bytes{Vr::fl, 4}, Bytes{Vr::od, 8}, Bytes{Vr::of, 4}, Bytes{Vr::ol, 4},
                           Bytes{Vr::ov, 8}, Bytes{Vr::sl, 4}, Bytes{Vr::sv, 8}, Bytes{Vr::ul, 4}, Bytes{Vr::uv, 8}}) {
    CAPTURE(code_of(row.vr));
    CHECK(findings_of(row.vr, std::string(row.size * 3, '\xFF')).empty());
    const auto found = findings_of(row.vr, std::string(row.size * 3 + 2, '\xFF'));
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == ValueFault::bad_length);
    CHECK(found[0].offset == row.size * 3);
  }
  for (const Vr vr : {Vr::ob, Vr::ow, Vr::ss, Vr::us, Vr::un, Vr::unknown}) {
    CAPTURE(code_of(vr));
    CHECK(findings_of(vr, std::string(6, '\xFF')).empty());
    const auto found = findings_of(vr, std::string(7, '\xFF'));
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == ValueFault::odd_length);
    CHECK(found[0].offset == 7);
  }
}

TEST_CASE("a VR with a 16-bit length warns where Explicit VR has no room") {
  CHECK(findings_of(Vr::us, std::string(65534, '\0')).empty());
  CHECK(findings_of(Vr::us, std::string(65536, '\0')).at(0).code == ValueFault::long_for_explicit);
  CHECK(findings_of(Vr::ow, std::string(65536, '\0')).empty());
  CHECK(findings_of(Vr::ut, std::string(65536, 'x')).empty());
  CHECK(findings_of(Vr::ds, repeated(32768, "1\\")).at(0).code == ValueFault::long_for_explicit);
}

TEST_CASE("values are counted as their VR says") {
  struct Count {
    Vr vr;
    std::string field;
    Multiplicity multiplicity;
    bool passes;
  };
  for (const Count& row : {Count{Vr::cs, "A\\B ", {2, 2, 1}, true},
                           Count{Vr::cs, "A\\B ", {1, 1, 1}, false},
                           Count{Vr::cs, "A\\B ", {3, 0, 3}, false},
                           Count{Vr::cs, "A\\B\\C ", {3, 0, 3}, true},
                           Count{Vr::cs, "", {2, 2, 1}, true},
                           Count{Vr::us, "abcdef", {3, 3, 1}, true},
                           Count{Vr::us, "abcd", {3, 3, 1}, false},
                           Count{Vr::at, "abcdabcd", {2, 0, 2}, true},
                           Count{Vr::fd, "abcdefgh", {2, 2, 1}, false},
                           Count{Vr::ow, "abcdefgh", {1, 1, 1}, true},
                           Count{Vr::ut, "a\\b\\", {1, 1, 1}, true},
                           Count{Vr::un, "abcdefgh", {1, 1, 1}, true}}) {
    CAPTURE(code_of(row.vr), row.field);
    const auto found = findings_of(row.vr, row.field, {.multiplicity = row.multiplicity});
    CHECK(found.empty() == row.passes);
    if (!row.passes) CHECK(found.at(0).code == ValueFault::bad_multiplicity);
  }
}

TEST_CASE("each of several values is judged, and its place is told") {
  const auto found = findings_of(Vr::is, "1\\x\\\\2147483648\\ 5 \\3,4 ");
  REQUIRE(found.size() == 3);
  CHECK(found[0].value_index == 1);
  CHECK(found[0].value_offset == 2);
  CHECK(found[0].offset == 0);
  CHECK(found[1].code == ValueFault::out_of_range);
  CHECK(found[1].value_index == 3);
  CHECK(found[1].value_offset == 5);
  CHECK(found[2].value_index == 5);
  CHECK(found[2].value_offset == 20);
  CHECK(found[2].offset == 1);
}

TEST_CASE("the padding of a field is not part of its last value's length") {
  CHECK(findings_of(Vr::cs, repeated(16, "A") + "\\" + repeated(16, "B") + " ").empty());
  CHECK(findings_of(Vr::da, "20200101\\20200102 ").empty());
  CHECK(findings_of(Vr::ui, "1.2\\1.2.3\0"s).empty());
  CHECK(findings_of(Vr::is, "1\\2\\ ").at(0).code == ValueFault::odd_length);
  CHECK(findings_of(Vr::is, "1\\10\\ ").empty());
  CHECK(findings_of(Vr::da, "20200101 \\20200102").at(0).code == kLong);
  CHECK(findings_of(Vr::ui, "1.2\0\\1.3"s).at(0).code == kPadding);
}

TEST_CASE("padding and content are reported side by side") {
  const auto found = findings_of(Vr::cs, "lower\0"s);
  REQUIRE(found.size() == 2);
  CHECK(found[0].code == kPadding);
  CHECK(severity_of(found[0].code) == Severity::warning);
  CHECK(found[1].code == kCharacter);
  CHECK(severity_of(found[1].code) == Severity::error);
}

TEST_CASE("a query may ask in forms that a data set may not have") {
  const std::vector<Row> rows = {
      {Vr::da, "20200101-20201231"}, {Vr::da, "20200101-"},        {Vr::da, "-20200101"},
      {Vr::tm, "10-1130"},           {Vr::dt, "2007-2008"},        {Vr::dt, "20240229101112.123456+0100-20240229101112.123456+0100"},
      {Vr::cs, "M*?"},               {Vr::da, "\"\""},             {Vr::ui, "\"\""},
  };
  check_rows(rows, {.is_query = true});
  check_rows(
      {
          {Vr::da, "-", kForm, 1},
          {Vr::da, "20200101-2020", kForm, 13},
          {Vr::da, "202001??", kCharacter, 6},
          {Vr::is, "1*", kCharacter, 1},
          {Vr::cs, "m*", kCharacter, 0},
          {Vr::tm, "101112.123456-101112.123456   ", kLong, 28},
      },
      {.is_query = true});
  for (const Row& row : rows) {
    if (row.value != "2007-2008") CHECK_FALSE(findings_of(row.vr, row.value + (row.value.size() % 2 != 0 ? " " : "")).empty());
  }
  CHECK(findings_of(Vr::ui, "1.2\\1.3\0"s, {.multiplicity = {1, 1, 1}, .is_query = true}).empty());
  CHECK(findings_of(Vr::lo, "*", {.is_query = true}).at(0).code == ValueFault::odd_length);
}

TEST_CASE("findings end where the room does") {
  std::array<ValueFinding, 2> room{};
  const std::string field = repeated(100, "x\\") + "x ";
  CHECK(check_value(Vr::is, bytes_of(field), {}, room).size() == 2);
  CHECK(check_value(Vr::is, bytes_of(field), {}, {}).empty());
}

TEST_CASE("random bytes never harm, whatever the VR and the form, and every finding lies within the field") {
  std::mt19937 random{1};
  const std::string likely = "0123456789.-+:^=\\ \"%EeAZ\x1B\0\xC3\xA9\xE5\xB1\xB1\n"s;
  for (int i = 0; i < 20000; ++i) {
    std::string field(random() % 40, '\0');
    for (char& c : field) c = i % 2 == 0 ? static_cast<char>(random() & 0xFFU) : likely[random() % likely.size()];
    for (const Vr vr : kAllVrs) {
      const ValueContext context{.text = i % 4 < 2 ? TextForm::raw : TextForm::utf8, .is_query = i % 3 == 0};
      for (const ValueFinding& finding : findings_of(vr, field, context)) {
        REQUIRE(finding.value_offset + finding.offset <= field.size());
        REQUIRE_FALSE(finding.allowed.empty());
      }
    }
  }
}

TEST_CASE("a text to be written is judged after its VR") {
  struct Text {
    Vr vr;
    std::string value;
    bool passes;
  };
  const std::string group64 = repeated(64, "n");
  for (const Text& row : {Text{Vr::lo, repeated(64, "\u00e9"), true},
                          Text{Vr::lo, repeated(65, "x"), false},
                          Text{Vr::lo, "two\\values", false},
                          Text{Vr::lo, "tab\there", false},
                          Text{Vr::lo, "\x1B", false},
                          Text{Vr::sh, repeated(16, "\u00e9"), true},
                          Text{Vr::sh, repeated(17, "x"), false},
                          Text{Vr::cs, "ORIGINAL_1 A", true},
                          Text{Vr::cs, "lower", false},
                          Text{Vr::cs, repeated(17, "A"), false},
                          Text{Vr::cs, "A\\B", false},
                          Text{Vr::da, "20240229", true},
                          Text{Vr::da, "20240229 ", false},
                          Text{Vr::da, "19000229", false},
                          Text{Vr::da, "2024.01.01", false},
                          Text{Vr::da, "20240101-", false},
                          Text{Vr::tm, "235960", true},
                          Text{Vr::tm, "10:11", false},
                          Text{Vr::tm, "10 ", false},
                          Text{Vr::pn, "Doe^Jane^Ann^Dr^MD", true},
                          Text{Vr::pn, group64 + "=" + group64 + "=" + group64, true},
                          Text{Vr::pn, group64 + "n", false},
                          Text{Vr::pn, "a\\b", false},
                          Text{Vr::ui, "1.2.3", true},
                          Text{Vr::ui, "1.2.03", false},
                          Text{Vr::ui, "2." + repeated(63, "1"), false},
                          Text{Vr::ae, "PACS", true},
                          Text{Vr::ae, "    ", false},
                          Text{Vr::ae, repeated(17, "A"), false},
                          Text{Vr::is, "12", true},
                          Text{Vr::is, "2147483648", false},
                          Text{Vr::ds, "1.25", true},
                          Text{Vr::lt, "a\\b\n", true},
                          Text{Vr::us, "12", false},
                          Text{Vr::sq, "12", false}}) {
    CAPTURE(code_of(row.vr), row.value);
    const auto result = check_text(Attribute{{0x0010, 0x0020}, row.vr}, row.value);
    CHECK(result.has_value() == row.passes);
    if (result) continue;
    CHECK(result.error().code == Errc::bad_value);
    CHECK(result.error().tag == Tag{0x0010, 0x0020});
    CHECK_FALSE(result.error().what.empty());
  }
}

TEST_CASE("an empty text passes for every VR, and bad UTF-8 for none") {
  for (const Vr vr : kAllVrs) {
    CHECK(check_text(Attribute{{}, vr}, "").has_value());
    CHECK_FALSE(check_text(Attribute{{}, vr}, "\xC3").has_value());
  }
}
