// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/store.hpp>

#include <algorithm>

namespace scanferry::platform {

Result<std::vector<FileInfo>> Store::list(std::string_view path) {
  std::vector<FileInfo> infos;
  if (auto visited = visit(path, [&infos](FileInfo info) { infos.push_back(std::move(info)); }); !visited) return std::unexpected{visited.error()};
  std::ranges::sort(infos, {}, &FileInfo::name);
  return infos;
}

}  // namespace scanferry::platform
