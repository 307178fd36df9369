// SPDX-License-Identifier: Apache-2.0
#include "agent/paced_network.hpp"

#include <algorithm>

namespace scanferry::firmware {
namespace {

class PacedStream final : public platform::ByteStream {
 public:
  PacedStream(std::unique_ptr<platform::ByteStream> stream, Pace& pace, platform::Clock& clock)
      : stream_{std::move(stream)}, pace_{pace}, clock_{clock}, turn_{clock.make_event()} {}

  platform::Task<platform::Result<std::size_t>> read_some(core::ByteBuffer into, core::Instant deadline) override {
    return stream_->read_some(into, deadline);
  }
  platform::Task<platform::Result<void>> write(core::ByteView head, platform::FileRange range, core::Instant deadline) override {
    const auto now = clock_.now();
    const auto at = pace_.book(head.size() + range.length, now);
    while (!closed_ && clock_.now() < at) co_await turn_->wait_until(at);
    // The wait for our own turn is none of the peer's doing.
    const auto waited = clock_.now() - now;
    const auto later = deadline == core::kNever ? deadline : deadline + waited;
    co_return co_await stream_->write(head, range, later);
  }
  void close() override {
    closed_ = true;
    turn_->notify();
    stream_->close();
  }
  void close_with(core::ByteView last_words) override { stream_->close_with(last_words); }
  [[nodiscard]] std::string peer() const override { return stream_->peer(); }
  [[nodiscard]] const platform::TlsInfo* tls() const override { return stream_->tls(); }

 private:
  std::unique_ptr<platform::ByteStream> stream_;
  Pace& pace_;
  platform::Clock& clock_;
  std::unique_ptr<platform::Event> turn_;
  bool closed_{false};
};

}  // namespace

core::Instant Pace::book(std::uint64_t bytes, core::Instant now) {
  constexpr std::uint64_t kThousand = 1000;
  if (free_at_ < now) {
    free_at_ = now;
    remainder_ = 0;
  }
  const auto begin = free_at_;
  const auto thousandths = bytes * kThousand + remainder_;
  free_at_ += core::Millis{static_cast<std::int64_t>(thousandths / bytes_per_second_)};
  remainder_ = thousandths % bytes_per_second_;
  return begin;
}

platform::Task<platform::Result<std::unique_ptr<platform::ByteStream>>> PacedNetwork::dial(std::string host, std::uint16_t port,
                                                                                           core::Instant deadline) {
  auto stream = co_await network_.dial(std::move(host), port, deadline);
  if (!stream || !pace_.is_limited()) co_return stream;
  std::unique_ptr<platform::ByteStream> paced = std::make_unique<PacedStream>(std::move(*stream), pace_, clock_);
  co_return std::move(paced);
}

platform::Result<std::unique_ptr<platform::Listener>> PacedNetwork::listen(std::string address, std::uint16_t port) {
  return network_.listen(std::move(address), port);
}

}  // namespace scanferry::firmware
