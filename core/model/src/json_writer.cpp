// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/json_writer.hpp>

#include <algorithm>
#include <array>
#include <optional>

#include <scanferry/core/value_number.hpp>
#include <scanferry/model/element_text.hpp>
#include <scanferry/model/tag_path.hpp>

#include "bulk_value.hpp"

namespace scanferry::model {
namespace {

namespace at = core::attribute;
using core::Vr;

constexpr std::size_t kFlushBytes = 32 * 1024;
constexpr std::array<std::string_view, 3> kNameGroups{"Alphabetic", "Ideographic", "Phonetic"};
/// Integers up to here are the same in every reader of JSON (RFC 8259 6).
constexpr std::size_t kSafeDigits = 15;

/// GGGGEEEE, the names of PS3.18 F.2.2.
std::string name_of(core::Tag tag) {
  const std::string text = tag_text(tag);
  std::string name = text.substr(1, 4) + text.substr(6, 4);
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  return name;
}

/// A decimal or integer string as a number of JSON with the same digits; empty when it is no number, or has more digits than
/// DICOM allows. DICOM has a plus, leading zeros and a bare point, JSON has not.
std::string json_number(std::string_view text) {
  const auto number = text.size() <= core::DecimalText::capacity() ? core::parse_decimal(text) : core::Result<core::Decimal>{std::unexpect};
  return number ? std::string{core::format_exact(*number).view()} : std::string{};
}

/// The number of the control character at `at`: C0 must be escaped (RFC 8259 7), and DEL and C1 are, for the terminal that shows it.
std::optional<unsigned> control_at(std::string_view utf8, std::size_t at) {
  const auto first = static_cast<unsigned char>(utf8[at]);
  if (first < 0x20 || first == 0x7F) return first;
  // U+0080 to U+009F: C2, and their own number.
  if (first != 0xC2 || at + 1 == utf8.size()) return std::nullopt;
  const auto second = static_cast<unsigned char>(utf8[at + 1]);
  return second >= 0x80 && second < 0xA0 ? std::optional<unsigned>{second} : std::nullopt;
}

class JsonWriter {
 public:
  JsonWriter(const Document& document, const JsonOptions& options, ByteSink& sink) : document_{document}, options_{options}, sink_{sink} {}

  Result<void> run() {
    open('{');
    if (options_.with_meta) {
      if (auto done = put_elements(document_.meta(), CharacterSet::of("")); !done) return done;
    }
    if (auto done = put_elements(document_.data_set(), CharacterSet::of("")); !done) return done;
    close('}');
    out_ += '\n';
    return flush();
  }

 private:
  Result<void> put_elements(const DataSet& data_set, const CharacterSet& around) {
    const CharacterSet characters = character_set_in(data_set, around);
    for (const Element& element : data_set.elements()) {
      if (element.tag.element == 0) continue;  // group lengths are of the encoding, not of the content
      next();
      key(name_of(element.tag));
      if (auto done = put_element(element, characters); !done) return done;
    }
    return {};
  }

  Result<void> put_element(const Element& element, const CharacterSet& characters) {
    const Vr vr = meaning_of(element);
    open('{');
    next();
    key("vr");
    string(core::code_of(vr));
    Result<void> done{};
    if (element.is_sequence()) {
      done = put_items(element, characters);
    } else if (is_bulk(element, vr)) {
      done = put_bulk(element, vr);
    } else if (core::is_text(vr)) {
      auto held = hold(document_, element);
      if (!held) return std::unexpected{held.error()};
      put_texts(held->element, vr, characters);
    } else {
      put_numbers(vr, element.bytes());
    }
    if (!done) return done;
    close('}');
    return out_.size() < kFlushBytes ? Result<void>{} : flush();
  }

  Result<void> put_items(const Element& element, const CharacterSet& characters) {
    if (element.items().empty()) return {};
    begin_values();
    for (const Item& item : element.items()) {
      next();
      open('{');
      if (auto done = put_elements(item.data_set, characters); !done) return done;
      close('}');
    }
    close(']');
    return {};
  }

