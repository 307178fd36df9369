// SPDX-License-Identifier: Apache-2.0
#include "stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine.hpp"
#include "words.hpp"

namespace scanferry::platform::tls {
namespace {

/// A peer that we refuse gets so long to take our alert, if its deadline leaves that much.
constexpr core::Millis kLastWordsPatience{200};

/// The certificate must be for the host that was dialled or for the name that the configuration has instead.
std::string name_to_check(const TlsOptions& options, const std::string& host) {
  if (options.role == TlsRole::server) return {};
  return options.server_name.empty() ? host : options.server_name;
}

/// "192.0.2.7:2762", or "pacs.example (192.0.2.7:2762)" where that says more.
std::string name_to_tell(const std::string& host, const std::string& peer) {
  return host.empty() || peer.starts_with(host + ":") ? peer : host + " (" + peer + ")";
}

/// What is under way of a message: bytes of ours, then a range of a file, in pieces of one record.
class Outgoing {
 public:
  Outgoing(core::ByteView head, FileRange range, std::size_t piece_bytes) : head_{head}, range_{range}, piece_bytes_{piece_bytes} {
    if (range_.file == nullptr) range_.length = 0;
    if (range_.length > 0) buffer_ = std::make_unique_for_overwrite<std::byte[]>(piece_bytes_);
  }
  [[nodiscard]] bool is_done() const { return head_.empty() && range_.length == 0; }

  /// The next piece; the end of the head shares its record with the begin of the range.
  Result<core::ByteView> next() {
    const auto head = head_.first(std::min(head_.size(), piece_bytes_));
    head_ = head_.subspan(head.size());
    if (head.size() == piece_bytes_ || range_.length == 0) return head;
    if (!head.empty()) std::memcpy(buffer_.get(), head.data(), head.size());
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(range_.length, piece_bytes_ - head.size()));
    if (auto taken = take_bytes(range_, {buffer_.get() + head.size(), room}); !taken) return std::unexpected{taken.error()};
    return core::ByteView{buffer_.get(), head.size() + room};
  }

 private:
  core::ByteView head_;
  FileRange range_;
  std::size_t piece_bytes_;
  std::unique_ptr<std::byte[]> buffer_;
};

}  // namespace

/// The engine and the plain stream under it. One coroutine reads and one writes; where they need the same thing, the handshake or
/// the way out, one has its turn and the other waits for it.
struct TlsStream::Connection {
  Connection(std::shared_ptr<TlsSettings> settings, std::unique_ptr<ByteStream> stream, const std::string& host)
      : clock{settings->clock},
        role{settings->options.role},
        plain{std::move(stream)},
        turn_over{clock.make_event()},
        engine{settings, name_to_check(settings->options, host), name_to_tell(host, plain->peer())} {}

  Clock& clock;
  TlsRole role;
  std::unique_ptr<ByteStream> plain;
  std::unique_ptr<Event> turn_over;
  TlsEngine engine;
  bool shaking{false};
  bool draining{false};
  bool closed{false};
  Error broken;  ///< what the plain stream said at its last write

  [[nodiscard]] std::unexpected<Error> failure() const {
    if (closed) return std::unexpected{Error{Errc::cancelled, "no secure connection with " + plain->peer() + ": we closed it"}};
    return std::unexpected{engine.error()};
  }

  /// Waits until the other coroutine has had its turn.
  Task<Result<void>> wait_for_turn(core::Instant deadline) {
    const bool over = co_await turn_over->wait_until(deadline);
    if (!over) co_return std::unexpected{Error{Errc::timed_out, "no secure connection with " + plain->peer() + ": the time is up"}};
    co_return Result<void>{};
  }

  /// Sends what the engine has for the network.
  Task<Result<void>> drain(core::Instant deadline) {
    while (!engine.output().empty()) {
      if (!broken.detail.empty()) co_return std::unexpected{broken};
      if (draining) {
        if (auto waited = co_await wait_for_turn(deadline); !waited) co_return waited;
        continue;
      }
      draining = true;
      // Its bytes stay where they are: until they are sent, others only get behind them.
      const auto bytes = engine.output();
      const auto sent = co_await plain->write(bytes, FileRange{}, deadline);
      draining = false;
      if (sent) engine.sent(bytes.size());
      if (!sent) broken = sent.error();
      turn_over->notify();
    }
    co_return Result<void>{};
  }

  /// Gets more for the engine from the network.
  Task<Result<void>> fill(core::Instant deadline) {
    const auto space = engine.input_space();
    if (space.empty()) co_return Result<void>{};
    const auto got = co_await plain->read_some(space, deadline);
    if (got) {
      engine.received(*got);
    } else if (got.error().code == Errc::end_of_stream) {
      engine.input_ended();
    } else {
      co_return std::unexpected{got.error()};
    }
    co_return Result<void>{};
  }

