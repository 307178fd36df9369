// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/character_set.hpp>

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/utf8.hpp>

using namespace std::string_literals;
using namespace std::string_view_literals;
using scanferry::core::Vr;
using scanferry::model::CharacterSet;
using scanferry::model::CodeSet;
using scanferry::model::Decoded;
using scanferry::model::TextFlawKind;

namespace {

struct Example {
  std::string_view declared;
  Vr vr;
  std::string_view raw;
  std::string_view text;
};

Decoded decode(std::string_view declared, std::string_view raw, Vr vr = Vr::lo) {
  return CharacterSet::of(declared).decode(raw, vr);
}

/// The bytes, or the message.
std::string encode(std::string_view declared, std::string_view text, Vr vr = Vr::lo) {
  const auto raw = CharacterSet::of(declared).encode(text, vr);
  return raw ? *raw : raw.error().message;
}

std::string bytes(std::initializer_list<unsigned> values) {
  std::string raw;
  for (const unsigned value : values) raw.push_back(static_cast<char>(static_cast<std::uint8_t>(value)));
  return raw;
}

// PS3.5 annexes H (Japanese), I (Korean), J (UTF-8, GB18030, GBK) and K (GB 2312), and what PS3.3 C.12.1.1.2 has beside these.
constexpr Example kExamples[] = {
    {"", Vr::pn, "Smith^John", "Smith^John"},
    {"\\ISO 2022 IR 87", Vr::pn,
     "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B",
     "Yamada^Tarou=山田^太郎=やまだ^たろう"},
    {"ISO 2022 IR 13\\ISO 2022 IR 87", Vr::pn,
     "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J=\x1B$B$d$^$@\x1B(J^\x1B$B$?$m$&\x1B(J",
     "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"},
    {"ISO_IR 13", Vr::pn, "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3", "ﾔﾏﾀﾞ^ﾀﾛｳ"},
    {"\\ISO 2022 IR 159", Vr::lo, "a\x1B$(D0!\x1B(Bb", "a丂b"},
    {"\\ISO 2022 IR 149", Vr::pn,
     "Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF",
     "Hong^Gildong=洪^吉洞=홍^길동"},
    {"\\ISO 2022 IR 149", Vr::lt,
     "1: \x1B$)C\xB1\xE6\xB5\xBF.\r\n2: \x1B$)C\xC8\xAB, too.\r\n3", "1: 길동.\r\n2: 홍, too.\r\n3"},
    {"ISO_IR 192", Vr::pn, "Wang^XiaoDong=\xE7\x8E\x8B^\xE5\xB0\x8F\xE6\x9D\xB1", "Wang^XiaoDong=王^小東"},
    {"GB18030", Vr::pn, "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang^XiaoDong=王^小东"},
    {"GBK", Vr::pn, "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang^XiaoDong=王^小东"},
    {"\\ISO 2022 IR 58", Vr::pn, "Zhang^XiaoDong=\x1B$)A\xD5\xC5^\x1B$)A\xD0\xA1\xB6\xAB", "Zhang^XiaoDong=张^小东"},
    {"ISO_IR 100", Vr::pn, "Buc^J\xE9r\xF4me", "Buc^Jérôme"},
    {"ISO_IR 101", Vr::lo, "Wa\xB3\xEAsa", "Wałęsa"},
    {"ISO_IR 109", Vr::lo, "\xA6iuj", "Ĥiuj"},
    {"ISO_IR 110", Vr::lo, "\xBE", "ž"},
    {"ISO_IR 144", Vr::pn, "\xBB\xEE\xDA\xE1\xD5\xDC\xD1\xE3\xE0\xD3", "Люксембург"},
    {"ISO_IR 127", Vr::pn, "\xE2\xC8\xC7\xE6\xEA^\xE4\xE6\xD2\xC7\xD1", "قباني^لنزار"},
    {"ISO_IR 126", Vr::pn, "\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", "Διονυσιος"},
    {"ISO_IR 138", Vr::pn, "\xF9\xF8\xE5\xEF^\xE3\xE1\xE5\xF8\xE4", "שרון^דבורה"},
    {"ISO_IR 148", Vr::lo, "\xDDstanbul \xFE", "İstanbul ş"},
    {"ISO_IR 203", Vr::lo, "\xA4 \xBCuvre", "€ Œuvre"},
    {"ISO_IR 166", Vr::lo, "\xE4\xB7\xC2", "ไทย"},
    {"ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126", Vr::pn,
     "Buc^J\xE9r\xF4me=\x1B-L\xBB\xEE\xDA\x1B-A=\x1B-F\xC4\xE9\xEF\xED\x1B-A", "Buc^Jérôme=Люк=Διον"},
};

}  // namespace

