// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include <scanferry/platform/linux/pipe.hpp>

#include "agent/live_acquisition.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/description_options.hpp"
#include "cli/host.hpp"

namespace scanferry::firmware {
namespace {

/// Pixels taken from the pipe at a time, and the memory that this takes.
constexpr std::size_t kPieceBytes = 256 * 1024;
/// A pipe that is quiet for so long gives time to make safe what came.
constexpr core::Millis kQuiet{500};

struct Options {
  std::string config;
  DescriptionOptions description;
  std::uint32_t frames{0};
  bool json{false};
};

/// Takes frames from standard input into the spool.
class Acquirer {
 public:
  Acquirer(platform::Platform platform, platform::PipeReader& pipe, const Options& options, const AgentConfig& config, Acquisition acquisition)
      : platform_{std::move(platform)}, pipe_{pipe}, options_{options}, config_{config}, acquisition_{std::move(acquisition)},
        progress_{!options.json}, buffer_(kPieceBytes) {}

  platform::Task<int> run() {
    const auto begin = [this] { return this->begin(); };
    auto done = co_await platform_.storage.run(begin);
    const auto step = [this] { return this->step(); };
    while (done && !at_end_) {
      done = co_await platform_.storage.run(step);
      if (live_) progress_.show(platform_.clock.now(), live_->frames(), options_.frames, "frames", taken_);
    }
    if (live_ && taken_ > 0) {
      // Also after a failure: what is whole is worth keeping.
      const auto end = [this] { return live_->end(); };
      auto ended = co_await platform_.storage.run(end);
      if (done) done = ended;
    }
    progress_.clear();
    co_return report(done);
  }

  void stop() { pipe_.close(); }

 private:
  Result<void> begin() {
    auto spool = Spool::open(platform_, config_.spool, Spool::Role::guest);
    if (!spool) return std::unexpected{spool.error()};
    spool_ = std::move(*spool);
    const auto now = platform_.clock.wall_now();
    acquisition_.stamp(now, platform_.clock.utc_offset(now));
    live_ = std::make_unique<LiveAcquisition>(platform_, *spool_, acquisition_, config_, options_.frames);
    return live_->begin();
  }

  Result<void> step() {
    auto got = pipe_.read(buffer_, kQuiet);
    if (!got && got.error().code == platform::Errc::timed_out) return live_->idle();
    if (!got && got.error().code == platform::Errc::cancelled) {
      at_end_ = interrupted_ = true;
      return {};
    }
    if (!got) return no_luck(got.error());
    if (*got == 0) {
      at_end_ = true;
      return {};
    }
    taken_ += *got;
    auto fed = live_->feed(core::ByteView{buffer_}.first(*got));
    if (live_->is_complete()) at_end_ = true;
    return fed;
  }

  int report(const Result<void>& done) {
    if (!done) print_error(done.error().message);
    if (!live_) return kNotDone;
    print_accepted();
    if (live_->dropped_bytes() != 0) {
      print_error(text("the last frame was not whole: its ", live_->dropped_bytes(), " bytes were dropped"));
    }
    if (done && live_->frames() < options_.frames) {
      print_error(text("expected ", options_.frames, " frames and got ", live_->frames(), interrupted_ ? " before the interruption" : "",
                       "; these were accepted"));
      return kNotDone;
    }
    if (done && live_->accepted().empty()) {
      print_error("no whole frame came on standard input; see --rows, --columns, --photometric and --bits-allocated");
      return kNotDone;
    }
    if (done && live_->dropped_bytes() != 0) return kNotDone;
    return done ? kDone : done.error().trouble == Trouble::bad_input ? kWrongUsage : kNotDone;
  }

  void print_accepted() {
    if (!options_.json) {
      for (const auto& instance : live_->accepted()) print(text("accepted ", instance.sop_instance_uid, ", ", megabytes(instance.file_bytes)));
      return;
    }
    std::string list;
    for (const auto& instance : live_->accepted()) {
      list += text(list.empty() ? "" : ",", "{\"sop_instance_uid\":", json_string(instance.sop_instance_uid), ",\"bytes\":", instance.file_bytes, "}");
    }
    print(text("{\"frames\":", live_->frames(), ",\"accepted\":[", list, "]}"));
  }

  platform::Platform platform_;
  platform::PipeReader& pipe_;
  const Options& options_;
  const AgentConfig& config_;
  Acquisition acquisition_;
  Progress progress_;
  std::vector<std::byte> buffer_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<LiveAcquisition> live_;
  std::uint64_t taken_{0};
  bool at_end_{false};
  bool interrupted_{false};
};

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto config = load_config(runtime.platform().store, options.config);
  auto acquisition = options.description.acquisition();
  if (!config || !acquisition) {
    print_error(config ? acquisition.error().message : config.error().message);
    return kWrongUsage;
  }
  auto input = platform::open_stdin();
  if (!input) {
    print_error(input.error().detail);
    return kNotDone;
  }
  Acquirer acquirer{runtime.platform(), **input, options, *config, std::move(*acquisition)};
  return run_to_end(runtime, acquirer.run(), [&acquirer] { acquirer.stop(); });
}

}  // namespace

void add_acquire(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("acquire", "Take raw frames of a fixed size from standard input into the queue; the agent pushes them");
  command->add_option("--config", options->config, "Configuration of the agent (TOML)")->required();
  command->add_option("--frames", options->frames, "How many frames are to come; without it, all until the input ends");
  command->add_flag("--json", options->json, "Print what was accepted as one JSON object");
  options->description.add_to(*command);
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
