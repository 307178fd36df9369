// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <scanferry/model/tag_path.hpp>

#include "agent/failure.hpp"

namespace scanferry::firmware {

/// An element and what it is to be, as a command line has it: PATH[:VR][=VALUE].
struct Assignment {
  model::TagPath path;
  std::optional<core::Vr> vr;
  std::optional<std::string> value;  ///< nothing: there was no `=`
};

/// Errors say what was expected.
Result<Assignment> parse_assignment(const std::string& words);

}  // namespace scanferry::firmware
