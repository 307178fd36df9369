// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

/// One attribute of the list that both programs look up.
struct Wanted {
  unsigned group;
  unsigned element;
  std::string keyword;
};

/// `program vr|tag|keyword LIST ROUNDS`: looks up each line "gggg eeee keyword" of LIST, ROUNDS times: the VR of the tag, all that
/// is known of the tag, or all that is known of the keyword. The functions say whether there is such an attribute. Prints the lines
/// found by the first round: DCMTK may be of an older edition.
template <typename Vr, typename ByTag, typename ByKeyword>
int look_up(int argc, char** argv, Vr vr, ByTag by_tag, ByKeyword by_keyword) {
  if (argc != 4) return 2;
  std::vector<Wanted> list;
  std::ifstream file{argv[2]};
  for (Wanted one; file >> std::hex >> one.group >> one.element >> one.keyword;) list.push_back(one);
  const char what = argv[1][0];
  const long rounds = std::strtol(argv[3], nullptr, 10);
  for (long round = 0; round < rounds; ++round) {
    for (const Wanted& one : list) {
      const bool is_found = what == 'v' ? vr(one) : what == 't' ? by_tag(one) : by_keyword(one);
      if (is_found && round == 0) std::printf("%04X %04X %s\n", one.group, one.element, one.keyword.c_str());
    }
  }
  return 0;
}