  /// An alert for a peer that we refuse: it is told, if it listens at once.
  Task<void> last_words(core::Instant deadline) { (void)co_await drain(std::min(deadline, clock.now() + kLastWordsPatience)); }

  Task<Result<void>> shake(core::Instant deadline) {
    for (;;) {
      const auto step = engine.handshake();
      if (step.outcome == TlsEngine::Outcome::failed) {
        co_await last_words(deadline);
        co_return failure();
      }
      if (auto drained = co_await drain(deadline); !drained) co_return unfinished(drained.error());
      if (step.outcome == TlsEngine::Outcome::done) co_return Result<void>{};
      if (step.outcome == TlsEngine::Outcome::wants_output) continue;
      if (auto filled = co_await fill(deadline); !filled) co_return unfinished(filled.error());
    }
  }

  /// The network failed, or was too slow, during the handshake.
  [[nodiscard]] std::unexpected<Error> unfinished(const Error& error) const {
    auto words = error.detail + ", during the TLS handshake";
    if (error.code == Errc::timed_out || error.code == Errc::reset) words += silence_hint(role);
    return std::unexpected{Error{error.code, std::move(words)}};
  }
};

TlsStream::TlsStream(std::shared_ptr<TlsSettings> settings, std::unique_ptr<ByteStream> plain, std::string host)
    : connection_{std::make_shared<Connection>(std::move(settings), std::move(plain), host)} {}

std::string TlsStream::peer() const { return connection_->plain->peer(); }

const TlsInfo* TlsStream::tls() const { return connection_->engine.is_secure() ? &connection_->engine.info() : nullptr; }

void TlsStream::close() {
  auto& connection = *connection_;
  if (std::exchange(connection.closed, true)) return;
  const bool way_is_free = !connection.draining && connection.engine.output().empty();
  if (way_is_free) connection.engine.close();
  connection.plain->close_with(way_is_free ? connection.engine.output() : core::ByteView{});
  connection.turn_over->notify();
}

Task<Result<void>> TlsStream::handshake(core::Instant deadline) { return secure(connection_, deadline); }

Task<Result<std::size_t>> TlsStream::read_some(core::ByteBuffer into, core::Instant deadline) { return read(connection_, into, deadline); }

Task<Result<void>> TlsStream::write(core::ByteView head, FileRange range, core::Instant deadline) {
  return write_to(connection_, head, range, deadline);
}

Task<Result<void>> TlsStream::secure(Shared connection, core::Instant deadline) {
  auto& self = *connection;
  while (!self.engine.is_secure()) {
    if (self.closed || self.engine.has_failed()) co_return self.failure();
    if (self.shaking) {
      if (auto waited = co_await self.wait_for_turn(deadline); !waited) co_return waited;
      continue;
    }
    self.shaking = true;
    auto shaken = co_await self.shake(deadline);
    self.shaking = false;
    self.turn_over->notify();
    if (!shaken) co_return shaken;
  }
  co_return Result<void>{};
}

Task<Result<std::size_t>> TlsStream::read(Shared connection, core::ByteBuffer into, core::Instant deadline) {
  auto& self = *connection;
  if (auto secured = co_await secure(connection, deadline); !secured) co_return std::unexpected{secured.error()};
  for (;;) {
    if (self.closed) co_return self.failure();
    const auto step = self.engine.read(into);
    if (step.outcome == TlsEngine::Outcome::done) {
      if (step.bytes > 0) co_return step.bytes;
      continue;  // it was a session ticket
    }
    if (step.outcome == TlsEngine::Outcome::ended) {
      co_return std::unexpected{Error{Errc::end_of_stream, self.plain->peer() + " has closed the connection"}};
    }
    if (step.outcome == TlsEngine::Outcome::failed) {
      co_await self.last_words(deadline);
      co_return self.failure();
    }
    if (auto filled = co_await self.fill(deadline); !filled) co_return std::unexpected{filled.error()};
  }
}

Task<Result<void>> TlsStream::write_to(Shared connection, core::ByteView head, FileRange range, core::Instant deadline) {
  auto& self = *connection;
  if (auto secured = co_await secure(connection, deadline); !secured) co_return secured;
  Outgoing message{head, range, self.engine.plain_bytes_max()};
  while (!message.is_done()) {
    const auto piece = message.next();
    if (!piece) co_return std::unexpected{piece.error()};
    if (auto drained = co_await self.drain(deadline); !drained) co_return drained;
    if (self.closed) co_return self.failure();
    const auto step = self.engine.write(*piece);
    if (step.outcome != TlsEngine::Outcome::done) co_return self.failure();
    if (auto drained = co_await self.drain(deadline); !drained) co_return drained;
  }
  co_return Result<void>{};
}

}  // namespace scanferry::platform::tls
