// SPDX-License-Identifier: Apache-2.0
#include "outgoing.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>

#include "system_error.hpp"

namespace scanferry::platform {
namespace {

core::ByteView drop(core::ByteView bytes, std::size_t count) { return bytes.subspan(std::min(count, bytes.size())); }

::iovec piece_of(core::ByteView bytes) { return {const_cast<std::byte*>(bytes.data()), bytes.size()}; }

/// What a non-blocking send returned.
Result<std::uint64_t> outcome(ssize_t sent, const std::string& peer) {
  if (sent >= 0) return static_cast<std::uint64_t>(sent);
  if (errno == EAGAIN) return 0U;
  return failure("send to", peer);
}

}  // namespace

Outgoing::Outgoing(core::ByteView head, FileRange range)
    : head_{head}, range_{range}, file_{range.file == nullptr ? -1 : range.file->native_handle()} {
  if (range_.file == nullptr) range_.length = 0;
  if (range_.length > 0 && file_ < 0) buffer_ = std::make_unique_for_overwrite<std::byte[]>(kCopyBytes);
}

Result<std::uint64_t> Outgoing::send_some(int socket, const std::string& peer) {
  if (buffer_ && copied_.empty() && range_.length > 0) {
    if (auto filled = refill(); !filled) return std::unexpected{std::move(filled.error())};
  }
  return head_.empty() && copied_.empty() ? send_file(socket, peer) : send_memory(socket, peer);
}

Result<void> Outgoing::refill() {
  const core::ByteBuffer space{buffer_.get(), static_cast<std::size_t>(std::min<std::uint64_t>(range_.length, kCopyBytes))};
  if (auto taken = take_bytes(range_, space); !taken) return taken;
  copied_ = space;
  return {};
}

Result<std::uint64_t> Outgoing::send_memory(int socket, const std::string& peer) {
  std::array pieces{piece_of(head_), piece_of(copied_)};
  ::msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  // More is to come at once: no segment of its own for the head.
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (range_.length > 0 ? MSG_MORE : 0);
  const auto send = [&] { return ::sendmsg(socket, &message, flags); };
  const auto sent = outcome(uninterrupted(send), peer);
  if (!sent) return sent;
  const auto bytes = static_cast<std::size_t>(*sent);
  const auto from_head = std::min(bytes, head_.size());
  head_ = drop(head_, from_head);
  copied_ = drop(copied_, bytes - from_head);
  return sent;
}

Result<std::uint64_t> Outgoing::send_file(int socket, const std::string& peer) {
  auto offset = static_cast<off_t>(range_.offset);
  const auto count = static_cast<std::size_t>(std::min(range_.length, kSendFileBytes));
  const auto send = [&] { return ::sendfile(socket, file_, &offset, count); };
  const auto result = uninterrupted(send);
  if (result == 0) return std::unexpected{Error{Errc::unreadable, "cannot send a file that has become shorter meanwhile"}};
  // No socket says EIO.
  if (result < 0 && errno == EIO) return failure(Errc::unreadable, "send to", peer, "what is sent cannot be read from the disk");
  const auto sent = outcome(result, peer);
  if (!sent) return sent;
  range_.offset += *sent;
  range_.length -= *sent;
  return sent;
}

}  // namespace scanferry::platform
