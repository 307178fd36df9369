// SPDX-License-Identifier: Apache-2.0
#include "agent/failure.hpp"

#include <cstdio>

namespace scanferry::firmware {

std::string describe(const core::Error& error) {
  std::string where;
  if (error.tag != core::Tag{}) {
    char tag[16];
    std::snprintf(tag, sizeof tag, "(%04x,%04x)", error.tag.group, error.tag.element);
    where = text(tag, ": ");
  }
  if (error.offset != 0) where += text("at byte ", error.offset, ": ");
  return text(where, error.what);
}

}  // namespace scanferry::firmware
