// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <scanferry/dimse/session.hpp>
#include <scanferry/platform/clock.hpp>
#include <scanferry/platform/network.hpp>

namespace scanferry::firmware {

/// The one place where a protocol session meets a byte stream: it writes what the session wants written, reads until the
/// session's deadline, and gives out what happened.
class Pump {
 public:
  /// Borrows all three.
  Pump(dimse::Session& session, platform::ByteStream& stream, platform::Clock& clock)
      : session_{session}, stream_{stream}, clock_{clock} {}

  /// The object whose data set the session's payload windows are of: `file` from `data_set_offset` on. Null: none.
  void set_object(platform::File* file, std::uint64_t data_set_offset);
  /// The same for a data set in memory, which is small; borrowed until the next call of either.
  void set_object(core::ByteView data_set);

  /// Writes what the session wants written, and no more. What happened meanwhile comes with `next`.
  platform::Task<void> flush() { return write_pending(); }
  /// Runs until something happened. After the session finished it is Event::closed, for ever. What an event lends is valid until the
  /// next call.
  platform::Task<dimse::Event> next();
  /// The same, but not beyond `until`: nothing then.
  platform::Task<std::optional<dimse::Event>> next_until(core::Instant until);
  /// The next piece of the data set that belongs to the last request or response, or what came instead of it. A C-ECHO that was
  /// answered in between, or a C-CANCEL, is neither.
  platform::Task<dimse::Event> next_piece();
  /// Runs until the session has nothing more to say, for its last words: a release or an abort.
  platform::Task<void> finish();

  /// What the transport said when it failed; none while it is well.
  [[nodiscard]] const std::optional<platform::Error>& transport_error() const { return transport_error_; }

 private:
  platform::Task<void> write_pending();
  platform::Task<platform::Result<void>> write_message();
  platform::Result<core::ByteView> gather();
  platform::Task<void> read_more(core::Instant until);
  void transport_failed(const platform::Error& error);

  dimse::Session& session_;
  platform::ByteStream& stream_;
  platform::Clock& clock_;
  platform::File* object_{nullptr};
  core::ByteView object_bytes_;
  std::uint64_t data_set_offset_{0};
  std::unique_ptr<std::byte[]> gathered_;  ///< once there were small PDUs
  std::optional<platform::Error> transport_error_;
  std::array<std::byte, 16 * 1024> buffer_{};
  core::ByteView unread_;  ///< what the session has left of `buffer_`
};

}  // namespace scanferry::firmware
