// SPDX-License-Identifier: Apache-2.0
#include "cli/assignment.hpp"

namespace scanferry::firmware {

Result<Assignment> parse_assignment(const std::string& words) {
  // A creator in quotes may hold any character.
  std::size_t equals = 0;
  for (bool is_quoted = false; equals < words.size() && (is_quoted || words[equals] != '='); ++equals) is_quoted ^= words[equals] == '"';
  std::string_view left = std::string_view{words}.substr(0, equals);
  Assignment assignment;
  if (equals < words.size()) assignment.value = words.substr(equals + 1);
  if (const auto colon = left.rfind(':'); colon != std::string_view::npos && colon + 3 == left.size()) {
    assignment.vr = core::vr_of(static_cast<std::uint8_t>(left[colon + 1]), static_cast<std::uint8_t>(left[colon + 2]));
    if (assignment.vr == core::Vr::unknown) return bad_input("\"", words, "\": ", left.substr(colon + 1), " is no value representation");
    left = left.substr(0, colon);
  }
  auto path = model::TagPath::parse(left);
  if (!path) return bad_input(path.error().what);
  assignment.path = std::move(*path);
  return assignment;
}

}  // namespace scanferry::firmware
