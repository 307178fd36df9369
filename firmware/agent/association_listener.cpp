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

/// Who comes when all associations are in use is told so, if there are not too many of them.
constexpr std::size_t kRefusedMax = 4;
constexpr core::Millis kRefusedPatience{5'000};

class FullHouse final : public dimse::Acceptance {
 public:
  // PS3.8 9.3.4 table 9-21: rejected-transient, service provider (presentation), local-limit-exceeded.
  [[nodiscard]] std::optional<dimse::Rejection> refuses(const dimse::AssociatePdu&) const override {
    return dimse::Rejection{.result = 2, .source = 3, .reason = 2};
  }
  [[nodiscard]] dimse::ContextAnswer judge(const dimse::PresentationContext&, dimse::Roles) const override { return {}; }
};
const FullHouse kFullHouse;

/// Why we rejected an association, PS3.8 9.3.4.
std::string why(const dimse::ScpSession& session, const dimse::Event& event) {
  const auto is = [&event](std::uint8_t source, std::uint8_t reason) { return event.source == source && event.reason == reason; };
  if (is(1, 3)) return "its AE title is not among those that may call";
  if (is(1, 7)) return text("it calls us ", session.called().view());
  if (is(3, 2)) return event.result == 2 ? "as many as are allowed are open" : "our answer to all that it proposes would be too long";
  return text("it does not ask for DICOM as we know it (source ", unsigned{event.source}, ", reason ", unsigned{event.reason}, ")");
}

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

void AssociationListener::leave() {
  finish();
  leaving_ = true;
  for (auto& connection : connections_) {
    if (!connection.is_serving) connection.stream->close();
  }
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
    auto host = host_of((*stream)->peer());
    // A stream that is not begun closes as it goes.
    if (!is_allowed(host, (*stream)->peer())) continue;
    const bool is_refused = !make_room();
    if (is_refused && connections_.size() - taken() >= kRefusedMax) continue;
    begin(std::move(*stream), std::move(host), is_refused);
    // One that was pushed out leaves before the next is taken: in a rush of connections each is heard.
    while (taken() > options_.connections_max && !stopping_) co_await wake_->wait_until(core::kNever);
  }
}

bool AssociationListener::is_allowed(const std::string& host, const std::string& peer) {
  const auto has_it = [&host](const AddressRange& range) { return range.contains(host); };
  if (options_.allowed.empty() || std::ranges::any_of(options_.allowed, has_it)) return true;
  platform_.log.write(platform::LogLevel::warning, "listener", text(peer, " may not connect: its address is not among those allowed"));
  return false;
}

std::size_t AssociationListener::taken() const {
  return static_cast<std::size_t>(std::ranges::count_if(connections_, [](const Connection& connection) { return !connection.is_refused; }));
}

void AssociationListener::begin(std::unique_ptr<platform::ByteStream> stream, std::string host, bool is_refused) {
  auto scp = options_.scp;
  if (is_refused) {
    scp.acceptance = &kFullHouse;
    scp.timeouts.associate = kRefusedPatience;
  }
  auto session = std::make_unique<dimse::ScpSession>(scp, platform_.clock.now());
  connections_.push_front({std::move(stream), std::move(session), std::move(host), false, is_refused});
  spawn_(serve(connections_.begin()));
}

/// False when all connections are in use.
bool AssociationListener::make_room() {
  if (taken() < options_.connections_max) return true;
  auto* idle = find_idle();
  if (idle != nullptr) push_out(*idle);
  return idle != nullptr;
}

/// The oldest that has asked for nothing yet, of the address with most of these. Null: there is none.
AssociationListener::Connection* AssociationListener::find_idle() {
  const auto is_idle = [](const Connection& connection) { return !connection.is_unwanted && !connection.is_refused && connection.session->calling().empty(); };
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
      connection->is_serving = true;
      const auto end = co_await servant->serve(event, *pump, *connection->session);
      connection->is_serving = false;
      if (!end && leaving_) {
        co_await pump->flush();
        connection->session->abort(platform_.clock.now());
      }
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
      platform_.log.write(platform::LogLevel::warning, "listener", text("rejected an association of ", who, ": ", why(*connection.session, event)));
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
