// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "agent/agent.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  std::string config;
  bool verbose{false};
  bool check{false};
};

platform::Task<int> run_agent(Agent& agent) {
  const auto ended = co_await agent.run();
  if (ended) co_return kDone;
  print_error(ended.error().message);
  co_return kNotDone;
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{options.verbose ? platform::LogLevel::debug : platform::LogLevel::info};
  auto config = load_config(runtime.platform().store, options.config);
  if (!config) {
    print_error(config.error().message);
    return kWrongUsage;
  }
  if (options.check) {
    print(text(options.config, ": good, ", config->destinations.size(), " destinations, ", config->watches.size(), " watched folders"));
    return kDone;
  }
  Agent agent{runtime.platform(), std::move(*config)};
  return run_to_end(runtime, run_agent(agent), [&agent] { agent.stop(); });
}

}  // namespace

void add_run(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("run", "Run the agent until SIGTERM: take acquisitions, queue them, push them, answer C-ECHO");
  command->add_option("--config", options->config, "Configuration (TOML)")->required();
  command->add_flag("--check", options->check, "Only read and check the configuration");
  command->add_flag("--verbose", options->verbose, "Log every attempt");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
