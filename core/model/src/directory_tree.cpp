// SPDX-License-Identifier: Apache-2.0
#include "directory_tree.hpp"

#include <algorithm>

namespace scanferry::model {

DirectoryNode* DirectoryNode::find(std::string_view wanted) const {
  const auto found = by_uid.find(wanted);
  return found == by_uid.end() ? nullptr : found->second;
}

DirectoryNode& DirectoryNode::add(const std::string& new_uid, const RecordType& new_type) {
  DirectoryNode& node = *lower.emplace_back(std::make_unique<DirectoryNode>());
  node.type = &new_type;
  node.uid = new_uid;
  node.order.uid = new_uid;
  by_uid.emplace(new_uid, &node);
  return node;
}

void DirectoryNode::sort() {
  std::ranges::stable_sort(lower, [](const auto& a, const auto& b) { return a->order < b->order; });
  for (const auto& node : lower) node->sort();
}

}  // namespace scanferry::model