TEST_CASE("the standard's examples and one of each set read and write as they should") {
  for (const Example& example : kExamples) {
    CAPTURE(example.declared, example.text);
    std::string complaint;
    const CharacterSet set = CharacterSet::of(example.declared, &complaint);
    CHECK(complaint.empty());
    const Decoded decoded = set.decode(example.raw, example.vr);
    CHECK(decoded.text == example.text);
    CHECK_FALSE(decoded.flaw);
    CHECK(encode(example.declared, example.text, example.vr) == example.raw);
    CHECK(diagnose(set, example.raw, example.vr).empty());
  }
}

TEST_CASE("what is not text by Specific Character Set is of the default repertoire") {
  for (const Vr vr : {Vr::cs, Vr::da, Vr::ui, Vr::ur, Vr::ae, Vr::unknown}) {
    CHECK(decode("ISO_IR 100", "\xE9", vr).text == "\uFFFDE9");
    CHECK(encode("ISO_IR 192", "é", vr) == "U+00E9 (é) is not in the default repertoire");
  }
  for (const Vr vr : {Vr::sh, Vr::lo, Vr::st, Vr::pn, Vr::lt, Vr::uc, Vr::ut}) {
    CHECK(decode("ISO_IR 100", "\xE9", vr).text == "é");
  }
}

TEST_CASE("value 1 is in force again after a delimiter, and which byte is one depends on the VR") {
  const auto korean = "\\ISO 2022 IR 149"sv;
  const std::string kim = "\x1B$)C\xB1\xE8";
  struct Case {
    Vr vr;
    char delimiter;
    bool resets;
  };
  constexpr Case kCases[] = {
      {Vr::pn, '^', true},   {Vr::pn, '=', true},   {Vr::pn, '\\', true},  {Vr::lo, '\\', true},  {Vr::sh, '\\', true},
      {Vr::uc, '\\', true},  {Vr::lo, '^', false},  {Vr::lo, '=', false},  {Vr::lt, '\\', false}, {Vr::st, '\\', false},
      {Vr::ut, '\\', false}, {Vr::ut, '^', false},  {Vr::lt, '\n', true},  {Vr::lt, '\r', true},  {Vr::ut, '\f', true},
      {Vr::st, '\t', true},  {Vr::lo, '\t', true},  {Vr::lt, ' ', false},  {Vr::pn, ' ', false},
  };
  for (const Case& one : kCases) {
    CAPTURE(one.delimiter);
    const std::string delimiter(1, one.delimiter);
    const std::string again = kim + delimiter + "\xB1\xE8";
    CHECK(decode(korean, again, one.vr).text == "김" + delimiter + (one.resets ? "\uFFFDB1\uFFFDE8" : "김"));
    CHECK(encode(korean, "김" + delimiter + "김", one.vr) == (one.resets ? kim + delimiter + kim : again));
  }
}

TEST_CASE("a byte of a character is never a delimiter") {
  CHECK(decode("GBK", "\x81\x5C\\\x81\x5E^", Vr::pn).text == "乗\\乛^");
  CHECK(decode("GB18030", "\x81\x5C\\\x81\x5E^", Vr::pn).text == "乗\\乛^");
  CHECK(decode("\\ISO 2022 IR 87", "\x1B$B\x30\x5C\x5E\x3D\x5C\x5C\x3D\x5E\x1B(B^", Vr::pn).text == "移渊樛殉^");
  CHECK(decode("GBK", "\xA2\x5C", Vr::lo).text == "\uFFFDA2\uFFFD5C");
}

