// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include <scanferry/platform/sim/node.hpp>

#include "agent/agent.hpp"

namespace scanferry::tests {

/// The agent as the one process of a simulated machine.
class DeviceProgram final : public platform::sim::Program {
 public:
  /// Called when the agent ended by itself: empty after a stop, else why it could not begin.
  using OnEnd = std::function<void(std::string why)>;

  DeviceProgram(platform::sim::SimNode& node, firmware::AgentConfig config, OnEnd on_end)
      : agent_{node.platform(), std::move(config)}, on_end_{std::move(on_end)} {
    node.spawn(run());
  }
  firmware::Agent& agent() { return agent_; }

 private:
  platform::Task<void> run() {
    const auto ended = co_await agent_.run();
    on_end_(ended ? std::string{} : ended.error().message);
  }

  firmware::Agent agent_;
  OnEnd on_end_;
};

}  // namespace scanferry::tests
