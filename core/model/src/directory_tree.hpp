// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/model/data_set.hpp>
#include <scanferry/model/file_set.hpp>

#include "directory_records.hpp"

namespace scanferry::model {

/// What sorts the records of one entity.
struct RecordOrder {
  unsigned rank{0};
  std::string text;
  std::int64_t number{std::numeric_limits<std::int64_t>::max()};  ///< of one without a number: last
  std::string uid;

  auto operator<=>(const RecordOrder&) const = default;
};

/// A record that is being made, and those below it.
struct DirectoryNode {
  const RecordType* type{nullptr};  ///< null for the root, which is none
  std::string uid;                  ///< tells it from its neighbours: a UID; of a patient the ID
  RecordOrder order;
  DataSet keys;
  DataSet reference;  ///< to the object's file, its File ID left out; empty where there is no file
  FileId file_id;
  std::vector<std::unique_ptr<DirectoryNode>> lower;
  std::map<std::string, DirectoryNode*, std::less<>> by_uid;  ///< of `lower`
  core::ByteBuffer links{};  ///< two ULs; of a record to the next and the first lower, of the root to the first and the last
  std::uint64_t offset{0};

  [[nodiscard]] DirectoryNode* find(std::string_view wanted) const;
  DirectoryNode& add(const std::string& new_uid, const RecordType& new_type);
  /// All that is below, too.
  void sort();
};

}  // namespace scanferry::model
