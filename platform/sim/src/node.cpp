// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/node.hpp>

#include <exception>

#include <boost/asio/co_spawn.hpp>

namespace scanferry::platform::sim {

SimNode::SimNode(World& world, Fabric& fabric, std::string host)
    : world_{world},
      fabric_{fabric},
      host_{std::move(host)},
      id_{world.join(*this)},
      random_{world.prng().fork()},
      disk_{world},
      log_{world},
      clock_{world, id_},
      network_{world, fabric, id_, host_},
      storage_{world, id_, disk_},
      vfs_{"sim-" + std::to_string(id_), disk_, clock_, random_} {
  fabric.add_host(host_);
  interpose(disk_);
}

SimNode::~SimNode() {
  if (is_on()) power_off(CutMode::lose_all);
  world_.leave(id_);
}

void SimNode::interpose(Store& store) {
  platform_.emplace(Platform{clock_, random_, store, storage_, network_, log_, vfs_.name()});
}

void SimNode::boot(const MakeProgram& make) {
  context_ = std::make_unique<boost::asio::io_context>(1);
  fabric_.power_on(host_);
  program_ = make(*this);
}

void SimNode::spawn(Task<void> task) {
  ++running_;
  boost::asio::co_spawn(*context_, std::move(task), [this](const std::exception_ptr& thrown) {
    --running_;
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      world_.fail("an exception left a coroutine of " + host_ + ": " + e.what());
    }
  });
}

bool SimNode::run_one() {
  if (!context_) return false;
  context_->restart();
  return context_->poll_one() > 0;
}

void SimNode::after_step() {
  if (!context_ || !disk_.dead()) return;
  power_off(disk_.behaviour().cut_mode);
  if (power_lost_) power_lost_();
}

// Suspended coroutines refer to the program and are held by handlers: first the parked ones, then those that the io_context
// has queued; only then the program itself. The other orders are uses after free.
void SimNode::end_process() {
  storage_.drop();
  world_.forget(id_);
  context_.reset();
  program_.reset();
  running_ = 0;
}

void SimNode::power_off(CutMode mode) {
  world_.note("power off", id_);
  disk_.power_fails();
  fabric_.power_off(host_);
  end_process();
  disk_.restart(mode);
}

void SimNode::kill() {
  world_.note("kill", id_);
  disk_.release_all();  // before the program goes: a killed process closes nothing in good order
  disk_.ignore_process(true);
  end_process();
  disk_.ignore_process(false);
}

void SimNode::exit() {
  world_.note("exit", id_);
  end_process();
}

}  // namespace scanferry::platform::sim
