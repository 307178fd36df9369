// SPDX-License-Identifier: Apache-2.0
#include "cli/dump_format.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <scanferry/core/uid_registry.hpp>
#include <scanferry/core/utf8.hpp>
#include <scanferry/model/element_text.hpp>

namespace scanferry::firmware {
namespace {

using core::Vr;
using model::Element;

/// Where the remark after a line's value begins.
constexpr std::size_t kRemarkColumn = 56;
/// Two digits and a separator.
constexpr std::size_t kHexCharactersPerByte = 3;
constexpr std::size_t kLinesBytes = 16 * 1024;

constexpr std::string_view kDim = "\033[2m";
constexpr std::string_view kBlue = "\033[34m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kPlain = "\033[0m";

void append_hex(std::string& text, std::byte byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  text += kDigits[std::to_integer<unsigned>(byte) >> 4U];
  text += kDigits[std::to_integer<unsigned>(byte) & 0xFU];
}

std::string hex(core::ByteView bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    if (!text.empty()) text += '\\';
    append_hex(text, byte);
  }
  return text;
}

/// CharacterSet::decode keeps a byte without a meaning as this and two digits.
constexpr char32_t kKeptByte = 0xFFFD;

bool is_hex(std::string_view text) {
  return text.size() == 2 && text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

bool is_control(char32_t character) { return character < 0x20 || (character >= 0x7F && character < 0xA0); }

/// The first `characters_max` characters of UTF-8, control characters made visible. Says whether that was all.
std::pair<std::string, bool> visible(std::string_view utf8, std::size_t characters_max) {
  std::string text;
  for (std::size_t i = 0; i < characters_max && !utf8.empty(); ++i) {
    const std::string_view before = utf8;
    const char32_t character = core::take_character(utf8);
    if (character == core::kNoCharacter) break;
    const auto bytes = before.substr(0, before.size() - utf8.size());
    if (is_control(character)) {
      append_hex(text.append("\\x"), static_cast<std::byte>(character));
    } else if (character == kKeptByte && is_hex(utf8.substr(0, 2))) {
      text.append("\\x").append(utf8.substr(0, 2));
      utf8.remove_prefix(2);
    } else {
      text += bytes;
    }
  }
  return {std::move(text), utf8.empty()};
}

std::string length_text(const Element& element) {
  if (element.has_undefined_length) return "u/l";
  if (!element.is_sequence()) return std::to_string(element.value_size());
  const std::uint64_t header = element.is_implicit ? 8 : 12;
  return element.source.size > header ? std::to_string(element.source.size - header) : "0";
}

std::uint64_t range_size(const std::variant<core::ByteView, model::StoredValue>& item) {
  const auto* const bytes = std::get_if<core::ByteView>(&item);
  return bytes != nullptr ? bytes->size() : std::get<model::StoredValue>(item).range.size;
}

using Creators = std::map<core::Tag, const Element*>;

std::string name_of(const Creators& creators, core::Tag tag) {
  if (const auto creator_tag = core::private_creator_tag(tag)) {
    const auto creator = creators.find(*creator_tag);
    if (creator != creators.end()) return std::string{"\""}.append(visible(model::trimmed_text(creator->second), 64).first).append("\"");
  }
  const auto entry = core::find_entry(tag);
  return entry ? std::string{entry->keyword} : "Unknown";
}

}  // namespace

struct DumpFormat::Context {
  model::CharacterSet characters;
  std::size_t depth{0};
  Creators creators;
};

DumpFormat::DumpFormat(const model::Document& document, const DumpOptions& options, Show show)
    : document_{document}, options_{options}, show_{std::move(show)} {}

void DumpFormat::show_all() {
  if (!document_.meta().empty()) {
    title("File Meta Information");
    put_data_set(document_.meta(), {});
  }
  const auto uid = document_.transfer_syntax();
  const auto known = core::find_uid(uid);
  std::string syntax{uid.empty() ? "not stated" : uid};
  if (known) syntax.append(" (").append(known->name.empty() ? known->keyword : known->name).append(")");
  title("Data set, transfer syntax " + syntax);
  put_data_set(document_.data_set(), {});
  flush();
}

std::size_t DumpFormat::show(const model::TagPath& path) {
  const bool is_meta = path.steps.front().tag.group == 0x0002;
  const auto count = show_in(is_meta ? document_.meta() : document_.data_set(), {}, path, 0, {});
  flush();
  return count;
}

std::size_t DumpFormat::show_in(const model::DataSet& data_set, const Context& context, const model::TagPath& path, std::size_t step,
                                const model::TagPath& way) {
  const Context inner{model::character_set_in(data_set, context.characters), 0, model::private_creators(data_set)};
  const auto& here = path.steps[step];
  const auto tag = model::resolve(data_set, here);
  const Element* const element = tag ? data_set.find(*tag) : nullptr;
  if (element == nullptr) return 0;
  model::TagPath to = way;
  to.steps.push_back(here);
  if (step + 1 == path.steps.size() && !here.item) {
    if (step > 0) title(to.text());
    put_element(*element, inner);
    return 1;
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < element->items().size(); ++i) {
    if (*here.item != model::TagPath::kEvery && *here.item != i) continue;
    to.steps.back().item = static_cast<std::uint32_t>(i);
    const auto& item = element->items()[i].data_set;
    if (step + 1 < path.steps.size()) {
      count += show_in(item, inner, path, step + 1, to);
    } else {
      title(to.text());
      put_data_set(item, inner);
      ++count;
    }
  }
  return count;
}

void DumpFormat::put_data_set(const model::DataSet& data_set, const Context& context) {
  const Context inner{model::character_set_in(data_set, context.characters), context.depth, model::private_creators(data_set)};
  for (const Element& element : data_set.elements()) put_element(element, inner);
}

void DumpFormat::put_element(const Element& element, const Context& context) {
  const std::string name = name_of(context.creators, element.tag);
  if (element.is_sequence()) {
    const auto count = element.items().size();
    const std::string value = "(sequence, " + std::to_string(count) + (count == 1 ? " item)" : " items)");
    line(context.depth, element.tag, core::code_of(element.vr), value, length_text(element), "-", name);
    return put_items(element, context);
  }
  if (element.is_encapsulated()) {
    line(context.depth, element.tag, core::code_of(element.vr), "(encapsulated pixels)", "u/l", "1", name);
    return put_fragments(element, context);
  }
  const Vr vr = model::meaning_of(element);
  std::size_t count = 1;
  if (element.value_size() == 0) {
    count = 0;
  } else if (model::number_bytes(vr) != 0) {
    count = static_cast<std::size_t>(element.value_size()) / model::number_bytes(vr);
  } else if (core::is_text(vr)) {
    count = std::max<std::size_t>(1, model::text_values(element, context.characters).size());
  }
  line(context.depth, element.tag, core::code_of(element.vr), value_text(element, vr, context.characters), length_text(element),
       std::to_string(count), name);
  if (!core::is_text(vr)) return;
  if (const auto said = model::diagnose(context.characters, core::text_of(element.bytes()), vr); !said.empty()) title(said);
}

void DumpFormat::put_items(const Element& element, const Context& context) {
  for (const auto& item : element.items()) {
    const auto length = item.has_undefined_length ? "u/l" : std::to_string(item.source.size < 8 ? 0 : item.source.size - 8);
    line(context.depth + 1, core::kItemTag, "na", "(item)", length, "-", "Item");
    put_data_set(item.data_set, {context.characters, context.depth + 2, {}});
  }
}

void DumpFormat::put_fragments(const Element& element, const Context& context) {
  for (const auto& item : std::get<model::Fragments>(element.value).items) {
    const std::uint64_t size = range_size(item);
    std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(size, options_.value_max / kHexCharactersPerByte + 1)));
    const auto* const bytes = std::get_if<core::ByteView>(&item);
    const auto* const stored = std::get_if<model::StoredValue>(&item);
    if (bytes != nullptr) std::copy_n(bytes->begin(), head.size(), head.begin());
    if (stored != nullptr) (void)document_.data_source()->read_at(stored->range.offset, head);
    line(context.depth + 1, core::kItemTag, "pi", size == 0 ? "(no value)" : hex(head) + (head.size() < size ? "..." : ""),
         std::to_string(size), "1", "Item");
  }
}

