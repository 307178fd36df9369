// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/time.hpp>
#include <scanferry/platform/error.hpp>
#include <scanferry/platform/store.hpp>
#include <scanferry/platform/task.hpp>

namespace scanferry::platform {

/// A run of bytes of an open file.
struct FileRange {
  File* file{nullptr};  ///< borrowed for the length of the call
  std::uint64_t offset{0};
  std::uint64_t length{0};
};

/// Fills `into` from the front of `range` and takes that off. Failed: `unreadable`, also when the file has become shorter.
Result<void> take_bytes(FileRange& range, core::ByteBuffer into);

struct TlsInfo;

/// A connected, ordered, reliable byte stream: TCP, TLS over it, or the simulator's. One reader and one writer at a time.
/// Destroying it closes it at once.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// At least one byte, or `end_of_stream`, `timed_out`, `reset`, `cancelled`. A timed-out read may be tried again.
  virtual Task<Result<std::size_t>> read_some(core::ByteBuffer into, core::Instant deadline) = 0;
  /// Takes `head` and, right behind it in the same segments, `range` of a file (its `file` may be null: nothing follows).
  /// Returns when the transport has taken all of it; after an error the stream is of no further use for writing.
  virtual Task<Result<void>> write(core::ByteView head, FileRange range, core::Instant deadline) = 0;
  /// Ends waits in both directions with `cancelled`; later calls fail. May be called at any time from the agent's thread.
  virtual void close() = 0;
  /// Closes after these bytes, as far as the transport takes them at once: for a good-bye, which nobody waits for. Not while a
  /// write is under way.
  virtual void close_with(core::ByteView last_words) {
    static_cast<void>(last_words);
    close();
  }
  /// "192.0.2.7:104", for logs.
  [[nodiscard]] virtual std::string peer() const = 0;
  /// What TLS agreed on (tls.hpp); null without TLS, and before its handshake is over. As long as the stream.
  [[nodiscard]] virtual const TlsInfo* tls() const { return nullptr; }
};

/// Waits for connections.
class Listener {
 public:
  virtual ~Listener() = default;
  /// `cancelled` after close(); other errors concern one connection: wait a little and call again.
  virtual Task<Result<std::unique_ptr<ByteStream>>> accept() = 0;
  virtual void close() = 0;
  [[nodiscard]] virtual std::uint16_t port() const = 0;  ///< the real one when 0 was asked for
};

/// The only way to other machines.
class Network {
 public:
  virtual ~Network() = default;
  /// Resolves and connects; tries each address of the name until `deadline`.
  virtual Task<Result<std::unique_ptr<ByteStream>>> dial(std::string host, std::uint16_t port, core::Instant deadline) = 0;
  /// `address` is numeric; empty: all interfaces. Port 0 picks a free one. `in_use`, `denied` as the system says.
  virtual Result<std::unique_ptr<Listener>> listen(std::string address, std::uint16_t port) = 0;
};

}  // namespace scanferry::platform
