// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/dimse/scp_session.hpp>
#include <scanferry/platform/platform.hpp>

#include "agent/address_range.hpp"
#include "agent/failure.hpp"
#include "agent/servant.hpp"

namespace scanferry::firmware {

struct ListenerOptions {
  std::string address;      ///< numeric; empty: all interfaces
  std::uint16_t port{0};    ///< 0: a free one
  dimse::ScpConfig scp;
  /// Associations at once. They cost a session each, and a pump. One more pushes out one that has asked for nothing yet, or is closed
  /// itself: the oldest of the address that has most of these. Who opens connections and says nothing keeps out nobody but himself.
  std::size_t connections_max{16};
  std::vector<AddressRange> allowed{};  ///< others are closed; empty: everybody may connect
};

/// Who is on the other side of an association that we accepted; not to be trusted.
struct Caller {
  dimse::AeTitle title;
  std::string address;  ///< "192.0.2.7:50123"
};

/// Accepts associations, each served on its own: C-ECHO always, so that a service engineer can ping the device from the PACS.
class AssociationListener {
 public:
  /// `spawn` starts a coroutine; only the Agent, or a command's runtime, has one to give.
  using Spawn = std::function<void(platform::Task<void>)>;
  /// Makes the one who serves the operations of `ListenerOptions::scp.serves` on one association. Null: there are none.
  using MakeServant = std::function<std::unique_ptr<Servant>(const Caller&)>;

  AssociationListener(platform::Platform& platform, ListenerOptions options, Spawn spawn, MakeServant make_servant = {});

  /// Takes the port now, for those who are of no use without it; `run` begins with it.
  Result<void> open();
  /// Until `stop`. While the port cannot be had it is tried again.
  platform::Task<void> run();
  /// Nobody is kept waiting: connections are closed.
  void stop();
  /// Takes no more connections; those that there are end by themselves.
  void finish();
  /// Takes no more connections, and of those that there are no more requests: what is being served ends first.
  void leave();

  /// The port that is listened on; 0 while there is none.
  [[nodiscard]] std::uint16_t port() const { return listener_ ? listener_->port() : std::uint16_t{0}; }

 private:
  struct Connection {
    std::unique_ptr<platform::ByteStream> stream;
    std::unique_ptr<dimse::ScpSession> session;
    std::string host;         ///< of the peer: "192.0.2.7"
    bool is_serving{false};   ///< a request, which is not answered yet
    bool is_unwanted{false};  ///< closed by us, and about to end
    bool is_refused{false};   ///< only here to be told that there is no room
  };
  platform::Task<void> accept_all();
  [[nodiscard]] bool is_allowed(const std::string& host, const std::string& peer);
  [[nodiscard]] bool make_room();
  [[nodiscard]] std::size_t taken() const;
  void begin(std::unique_ptr<platform::ByteStream> stream, std::string host, bool is_refused);
  [[nodiscard]] Connection* find_idle();
  void push_out(Connection& connection);
  platform::Task<void> serve(std::list<Connection>::iterator connection);
  void note(const Connection& connection, const dimse::Event& event);

  platform::Platform& platform_;
  ListenerOptions options_;
  Spawn spawn_;
  MakeServant make_servant_;
  std::unique_ptr<platform::Event> wake_;
  std::unique_ptr<platform::Listener> listener_;
  std::list<Connection> connections_;  ///< the newest first
  std::uint64_t pushed_out_{0};        ///< since it was last told
  core::Instant told_of_room_{};       ///< told then
  bool stopping_{false};
  bool leaving_{false};
};

}  // namespace scanferry::firmware