  void put_texts(const Element& element, Vr vr, const CharacterSet& characters) {
    std::vector<std::string> values = text_values(element, characters);
    // PS3.18 F.2: the characters are UTF-8 here.
    if (element.tag == at::kSpecificCharacterSet.tag && !values.empty()) values = {"ISO_IR 192"};
    if (values.empty()) return;
    begin_values();
    for (const std::string& value : values) {
      next();
      if (value.empty()) {
        out_ += "null";
      } else if (vr == Vr::pn) {
        put_name(value);
      } else if (std::string number = vr == Vr::ds || vr == Vr::is ? json_number(value) : std::string{}; !number.empty()) {
        out_ += number;
      } else {
        string(value);
      }
    }
    close(']');
  }

  void put_name(std::string_view name) {
    open('{');
    for (const auto group : kNameGroups) {
      const auto end = std::min(name.find('='), name.size());
      if (end != 0) {
        next();
        key(group);
        string(name.substr(0, end));
      }
      if (end == name.size()) break;
      name.remove_prefix(end + 1);
    }
    close('}');
  }

  void put_numbers(Vr vr, core::ByteView bytes) {
    if (bytes.empty()) return;
    begin_values();
    for (const std::string& value : number_values(vr, bytes)) {
      next();
      const bool is_wide = (vr == Vr::sv || vr == Vr::uv) && value.size() > kSafeDigits;
      if (vr == Vr::at) {
        string(value.substr(1, 4) + value.substr(6, 4), true);
      } else if (is_wide || value.find_first_of("in") != std::string::npos) {
        string(value == "nan" || value == "-nan" ? "NaN" : value);  // no number of JSON
      } else {
        out_ += value;
      }
    }
    close(']');
  }

  Result<void> put_bulk(const Element& element, Vr vr) {
    const BulkValue bulk = bulk_value_of(document_, element, vr, options_.bulk);
    if (bulk.form == BulkValue::Form::nothing) return {};
    next();
    if (bulk.form == BulkValue::Form::reference) {
      key("BulkDataURI");
      string(bulk_uri(options_.bulk, bulk.range));
      return {};
    }
    key("InlineBinary");
    out_ += '"';
    if (auto done = flush(); !done) return done;
    if (auto done = write_base64(document_, element, bulk.range, sink_); !done) return done;
    out_ += '"';
    return {};
  }

  void begin_values() {
    next();
    key("Value");
    open('[');
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
    is_first_ = true;
  }
  void close(char bracket) {
    --depth_;
    if (!is_first_) line();
    out_ += bracket;
    is_first_ = false;
  }
  void next() {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    line();
  }
  void line() {
    if (!options_.is_indented) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }
  void key(std::string_view name) {
    string(name);
    out_ += options_.is_indented ? ": " : ":";
  }

  /// PS3.18 F.2.2 and F.2.3 write tags in capital letters.
  void string(std::string_view text, bool in_capitals = false) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out_ += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (const auto code = control_at(text, i)) {
        out_.append("\\u00").append(1, kDigits[*code >> 4U]).append(1, kDigits[*code & 0xFU]);
        i += *code >= 0x80 ? 1 : 0;
      } else {
        out_ += in_capitals && c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
      }
    }
    out_ += '"';
  }

  Result<void> flush() {
    auto done = sink_.write(core::bytes_of(out_));
    out_.clear();
    return done;
  }

  const Document& document_;
  const JsonOptions& options_;
  ByteSink& sink_;
  std::string out_;
  std::size_t depth_{0};
  bool is_first_{true};
};

}  // namespace

Result<void> write_json(const Document& document, const JsonOptions& options, ByteSink& sink) {
  return JsonWriter{document, options, sink}.run();
}

}  // namespace scanferry::model