std::string DumpFormat::head_of(const Element& element) const {
  const auto* const stored = std::get_if<model::StoredValue>(&element.value);
  std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(element.value_size(), 8 * (options_.value_max + 1))));
  if (stored == nullptr) {
    std::copy_n(element.bytes().begin(), head.size(), head.begin());
  } else if (const auto got = document_.read_value(element, 0, head); got) {
    head.resize(*got);
  }
  return std::string{core::text_of(head)};
}

std::string DumpFormat::value_text(const Element& element, Vr vr, const model::CharacterSet& characters) const {
  const std::uint64_t size = element.value_size();
  if (size == 0) return "(no value)";
  if (core::is_text(vr)) {
    std::string_view raw = core::text_of(element.bytes());
    const std::string head = raw.empty() ? head_of(element) : std::string{};
    if (raw.empty()) raw = head;
    std::string text = characters.decode(raw, vr).text;
    text.resize(text.find_last_not_of(std::string_view{" \0", 2}) + 1);
    auto [shown, is_whole] = visible(text, options_.value_max);
    is_whole = is_whole && raw.size() == size;
    std::string value = "[" + shown + (is_whole ? "]" : "...");
    if (vr == Vr::ui) {
      if (const auto uid = core::find_uid(text)) value.append(" =").append(uid->keyword);
    }
    return value;
  }
  const std::string head = head_of(element);
  core::ByteView bytes = core::bytes_of(head);
  std::string value;
  const std::size_t number = model::number_bytes(vr);
  if (number != 0 && size % number == 0) {
    for (const auto& one : model::number_values(vr, bytes)) {
      if (value.size() > options_.value_max) return value + "...";
      if (!value.empty()) value += '\\';
      value += one;
    }
    return value + (bytes.size() < size ? "..." : "");
  }
  const std::size_t shown = std::min(bytes.size(), (options_.value_max + kHexCharactersPerByte - 1) / kHexCharactersPerByte);
  return hex(bytes.first(shown)) + (shown < size ? "..." : "");
}