TEST_CASE("the backslash and tilde of ISO_IR 13 stay what they are") {
  CHECK(decode("ISO_IR 13", "A\\~\xB1", Vr::lt).text == "A\\~ｱ");
  CHECK(encode("ISO_IR 13", "A\\~ｱ", Vr::lt) == "A\\~\xB1");
  CHECK(encode("ISO_IR 13", "¥", Vr::lt) == "U+00A5 (¥) is not in the character set ISO_IR 13");
}

TEST_CASE("bytes without a meaning are kept, told and come back as they were") {
  struct Case {
    std::string_view declared, raw, text;
    TextFlawKind kind;
    std::size_t offset;
  };
  constexpr Case kCases[] = {
      {"", "caf\xE9", "caf\uFFFDE9", TextFlawKind::not_in_set, 3},
      {"ISO_IR 100", "\x93x\x94", "\uFFFD93x\uFFFD94", TextFlawKind::not_in_set, 0},
      {"ISO_IR 127", "a\xA1", "a\uFFFDA1", TextFlawKind::not_in_set, 1},
      {"ISO_IR 192", "a\xC0\x80", "a\uFFFDC0\uFFFD80", TextFlawKind::not_in_set, 1},
      {"ISO_IR 192", "\xED\xA0\x80", "\uFFFDED\uFFFDA0\uFFFD80", TextFlawKind::not_in_set, 0},
      {"ISO_IR 192", "\xE7\x8E", "\uFFFDE7\uFFFD8E", TextFlawKind::not_in_set, 0},
      {"ISO_IR 192", "\x1B$B", "\uFFFD1B$B", TextFlawKind::unknown_escape, 0},
      {"GB18030", "a\xCD", "a\uFFFDCD", TextFlawKind::truncated, 1},
      {"GB18030", "\x81\x30\x81", "\uFFFD810\uFFFD81", TextFlawKind::truncated, 0},
      {"GB18030", "\x84\x31\xA5\x30", "\uFFFD84\uFFFD31\uFFFDA5\uFFFD30", TextFlawKind::not_in_set, 0},
      {"GB18030", "\xE3\x32\x9A\x36", "\uFFFDE3\uFFFD32\uFFFD9A\uFFFD36", TextFlawKind::not_in_set, 0},
      {"GBK", "\x80\xFF", "\uFFFD80\uFFFDFF", TextFlawKind::not_in_set, 0},
      {"GBK", "\xCD\x30", "\uFFFDCD0", TextFlawKind::truncated, 0},
      {"\\ISO 2022 IR 87", "\x1B$B;3-!\x1B(B", "山\uFFFD2D\uFFFD21", TextFlawKind::not_in_set, 5},
      {"\\ISO 2022 IR 87", "\x1B$B;3;\x1B(B", "山\uFFFD3B", TextFlawKind::truncated, 5},
      {"\\ISO 2022 IR 149", "\x1B$)C\xB1\xE8\xB1", "김\uFFFDB1", TextFlawKind::truncated, 6},
      {"\\ISO 2022 IR 149", "\x1B$)D x", "\uFFFD1B$)D x", TextFlawKind::unknown_escape, 0},
      {"\\ISO 2022 IR 149", "x\x1B", "x\uFFFD1B", TextFlawKind::unknown_escape, 1},
      {"\\ISO 2022 IR 149", "x\x1B$", "x\uFFFD1B$", TextFlawKind::unknown_escape, 1},
  };
  for (const Case& one : kCases) {
    CAPTURE(one.declared, one.text);
    const Decoded decoded = decode(one.declared, one.raw);
    CHECK(decoded.text == one.text);
    REQUIRE(decoded.flaw);
    CHECK(decoded.flaw->kind == one.kind);
    CHECK(decoded.flaw->offset == one.offset);
    CHECK(decoded.kept_bytes > 0);
    CHECK(encode(one.declared, decoded.text) == one.raw);
  }
}

