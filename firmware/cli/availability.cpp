// SPDX-License-Identifier: Apache-2.0
// `ian`: tells who waits for them that objects are there to be retrieved, PS3.4 R (Instance Availability Notification).
#include <memory>
#include <string>
#include <vector>

#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/uids.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "agent/link.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"
#include "cli/identifier.hpp"
#include "cli/number_range.hpp"
#include "cli/peer_options.hpp"
#include "cli/study_content.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  PeerOptions peer;
  std::vector<std::string> paths;
  std::string availability{"ONLINE"};
  std::string retrieve_aet;
  std::string step;
  double timeout_seconds{30};
  bool json{false};
};

/// The data set of one notification, PS3.4 table R.3.2-1: one study, each of its objects with where it is.
Keys keys_of(const Options& options, const ContentStudy& study) {
  Keys keys{"ReferencedPerformedProcedureStepSequence", "StudyInstanceUID=" + study.uid};
  const auto& steps = options.step.empty() ? study.procedure_steps : std::vector{options.step};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto step = text("ReferencedPerformedProcedureStepSequence[", i, "].");
    keys.push_back(text(step, "ReferencedSOPClassUID=", dimse::uid::kPerformedProcedureStep));
    keys.push_back(step + "ReferencedSOPInstanceUID=" + steps[i]);
    keys.push_back(step + "PerformedWorkitemCodeSequence");
  }
  for (std::size_t i = 0; i < study.series.size(); ++i) {
    const auto series = text("ReferencedSeriesSequence[", i, "].");
    keys.push_back(series + "SeriesInstanceUID=" + study.series[i].uid);
    for (std::size_t j = 0; j < study.series[i].instances.size(); ++j) {
      const auto instance = text(series, "ReferencedSOPSequence[", j, "].");
      keys.push_back(instance + "ReferencedSOPClassUID=" + study.series[i].instances[j].sop_class_uid);
      keys.push_back(instance + "ReferencedSOPInstanceUID=" + study.series[i].instances[j].sop_instance_uid);
      keys.push_back(instance + "InstanceAvailability=" + options.availability);
      keys.push_back(instance + "RetrieveAETitle=" + options.retrieve_aet);
    }
  }
  return keys;
}

void tell(const Options& options, const ContentStudy& study, const std::string& uid) {
  std::size_t count = 0;
  for (const auto& series : study.series) count += series.instances.size();
  if (options.json) {
    print(text("{\"sop_instance_uid\":", json_string(uid), ",\"study_instance_uid\":", json_string(study.uid), ",\"objects\":", count, "}"));
  } else {
    print(text(harmless(study.uid), ": ", count, count == 1 ? " object " : " objects ", options.availability, " at ", options.retrieve_aet));
  }
}

platform::Task<Result<void>> notify(platform::Platform& platform, const Options& options, const ContentStudy& study, const Peer& peer, Link& link) {
  const auto high = platform.random.next();
  const std::string uid{core::uid_from_bits(high, platform.random.next()).view()};
  const auto notification = identifier_of(keys_of(options, study));
  if (!notification) co_return std::unexpected{notification.error()};
  EncodeDataSet encode = [&notification](std::string_view syntax) { return encode_identifier(*notification, syntax); };
  const auto answer = co_await link.ask(dimse::n_create_request(dimse::uid::kInstanceAvailability, uid), std::move(encode), {});
  if (!answer) co_return std::unexpected{answer.error()};
  const auto said = text(to_string(peer.destination.address), ": ", explain(*answer, dimse::explain_normalized_status(answer->status)));
  if (!dimse::is_normalized_success(answer->status)) co_return no_luck(said);
  if (answer->status != 0) print_error(said);
  tell(options, study, uid);
  co_return Result<void>{};
}

/// One notification a study, all on one association.
platform::Task<int> notify_all(platform::Platform& platform, const Options& options, const std::vector<ContentStudy>& studies, const Peer& peer, Link& link) {
  ContextPlan plan;
  plan.add(dimse::uid::kInstanceAvailability, dimse::uid::kExplicitVrLittleEndian);
  plan.add(dimse::uid::kInstanceAvailability, dimse::uid::kImplicitVrLittleEndian);
  auto done = co_await link.open(plan.contexts());
  if (!done) print_error(done.error().message);
  bool is_all_told = done.has_value();
  for (std::size_t i = 0; i < studies.size() && link.is_open(); ++i) {
    done = co_await notify(platform, options, studies[i], peer, link);
    if (!done) print_error(text("study ", studies[i].uid, ": ", done.error().message));
    is_all_told = is_all_told && done && (link.is_open() || i + 1 == studies.size());
  }
  co_await link.close();
  co_return is_all_told ? kDone : kNotDone;
}

Result<void> check(const Options& options) {
  if (!dimse::is_valid_ae_title(options.retrieve_aet)) return bad_input("--retrieve-aet: an AE title has 1 to 16 characters and no backslash");
  if (!options.step.empty() && !core::is_valid_uid(options.step)) return bad_input("--step: \"", options.step, "\" is no UID");
  return {};
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  auto peer = options.peer.resolve(platform.store);
  const auto checked = check(options);
  if (!peer || !checked) {
    print_error(peer ? checked.error().message : peer.error().message);
    return kWrongUsage;
  }
  const auto studies = read_content(platform.store, options.paths);
  if (!studies) {
    print_error(studies.error().message);
    return kNotDone;
  }
  peer->limit_stages(options.timeout_seconds);
  Route route{platform, peer->destination.security};
  Link link{route.platform(), peer->calling, peer->destination};
  return run_to_end(runtime, notify_all(platform, options, *studies, *peer, link), [&link] { link.abort(); });
}

}  // namespace

void add_ian(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("ian", "Tell that objects are there to be retrieved (Instance Availability Notification), study by study");
  options->peer.add_to(*command);
  command->add_option("files", options->paths, "The objects: files and folders")->required();
  command->add_option("--retrieve-aet", options->retrieve_aet, "AE title of the archive that has them")->required();
  command->add_option("--availability", options->availability, "How they are there: ONLINE, NEARLINE, OFFLINE or UNAVAILABLE")
      ->capture_default_str()->check(CLI::IsMember({"ONLINE", "NEARLINE", "OFFLINE", "UNAVAILABLE"}));
  command->add_option("--step", options->step, "SOP Instance UID of the performed procedure step that they are of; without it, those that they name");
  command->add_option("--timeout", options->timeout_seconds, "Seconds for each stage: connect, associate, response")
      ->capture_default_str()->check(number_between(0.1, 3600.0));
  command->add_flag("--json", options->json, "One JSON object a line for each study");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
