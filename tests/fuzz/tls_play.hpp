// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <scanferry/core/bytes.hpp>

namespace scanferry::fuzz {

/// What the script of a play may say; behind each its operands, as in tls_play.cpp.
enum class TlsStep : std::uint8_t {
  deliver_all,   ///< what a real peer has said so far
  deliver_some,
  damage,        ///< a byte of what the peer has said next
  drop,
  repeat,        ///< what was delivered last
  say_raw,       ///< bytes of the script
  say_record,    ///< the same under a record header
  talk,          ///< the peer sends
  say_goodbye,
  end,           ///< of the stream
  stop_reading,  ///< what we say is taken no more, or again
  pass_time,
};
inline constexpr std::uint8_t kTlsSteps = 12;

struct TlsPlayed {
  std::vector<std::byte> delivered;  ///< to us, or the first 64 KiB of it
  std::size_t heard_bytes{0};        ///< of what the peer sent
  std::size_t memory_bytes_max{0};   ///< of both ends
};

/// One connection of ours, as a client or a server, with a real peer whose words the script delivers, damages and mixes with others:
/// it never gives out a byte that the peer did not send in this order, ends when its time is over, and stays within its memory.
TlsPlayed play_tls(core::ByteView script);

}  // namespace scanferry::fuzz
