// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/xml_writer.hpp>

#include <array>
#include <utility>

#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/value_text.hpp>
#include <scanferry/model/element_text.hpp>

#include "bulk_value.hpp"
#include "utf8.hpp"

namespace scanferry::model {
namespace {

using core::Vr;

constexpr std::size_t kFlushBytes = 32 * 1024;
constexpr std::string_view kStart =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<NativeDicomModel xmlns=\"http://dicom.nema.org/PS3.19/models/NativeDICOM\" xml:space=\"preserve\">";
constexpr char32_t kKeptByteMark = 0xFFFD;

/// What XML 1.0 (2.2) has no place for: how many bytes of it stand at the front of `text`.
std::size_t forbidden_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x20) return first == '\t' || first == '\n' || first == '\r' ? 0 : 1;
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF") ? 3 : 0;
}

std::string_view reference_for(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\t': return "&#9;";  // XML 1.0 2.11 and 3.3.3: a parser would make them line feeds, or blanks
    case '\n': return "&#10;";
    case '\r': return "&#13;";
    default: return {};
  }
}

/// Control characters of C1, U+0080 to U+009F, are C2 and their own number. A terminal that shows them would obey them.
bool begins_with_c1(std::string_view text) { return text.size() > 1 && text[0] == '\xC2' && (static_cast<unsigned char>(text[1]) & 0xE0U) == 0x80; }

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (begins_with_c1(text)) {
      out.append("&#x").append(hex_digits(static_cast<unsigned char>(text[1]), 2)).append(";");
      text.remove_prefix(2);
      continue;
    }
    const std::size_t forbidden = forbidden_bytes(text);
    for (const char c : text.substr(0, forbidden)) {
      append_utf8(out, kKeptByteMark);
      out += hex_digits(static_cast<unsigned char>(c), 2);
    }
    if (forbidden == 0) {
      const auto reference = reference_for(text.front());
      out += reference.empty() ? text.substr(0, 1) : reference;
    }
    text.remove_prefix(forbidden == 0 ? 1 : forbidden);
  }
  return out;
}

/// XML Schema's words for what is no number.
std::string number_text(Vr vr, const std::string& value) {
  if (vr == Vr::at) {
    std::string digits = value.substr(1, 4) + value.substr(6, 4);
    for (char& c : digits) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    return digits;
  }
  if (value == "inf") return "INF";
  if (value == "-inf") return "-INF";
  return value == "nan" || value == "-nan" ? "NaN" : value;
}

using Creators = std::map<core::Tag, const Element*>;

class XmlWriter {
 public:
  XmlWriter(const Document& document, const XmlOptions& options, ByteSink& sink) : document_{document}, options_{options}, sink_{sink} {}

  Result<void> run() {
    out_ = kStart;
    depth_ = 1;
    if (options_.with_meta) {
      if (auto done = put_elements(document_.meta(), CharacterSet{}); !done) return done;
    }
    if (auto done = put_elements(document_.data_set(), CharacterSet{}); !done) return done;
    close("NativeDicomModel");
    out_ += '\n';
    return flush();
  }

 private:
  Result<void> put_elements(const DataSet& data_set, const CharacterSet& around) {
    const CharacterSet characters = character_set_in(data_set, around);
    const Creators creators = private_creators(data_set);
    for (const Element& element : data_set.elements()) {
      if (element.tag.element == 0) continue;  // group lengths are of the encoding, not of the content
      if (auto done = put_element(creators, element, characters); !done) return done;
      if (out_.size() < kFlushBytes) continue;
      if (auto done = flush(); !done) return done;
    }
    return {};
  }

  Result<void> put_element(const Creators& creators, const Element& element, const CharacterSet& characters) {
    const Vr vr = meaning_of(element);
    line();
    out_ += "<DicomAttribute";
    put_names(creators, element.tag, vr, characters);
    const bool has_value = element.is_sequence() ? !element.items().empty() : element.is_encapsulated() || element.value_size() != 0;
    if (!has_value) {
      out_ += "/>";
      return {};
    }
    out_ += '>';
    ++depth_;
    if (auto done = put_value(element, vr, characters); !done) return done;
    close("DicomAttribute");
    return {};
  }

  Result<void> put_value(const Element& element, Vr vr, const CharacterSet& characters) {
    if (element.is_sequence()) return put_items(element, characters);
    if (is_bulk(element, vr)) return put_bulk(element, vr);
    if (core::is_text(vr)) {
      auto held = hold(document_, element);
      if (!held) return std::unexpected{held.error()};
      put_texts(held->element, vr, characters);
    } else {
      std::size_t number = 0;
      for (const std::string& value : number_values(vr, element.bytes())) put_single("Value", ++number, number_text(vr, value));
    }
    return {};
  }