TEST_CASE("a kept byte that would become something else is refused") {
  CHECK(encode("ISO_IR 192", "\uFFFDC3\uFFFDA9").starts_with("a byte kept"));
  CHECK(encode("ISO_IR 100", "\uFFFD5C").starts_with("a byte kept"));
  CHECK(encode("ISO_IR 192", "\uFFFDe9") == "\uFFFDe9");
}

TEST_CASE("a replacement character of the file's own is not taken for a kept byte") {
  CHECK(decode("ISO_IR 192", "\uFFFD E9").text == "\uFFFD E9");
  const Decoded decoded = decode("ISO_IR 192", "\uFFFD" "E9");
  CHECK(decoded.text == "\uFFFDEF\uFFFDBF\uFFFDBDE9");
  CHECK_FALSE(decoded.flaw);
  CHECK(encode("ISO_IR 192", decoded.text) == "\uFFFD" "E9");
}

TEST_CASE("a sequence that selects an undeclared set is followed and told") {
  const Decoded decoded = decode("ISO_IR 100", "\xE9 \x1B$B;3\x1B(B", Vr::lo);
  CHECK(decoded.text == "é 山");
  REQUIRE(decoded.flaw);
  CHECK(decoded.flaw->kind == TextFlawKind::undeclared_escape);
  CHECK(decoded.flaw->offset == 2);
  CHECK(decode("\\ISO 2022 IR 87", "\x1B$B;3\x1B(J").flaw->kind == TextFlawKind::undeclared_escape);
  CHECK_FALSE(decode("\\ISO 2022 IR 87", "\x1B$B;3\x1B(B").flaw);
}

TEST_CASE("a delimiter without the return to value 1 is still one when an escape sequence follows") {
  const Decoded decoded = decode("\\ISO 2022 IR 87", "\x1B$B;3ED^\x1B$BB@O:", Vr::pn);
  CHECK(decoded.text == "山田^太郎");
  REQUIRE(decoded.flaw);
  CHECK(decoded.flaw->kind == TextFlawKind::missing_reset);
  CHECK(encode("\\ISO 2022 IR 87", decoded.text, Vr::pn) == "\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B");
}

TEST_CASE("text takes the sets in the order declared and stays in one as long as it can") {
  CHECK(encode("\\ISO 2022 IR 149\\ISO 2022 IR 87", "山") == "\x1B$)C\xDF\xA3");
  CHECK(encode("\\ISO 2022 IR 87\\ISO 2022 IR 149", "山") == "\x1B$B;3\x1B(B");
  CHECK(encode("ISO 2022 IR 100\\ISO 2022 IR 126", "éαβé\\αé") == "\xE9\x1B-F\xE1\xE2\x1B-A\xE9\\\x1B-F\xE1\x1B-A\xE9");
  CHECK(encode("\\ISO 2022 IR 87\\ISO 2022 IR 126", "山έ山a") == "\x1B$B;3\x1B(B\x1B-F\xDD\x1B$B;3\x1B(Ba");
  CHECK(encode("ISO 2022 IR 100\\ISO 2022 IR 87", "é山é^é", Vr::pn) == "\xE9\x1B$B;3\x1B(B\x1B-A\xE9^\xE9");
  CHECK(encode("\\ISO 2022 IR 87\\ISO 2022 IR 159", "丂亜丂") == "\x1B$(D0!\x1B$B0!\x1B$(D0!\x1B(B");
}

