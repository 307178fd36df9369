// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <scanferry/core/bytes.hpp>

namespace scanferry::model {

/// Turns numbers of `word` bytes from one byte order to the other; bytes behind the last whole one stay.
inline void reverse_words(core::ByteBuffer bytes, std::size_t word) {
  for (std::size_t i = 0; word > 1 && i + word <= bytes.size(); i += word) std::ranges::reverse(bytes.subspan(i, word));
}

}  // namespace scanferry::model
