// SPDX-License-Identifier: Apache-2.0
// `get`: fetches what an archive has, on the association that asks for it.
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <scanferry/dimse/uids.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "agent/link.hpp"
#include "agent/object_receiver.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_pattern.hpp"
#include "cli/host.hpp"
#include "cli/object_folder.hpp"
#include "cli/retrieval.hpp"
#include "cli/storage_proposal.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::array kServed{dimse::CommandField::c_store};

struct Options {
  RetrievalOptions retrieval;
  StorageChoice choice;
  std::string folder;
  std::string pattern{"{sop_instance_uid}.dcm"};
};

std::string_view model_of(const Options& options) {
  return options.retrieval.root == "patient" ? dimse::uid::kPatientRootGet : dimse::uid::kStudyRootGet;
}

/// What an archive says that it sent, and what came.
bool is_all_here(const SubOperations& counts, std::uint64_t kept) {
  const auto sent = std::uint64_t{counts.completed} + counts.warned;
  if (kept >= sent) return true;
  print_error(text("the archive says that it sent ", sent, " objects, but only ", kept, " came"));
  return false;
}

struct Getting {
  const Options& options;
  platform::Platform& platform;
  const std::vector<StorageProposal>& proposals;
  const model::Document& identifier;
  ObjectFolder& folder;
  Retrieval& retrieval;
  std::string archive;
};

platform::Task<int> get(Getting with) {
  const auto open = [&with] { return with.folder.open(); };
  if (const auto opened = co_await with.platform.storage.run(open); !opened) {
    print_error(opened.error().message);
    co_return kNotDone;
  }
  AcceptanceGroup group{with.platform, with.folder};
  ObjectReceiver receiver{with.platform, group, with.archive};
  const auto request = dimse::get_request(model_of(with.options));
  for (const auto& proposal : with.proposals) {
    const Serving serving{.servant = &receiver, .operations = kServed, .roles = proposal.roles()};
    const bool is_answered = co_await with.retrieval.run(proposal.contexts(), request, with.identifier, serving);
    if (!is_answered) co_return kNotDone;
    if (!with.retrieval.is_worth_another()) break;
  }
  const auto kept = with.folder.count();
  const auto& shown = with.options.retrieval;
  if (!shown.json && !shown.quiet) print(text(kept, kept == 1 ? " object" : " objects", " in ", with.options.folder));
  const bool is_done = with.retrieval.tell();
  if (with.retrieval.counts().failed > 0 && !group.had_no_room()) {
    print_error("what is of another SOP class or transfer syntax than was agreed on cannot come: see --sop-class, --modality and --one-context");
  }
  if (is_done && kept == 0) {
    print_error("the archive has nothing of that");
    co_return kNotDone;
  }
  co_return is_all_here(with.retrieval.counts(), kept) && is_done ? kDone : kNotDone;
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  const auto peer = options.retrieval.resolve(platform.store);
  const auto identifier = options.retrieval.identifier();
  const auto proposals = StorageProposal::plan(options.choice, model_of(options));
  auto pattern = FilePattern::parse(options.pattern);
  if (!peer || !identifier || !proposals || !pattern) {
    print_error(!peer         ? peer.error().message
                : !identifier ? identifier.error().message
                : !proposals  ? proposals.error().message
                              : text("--pattern: ", pattern.error().message));
    return kWrongUsage;
  }
  const auto tell = [&options](const IncomingObject& object, const KeptObject& kept) {
    if (options.retrieval.json) print(json_line_of(object, kept));
  };
  ObjectFolder folder{platform.store, std::move(*pattern), std::filesystem::absolute(options.folder).lexically_normal().string(), tell};
  Retrieval retrieval{runtime, options.retrieval, *peer};
  Getting with{options, platform, *proposals, *identifier, folder, retrieval, std::string{peer->destination.address.aet.view()}};
  return run_to_end(runtime, get(std::move(with)), [&retrieval] { retrieval.stop(); });
}

}  // namespace

void add_get(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("get", "Fetch what an archive has (C-GET); succeeds only if all of it came");
  options->retrieval.add_to(*command);
  command->get_option("--json")->description("One JSON object a line for each object, then one with the counts");
  command->add_option("folder", options->folder, "Where it goes; it is made if need be")->required();
  command->add_option("--pattern", options->pattern, "Path of each file below the folder, as of receive")->capture_default_str();
  command->add_option("--sop-class", options->choice.sop_classes, "Fetch objects of this SOP class, by UID or keyword, and in whatever transfer syntax they "
      "are stored; may be given more than once; without it and --modality, all of the standard's, those that archives most often hold first")
      ->allow_extra_args(false);
  command->add_option("--modality", options->choice.modalities, "Fetch the objects of this modality: CT, MR, SR, ...; may be given more than once")
      ->allow_extra_args(false);
  command->add_option("--transfer-syntax", options->choice.transfer_syntaxes, "Take them in this transfer syntax only, by UID or keyword; may be given more "
      "than once")->allow_extra_args(false);
  command->add_flag("--one-context", options->choice.is_one_context, "Propose the transfer syntaxes of a SOP class in one presentation context, for "
      "archives that use no other");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
