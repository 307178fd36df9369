// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/dictionary.hpp>

#include "lookup.hpp"

using namespace scanferry::core;

namespace {

Tag tag_of(const Wanted& one) { return {static_cast<std::uint16_t>(one.group), static_cast<std::uint16_t>(one.element)}; }

}  // namespace

int main(int argc, char** argv) {
  return look_up(
      argc, argv, [](const Wanted& one) { return vr_in_dictionary(tag_of(one)) != Vr::unknown; },
      [](const Wanted& one) { return find_entry(tag_of(one)).has_value(); },
      [](const Wanted& one) { return find_keyword(one.keyword).has_value(); });
}
