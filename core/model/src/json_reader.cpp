// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/json_reader.hpp>

#include <algorithm>

#include <scanferry/core/element_reader.hpp>
#include <scanferry/core/utf8.hpp>
#include <scanferry/core/value_text.hpp>
#include <scanferry/model/element_text.hpp>
#include <scanferry/model/tag_path.hpp>

#include "base64.hpp"
#include "json_value.hpp"
#include "value_bytes.hpp"

namespace scanferry::model {
namespace {

namespace at = core::attribute;
using core::Vr;
using Kind = JsonValue::Kind;

constexpr std::uint16_t kMetaGroup = 0x0002;
/// An item is an object in an array in an object.
constexpr std::size_t kJsonLevelsPerItem = 3;
constexpr std::size_t kDepthMax = core::ElementReader::kDepthMax / 2;
constexpr std::string_view kUtf8 = "ISO_IR 192";

std::optional<core::Tag> tag_of(std::string_view name) { return name.size() == 8 ? tag_of_digits(name) : std::nullopt; }

class JsonReader {
 public:
  explicit JsonReader(const BulkLoader& load_bulk) : load_bulk_{load_bulk} {}

  Result<Document> run(std::string_view json) {
    auto root = parse_json(json, kJsonLevelsPerItem * kDepthMax + 3);
    if (!root) return std::unexpected{root.error()};
    // A search's answer is an array of such objects; one alone is taken for what it is.
    const JsonValue* object = &*root;
    if (object->kind == Kind::array && object->values.size() == 1) object = &object->values[0];
    if (object->kind != Kind::object) return fail("a JSON object, with tags as names, was expected");
    DataSet all;
    if (auto done = read_members(*object, all, 0); !done) return std::unexpected{done.error()};
    for (Element& element : all.elements()) {
      (element.tag.group == kMetaGroup ? document_.meta() : document_.data_set()).append(std::move(element));
    }
    document_.set_transfer_syntax(std::string{trimmed_text(document_.meta().find(at::kTransferSyntaxUID.tag))});
    if (has_utf8_) document_.data_set().put(Element{.tag = at::kSpecificCharacterSet.tag, .vr = Vr::cs, .value = core::bytes_of(kUtf8)});
    return std::move(document_);
  }

 private:
  Result<void> read_members(const JsonValue& object, DataSet& data_set, std::size_t depth) {
    if (depth > kDepthMax) return fail("sequences are nested deeper than this program follows");
    std::vector<Element> elements;
    for (std::size_t i = 0; i < object.names.size(); ++i) {
      const auto tag = tag_of(object.names[i]);
      if (!tag) return fail("\"" + object.names[i] + "\" is no tag: eight hexadecimal digits were expected");
      const bool is_out_of_place = tag->group == 0 || tag->group == core::kItemTag.group || (tag->group == kMetaGroup && depth != 0);
      if (is_out_of_place) return fail(object.names[i] + " is no element of a data set");
      path_.steps.push_back({*tag, {}, {}});
      auto element = read_element(*tag, object.values[i], depth);
      if (!element) return std::unexpected{element.error()};
      elements.push_back(std::move(*element));
      path_.steps.pop_back();
    }
    std::ranges::stable_sort(elements, {}, &Element::tag);
    // An item's own character set: its text is UTF-8 now, too.
    const auto own = std::ranges::find(elements, at::kSpecificCharacterSet.tag, &Element::tag);
    if (depth != 0 && own != elements.end()) own->value = core::bytes_of(kUtf8);
    for (Element& element : elements) data_set.append(std::move(element));
    return {};
  }

  Result<Element> read_element(core::Tag tag, const JsonValue& object, std::size_t depth) {
    const JsonValue* const vr = object.find("vr");
    if (vr == nullptr || vr->kind != Kind::string || vr->text.size() != 2) return fail("\"vr\" is missing");
    Element element{.tag = tag,
                    .vr = core::vr_of(static_cast<std::uint8_t>(vr->text[0]), static_cast<std::uint8_t>(vr->text[1])),
                    .is_changed = true,
                    .value = core::ByteView{}};
    if (element.vr == Vr::unknown) return fail("\"" + vr->text + "\" is no value representation");
    const JsonValue* const value = object.find("Value");
    Result<void> done{};
    if (const JsonValue* const base64 = object.find("InlineBinary")) {
      const auto bytes = base64->kind == Kind::string ? bytes_of_base64(base64->text) : std::nullopt;
      if (!bytes) return fail("InlineBinary is no base64");
      done = put_bytes(element, *bytes);
    } else if (const JsonValue* const uri = object.find("BulkDataURI")) {
      auto bytes = load_bulk_(uri->text);
      if (!bytes) return fail(bytes.error().what);
      done = put_bytes(element, *bytes);
    } else if (element.vr == Vr::sq) {
      done = read_items(element, value, depth);
    } else if (value != nullptr) {
      done = value->kind == Kind::array ? read_values(element, *value) : fail("\"Value\" is an array");
    }
    if (!done) return std::unexpected{done.error()};
    return element;
  }

