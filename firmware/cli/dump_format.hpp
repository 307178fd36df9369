// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <scanferry/model/character_set.hpp>
#include <scanferry/model/document.hpp>
#include <scanferry/model/tag_path.hpp>

namespace scanferry::firmware {

struct DumpOptions {
  std::size_t value_max{64};  ///< characters of a value that are shown, about
  bool in_color{false};
};

/// Writes what is in a Document as lines for people: one an element, indented by its depth: tag, VR, value, then length, number of
/// values and keyword, as DCMTK's dcmdump has them. Text is UTF-8 whatever the file's character set is.
class DumpFormat {
 public:
  /// Gets whole lines.
  using Show = std::function<void(std::string_view lines)>;

  DumpFormat(const model::Document& document, const DumpOptions& options, Show show);

  /// File Meta Information and data set.
  void show_all();
  /// The elements that `path` leads to, each under its path. Gives back how many there were.
  std::size_t show(const model::TagPath& path);

 private:
  struct Context;
  void put_data_set(const model::DataSet& data_set, const Context& context);
  void put_element(const model::Element& element, const Context& context);
  void put_items(const model::Element& element, const Context& context);
  void put_fragments(const model::Element& element, const Context& context);
  std::size_t show_in(const model::DataSet& data_set, const Context& context, const model::TagPath& path, std::size_t step,
                      const model::TagPath& way);
  void line(std::size_t depth, core::Tag tag, std::string_view vr, std::string_view value, std::string_view length,
            std::string_view multiplicity, std::string_view name);
  void title(std::string_view words);
  void flush();
  [[nodiscard]] std::string value_text(const model::Element& element, core::Vr vr, const model::CharacterSet& characters) const;
  [[nodiscard]] std::string head_of(const model::Element& element) const;

  const model::Document& document_;
  DumpOptions options_;
  Show show_;
  std::string lines_;
};

}  // namespace scanferry::firmware
