// SPDX-License-Identifier: Apache-2.0
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "lookup.hpp"

int main(int argc, char** argv) {
  const auto by_tag = [](const Wanted& one) {
    const DcmTagKey key(static_cast<Uint16>(one.group), static_cast<Uint16>(one.element));
    const bool found = dcmDataDict.rdlock().findEntry(key, nullptr) != nullptr;
    dcmDataDict.rdunlock();
    return found;
  };
  const auto by_keyword = [](const Wanted& one) {
    const bool found = dcmDataDict.rdlock().findEntry(one.keyword.c_str()) != nullptr;
    dcmDataDict.rdunlock();
    return found;
  };
  return look_up(argc, argv, by_tag, by_tag, by_keyword);
}
