// SPDX-License-Identifier: Apache-2.0
#include <scanferry/model/byte_source.hpp>

#include <algorithm>

namespace scanferry::model {

Result<std::size_t> MemorySource::read_at(std::uint64_t offset, core::ByteBuffer buffer) const {
  if (offset >= bytes_.size()) return 0U;
  const auto rest = bytes_.subspan(static_cast<std::size_t>(offset));
  const std::size_t size = std::min(rest.size(), buffer.size());
  std::copy_n(rest.begin(), size, buffer.begin());
  return size;
}

Result<void> StringSink::write(core::ByteView bytes) {
  text.append(core::text_of(bytes));
  return {};
}

}  // namespace scanferry::model
