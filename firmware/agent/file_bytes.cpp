// SPDX-License-Identifier: Apache-2.0
#include "agent/file_bytes.hpp"

#include <algorithm>
#include <vector>

namespace scanferry::firmware {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

}  // namespace

platform::Result<bool> have_same_bytes(const platform::FileRange& one, const platform::FileRange& other) {
  if (one.length != other.length) return false;
  std::vector<std::byte> ours(kPieceBytes);
  std::vector<std::byte> theirs(kPieceBytes);
  for (std::uint64_t at = 0; at < one.length;) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, one.length - at));
    const auto a = one.file->read_at(one.offset + at, core::ByteBuffer{ours}.first(want));
    if (!a) return std::unexpected{a.error()};
    const auto b = other.file->read_at(other.offset + at, core::ByteBuffer{theirs}.first(want));
    if (!b) return std::unexpected{b.error()};
    if (*a != want || *b != want || !std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(want), theirs.begin())) return false;
    at += want;
  }
  return true;
}

}  // namespace scanferry::firmware
