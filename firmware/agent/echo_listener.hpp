// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <memory>

#include <scanferry/dimse/scp_session.hpp>
#include <scanferry/platform/platform.hpp>

#include "agent/config.hpp"
#include "agent/failure.hpp"

namespace scanferry::firmware {

/// Answers C-ECHO, so that a service engineer can ping the device from the PACS.
class EchoListener {
 public:
  /// `spawn` starts a coroutine; only the Agent has one to give.
  using Spawn = std::function<void(platform::Task<void>)>;

  EchoListener(platform::Platform& platform, const AgentConfig& config, Spawn spawn);

  /// Until `stop`. While the port cannot be had it is tried again, and the rest of the agent works.
  platform::Task<void> run();
  /// Nobody is kept waiting for an echo: connections are closed.
  void stop();

  /// The port that is listened on; 0 while there is none.
  [[nodiscard]] std::uint16_t port() const { return listener_ ? listener_->port() : std::uint16_t{0}; }

 private:
  struct Connection {
    std::unique_ptr<platform::ByteStream> stream;
    std::unique_ptr<dimse::ScpSession> session;
  };
  platform::Task<void> accept_all();
  platform::Task<void> serve(std::list<Connection>::iterator connection);
  void note(const Connection& connection, const dimse::Event& event);

  platform::Platform& platform_;
  const AgentConfig& config_;
  Spawn spawn_;
  std::unique_ptr<platform::Event> wake_;
  std::unique_ptr<platform::Listener> listener_;
  std::list<Connection> connections_;
  bool stopping_{false};
};

}  // namespace scanferry::firmware
