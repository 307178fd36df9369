// SPDX-License-Identifier: Apache-2.0
// `move`: an archive sends what it has to somebody, or to us.
#include <memory>
#include <string>
#include <vector>

#include <scanferry/dimse/uids.hpp>
#include <scanferry/model/document.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "agent/link.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"
#include "cli/identifier.hpp"
#include "cli/peer_options.hpp"

namespace scanferry::firmware {
namespace {

constexpr core::Tag kFailedInstances{0x0008, 0x0058};

struct Options {
  PeerOptions peer;
  std::string root{"study"};
  std::string level{"study"};
  std::string to;
  std::vector<std::string> keys;
  double timeout_seconds{120};
  bool json{false};
  bool quiet{false};
};

Result<model::Document> identifier_for(const Options& options) {
  auto keys = options.keys;
  std::string level = options.level;
  for (char& c : level) c = static_cast<char>(c - 'a' + 'A');
  keys.push_back("QueryRetrieveLevel=" + level);
  return identifier_of(keys);
}

/// How far the archive is: sub-operations, PS3.7 9.1.4.
struct Counts {
  std::uint16_t completed{0};
  std::uint16_t failed{0};
  std::uint16_t warned{0};
  std::uint16_t remaining{0};

  void take(const Answer& answer) {
    completed = answer.command.completed.value_or(completed);
    failed = answer.command.failed.value_or(failed);
    warned = answer.command.warned.value_or(warned);
    remaining = answer.command.remaining.value_or(0);
  }
  [[nodiscard]] std::size_t done() const { return std::size_t{completed} + failed + warned; }
};

/// What the archive lists at the end; nothing when it lists nothing.
std::vector<std::string> failed_instances(const Answer& last) {
  std::vector<std::string> uids;
  if (last.data_set.empty()) return uids;
  const model::MemorySource source{core::bytes_of(last.data_set)};
  const auto document = model::Document::read_data_set(source, last.transfer_syntax_uid);
  const auto* element = document ? document->data_set().find(kFailedInstances) : nullptr;
  if (element == nullptr) return uids;
  auto rest = core::text_of(element->bytes());
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\\'), rest.size());
    const auto uid = rest.substr(0, end);
    uids.emplace_back(uid.substr(0, uid.find_last_not_of(std::string_view{" \0", 2}) + 1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return uids;
}

std::string json_of(const Counts& counts, const Answer& last, const std::vector<std::string>& failed) {
  char status[8];
  std::snprintf(status, sizeof status, "%04X", last.status);
  std::string list;
  for (const auto& uid : failed) list += text(list.empty() ? "" : ",", json_string(uid));
  return text("{\"status\":\"", status, "\",\"completed\":", counts.completed, ",\"warned\":", counts.warned, ",\"failed\":", counts.failed,
              ",\"failed_instances\":[", list, "]}");
}

platform::Task<int> move(const Options& options, const model::Document& identifier, const Peer& peer, platform::Clock& clock, Link& link) {
  const auto sop_class = options.root == "patient" ? dimse::uid::kPatientRootMove : dimse::uid::kStudyRootMove;
  ContextPlan plan;
  plan.add(sop_class, dimse::uid::kExplicitVrLittleEndian);
  plan.add(sop_class, dimse::uid::kImplicitVrLittleEndian);
  if (const auto opened = co_await link.open(plan.contexts()); !opened) {
    print_error(opened.error().message);
    co_return kNotDone;
  }
  Counts counts;
  Progress progress{!options.quiet && !options.json};
  EncodeDataSet encode = [&identifier](std::string_view syntax) { return encode_identifier(identifier, syntax); };
  TakeAnswer take = [&](const Answer& answer) {
    counts.take(answer);
    progress.show(clock.now(), counts.done(), counts.done() + counts.remaining, "objects", 0);
    return true;
  };
  const auto last = co_await link.ask(dimse::move_request(sop_class, options.to), std::move(encode), std::move(take));
  co_await link.close();
  progress.clear();
  if (!last) {
    print_error(last.error().message);
    co_return kNotDone;
  }
  counts.take(*last);
  const auto failed = failed_instances(*last);
  if (options.json) print(json_of(counts, *last, failed));
  if (!options.json && !options.quiet) {
    print(text(counts.completed + counts.warned, " objects sent to ", options.to, counts.warned > 0 ? text(", ", counts.warned, " of them with a warning") : ""));
  }
  for (const auto& uid : failed) print_error(text(uid, ": not sent"));
  if (last->status != 0) print_error(text(to_string(peer.destination.address), ": ", explain(*last, dimse::explain_retrieve_status(last->status))));
  if (counts.failed > 0) print_error(text(counts.failed, " objects were not sent to ", options.to, "; can the archive reach it?"));
  co_return last->status == 0 && counts.failed == 0 ? kDone : kNotDone;
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  auto peer = options.peer.resolve(platform.store);
  const auto identifier = identifier_for(options);
  if (!peer || !identifier || !dimse::is_valid_ae_title(options.to)) {
    print_error(!peer ? peer.error().message : !identifier ? identifier.error().message : "--to: an AE title has 1 to 16 characters and no backslash");
    return kWrongUsage;
  }
  peer->destination.timeouts.response = core::Millis{static_cast<std::int64_t>(options.timeout_seconds * 1000)};
  Route route{platform, peer->destination.security};
  Link link{route.platform(), peer->calling, peer->destination};
  return run_to_end(runtime, move(options, *identifier, *peer, platform.clock, link), [&link] { link.abort(); });
}

}  // namespace

void add_move(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("move", "Let an archive send what it has (C-MOVE); succeeds only if all of it was sent");
  options->peer.add_to(*command);
  command->add_option("--to", options->to, "AE title of the receiver, which the archive must know; see receive")->required();
  command->add_option("-k,--key", options->keys, "PATH[:VR]=VALUE: what to send, by the unique keys of the level and those above it")
      ->required()->allow_extra_args(false);
  command->add_option("--root", options->root, "Information model: study or patient")->capture_default_str()->check(CLI::IsMember({"study", "patient"}));
  command->add_option("--level", options->level, "What the keys name: patient, study, series or image")
      ->capture_default_str()->check(CLI::IsMember({"patient", "study", "series", "image"}));
  command->add_option("--timeout", options->timeout_seconds, "Seconds to wait for each response")->capture_default_str()->check(CLI::Range(0.1, 86400.0));
  command->add_flag("--json", options->json, "One JSON object at the end");
  command->add_flag("--quiet", options->quiet, "Only errors");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
