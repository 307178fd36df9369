// SPDX-License-Identifier: Apache-2.0
// What a peer may do to our TLS, in both roles and each profile.
#include <cstddef>
#include <cstdint>
#include <span>

#include "tls_play.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)scanferry::fuzz::play_tls(std::as_bytes(std::span{data, size}));
  return 0;
}
