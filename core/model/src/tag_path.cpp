// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/tag_path.hpp>

#include <algorithm>
#include <charconv>

#include <scanferry/core/dictionary.hpp>

namespace scanferry::model {
namespace {

constexpr std::uint16_t kFirstBlock = 0x0010;
constexpr std::uint16_t kLastBlock = 0x00FF;

std::unexpected<Error> not_understood(std::string_view text, std::string_view why) {
  return std::unexpected{Error{std::string{"\""}.append(text).append("\" is no tag path: ").append(why), 0, {}}};
}

std::optional<std::uint16_t> hex4(std::string_view text) {
  std::uint16_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (text.size() != 4 || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string lower(std::string_view text) {
  std::string all{text};
  std::ranges::transform(all, all.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return all;
}

/// Reads a path from its front.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_{text}, rest_{text} {}

  Result<TagPath> run() {
    TagPath path;
    do {
      auto step = read_step();
      if (!step) return std::unexpected{step.error()};
      path.steps.push_back(std::move(*step));
    } while (take('.'));
    if (!rest_.empty()) return not_understood(text_, "a dot was expected before \"" + std::string{rest_} + "\"");
    for (std::size_t i = 0; i + 1 < path.steps.size(); ++i) {
      if (!path.steps[i].item) path.steps[i].item = 0;  // as the field writes it: the first item
    }
    return path;
  }

 private:
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take_until(std::string_view stops) {
    const auto word = rest_.substr(0, std::min(rest_.find_first_of(stops), rest_.size()));
    rest_.remove_prefix(word.size());
    return word;
  }

  Result<TagPath::Step> read_step() {
    auto step = take('(') ? read_parentheses() : read_word();
    if (!step || !take('[')) return step;
    const auto index = take_until("]");
    if (!take(']')) return not_understood(text_, "a \"]\" is missing");
    std::uint32_t number = TagPath::kEvery;
    const auto end = std::from_chars(index.data(), index.data() + index.size(), number);
    if (index != "*" && (number == TagPath::kEvery || index.empty() || end.ptr != index.data() + index.size() || end.ec != std::errc{})) {
      return not_understood(text_, "an item is a number from 0, or *");
    }
    step->item = number;
    return step;
  }

  // (gggg,eeee) or (gggg,"CREATOR",ee)
  Result<TagPath::Step> read_parentheses() {
    TagPath::Step step;
    const auto group = hex4(take_until(",)"));
    if (!group || !take(',')) return not_understood(text_, "a tag is (gggg,eeee) in hexadecimal digits");
    step.tag.group = *group;
    if (take('"')) {
      step.private_creator = take_until("\"");
      if (!take('"') || !take(',') || step.private_creator.empty()) {
        return not_understood(text_, "private data is (gggg,\"CREATOR\",ee)");
      }
      const auto low = hex4("00" + std::string{take_until(")")});
      if (!low || *group % 2 == 0) return not_understood(text_, "private data is (gggg,\"CREATOR\",ee) with an odd group");
      step.tag.element = *low;
    } else {
      const auto element = hex4(take_until(")"));
      if (!element) return not_understood(text_, "a tag is (gggg,eeee) in hexadecimal digits");
      step.tag.element = *element;
    }
    if (!take(')')) return not_understood(text_, "a \")\" is missing");
    return step;
  }

  Result<TagPath::Step> read_word() {
    const auto word = take_until(".[");
    if (word.empty()) return not_understood(text_, "a keyword or a tag is missing");
    if (word.size() == 8) {
      const auto group = hex4(word.substr(0, 4));
      const auto element = hex4(word.substr(4));
      if (group && element) return TagPath::Step{{*group, *element}, {}, {}};
    }
    if (word.size() == 9 && word[4] == ',') {
      const auto group = hex4(word.substr(0, 4));
      const auto element = hex4(word.substr(5));
      if (group && element) return TagPath::Step{{*group, *element}, {}, {}};
    }
    if (const auto entry = core::find_keyword(word)) return TagPath::Step{entry->tag, {}, {}};
    return not_understood(text_, unknown_keyword(word));
  }

  static std::string unknown_keyword(std::string_view word) {
    std::string why = "the dictionary of this program has no attribute ";
    why.append(word).append("; a tag, as 00100010 or (0010,0010), always works");
    const std::string wanted = lower(word);
    for (std::size_t i = 0; i < core::dictionary_size(); ++i) {
      const auto entry = core::dictionary_entry(i);
      if (lower(entry.keyword) == wanted) return why.append(". Did you mean ").append(entry.keyword).append("?");
    }
    return why;
  }

  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

Result<TagPath> TagPath::parse(std::string_view text) { return Parser{text}.run(); }

std::string TagPath::text() const {
  std::string all;
  for (const auto& step : steps) {
    if (!all.empty()) all += '.';
    const auto entry = step.private_creator.empty() ? core::find_entry(step.tag) : std::nullopt;
    const bool is_named = entry && entry->tag == step.tag && !entry->keyword.empty() && step.tag.element != 0 && step.tag.group % 2 == 0;
    if (is_named) {
      all += entry->keyword;
    } else if (step.private_creator.empty()) {
      all += tag_text(step.tag);
    } else {
      all.append(tag_text(step.tag).substr(0, 6)).append("\"").append(step.private_creator).append("\",");
      all.append(tag_text(step.tag).substr(8));
    }
    if (step.item) all.append("[").append(*step.item == kEvery ? "*" : std::to_string(*step.item)).append("]");
  }
  return all;
}

std::string tag_text(core::Tag tag) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "(0000,0000)";
  for (std::size_t i = 0; i < 4; ++i) {
    text[4 - i] = kDigits[tag.group >> 4 * i & 0xF];
    text[9 - i] = kDigits[tag.element >> 4 * i & 0xF];
  }
  return text;
}

std::optional<core::Tag> resolve(const DataSet& data_set, const TagPath::Step& step) {
  if (step.private_creator.empty()) return step.tag;
  for (const Element& element : data_set.elements()) {
    const bool is_creator = element.tag.group == step.tag.group && element.tag.element >= kFirstBlock && element.tag.element <= kLastBlock;
    if (is_creator && trimmed_text(&element) == step.private_creator) {
      return core::Tag{step.tag.group, static_cast<std::uint16_t>(element.tag.element << 8U | (step.tag.element & 0xFFU))};
    }
  }
  return std::nullopt;
}

}  // namespace scanferry::model
