// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>

#include <scanferry/dimse/uids.hpp>

#include "agent/link.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"
#include "cli/number_range.hpp"
#include "cli/peer_options.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  PeerOptions peer;
  std::uint32_t repeat{1};
  double timeout_seconds{30};
  bool json{false};
};

void report(const Options& options, const Result<void>& result, core::Millis took) {
  if (options.json) {
    print(text("{\"peer\":", json_string(options.peer.name()), ",\"ok\":", result ? "true" : "false", ",\"ms\":", took.count(),
               result ? std::string{} : text(",\"error\":", json_string(result.error().message)), "}"));
  } else if (result) {
    print(text(options.peer.name(), " answers C-ECHO, ", took.count(), " ms"));
  } else {
    print_error(result.error().message);
  }
}

platform::Task<int> echo(platform::Platform& platform, const Options& options, Link& link) {
  ContextPlan plan;
  plan.add(dimse::uid::kVerification, dimse::uid::kImplicitVrLittleEndian);
  int code = kDone;
  auto started = platform.clock.now();
  auto result = co_await link.open(plan.contexts());
  for (std::uint32_t n = 0; n < options.repeat; ++n) {
    if (result) result = co_await link.echo();
    const auto now = platform.clock.now();
    report(options, result, now - started);
    started = now;
    if (!result) {
      code = kNotDone;
      break;
    }
  }
  co_await link.close();
  co_return code;
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  auto peer = options.peer.resolve(platform.store);
  if (!peer) {
    print_error(peer.error().message);
    return kWrongUsage;
  }
  peer->limit_stages(options.timeout_seconds);
  Route route{platform, peer->destination.security};
  Link link{route.platform(), peer->calling, peer->destination};
  return run_to_end(runtime, echo(route.platform(), options, link), [&link] { link.abort(); });
}

}  // namespace

void add_echo(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("echo", "Ask a peer by C-ECHO whether it is there and knows us");
  options->peer.add_to(*command);
  command->add_option("--repeat", options->repeat, "How many echoes, over one association")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  command->add_option("--timeout", options->timeout_seconds, "Seconds for each stage: connect, associate, response")
      ->capture_default_str()->check(number_between(0.1, 3600.0));
  command->add_flag("--json", options->json, "One JSON object a line for each echo");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
