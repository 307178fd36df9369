// SPDX-License-Identifier: Apache-2.0
#include "agent/file_bytes.hpp"

#include <algorithm>
#include <vector>

namespace scanferry::firmware {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

}  // namespace

bool have_same_bytes(platform::File& one, platform::File& other, std::uint64_t bytes) {
  std::vector<std::byte> ours(kPieceBytes);
  std::vector<std::byte> theirs(kPieceBytes);
  for (std::uint64_t at = 0; at < bytes;) {
    const auto a = one.read_at(at, ours);
    const auto b = other.read_at(at, theirs);
    if (!a || !b || *a == 0 || *a != *b || !std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(*a), theirs.begin())) return false;
    at += *a;
  }
  return true;
}

}  // namespace scanferry::firmware
