// SPDX-License-Identifier: Apache-2.0
#include "agent/association_listener.hpp"

#include <algorithm>

#include "agent/pump.hpp"

namespace scanferry::firmware {
namespace {

/// Between two tries to get the port, and after a failed accept.
constexpr core::Millis kPortPause{15'000};
constexpr core::Millis kAcceptPause{100};

}  // namespace

AssociationListener::AssociationListener(platform::Platform& platform, ListenerOptions options, Spawn spawn, MakeServant make_servant)
    : platform_{platform}, options_{std::move(options)}, spawn_{std::move(spawn)}, make_servant_{std::move(make_servant)},
      wake_{platform.clock.make_event()} {}

Result<void> AssociationListener::open() {
  auto listener = platform_.network.listen(options_.address, options_.port);
  if (!listener) return no_luck(listener.error());
  listener_ = std::move(*listener);
  return {};
}

void AssociationListener::finish() {
  stopping_ = true;
  if (listener_) listener_->close();
  wake_->notify();
}

void AssociationListener::stop() {
  finish();
  for (auto& connection : connections_) connection.stream->close();
}

platform::Task<void> AssociationListener::run() {
  bool told = false;
  while (!stopping_) {
    const auto opened = listener_ ? Result<void>{} : open();
    if (opened) {
      platform_.log.write(platform::LogLevel::info, "listener", text("answers C-ECHO as ", options_.scp.title.view(), " on port ", port()));
      co_await accept_all();
      listener_.reset();
      continue;
    }
    if (!told) {
      platform_.log.write(platform::LogLevel::error, "listener",
                          text(opened.error().message, "; the device cannot be pinged until [listen] port is free; tried again every ",
                               kPortPause.count() / 1000, " s"));
    }
    told = true;
    co_await wake_->wait_until(platform_.clock.now() + kPortPause);
  }
}

platform::Task<void> AssociationListener::accept_all() {
  for (;;) {
    auto stream = co_await listener_->accept();
    if (stopping_) co_return;
    if (!stream) {
      if (stream.error().code == platform::Errc::cancelled) co_return;
      co_await wake_->wait_until(platform_.clock.now() + kAcceptPause);
      continue;
    }
    if (!make_room()) continue;  // the stream closes as it goes
    auto session = std::make_unique<dimse::ScpSession>(options_.scp, platform_.clock.now());
    connections_.push_front({std::move(*stream), std::move(session)});
    spawn_(serve(connections_.begin()));
  }
}

/// False when all connections are in use. One that is closed here ends soon; until then there is one more than the maximum.
bool AssociationListener::make_room() {
  if (connections_.size() < options_.connections_max) return true;
  if (connections_.size() > options_.connections_max) return false;
  const auto idle = std::ranges::find_if(connections_.rbegin(), connections_.rend(), [](const Connection& connection) {
    return connection.session->calling().empty();  // nothing was asked yet
  });
  if (idle == connections_.rend()) return false;
  idle->stream->close();
  return true;
}

platform::Task<void> AssociationListener::serve(std::list<Connection>::iterator connection) {
  auto pump = std::make_unique<Pump>(*connection->session, *connection->stream, platform_.clock);
  std::unique_ptr<Servant> servant;
  while (!connection->session->finished()) {
    auto event = co_await pump->next();
    if (event.kind == dimse::Event::Kind::established && make_servant_) {
      const Caller caller{connection->session->calling(), connection->stream->peer()};
      servant = make_servant_(caller);
    }
    if (event.kind == dimse::Event::Kind::request && servant) {
      const auto end = co_await servant->serve(event, *pump, *connection->session);
      if (!end) continue;
      event = *end;
    }
    note(*connection, event);
  }
  co_await pump->finish();
  // Who cannot agree on TLS with us, or speaks none, wonders why: nothing else tells.
  if (const auto& error = pump->transport_error(); error && error->code == platform::Errc::insecure) {
    platform_.log.write(platform::LogLevel::warning, "listener", error->detail);
  }
  connections_.erase(connection);
}

void AssociationListener::note(const Connection& connection, const dimse::Event& event) {
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
