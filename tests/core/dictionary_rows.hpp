// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <scanferry/core/tag.hpp>

/// The tables that the dictionary is generated from, read anew: what generate.py makes of them is compared with them.
namespace scanferry::tests {

inline constexpr bool kIsFull = SCANFERRY_TEST_DICTIONARY_IS_FULL;

using Line = std::map<std::string, std::string>;

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

inline std::vector<Line> lines_of(const std::string& table) {
  std::ifstream file{std::string{SCANFERRY_TEST_DICTIONARY_FOLDER} + "/" + table};
  if (!file) throw std::runtime_error{"no table " + table};
  std::vector<std::string> columns;
  std::vector<Line> lines;
  for (std::string text; std::getline(file, text);) {
    if (text.empty() || text[0] == '#') continue;
    const auto values = split(text, '\t');
    if (columns.empty()) {
      columns = values;
      continue;
    }
    Line& line = lines.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) line[columns[i]] = values.at(i);
  }
  return lines;
}

/// "(60XX,3000)": its bits, and those that X leaves open.
struct TagPattern {
  core::Tag tag;
  core::Tag mask;

  explicit TagPattern(const std::string& text) {
    std::string digits = text.substr(1, 4) + text.substr(6, 4);
    std::string known = digits;
    for (char& c : digits) c = c == 'X' ? '0' : c;
    for (char& c : known) c = c == 'X' ? '0' : 'F';
    tag = tag_of(digits);
    mask = tag_of(known);
  }
  [[nodiscard]] bool repeats() const { return mask != core::Tag{0xFFFF, 0xFFFF}; }
  [[nodiscard]] bool matches(core::Tag other) const {
    return (other.group & mask.group) == tag.group && (other.element & mask.element) == tag.element;
  }

 private:
  static core::Tag tag_of(const std::string& digits) {
    const auto bits = std::stoul(digits, nullptr, 16);
    return {static_cast<std::uint16_t>(bits >> 16U), static_cast<std::uint16_t>(bits & 0xFFFFU)};
  }
};

/// The words of a list that CMake gives with commas.
inline std::set<std::string> words_of(const std::string& list) {
  const auto words = split(list, ',');
  return {words.begin(), words.end()};
}

/// The tags, as the table writes them, that the trimmed dictionary has for its objects and services.
inline std::set<std::string> trimmed_tags() {
  const auto iods = words_of(SCANFERRY_TEST_IODS);
  const auto services = words_of(SCANFERRY_TEST_SERVICES);
  std::set<std::string> parts;
  std::set<std::string> tags;
  const auto take = [&tags](const Line& line) {
    for (const std::string& tag : split(line.at("tag_path"), '>')) tags.insert(tag);
  };
  for (const Line& line : lines_of("iods.tsv")) {
    if (iods.contains(line.at("iod"))) parts.insert(line.at("kind") + " " + line.at("module"));
  }
  for (const Line& line : lines_of("modules.tsv")) {
    if (parts.contains(line.at("kind") + " " + line.at("module"))) take(line);
  }
  for (const Line& line : lines_of("services.tsv")) {
    if (services.contains(line.at("service"))) take(line);
  }
  return tags;
}

/// The rows of attributes.tsv, and whether the dictionary of this size has them.
struct AttributeRow {
  TagPattern pattern;
  std::string keyword;
  std::string name;
  std::string vrs;
  std::string vm;
  bool is_retired;
  bool is_here;
};

inline const std::vector<AttributeRow>& attribute_rows() {
  static const std::vector<AttributeRow> rows = [] {
    const auto trimmed = trimmed_tags();
    std::vector<AttributeRow> all;
    for (const Line& line : lines_of("attributes.tsv")) {
      const TagPattern pattern{line.at("tag")};
      const bool is_retired = line.at("retired") == "Y";
      const bool is_always = pattern.tag.group == 0x0002 || (pattern.tag.group == 0x0000 && !is_retired);
      all.push_back({pattern, line.at("keyword"), line.at("name"), line.at("vr"), line.at("vm"), is_retired,
                     kIsFull || is_always || trimmed.contains(line.at("tag"))});
    }
    return all;
  }();
  return rows;
}

}  // namespace scanferry::tests