TEST_CASE("an error names the character that no set has") {
  CHECK(encode("", "日") == "U+65E5 (日) is not in the default repertoire");
  CHECK(encode("ISO_IR 100", "a\u0085") == "U+0085 is not in the character set ISO_IR 100");
  CHECK(encode("GBK", "\U0001F600") == "U+1F600 (\U0001F600) is not in the character set GBK");
  CHECK(encode("\\ISO 2022 IR 87", "é") == "U+00E9 (é) is not in the character set ISO 2022 IR 6\\ISO 2022 IR 87");
  CHECK(encode("ISO_IR 192", "\x1B") == "U+001B is not in the character set ISO_IR 192");
  CHECK(encode("ISO_IR 192", "a\xFF") == "the text is not well-formed UTF-8");
  CHECK(CharacterSet::of("ISO_IR 100").encode("aé日", Vr::lo).error().offset == 3);
}

TEST_CASE("empty and plain text needs nothing") {
  for (const std::string_view declared : {"", "ISO_IR 100", "ISO_IR 192", "GB18030", "GBK", "\\ISO 2022 IR 87"}) {
    CHECK(decode(declared, "").text.empty());
    CHECK(encode(declared, "").empty());
    CHECK(encode(declared, "Plain^Text\r\n", Vr::pn) == "Plain^Text\r\n");
  }
}

TEST_CASE("GB18030 has all of Unicode") {
  CHECK(encode("GB18030", "\U00020000\U0001F600") == bytes({0x95, 0x32, 0x82, 0x36, 0x94, 0x39, 0xFC, 0x36}));
  CHECK(encode("GB18030", "€㐀") == bytes({0xA2, 0xE3, 0x81, 0x39, 0xEE, 0x39}));
  const CharacterSet set = CharacterSet::of("GB18030");
  std::string text;
  for (char32_t c = 0x80; c <= 0x10FFFF; c += c < 0x10000 ? 1 : 61) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const auto continuation = [c](unsigned shift) { return 0x80U | (c >> shift & 0x3FU); };
    if (c < 0x800) {
      text += bytes({0xC0U | c >> 6U, continuation(0)});
    } else if (c < 0x10000) {
      text += bytes({0xE0U | c >> 12U, continuation(6), continuation(0)});
    } else {
      text += bytes({0xF0U | c >> 18U, continuation(12), continuation(6), continuation(0)});
    }
    text += ' ';
  }
  const auto raw = set.encode(text, Vr::ut);
  REQUIRE(raw);
  const Decoded decoded = set.decode(*raw, Vr::ut);
  CHECK_FALSE(decoded.flaw);
  CHECK(decoded.text == text);
}

namespace {

/// Reads each pair of bytes behind `prefix` by itself, and all that have a character once more through encode(), in one text.
std::size_t count_and_check_pairs(std::string_view declared, std::string_view prefix, unsigned first, unsigned last) {
  const CharacterSet set = CharacterSet::of(declared);
  std::size_t characters = 0;
  std::string raw{prefix};
  for (unsigned lead = first; lead <= last; ++lead) {
    for (unsigned trail = first < 0x80 ? first : 0x40; trail <= last; ++trail) {
      const std::string pair = bytes({lead, trail});
      const Decoded one = set.decode(std::string{prefix} + pair, Vr::ut);
      if (one.flaw) continue;
      REQUIRE(scanferry::core::utf8_length(one.text) == 1);
      ++characters;
      raw += pair;
    }
  }
  const Decoded decoded = set.decode(raw, Vr::ut);
  const auto again = set.encode(decoded.text, Vr::ut);
  CHECK((again && again->starts_with(raw)));
  return characters;
}

}  // namespace

