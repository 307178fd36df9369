// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/platform/sim/node.hpp>

#include "contract.hpp"

namespace scanferry::platform::contract {
namespace {

/// The simulated port: one machine that talks to itself.
class SimPort final : public Port {
 public:
  SimPort() : world_{1}, fabric_{world_}, node_{world_, fabric_, "device"} {
    node_.disk().outside_write("/home/camera", {});
    node_.disk().outside_remove("/home/camera");
    node_.boot([](sim::SimNode&) { return std::make_unique<sim::Program>(); });
  }

  const Platform& platform() override { return node_.platform(); }
  std::string directory() override { return "/home"; }
  std::string host() override { return node_.host(); }

 protected:
  void spawn(Task<void> story) override { node_.spawn(std::move(story)); }
  void run() override {
    const bool ended = world_.run_until([this] { return given_up_ || node_.idle(); }, std::chrono::hours{1});
    if (!given_up_) REQUIRE(ended);
  }
  void give_up() override { given_up_ = true; }

 private:
  sim::World world_;
  sim::Fabric fabric_;
  sim::SimNode node_;
  bool given_up_{false};
};

std::unique_ptr<Port> make_sim_port() { return std::make_unique<SimPort>(); }

}  // namespace

TEST_CASE("the simulated port keeps the contract of Event and Clock") { check(event_contract(), make_sim_port); }
TEST_CASE("the simulated port keeps the contract of StorageThread") { check(storage_thread_contract(), make_sim_port); }
TEST_CASE("the simulated port keeps the contract of Store") { check(store_contract(), make_sim_port); }
TEST_CASE("the simulated port keeps the contract of ByteStream") { check(stream_contract(), make_sim_port); }
TEST_CASE("the simulated port keeps the contract of Listener and dial") { check(listener_contract(), make_sim_port); }

}  // namespace scanferry::platform::contract
