// SPDX-License-Identifier: Apache-2.0
#include <scanferry/dimse/ae_title.hpp>

#include <algorithm>

namespace scanferry::dimse {

bool is_valid_ae_title(std::string_view text) {
  // PS3.5 6.1.3: the default repertoire is the printable part of ISO 646.
  const auto allowed = [](char c) { return c >= ' ' && c <= '~' && c != '\\'; };
  const auto is_space = [](char c) { return c == ' '; };
  return !text.empty() && text.size() <= AeTitle::capacity() && std::ranges::all_of(text, allowed) &&
         !std::ranges::all_of(text, is_space);
}

}  // namespace scanferry::dimse
