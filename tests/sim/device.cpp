// SPDX-License-Identifier: Apache-2.0
#include "device.hpp"

#include "camera.hpp"

namespace scanferry::tests {
namespace {

using namespace std::chrono_literals;

/// An orderly stop has so long, more than the config allows it.
constexpr core::Millis kStopWithin{30'000};

}  // namespace

Device::Device(platform::sim::World& world, platform::sim::Fabric& fabric, const RunOptions& options)
    : world_{world}, options_{options}, node_{world, fabric, kHost} {
  node_.disk().outside_write(std::string{Camera::kFolder} + "/.camera", {});
  node_.on_power_lost([this] { power_was_cut(); });
}

firmware::AgentConfig Device::config() const {
  firmware::AgentConfig config;
  config.aet = "DEVICE";
  config.spool.path = kSpool;
  config.spool.max_bytes = options_.spool_bytes_max;
  config.spool.min_free_bytes = 20'000;
  config.spool.keep_stored = options_.keep_stored;
  config.listen.enabled = true;
  config.listen.port = kPort;
  config.listen.takes_objects = options_.modality.objects > 0;
  config.retry.first = 500ms;
  config.retry.longest = 20s;
  config.echo_interval = 20s;
  config.stop_within = 5s;
  for (std::uint32_t i = 0; i < options_.destinations; ++i) {
    firmware::DestinationConfig destination;
    destination.name = destination_name(i);
    destination.address.aet = "PACS";
    destination.address.host = destination.name;
    destination.address.port = options_.pacs.port;
    destination.window = options_.pacs.window;
    destination.associations = options_.associations;
    destination.linger = options_.linger;
    destination.bytes_per_second = options_.pace;
    destination.connect_timeout = 5s;
    destination.timeouts.associate = 8s;
    destination.timeouts.transfer = 10s;
    destination.timeouts.response = 12s;
    destination.timeouts.release = 4s;
    config.destinations.push_back(destination);
  }
  firmware::WatchConfig watch;
  watch.path = Camera::kFolder;
  watch.after_accept = options_.keep_sources ? firmware::AfterAccept::keep : firmware::AfterAccept::remove;
  config.watches.push_back(watch);
  return config;
}

void Device::boot() {
  if (node_.is_on()) return;
  ++boot_;
  ++tally_.boots;
  stays_down_ = false;
  node_.boot([this](platform::sim::SimNode& node) {
    const auto on_end = [this, boot = boot_](std::string why) {
      // Not from inside the coroutine that ends.
      world_.after({}, [this, boot, why = std::move(why)] {
        if (boot == boot_) program_ended(why);
      });
    };
    auto program = std::make_unique<DeviceProgram>(node, config(), on_end);
    program_ = program.get();
    return program;
  });
}

void Device::boot_after(core::Millis low, core::Millis high) {
  const auto pause = world_.prng().between(static_cast<std::uint64_t>(low.count()), static_cast<std::uint64_t>(high.count()));
  world_.after(core::Millis{static_cast<std::int64_t>(pause)}, [this, boot = boot_] {
    if (boot == boot_ && !stays_down_) this->boot();
  });
}

void Device::program_ended(const std::string& why) {
  node_.exit();
  program_ = nullptr;
  if (!why.empty()) {
    ++tally_.failed_starts;
    node_.log().write(platform::LogLevel::error, "device", why);
  }
  if (!stays_down_) boot_after(500ms, 5s);
}

void Device::power_was_cut() {
  program_ = nullptr;
  ++tally_.power_cuts;
  node_.log().write(platform::LogLevel::info, "device", "--- power cut ---");
  if (power_cut_) power_cut_();
  boot_after(500ms, 5s);
}

void Device::cut_power(platform::sim::CutMode mode) {
  if (!node_.is_on()) return;
  node_.power_off(mode);
  power_was_cut();
}

void Device::kill() {
  if (!node_.is_on()) return;
  node_.kill();
  program_ = nullptr;
  ++tally_.kills;
  node_.log().write(platform::LogLevel::info, "device", "--- killed ---");
  boot_after(10ms, 3s);
}

void Device::restart() {
  if (program_ != nullptr) program_->agent().stop();
}

bool Device::shut_down() {
  stays_down_ = true;
  restart();
  return world_.run_until([this] { return !node_.is_on(); }, kStopWithin);
}

}  // namespace scanferry::tests
