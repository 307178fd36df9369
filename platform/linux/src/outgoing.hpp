// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <scanferry/platform/network.hpp>

namespace scanferry::platform {

/// How much a message may carry from a file through our memory: below, one read and one gathered send are cheaper than a send
/// and a sendfile; above, the copy costs more than the call.
inline constexpr std::size_t kCopyBytes = 16U << 10U;
/// One sendfile call; bounds how long a fast peer can keep us inside the kernel.
inline constexpr std::uint64_t kSendFileBytes = 1U << 20U;

/// What is left to send of one message: bytes of ours, then a range of a file. Never waits.
class Outgoing {
 public:
  /// `buffer` holds kCopyBytes and is lent, like all else, until the message is sent.
  Outgoing(core::ByteView head, FileRange range, std::byte* buffer);

  [[nodiscard]] bool is_done() const { return head_.empty() && copied_.empty() && range_.length == 0; }
  /// Sends what the socket takes now and returns how much; 0: it takes nothing, wait until it does.
  Result<std::uint64_t> send_some(int socket, const std::string& peer);

 private:
  Result<void> refill();
  Result<std::uint64_t> send_memory(int socket, const std::string& peer);
  Result<std::uint64_t> send_file(int socket, const std::string& peer);

  core::ByteView head_;
  core::ByteView copied_;  ///< part of the range, read into `buffer_`
  FileRange range_;        ///< behind `copied_`
  std::byte* buffer_;
  int file_{-1};           ///< for sendfile; -1: copy
};

}  // namespace scanferry::platform
