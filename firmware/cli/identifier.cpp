// SPDX-License-Identifier: Apache-2.0
#include "cli/identifier.hpp"

#include <algorithm>

#include <scanferry/core/transfer_syntax.hpp>
#include <scanferry/core/utf8.hpp>
#include <scanferry/model/edit.hpp>
#include <scanferry/model/element_text.hpp>
#include <scanferry/model/json_writer.hpp>
#include <scanferry/model/part10_writer.hpp>

#include "cli/assignment.hpp"
#include "cli/console.hpp"

namespace scanferry::firmware {
namespace {

namespace at = core::attribute;

constexpr std::string_view kUtf8 = "ISO_IR 192";

std::string name_of(core::Tag tag) {
  const auto entry = core::find_entry(tag);
  return entry && !entry->keyword.empty() ? std::string{entry->keyword} : model::tag_text(tag);
}

class Lines {
 public:
  std::string of(const model::DataSet& data_set) {
    add(data_set, model::CharacterSet{}, {});
    std::size_t width = 0;
    for (const auto& [path, values] : rows_) width = std::max(width, path.size());
    std::string lines;
    for (const auto& [path, values] : rows_) lines.append("  ").append(path).append(width - path.size() + 2, ' ').append(values).append("\n");
    return lines;
  }

 private:
  void add(const model::DataSet& data_set, const model::CharacterSet& around, const std::string& path) {
    const model::CharacterSet characters = character_set_in(data_set, around);
    for (const model::Element& element : data_set.elements()) {
      const std::string here = path + name_of(element.tag);
      for (std::size_t i = 0; i < element.items().size(); ++i) {
        add(element.items()[i].data_set, characters, here + "[" + std::to_string(i) + "].");
      }
      if (!element.is_sequence() && element.tag != at::kSpecificCharacterSet.tag) rows_.emplace_back(here, values_of(element, characters));
    }
  }

  static std::string values_of(const model::Element& element, const model::CharacterSet& characters) {
    const core::Vr vr = model::meaning_of(element);
    std::string all;
    for (const auto& value : core::is_text(vr) ? model::text_values(element, characters) : model::number_values(vr, element.bytes())) {
      if (!all.empty()) all += '\\';
      all += value;
    }
    return harmless(all);
  }

  std::vector<std::pair<std::string, std::string>> rows_;
};

}  // namespace

Result<model::Document> identifier_of(const std::vector<std::string>& keys) {
  model::Document identifier;
  std::vector<Assignment> assignments;
  for (const auto& key : keys) {
    auto assignment = parse_assignment(key);
    if (!assignment) return std::unexpected{assignment.error()};
    const bool is_character_set = assignment->path.steps.front().tag == at::kSpecificCharacterSet.tag;
    assignments.insert(is_character_set ? assignments.begin() : assignments.end(), std::move(*assignment));
  }
  const auto set = [&identifier](const model::TagPath& path, std::string_view value, std::optional<core::Vr> vr) {
    return model::set_value(identifier, path, value, model::SetMode::ask, vr);
  };
  const bool is_ascii = std::ranges::all_of(keys, [](const std::string& key) { return core::is_ascii(key); });
  const bool says_set = !assignments.empty() && assignments.front().path.steps.front().tag == at::kSpecificCharacterSet.tag;
  if (!is_ascii && !says_set) (void)set({{{at::kSpecificCharacterSet.tag, {}, {}}}}, kUtf8, {});
  for (const auto& assignment : assignments) {
    if (const auto done = set(assignment.path, assignment.value.value_or(""), assignment.vr); !done) return bad_input(done.error().text());
  }
  return identifier;
}

Result<std::string> encode_identifier(const model::Document& identifier, std::string_view transfer_syntax) {
  model::StringSink sink;
  const auto encoding = core::transfer_syntax_of(transfer_syntax).encoding;
  if (auto done = model::write_data_set(identifier, identifier.data_set(), encoding, sink); !done) return bad_input(done.error().text());
  return std::move(sink.text);
}

std::string lines_of(const model::DataSet& data_set) { return Lines{}.of(data_set); }

Result<std::string> json_line_of(const model::Document& document) {
  model::JsonOptions options;
  options.is_indented = false;
  model::StringSink sink;
  if (auto done = model::write_json(document, options, sink); !done) return bad_input(done.error().text());
  while (sink.text.ends_with('\n')) sink.text.pop_back();
  return std::move(sink.text);
}

}  // namespace scanferry::firmware
