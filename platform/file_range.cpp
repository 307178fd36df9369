// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/network.hpp>

namespace scanferry::platform {

Result<void> take_bytes(FileRange& range, core::ByteBuffer into) {
  while (!into.empty()) {
    const auto got = range.file->read_at(range.offset, into);
    if (!got) return std::unexpected{Error{Errc::unreadable, got.error().detail}};
    if (*got == 0) return std::unexpected{Error{Errc::unreadable, "cannot send a file that has become shorter meanwhile"}};
    range.offset += *got;
    range.length -= *got;
    into = into.subspan(*got);
  }
  return {};
}

}  // namespace scanferry::platform