TEST_CASE("every character of every table comes back as the bytes it was") {
  CHECK(count_and_check_pairs("\\ISO 2022 IR 87", "\x1B$B", 0x21, 0x7E) == 6879);
  CHECK(count_and_check_pairs("\\ISO 2022 IR 159", "\x1B$(D", 0x21, 0x7E) == 6067);
  CHECK(count_and_check_pairs("\\ISO 2022 IR 149", "\x1B$)C", 0xA1, 0xFE) == 8225);
  CHECK(count_and_check_pairs("\\ISO 2022 IR 58", "\x1B$)A", 0xA1, 0xFE) == 7445);
  CHECK(count_and_check_pairs("GB18030", "", 0x81, 0xFE) == 23940);
  CHECK(count_and_check_pairs("GBK", "", 0x81, 0xFE) == 21872);
  struct Single {
    std::string_view declared;
    std::size_t characters;
  };
  constexpr Single kSingles[] = {
      {"ISO_IR 100", 96}, {"ISO_IR 101", 96}, {"ISO_IR 109", 89}, {"ISO_IR 110", 96}, {"ISO_IR 144", 96}, {"ISO_IR 127", 51},
      {"ISO_IR 126", 93}, {"ISO_IR 138", 60}, {"ISO_IR 148", 96}, {"ISO_IR 203", 96}, {"ISO_IR 166", 88}, {"ISO_IR 13", 63},
  };
  for (const Single& one : kSingles) {
    std::size_t characters = 0;
    for (unsigned byte = 0x80; byte <= 0xFF; ++byte) {
      const std::string raw = bytes({byte});
      const Decoded decoded = decode(one.declared, raw);
      CHECK(encode(one.declared, decoded.text) == raw);
      if (!decoded.flaw) ++characters;
    }
    CAPTURE(one.declared);
    CHECK(characters == one.characters);
  }
}

TEST_CASE("a term that is not the standard's is understood where its meaning is beyond doubt, and told") {
  struct Case {
    std::string_view raw, value, complaint;
  };
  constexpr Case kCases[] = {
      {"", "", ""},
      {"  ", "", ""},
      {"ISO_IR 100 ", "ISO_IR 100", ""},
      {"ISO_IR 192", "ISO_IR 192", ""},
      {"GB18030", "GB18030", ""},
      {"GBK ", "GBK", ""},
      {"ISO 2022 IR 6", "ISO 2022 IR 6", ""},
      {"ISO 2022 IR 100", "ISO 2022 IR 100", ""},
      {"\\ISO 2022 IR 87", "ISO 2022 IR 6\\ISO 2022 IR 87", ""},
      {"ISO 2022 IR 6\\ISO 2022 IR 87", "ISO 2022 IR 6\\ISO 2022 IR 87", ""},
      {"ISO 2022 IR 6 \\ ISO 2022 IR 87", "ISO 2022 IR 6\\ISO 2022 IR 87", ""},
      {"ISO 2022 IR 87\\ISO 2022 IR 87", "ISO 2022 IR 87", R"("ISO 2022 IR 87", taken as "\ISO 2022 IR 87")"},
      {"ISO_IR 6", "", R"("ISO_IR 6", which needs no term; taken as the default repertoire)"},
      {"ISO-IR 100", "ISO_IR 100", R"("ISO-IR 100", taken as "ISO_IR 100")"},
      {"ISO_IR_100", "ISO_IR 100", R"("ISO_IR_100", taken as "ISO_IR 100")"},
      {"ISO IR 192", "ISO_IR 192", R"("ISO IR 192", taken as "ISO_IR 192")"},
      {"ISO 2022 IR 192", "ISO_IR 192", R"("ISO 2022 IR 192", taken as "ISO_IR 192")"},
      {"ISO2022IR100", "ISO 2022 IR 100", R"("ISO2022IR100", taken as "ISO 2022 IR 100")"},
      {"iso_ir 100", "ISO_IR 100", R"("iso_ir 100", taken as "ISO_IR 100")"},
      {"UTF-8", "ISO_IR 192", R"("UTF-8", taken as "ISO_IR 192")"},
      {"LATIN1", "ISO_IR 100", R"("LATIN1", taken as "ISO_IR 100")"},
      {"ISO-8859-15", "ISO_IR 203", R"("ISO-8859-15", taken as "ISO_IR 203")"},
      {"ISO 2022 GBK", "GBK", R"("ISO 2022 GBK", taken as "GBK")"},
      {"ISO 2022 58", "ISO 2022 IR 58", R"("ISO 2022 58", taken as "\ISO 2022 IR 58")"},
      {"GB2312", "ISO 2022 IR 58", R"("GB2312", taken as "\ISO 2022 IR 58")"},
      {"ISO 2022 IR 149", "ISO 2022 IR 149", R"("ISO 2022 IR 149", taken as "\ISO 2022 IR 149")"},
      {"ISO_IR 87", "ISO 2022 IR 87", R"("ISO_IR 87", taken as "\ISO 2022 IR 87")"},
      {"ISO_IR 100\\ISO 2022 IR 126", "ISO 2022 IR 100\\ISO 2022 IR 126", R"("ISO_IR 100", taken as "ISO 2022 IR 100")"},
      {"ISO 2022 IR 100\\ISO_IR 126", "ISO 2022 IR 100\\ISO 2022 IR 126", R"("ISO_IR 126", taken as "ISO 2022 IR 126")"},
      {"ISO_IR 192\\ISO 2022 IR 87", "ISO_IR 192", R"("ISO 2022 IR 87", beside ISO_IR 192, which allows no other; ignored)"},
      {"\\ISO_IR 192", "ISO 2022 IR 6", R"("ISO_IR 192", which is only allowed as the single value; ignored)"},
      {"ISO_IR 101\0"sv, "ISO_IR 101", R"("ISO_IR 101", padded with NUL instead of a space)"},
      {"ISO_IR 999", "", R"("ISO_IR 999", which cannot be understood; read as the default repertoire)"},
      {"KOI8-R", "", R"("KOI8-R", which cannot be understood; read as the default repertoire)"},
      {"windows-1252", "", R"("windows-1252", which cannot be understood; read as the default repertoire)"},
      {"\xFFx", "", R"("\xFFx", which cannot be understood; read as the default repertoire)"},
      {"ISO 2022 IR 6\\FOO\\ISO-2022-IR-87", "ISO 2022 IR 6\\ISO 2022 IR 87",
       R"("FOO", which cannot be understood; ignored; it says "ISO-2022-IR-87", taken as "ISO 2022 IR 87")"},
  };
  for (const Case& one : kCases) {
    CAPTURE(one.raw);
    std::string complaint = "left over";
    const CharacterSet set = CharacterSet::of(one.raw, &complaint);
    CHECK(set.value() == one.value);
    CHECK(complaint == (one.complaint.empty() ? "" : "Specific Character Set says " + std::string{one.complaint}));
    CHECK(set.is_understood() == (one.complaint.find("read as") == std::string_view::npos));
  }
}

