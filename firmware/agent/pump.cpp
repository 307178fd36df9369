// SPDX-License-Identifier: Apache-2.0
#include "agent/pump.hpp"

#include <algorithm>

#include "agent/failure.hpp"

namespace scanferry::firmware {
namespace {

/// A peer that aborts says why and closes: what it said is still to be read after a write has failed.
constexpr core::Millis kLastWordsPatience{200};

/// Two calls of the system for a window as small as this cost more than to copy it: such PDUs go out several at a time.
constexpr std::size_t kSmallWindowBytes = 16 * 1024;
constexpr std::size_t kGatheredBytes = 64 * 1024;

}  // namespace

void Pump::set_object(platform::File* file, std::uint64_t data_set_offset) {
  object_ = file;
  object_bytes_ = {};
  data_set_offset_ = data_set_offset;
}

void Pump::set_object(core::ByteView data_set) {
  set_object(nullptr, 0);
  object_bytes_ = data_set;
}

void Pump::transport_failed(const platform::Error& error) {
  if (!transport_error_) transport_error_ = error;
  session_.peer_closed(clock_.now());
}

platform::Task<dimse::Event> Pump::next() {
  const auto event = co_await next_until(core::kNever);
  co_return *event;
}

platform::Task<std::optional<dimse::Event>> Pump::next_until(core::Instant until) {
  for (;;) {
    co_await write_pending();
    if (auto event = session_.poll()) co_return event;
    if (session_.finished()) {
      dimse::Event closed;
      closed.kind = dimse::Event::Kind::closed;
      co_return closed;
    }
    if (clock_.now() >= until) co_return std::nullopt;
    co_await read_more(until);
  }
}

platform::Task<dimse::Event> Pump::next_piece() {
  for (;;) {
    const auto event = co_await next();
    if (event.kind != dimse::Event::Kind::echo_served && event.kind != dimse::Event::Kind::cancelled) co_return event;
  }
}

platform::Task<void> Pump::finish() {
  while (!session_.finished()) {
    co_await write_pending();
    while (session_.poll()) {
    }
    if (session_.finished()) break;
    co_await read_more(core::kNever);
  }
  co_await write_pending();
}

platform::Task<platform::Result<void>> Pump::write_message() {
  const auto window = session_.payload();
  const auto deadline = session_.deadline();
  platform::FileRange range;
  auto head = session_.output();
  std::vector<std::byte> joined;
  if (window.length > 0 && object_ == nullptr) {
    const auto piece = object_bytes_.subspan(static_cast<std::size_t>(window.offset), window.length);
    joined.assign(head.begin(), head.end());
    joined.insert(joined.end(), piece.begin(), piece.end());
    head = joined;
  } else if (window.offset > 0 && window.length > 0 && window.length <= kSmallWindowBytes) {  // the first shows whether the peer is there
    const auto gathered = gather();
    if (!gathered) co_return std::unexpected{gathered.error()};
    auto written = co_await stream_.write(*gathered, range, deadline);
    co_return written;
  } else if (window.length > 0) {
    range = {object_, data_set_offset_ + window.offset, window.length};
  }
  auto written = co_await stream_.write(head, range, deadline);
  if (written) session_.wrote(clock_.now());
  co_return written;
}

/// The next PDUs, as many as there is room for. To the session they are written: should they not get through, it has lost the peer in
/// the middle of a message all the same.
platform::Result<core::ByteView> Pump::gather() {
  if (!gathered_) gathered_ = std::make_unique_for_overwrite<std::byte[]>(kGatheredBytes);
  const core::ByteBuffer room{gathered_.get(), kGatheredBytes};
  std::size_t used = 0;
  for (;;) {
    const auto head = session_.output();
    const auto window = session_.payload();
    if (window.length == 0 || used + head.size() + window.length > room.size()) return room.first(used);
    std::ranges::copy(head, room.subspan(used).begin());
    used += head.size();
    platform::FileRange range{object_, data_set_offset_ + window.offset, window.length};
    const auto taken = platform::take_bytes(range, room.subspan(used, window.length));
    if (!taken) return std::unexpected{taken.error()};
    used += window.length;
    session_.wrote(clock_.now());
  }
}

platform::Task<void> Pump::write_pending() {
  while (!session_.output().empty() || session_.payload().length > 0) {
    auto written = co_await write_message();
    if (written) continue;
    session_.feed(unread_, clock_.now());
    if (unread_.empty()) {
      auto heard = co_await stream_.read_some(buffer_, clock_.now() + kLastWordsPatience);
      if (heard) unread_ = core::ByteView{buffer_}.first(*heard);
      session_.feed(unread_, clock_.now());
    }
    transport_failed(written.error());
    co_return;
  }
}

platform::Task<void> Pump::read_more(core::Instant until) {
  if (!unread_.empty()) {
    session_.feed(unread_, clock_.now());
    co_return;
  }
  auto got = co_await stream_.read_some(buffer_, std::min(session_.deadline(), until));
  if (got) {
    unread_ = core::ByteView{buffer_}.first(*got);
    session_.feed(unread_, clock_.now());
  } else if (got.error().code == platform::Errc::timed_out) {
    session_.on_time(clock_.now());
  } else {
    transport_failed(got.error());
  }
}

}  // namespace scanferry::firmware
