// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <scanferry/platform/network.hpp>

namespace scanferry::platform {

/// What is copied at a time from a file that has no handle.
inline constexpr std::size_t kCopyBytes = 16U << 10U;
/// One sendfile call; bounds how long a fast peer can keep us inside the kernel.
inline constexpr std::uint64_t kSendFileBytes = 1U << 20U;

/// What is left to send of one message: bytes of ours, then a range of a file. Never waits. Even the smallest range goes by
/// sendfile: reading it first and sending it with the head takes as many system calls, and was not faster at any size.
class Outgoing {
 public:
  Outgoing(core::ByteView head, FileRange range);

  [[nodiscard]] bool is_done() const { return head_.empty() && copied_.empty() && range_.length == 0; }
  /// Sends what the socket takes now and returns how much; 0: it takes nothing, wait until it does.
  Result<std::uint64_t> send_some(int socket, const std::string& peer);

 private:
  Result<void> refill();
  Result<std::uint64_t> send_memory(int socket, const std::string& peer);
  Result<std::uint64_t> send_file(int socket, const std::string& peer);

  core::ByteView head_;
  core::ByteView copied_;  ///< part of the range, in `buffer_`
  FileRange range_;        ///< behind `copied_`
  int file_;               ///< for sendfile; -1: copy
  std::unique_ptr<std::byte[]> buffer_;  ///< kCopyBytes; null: sendfile
};

}  // namespace scanferry::platform