  void put_names(const Creators& creators, core::Tag tag, Vr vr, const CharacterSet& characters) {
    const bool is_private = tag.group % 2 == 1;
    std::string creator;
    if (const auto creator_tag = core::private_creator_tag(tag)) {
      const auto found = creators.find(*creator_tag);
      const auto values = found == creators.end() ? std::vector<std::string>{} : text_values(*found->second, characters);
      if (!values.empty()) creator = values.front();
    }
    const unsigned low = creator.empty() ? tag.element : tag.element & 0xFFU;
    attribute("tag", hex_digits(tag.group, 4) + hex_digits(low, 4));
    attribute("vr", core::code_of(vr));
    if (!creator.empty()) attribute("privateCreator", creator);
    const auto entry = is_private ? std::nullopt : core::find_entry(tag);
    if (entry && !entry->keyword.empty()) attribute("keyword", entry->keyword);
  }

  Result<void> put_items(const Element& element, const CharacterSet& characters) {
    std::size_t number = 0;
    for (const Item& item : element.items()) {
      ++number;
      if (item.data_set.empty()) {
        put_empty("Item", number);
        continue;
      }
      open_numbered("Item", number);
      ++depth_;
      if (auto done = put_elements(item.data_set, characters); !done) return done;
      close("Item");
    }
    return {};
  }

  void put_texts(const Element& element, Vr vr, const CharacterSet& characters) {
    std::vector<std::string> values = text_values(element, characters);
    // PS3.19 A.1: the characters are UTF-8 here.
    if (element.tag == core::attribute::kSpecificCharacterSet.tag && !values.empty()) values = {"ISO_IR 192"};
    std::size_t number = 0;
    for (const std::string& value : values) {
      ++number;
      if (vr == Vr::pn) {
        put_name(value, number);
      } else {
        put_single("Value", number, value);
      }
    }
  }

  void put_name(std::string_view name, std::size_t number) {
    const auto groups = core::split_person_name(name);
    if (name.empty()) return put_empty("PersonName", number);
    open_numbered("PersonName", number);
    ++depth_;
    put_name_group("Alphabetic", groups.alphabetic);
    put_name_group("Ideographic", groups.ideographic);
    put_name_group("Phonetic", groups.phonetic);
    close("PersonName");
  }

  void put_name_group(std::string_view name, std::string_view text) {
    const auto parts = core::split_name_group(text);
    const std::array<std::pair<std::string_view, std::string_view>, 5> named{{{"FamilyName", parts.family},
                                                                              {"GivenName", parts.given},
                                                                              {"MiddleName", parts.middle},
                                                                              {"NamePrefix", parts.prefix},
                                                                              {"NameSuffix", parts.suffix}}};
    if (text.empty()) return;
    line();
    out_.append("<").append(name).append(">");
    ++depth_;
    for (const auto& [part, value] : named) {
      if (value.empty()) continue;
      line();
      out_.append("<").append(part).append(">").append(escaped(value)).append("</").append(part).append(">");
    }
    close(name);
  }

  Result<void> put_bulk(const Element& element, Vr vr) {
    const BulkValue bulk = bulk_value_of(document_, element, vr, options_.bulk);
    if (bulk.form == BulkValue::Form::nothing) return {};
    line();
    if (bulk.form == BulkValue::Form::reference) {
      out_ += "<BulkData";
      attribute("uri", bulk_uri(options_.bulk, bulk.range));
      out_ += "/>";
      return {};
    }
    out_ += "<InlineBinary>";
    if (auto done = flush(); !done) return done;
    if (auto done = write_base64(document_, element, bulk.range, sink_); !done) return done;
    out_ += "</InlineBinary>";
    return {};
  }

  void put_single(std::string_view name, std::size_t number, std::string_view text) {
    open_numbered(name, number);
    out_.append(escaped(text)).append("</").append(name).append(">");
  }

  void put_empty(std::string_view name, std::size_t number) {
    open_numbered(name, number);
    out_.insert(out_.size() - 1, 1, '/');
  }

  void open_numbered(std::string_view name, std::size_t number) {
    line();
    out_.append("<").append(name);
    attribute("number", std::to_string(number));
    out_ += '>';
  }

  void attribute(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"").append(escaped(value)).append("\"");
  }

  void close(std::string_view name) {
    --depth_;
    line();
    out_.append("</").append(name).append(">");
  }

  void line() {
    if (!options_.is_indented) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  Result<void> flush() {
    auto done = sink_.write(core::bytes_of(out_));
    out_.clear();
    return done;
  }

  const Document& document_;
  const XmlOptions& options_;
  ByteSink& sink_;
  std::string out_;
  std::size_t depth_{0};
};

}  // namespace

Result<void> write_xml(const Document& document, const XmlOptions& options, ByteSink& sink) {
  return XmlWriter{document, options, sink}.run();
}

}  // namespace scanferry::model
