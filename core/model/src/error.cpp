// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/error.hpp>

namespace scanferry::model {

std::string Error::text() const {
  std::string all = what;
  if (offset != 0) all.append(", at byte ").append(std::to_string(offset));
  if (!path.empty()) all.append(", in ").append(path);
  return all;
}

}  // namespace scanferry::model