void DumpFormat::line(std::size_t depth, core::Tag tag, std::string_view vr, std::string_view value, std::string_view length,
                      std::string_view multiplicity, std::string_view name) {
  const auto color = [this](std::string_view code) { return options_.in_color ? code : std::string_view{}; };
  const std::string tag_text = model::tag_text(tag);
  lines_.append(2 * depth, ' ').append(color(kBlue)).append(tag_text).append(color(kPlain)).append(" ");
  lines_.append(color(kDim)).append(vr).append(color(kPlain)).append(" ").append(value);
  const std::size_t width = 2 * depth + tag_text.size() + 2 + vr.size() + core::utf8_length(value).value_or(value.size());
  lines_.append(std::max(width + 1, kRemarkColumn) - width, ' ').append(color(kDim)).append("# ");
  lines_.append(std::max<std::size_t>(length.size(), 3) - length.size(), ' ').append(length).append(", ").append(multiplicity);
  lines_.append(color(kPlain)).append(" ").append(color(kGreen)).append(name).append(color(kPlain)).append("\n");
  if (lines_.size() > kLinesBytes) flush();
}

void DumpFormat::title(std::string_view words) {
  lines_.append(options_.in_color ? kYellow : std::string_view{}).append("# ").append(words);
  lines_.append(options_.in_color ? kPlain : std::string_view{}).append("\n");
}

void DumpFormat::flush() {
  show_(lines_);
  lines_.clear();
}

}  // namespace scanferry::firmware
