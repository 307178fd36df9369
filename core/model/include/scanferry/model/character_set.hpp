// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/vr.hpp>

namespace scanferry::model {

/// A coded character set that a defined term of Specific Character Set stands for, PS3.3 C.12.1.1.2.
enum class CodeSet : std::uint8_t {
  ascii,                                                                                              // G0
  latin_1, latin_2, latin_3, latin_4, cyrillic, arabic, greek, hebrew, latin_5, latin_9, thai,        // G1, 96 characters
  katakana,                                                                                           // G1, JIS X 0201
  jis_x_0208, jis_x_0212,                                                                             // G0, two bytes
  ks_x_1001, gb_2312,                                                                                 // G1, two bytes
  utf_8, gb18030, gbk,                                                                                // alone
  none,
};

/// What is wrong with a text. Of all but `undeclared_escape` and `missing_reset`, bytes were kept.
enum class TextFlawKind : std::uint8_t {
  not_in_set,         ///< a byte or a pair that the set in force gives no character for
  truncated,          ///< a character of several bytes without its end
  unknown_escape,     ///< ESC, and no sequence of PS3.3 C.12.1.1.2 behind it, or a set that allows none
  undeclared_escape,  ///< a sequence whose set is not declared; the characters are read as it says
  missing_reset,      ///< a delimiter while a set of two bytes was in force; read as the delimiter
};

struct TextFlaw {
  TextFlawKind kind{};
  std::size_t offset{0};  ///< in the raw value, in bytes
  std::uint8_t byte{0};   ///< the one at `offset`
};

/// Text out of a file.
struct Decoded {
  std::string text;              ///< well-formed UTF-8; see CharacterSet::decode
  std::optional<TextFlaw> flaw;  ///< the first; none: every byte had a meaning
  std::size_t kept_bytes{0};     ///< how many bytes of the value stand in `text` as U+FFFD and two digits
};

/// Why a text cannot be encoded.
struct EncodeError {
  std::string message;    ///< a sentence; names the character, as U+XXXX
  std::size_t offset{0};  ///< in the UTF-8 text, in bytes
};

/// What Specific Character Set (0008,0005) says, and the way from and to UTF-8 that follows from it. A small value; the tables
/// behind it are constant data of the program, whatever the system's C library has.
class CharacterSet {
 public:
  /// The default repertoire, ISO-IR 6: what holds when nothing is declared.
  CharacterSet() = default;

  /// Reads the raw value of (0008,0005), backslashes and padding included. A term that is none of the standard's is understood
  /// where its meaning is beyond doubt ("ISO-IR 100", "utf-8", a single "ISO 2022 IR 87"); others are ignored. Both are said in
  /// `complaint`, a sentence for people, left empty when there is nothing to say.
  static CharacterSet of(std::string_view specific_character_set, std::string* complaint = nullptr);

  /// The raw bytes of a value, padding and delimiters included, as UTF-8. Never fails, and loses nothing: a byte without a
  /// meaning stays as U+FFFD and two capital hexadecimal digits, so E9 hex is "\uFFFDE9". (A U+FFFD of the file's own is kept
  /// in the same way when such digits happen to follow.) For a `vr` that is not affected the default repertoire holds.
  /// A backslash in the result, and in PN a circumflex or equals sign, is a delimiter of the value and never half of a
  /// character; ESC does not occur. 5C and 7E hex in ISO_IR 13 are delivered as backslash and tilde, not as the yen sign and
  /// overline of JIS X 0201.
  /// Takes linear time; the text has at most kDecodedPerByte bytes for each of `raw`.
  Decoded decode(std::string_view raw, core::Vr vr) const;

  /// The inverse: UTF-8 as the bytes of a value, with the escape sequences that the declared sets need, and value 1 in force
  /// again before each delimiter, control character and the end, PS3.5 6.1.2.5.3. What decode() kept as U+FFFD and digits
  /// becomes the byte again. decode() of the result gives `text`: what would not is an error.
  /// Errors: a character that no declared set has, malformed UTF-8, ESC, a kept byte that would get another meaning.
  /// Takes linear time; at most kEncodedPerByte bytes for each of `text`, and kReverseBytesMax beside it.
  std::expected<std::string, EncodeError> encode(std::string_view text, core::Vr vr) const;

  /// The value of (0008,0005) in the standard's spelling; "" for the default repertoire.
  std::string value() const;

  /// False when value 1 was a term that could not be understood; text is then read in the default repertoire.
  bool is_understood() const { return is_understood_; }
  /// The set of value 1; `ascii` when it is empty or absent.
  CodeSet first() const { return count_ == 0 ? CodeSet::ascii : declared_[0]; }
  /// All sets, in the order declared, value 1 first and each once.
  std::span<const CodeSet> declared() const { return {declared_.data(), count_}; }
  bool declares(CodeSet set) const;

  bool operator==(const CharacterSet&) const = default;

  static constexpr std::size_t kDecodedPerByte = 5;
  static constexpr std::size_t kEncodedPerByte = 5;
  static constexpr std::size_t kReverseBytesMax = std::size_t{4} * 131072;  ///< 128 KiB for each set of two bytes in use

 private:
  friend class TermReader;

  std::array<CodeSet, static_cast<std::size_t>(CodeSet::none)> declared_{};
  std::uint8_t count_{0};
  bool is_extended_{false};  // terms of the form "ISO 2022 ..."
  bool is_understood_{true};
};

/// One way to read bytes whose declared character set cannot be the right one.
struct Reading {
  std::string_view term;  ///< a value for (0008,0005); static text
  std::string text;       ///< the bytes read so, in UTF-8, cut at kReadingBytesMax
};
inline constexpr std::size_t kReadingBytesMax = 96;

/// The character sets under which every byte of `raw` has a meaning, most telling first. Empty for ASCII: all would do.
/// It says what is possible, not what is so: bytes that are well-formed UTF-8 hardly ever are anything else, any bytes without
/// C1 controls are Latin.
std::vector<Reading> possible_readings(std::string_view raw, core::Vr vr);

/// What a person should be told about the text of one element: which bytes are not of the declared set, or are so but look like
/// another one, and how else they could be read. One line of UTF-8; empty when nothing is suspect. It changes nothing: decode()
/// never guesses.
std::string diagnose(const CharacterSet& declared, std::string_view raw, core::Vr vr);

}  // namespace scanferry::model
