// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/core/tag.hpp>
#include <scanferry/model/data_set.hpp>
#include <scanferry/model/error.hpp>

namespace scanferry::model {

/// The way to an element: `PatientName`, `0040A730[0].0040A043`, `(0008,1140)[*].(0008,1155)`, `(0029,"SIEMENS CSA HEADER",10)`.
/// Steps are keywords or tags; all but the last go into an item of a sequence, counted from 0, or into each (`*`).
struct TagPath {
  static constexpr std::uint32_t kEvery = 0xFFFFFFFF;

  struct Step {
    core::Tag tag;                    ///< for private data by creator: element holds the low byte only
    std::string private_creator;      ///< not empty: the block is found by its creator, PS3.5 7.8.1
    std::optional<std::uint32_t> item;
  };
  std::vector<Step> steps;

  /// Errors: what is not understood, with the nearest keyword when one is near.
  static Result<TagPath> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

/// (gggg,eeee).
std::string tag_text(core::Tag tag);

/// The tag of a step in a data set: the private block looked up. None when the creator is not there.
std::optional<core::Tag> resolve(const DataSet& data_set, const TagPath::Step& step);

}  // namespace scanferry::model
