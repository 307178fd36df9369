// SPDX-License-Identifier: Apache-2.0
#include "run.hpp"

#include "agent/ledger.hpp"
#include "lambda_program.hpp"

namespace scanferry::tests {
namespace {

using namespace std::chrono_literals;

/// Once nothing goes wrong any more, everything is delivered within this. It covers the longest time-outs of the device's
/// config and of the PACS, and every back-off once.
constexpr core::Millis kDrainWithin{15 * 60'000};
/// Between two looks at whether all is delivered.
constexpr core::Millis kLookEvery{2'000};
/// Until folder and spool are tidied after the last delivery: a look at the folder, and the interval of housekeeping.
constexpr core::Millis kTidyWithin{100'000};

class Run {
 public:
  Run(const RunOptions& options, const RunSetup& setup)
      : options_{options}, setup_{setup}, world_{options.seed}, fabric_{world_}, device_{world_, fabric_, options}, liar_{make_liar()},
        camera_{device_.node(), options}, modality_{make_modality()}, sites_{make_sites()},
        checker_{world_, device_, camera_, modality_.get(), sites_, scope()},
        troubles_{world_, fabric_, device_, sites_, options}, engineer_{world_, fabric_, "engineer"} {}

  RunReport execute() {
    prepare();
    troubles_.begin();
    world_.run_for(options_.trouble_lasts);
    troubles_.heal();
    if (modality_) modality_->heal();
    if (good() && modality_ && !world_.run_until([this] { return modality_->done(); }, kDrainWithin)) fail("the modality cannot finish");
    if (good() && !world_.run_until([this] { return camera_.done(); }, kDrainWithin)) fail("the camera cannot finish");
    drain();
    ping();
    stop_and_check(true);
    release_held();
    drain();
    stop_and_check(false);
    checker_.nothing_came_again();
    return report();
  }

 private:
  [[nodiscard]] bool good() const { return !world_.failed(); }
  void fail(const std::string& what) { world_.fail(what); }

  // What a planted bug breaks must show in what is lost, not only to those who know where to look.
  [[nodiscard]] Checker::Scope scope() const {
    const bool disturbed = setup_.lie || setup_.cut_at_change != 0 || setup_.fail_operation != 0;
    return {.promises = !setup_.lie, .clock_steps = options_.wall_clock_steps > 0,
            .disk_errors = options_.disk.error_spells > 0, .calm = options_.is_calm() && !disturbed};
  }

  std::unique_ptr<LyingStore> make_liar() {
    if (!setup_.lie) return nullptr;
    auto liar = std::make_unique<LyingStore>(device_.disk(), *setup_.lie);
    device_.node().interpose(*liar);
    return liar;
  }

  std::unique_ptr<Modality> make_modality() {
    return options_.modality.objects > 0 ? std::make_unique<Modality>(world_, fabric_, options_) : nullptr;
  }

  PacsSites make_sites() {
    PacsSites sites;
    for (std::uint32_t i = 0; i < options_.destinations; ++i) {
      sites.push_back(std::make_unique<PacsSite>(world_, fabric_, Device::destination_name(i), options_.pacs, camera_, modality_.get()));
    }
    return sites;
  }

  void prepare() {
    world_.print_trace(setup_.print_trace);
    device_.node().log().echo(setup_.echo_log);
    device_.disk().behaviour().cut_at_change = setup_.cut_at_change;
    device_.disk().behaviour().cut_mode = setup_.cut_mode;
    device_.disk().behaviour().fail_operation = setup_.fail_operation;
    fabric_.demand_deadlines();
    for (const auto& site : sites_) site->boot();
    device_.boot();
    camera_.begin();
    if (modality_) modality_->begin();
  }

  void drain() {
    if (!good()) return;
    const auto end = world_.elapsed() + kDrainWithin;
    while (good() && !checker_.is_drained()) {
      if (world_.elapsed() > end) return fail("nothing went wrong any more, and yet not all is delivered:" + checker_.what_is_missing());
      world_.run_for(kLookEvery);
    }
    world_.run_for(kTidyWithin);
  }

  // A service engineer asks from the hospital's network whether the device is there.
  void ping() {
    if (!good()) return;
    std::optional<std::string> wrong;
    engineer_.boot(LambdaProgram::maker([&wrong](platform::sim::SimNode& node) -> platform::Task<void> {
      wrong = co_await probe_by_echo(node.network(), node.clock(), Device::kHost, Device::kPort, "DEVICE", 10s);
    }));
    (void)world_.run_until([&wrong] { return wrong.has_value(); }, 1min);
    engineer_.power_off();
    if (good() && (!wrong || !wrong->empty())) fail("the device cannot be pinged: " + wrong.value_or("no end"));
  }

  void stop_and_check(bool held_is_allowed) {
    if (!good()) return;
    if (!device_.shut_down()) return fail("the agent does not stop");
    checker_.all_is_in_order(held_is_allowed);
  }

  // Somebody looked into the held objects, mended what was wrong, and releases them.
  void release_held() {
    if (!good()) return;
    checker_.remember_receptions();
    {
      auto& platform = device_.node().platform();
      auto ledger = firmware::Ledger::open(platform.store, std::string{Device::kSpool} + "/ledger.sqlite", platform.sqlite_vfs,
                                           firmware::Ledger::Repair::no);
      firmware::DeliveryFilter held;
      held.state = core::DeliveryState::held;
      auto released = (*ledger)->set_state(held, core::DeliveryState::pending, "released", world_.wall_now());
      if (!released) return fail("held objects cannot be released: " + released.error().message);
      held_ = *released;
    }
    device_.boot();
    world_.run_for(kLookEvery);
  }

  RunReport report() {
    RunReport report;
    report.failure = world_.failure();
    report.trace_hash = world_.trace_hash();
    report.virtual_time = std::chrono::floor<core::Millis>(world_.elapsed());
    report.power_cuts = device_.tally().power_cuts;
    report.kills = device_.tally().kills;
    for (const auto& site : sites_) {
      report.objects += site->pacs().archive().size();
      for (const auto& [uid, object] : site->pacs().archive()) report.receptions += site->pacs().dealings(uid).receptions;
    }
    report.held = held_;
    report.operations = device_.disk().operations();
    report.changes = device_.disk().changes();
    report.log.assign(device_.node().log().lines().begin(), device_.node().log().lines().end());
    return report;
  }

  const RunOptions& options_;
  const RunSetup& setup_;
  platform::sim::World world_;
  platform::sim::Fabric fabric_;
  Device device_;
  std::unique_ptr<LyingStore> liar_;
  Camera camera_;
  std::unique_ptr<Modality> modality_;
  PacsSites sites_;
  Checker checker_;
  Troubles troubles_;
  platform::sim::SimNode engineer_;
  std::uint64_t held_{0};
};

}  // namespace

RunReport run_once(const RunOptions& options, const RunSetup& setup) { return Run{options, setup}.execute(); }

}  // namespace scanferry::tests
