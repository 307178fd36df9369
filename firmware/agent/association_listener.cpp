// SPDX-License-Identifier: Apache-2.0
#include "agent/association_listener.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <string_view>

#include "agent/pump.hpp"

namespace scanferry::firmware {
namespace {

/// Between two tries to get the port, and after a failed accept.
constexpr core::Millis kPortPause{15'000};
constexpr core::Millis kAcceptPause{100};
/// Between two lines about connections that were pushed out, however many there are.
constexpr core::Millis kRoomPause{10'000};

std::string host_of(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

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
    auto host = host_of((*stream)->peer());
    connections_.push_front({std::move(*stream), std::move(session), std::move(host)});
    spawn_(serve(connections_.begin()));
    // One that was pushed out leaves before the next is taken: in a rush of connections each is heard.
    while (connections_.size() > options_.connections_max && !stopping_) co_await wake_->wait_until(core::kNever);
  }
}

/// False when all connections are in use.
bool AssociationListener::make_room() {
  if (connections_.size() < options_.connections_max) return true;
  auto* idle = find_idle();
  if (idle != nullptr) push_out(*idle);
  return idle != nullptr;
}

/// The oldest that has asked for nothing yet, of the address with most of these. Null: there is none.
AssociationListener::Connection* AssociationListener::find_idle() {
  const auto is_idle = [](const Connection& connection) { return !connection.is_unwanted && connection.session->calling().empty(); };
  std::map<std::string_view, std::size_t> counts;
  for (const auto& connection : connections_ | std::views::filter(is_idle)) ++counts[connection.host];
  Connection* found = nullptr;
  std::size_t most = 0;
  for (auto& connection : connections_ | std::views::reverse | std::views::filter(is_idle)) {
    if (counts[connection.host] <= most) continue;
    most = counts[connection.host];
    found = &connection;
  }
  return found;
}

void AssociationListener::push_out(Connection& connection) {
  ++pushed_out_;
  const auto now = platform_.clock.now();
  if (now >= told_of_room_ + kRoomPause) {
    platform_.log.write(platform::LogLevel::warning, "listener",
                        text("no room: ", pushed_out_, pushed_out_ == 1 ? " connection that" : " connections that",
                             " asked for nothing had to go, the last from ", connection.stream->peer()));
    told_of_room_ = now;
    pushed_out_ = 0;
  }
  connection.is_unwanted = true;
  connection.stream->close();
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
  wake_->notify();
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
    case dimse::Event::Kind::timed_out:
      platform_.log.write(platform::LogLevel::warning, "listener",
                          text(connection.stream->peer(), event.stage == dimse::Stage::associating ? " asked for no association" : " fell silent",
                               " within the time allowed"));
      return;
    default: return;
  }
}

}  // namespace scanferry::firmware
