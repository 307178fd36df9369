// SPDX-License-Identifier: Apache-2.0
#include "agent/pump.hpp"

#include "agent/failure.hpp"

namespace scanferry::firmware {
namespace {

/// A peer that aborts says why and closes: what it said is still to be read after a write has failed.
constexpr core::Millis kLastWordsPatience{200};

}  // namespace

void Pump::set_object(platform::File* file, std::uint64_t data_set_offset) {
  object_ = file;
  data_set_offset_ = data_set_offset;
}

void Pump::transport_failed(const platform::Error& error) {
  if (transport_error_.empty()) transport_error_ = error.detail;
  session_.peer_closed(clock_.now());
}

platform::Task<dimse::Event> Pump::next() {
  for (;;) {
    co_await write_pending();
    if (auto event = session_.poll()) co_return *event;
    if (session_.finished()) {
      dimse::Event closed;
      closed.kind = dimse::Event::Kind::closed;
      co_return closed;
    }
    co_await read_more();
  }
}

platform::Task<void> Pump::finish() {
  while (!session_.finished()) {
    co_await write_pending();
    while (session_.poll()) {
    }
    if (session_.finished()) break;
    co_await read_more();
  }
  co_await write_pending();
}

platform::Task<void> Pump::write_pending() {
  while (!session_.output().empty() || session_.payload().length > 0) {
    const auto window = session_.payload();
    platform::FileRange range;
    if (window.length > 0) range = {object_, data_set_offset_ + window.offset, window.length};
    auto written = co_await stream_.write(session_.output(), range, session_.deadline());
    if (written) {
      session_.wrote(clock_.now());
      continue;
    }
    auto heard = co_await stream_.read_some(buffer_, clock_.now() + kLastWordsPatience);
    if (heard) session_.feed(core::ByteView{buffer_}.first(*heard), clock_.now());
    transport_failed(written.error());
    co_return;
  }
}

platform::Task<void> Pump::read_more() {
  auto got = co_await stream_.read_some(buffer_, session_.deadline());
  if (got) {
    session_.feed(core::ByteView{buffer_}.first(*got), clock_.now());
  } else if (got.error().code == platform::Errc::timed_out) {
    session_.on_time(clock_.now());
  } else {
    transport_failed(got.error());
  }
}

}  // namespace scanferry::firmware
