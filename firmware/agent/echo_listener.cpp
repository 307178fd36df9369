// SPDX-License-Identifier: Apache-2.0
#include "agent/echo_listener.hpp"

#include "agent/pump.hpp"

namespace scanferry::firmware {
namespace {

/// Half-open connections cost a session each; one more than this is closed at once.
constexpr std::size_t kConnectionsMax = 16;
/// Between two tries to get the port, and after a failed accept.
constexpr core::Millis kPortPause{15'000};
constexpr core::Millis kAcceptPause{100};

}  // namespace

EchoListener::EchoListener(platform::Platform& platform, const AgentConfig& config, Spawn spawn)
    : platform_{platform}, config_{config}, spawn_{std::move(spawn)}, wake_{platform.clock.make_event()} {}

void EchoListener::stop() {
  stopping_ = true;
  if (listener_) listener_->close();
  wake_->notify();
  for (auto& connection : connections_) connection.stream->close();
}

platform::Task<void> EchoListener::run() {
  bool told = false;
  while (!stopping_) {
    auto listener = platform_.network.listen(config_.listen.address, config_.listen.port);
    if (listener) {
      listener_ = std::move(*listener);
      platform_.log.write(platform::LogLevel::info, "listener", text("answers C-ECHO as ", config_.aet.view(), " on port ", port()));
      co_await accept_all();
      listener_.reset();
      continue;
    }
    if (!told) {
      platform_.log.write(platform::LogLevel::error, "listener",
                          text(listener.error().detail, "; the device cannot be pinged until [listen] port is free; tried again every ",
                               kPortPause.count() / 1000, " s"));
    }
    told = true;
    co_await wake_->wait_until(platform_.clock.now() + kPortPause);
  }
}

platform::Task<void> EchoListener::accept_all() {
  for (;;) {
    auto stream = co_await listener_->accept();
    if (stopping_) co_return;
    if (!stream) {
      if (stream.error().code == platform::Errc::cancelled) co_return;
      co_await wake_->wait_until(platform_.clock.now() + kAcceptPause);
      continue;
    }
    if (connections_.size() >= kConnectionsMax) continue;  // the stream closes as it goes
    dimse::ScpConfig scp;
    scp.title = config_.aet;
    auto session = std::make_unique<dimse::ScpSession>(scp, platform_.clock.now());
    connections_.push_front({std::move(*stream), std::move(session)});
    spawn_(serve(connections_.begin()));
  }
}

platform::Task<void> EchoListener::serve(std::list<Connection>::iterator connection) {
  auto pump = std::make_unique<Pump>(*connection->session, *connection->stream, platform_.clock);
  while (!connection->session->finished()) {
    const auto event = co_await pump->next();
    note(*connection, event);
  }
  co_await pump->finish();
  connections_.erase(connection);
}

void EchoListener::note(const Connection& connection, const dimse::Event& event) {
  const auto who = text(connection.session->calling().view(), " at ", connection.stream->peer());
  switch (event.kind) {
    case dimse::Event::Kind::echo_served:
      platform_.log.write(platform::LogLevel::info, "listener", text("answered C-ECHO of ", who));
      return;
    case dimse::Event::Kind::violated:
      platform_.log.write(platform::LogLevel::warning, "listener",
                          text(connection.stream->peer(), " broke the protocol at byte ", event.offset, ": ", event.comment.view()));
      return;
    case dimse::Event::Kind::rejected:
      platform_.log.write(platform::LogLevel::warning, "listener", text("rejected an association of ", who));
      return;
    default: return;
  }
}

}  // namespace scanferry::firmware
