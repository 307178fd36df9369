// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include <scanferry/platform/sim/node.hpp>

#include "contract.hpp"

namespace scanferry::platform::contract {

/// The simulated port: one machine that talks to itself.
class SimPort : public Port {
 public:
  SimPort() : world_{1}, fabric_{world_}, node_{world_, fabric_, "device"} {
    node_.disk().outside_write("/home/camera", {});
    node_.disk().outside_remove("/home/camera");
    node_.boot([](sim::SimNode&) { return std::make_unique<sim::Program>(); });
  }

  const Platform& platform() override { return node_.platform(); }
  std::string directory() override { return "/home"; }
  std::string host() override { return node_.host(); }

  sim::World& world() { return world_; }
  sim::Fabric& fabric() { return fabric_; }
  sim::SimNode& node() { return node_; }

 protected:
  void spawn(Task<void> story) override { node_.spawn(std::move(story)); }
  void run() override {
    const bool ended = world_.run_until([this] { return given_up_ || node_.idle(); }, std::chrono::hours{24});
    if (!given_up_) REQUIRE(ended);
  }
  void give_up() override { given_up_ = true; }

 private:
  sim::World world_;
  sim::Fabric fabric_;
  sim::SimNode node_;
  bool given_up_{false};
};

}  // namespace scanferry::platform::contract
