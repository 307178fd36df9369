// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/uid_registry.hpp>

#include <algorithm>
#include <ranges>

#include "packed_tables.hpp"

#include "uid_table.hpp"

namespace scanferry::core {
namespace {

namespace table = uid_table;

constexpr std::size_t kRows = table::kFlags.size();
static_assert(bytes_of_all(table::kUidOffsets, table::kUidSizes, table::kKeywordOffsets, table::kKeywordSizes, table::kNameOffsets,
                           table::kNameSizes, table::kFlags, table::kByKeyword) +
                      sizeof table::kCharacters ==
                  table::kBytes,
              "the generator counts what the compiler lays out");

std::string_view uid_at(std::size_t row) { return {&table::kCharacters[table::kUidOffsets[row]], table::kUidSizes[row]}; }

std::string_view keyword_at(std::size_t row) { return {&table::kCharacters[table::kKeywordOffsets[row]], table::kKeywordSizes[row]}; }

std::string_view name_at(std::size_t row) {
  if constexpr (table::kNameSizes.empty()) return {};
  return {&table::kCharacters[table::kNameOffsets[row]], table::kNameSizes[row]};
}

}  // namespace

std::size_t uid_registry_size() { return kRows; }

UidEntry uid_registry_entry(std::size_t index) {
  const unsigned flags = table::kFlags[index];
  constexpr unsigned kTypeMask = (1U << table::kTypeBits) - 1;
  return {uid_at(index),
          keyword_at(index),
          name_at(index),
          static_cast<UidType>(flags & kTypeMask),
          (flags >> table::kTypeBits & 1U) != 0,
          (flags >> (table::kTypeBits + 1) & 1U) != 0};
}

std::optional<UidEntry> find_uid(std::string_view uid) {
  const auto rows = std::views::iota(std::size_t{0}, kRows);
  const auto row = std::ranges::lower_bound(rows, uid, {}, uid_at);
  if (row == rows.end() || uid_at(*row) != uid) return std::nullopt;
  return uid_registry_entry(*row);
}

std::optional<UidEntry> find_uid_keyword(std::string_view keyword) {
  const auto* const row = std::ranges::lower_bound(table::kByKeyword, keyword, {}, keyword_at);
  if (row == table::kByKeyword.end() || keyword_at(*row) != keyword) return std::nullopt;
  return uid_registry_entry(*row);
}

}  // namespace scanferry::core