TEST_CASE("a set of two bytes as the only value is read with and without its escape sequence, and written with it") {
  CHECK(decode("ISO 2022 IR 149", "\xB1\xE8^\x1B$)C\xB1\xE8", Vr::pn).text == "김^김");
  CHECK(encode("ISO 2022 IR 149", "김^김", Vr::pn) == "\x1B$)C\xB1\xE8^\x1B$)C\xB1\xE8");
  CHECK(decode("ISO 2022 IR 87", "\x1B$B;3\x1B(Bx").text == "山x");
}

TEST_CASE("a sequence of complaints and of terms has an end") {
  std::string value = "ISO 2022 IR 6";
  for (int i = 0; i < 10000; ++i) value += "\\nonsense\\ISO 2022 IR 100\\ISO 2022 IR 87";
  std::string complaint;
  CHECK(CharacterSet::of(value, &complaint).declared().size() == 3);
  CHECK(complaint.size() < 1000);
}

TEST_CASE("a wrong or missing character set is told, with what the bytes could be") {
  const auto diagnosis = [](std::string_view declared, std::string_view raw, Vr vr = Vr::pn) {
    return diagnose(CharacterSet::of(declared), raw, vr);
  };
  CHECK(diagnosis("", "\xE7\x8E\x8B^\xE5\xB0\x8F") ==
        "bytes above 127 (E7 hex at offset 0), but no character set is declared; all of them would be valid as "
        "ISO_IR 192 (\"王^小\")");
  CHECK(diagnosis("", "\xCD\xF5^\xD0\xA1\xB6\xAB") ==
        "bytes above 127 (CD hex at offset 0), but no character set is declared; all of them would be valid as "
        "GB18030 (\"王^小东\"), ISO 2022 IR 149 (\"珙^鬼땜\"), ISO_IR 100 (\"Íõ^Ð¡¶«\")");
  CHECK(diagnosis("KOI8-R", "\xE9").find("no character set is declared that is known") != std::string::npos);
  CHECK(diagnosis("ISO_IR 192", "\xCD\xF5").starts_with("the byte CD hex at offset 0 is no character of ISO_IR 192; all"));
  CHECK(diagnosis("ISO_IR 100", "Andr\xC3\xA9") ==
        "the bytes are valid in ISO_IR 100, but look like ISO_IR 192 (\"André\")");
  CHECK(diagnosis("ISO_IR 100", "\xCD\xF5^\xD0\xA1\xB6\xAB").find("but look like GB18030 (\"王^小东\")") != std::string::npos);
  CHECK(diagnosis("ISO_IR 100", "Gr\xF6\xDF" "e^\xC9milie").empty());
  CHECK(diagnosis("ISO_IR 100", "\xE0 la fran\xE7" "aise").empty());
  CHECK(diagnosis("ISO_IR 144", "\xBB\xEE\xDA\xE1").empty());
  CHECK(diagnosis("GB18030", "\xE7\x8E\x8B\xE5\xB0\x8F").find("look like ISO_IR 192 (\"王小\")") != std::string::npos);
  CHECK(diagnosis("ISO_IR 100", "OR\xC9", Vr::cs) ==
        "bytes above 127 (C9 hex at offset 2) where the default repertoire is the only one allowed");
  CHECK(diagnosis("ISO_IR 100", "\x1B$B;3\x1B(B") ==
        "the escape sequence at offset 0 selects a set that is not declared in ISO_IR 100");
  CHECK(diagnosis("", "plain").empty());
  CHECK(diagnosis("", "\xC3\xA9\r\nb", Vr::lt).find("valid as ISO_IR 192 (\"é  b\"), GB18030 (") != std::string::npos);
}