  Result<void> read_items(Element& element, const JsonValue* value, std::size_t depth) {
    if (value != nullptr && value->kind != Kind::array) return fail("\"Value\" is an array");
    std::vector<Item> items;
    for (std::size_t i = 0; value != nullptr && i < value->values.size(); ++i) {
      path_.steps.back().item = static_cast<std::uint32_t>(i);
      const bool is_item = value->values[i].kind == Kind::object || value->values[i].kind == Kind::null;
      if (!is_item) return fail("an item is an object");
      if (auto done = read_members(value->values[i], items.emplace_back().data_set, depth + 1); !done) return done;
      items.back().is_changed = true;
    }
    path_.steps.back().item.reset();
    element.value = std::move(items);
    return {};
  }

  Result<void> read_values(Element& element, const JsonValue& values) {
    std::string bytes;
    for (std::size_t i = 0; i < values.values.size(); ++i) {
      const JsonValue& value = values.values[i];
      if (core::is_text(element.vr)) {
        if (i != 0) bytes += '\\';
        if (auto done = append_text(element.vr, value, bytes); !done) return done;
      } else if (number_bytes(element.vr) == 0) {
        return fail("values of this VR are InlineBinary or a BulkDataURI");
      } else if (!append_number(bytes, element.vr, value.text)) {
        return fail("\"" + value.text + "\" is no value of VR " + std::string{core::code_of(element.vr)});
      }
    }
    if (bytes.size() % 2 != 0) bytes += static_cast<char>(core::padding_of(element.vr));
    element.value = document_.keep(core::bytes_of(bytes));
    return {};
  }

  Result<void> append_text(Vr vr, const JsonValue& value, std::string& bytes) {
    std::string text = value.text;
    if (value.kind == Kind::object && vr == Vr::pn) {
      text.clear();
      for (const auto group : {"Alphabetic", "Ideographic", "Phonetic"}) {
        const JsonValue* const found = value.find(group);
        text.append(found == nullptr ? "" : found->text).append("=");
      }
      text.resize(text.find_last_not_of('=') + 1);
    } else if (value.kind == Kind::object || value.kind == Kind::array || value.kind == Kind::boolean) {
      return fail("a value is a string, a number or null");
    }
    // What `decode` kept of bytes without a meaning becomes these bytes again.
    const auto encoded = CharacterSet::of(kUtf8).encode(text, vr);
    if (!encoded) return fail(encoded.error().message);
    if (core::has_character_set(vr) && !core::is_ascii(*encoded)) has_utf8_ = true;
    bytes += *encoded;
    return {};
  }

  /// Bytes as they are; those of encapsulated pixels are items.
  Result<void> put_bytes(Element& element, core::ByteView bytes) {
    std::vector<std::byte> even(bytes.begin(), bytes.end());
    if (even.size() % 2 != 0) even.push_back(core::padding_of(element.vr));
    const core::ByteView kept = document_.keep(even);
    if (element.tag == at::kPixelData.tag) {
      if (auto fragments = fragments_of(kept)) {
        element.value = std::move(*fragments);
        element.has_undefined_length = true;
        return {};
      }
    }
    element.value = kept;
    return {};
  }

  static std::optional<Fragments> fragments_of(core::ByteView bytes) {
    Fragments fragments;
    while (!bytes.empty()) {
      if (bytes.size() < 8 || core::Tag{core::load_le16(&bytes[0]), core::load_le16(&bytes[2])} != core::kItemTag) return std::nullopt;
      const std::uint32_t length = core::load_le32(&bytes[4]);
      bytes = bytes.subspan(8);
      if (length > bytes.size()) return std::nullopt;
      fragments.items.emplace_back(bytes.first(length));
      bytes = bytes.subspan(length);
    }
    if (fragments.items.empty()) return std::nullopt;
    return fragments;
  }

  [[nodiscard]] std::unexpected<Error> fail(std::string what) const { return std::unexpected{Error{std::move(what), 0, path_.text()}}; }

  const BulkLoader& load_bulk_;
  Document document_;
  TagPath path_;
  bool has_utf8_{false};
};

}  // namespace

Result<Document> read_json(std::string_view json, const BulkLoader& load_bulk) { return JsonReader{load_bulk}.run(json); }

}  // namespace scanferry::model
