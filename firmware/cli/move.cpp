// SPDX-License-Identifier: Apache-2.0
// `move`: an archive sends what it has to somebody, or to us.
#include <memory>
#include <string>

#include <scanferry/dimse/uids.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "agent/link.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"
#include "cli/retrieval.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  RetrievalOptions retrieval;
  std::string to;
};

platform::Task<int> move(const Options& options, const model::Document& identifier, Retrieval& retrieval) {
  const auto sop_class = options.retrieval.root == "patient" ? dimse::uid::kPatientRootMove : dimse::uid::kStudyRootMove;
  ContextPlan plan;
  plan.add(sop_class, dimse::uid::kExplicitVrLittleEndian);
  plan.add(sop_class, dimse::uid::kImplicitVrLittleEndian);
  if (!co_await retrieval.run(plan.contexts(), dimse::move_request(sop_class, options.to), identifier)) co_return kNotDone;
  const auto& counts = retrieval.counts();
  if (!options.retrieval.json && !options.retrieval.quiet) {
    print(text(counts.completed + counts.warned, " objects sent to ", options.to, counts.warned > 0 ? text(", ", counts.warned, " of them with a warning") : ""));
  }
  const bool is_done = retrieval.tell();
  if (is_done && counts.done() == 0) {
    print_error("the archive has nothing of that");
    co_return kNotDone;
  }
  if (counts.failed > 0) print_error(text("can the archive reach ", options.to, "?"));
  co_return is_done ? kDone : kNotDone;
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  const auto peer = options.retrieval.resolve(platform.store);
  const auto identifier = options.retrieval.identifier();
  if (!peer || !identifier || !dimse::is_valid_ae_title(options.to)) {
    print_error(!peer ? peer.error().message : !identifier ? identifier.error().message : "--to: an AE title has 1 to 16 characters and no backslash");
    return kWrongUsage;
  }
  Retrieval retrieval{runtime, options.retrieval, *peer};
  return run_to_end(runtime, move(options, *identifier, retrieval), [&retrieval] { retrieval.stop(); });
}

}  // namespace

void add_move(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("move", "Let an archive send what it has (C-MOVE); succeeds only if all of it was sent");
  options->retrieval.add_to(*command);
  command->add_option("--to", options->to, "AE title of the receiver, which the archive must know; see receive")->required();
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