TEST_CASE("any bytes read as well-formed UTF-8 within the bound, in any set") {
  constexpr std::string_view kSets[] = {"", "ISO_IR 100", "ISO_IR 166", "ISO_IR 13", "ISO_IR 192", "GB18030", "GBK",
                                        "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159", "\\ISO 2022 IR 149\\ISO 2022 IR 58",
                                        "ISO 2022 IR 100\\ISO 2022 IR 126\\ISO 2022 IR 87"};
  constexpr std::string_view kPieces[] = {"\x1B$B", "\x1B$(D", "\x1B$)C", "\x1B$)A", "\x1B(B", "\x1B(J",
                                          "\x1B-F", "^",       "\\",      "\uFFFD",  "A1"};
  std::uint64_t state = 42;
  const auto draw = [&state](std::uint64_t end) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>((state >> 33U) % end);
  };
  for (int round = 0; round < 20000; ++round) {
    const CharacterSet set = CharacterSet::of(kSets[draw(std::size(kSets))]);
    const Vr vr = draw(2) == 0 ? Vr::pn : Vr::lt;
    std::string raw;
    for (std::size_t i = draw(24); i > 0; --i) {
      if (draw(4) == 0) {
        raw += kPieces[draw(std::size(kPieces))];
      } else {
        raw += bytes({static_cast<unsigned>(draw(256))});
      }
    }
    const Decoded decoded = set.decode(raw, vr);
    REQUIRE(scanferry::core::utf8_length(decoded.text));
    REQUIRE(decoded.text.size() <= raw.size() * CharacterSet::kDecodedPerByte);
    const auto encoded = set.encode(decoded.text, vr);
    REQUIRE((encoded || decoded.flaw));
    if (encoded) REQUIRE(set.decode(*encoded, vr).text == decoded.text);
  }
}
