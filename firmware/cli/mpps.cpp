// SPDX-License-Identifier: Apache-2.0
// `mpps`: tells the information system what is being done and was done, PS3.4 F.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/uids.hpp>
#include <scanferry/model/document.hpp>
#include <scanferry/model/element_text.hpp>
#include <scanferry/model/json_reader.hpp>
#include <scanferry/model/tag_path.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "agent/link.hpp"
#include "agent/local_time.hpp"
#include "agent/text_file.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_source.hpp"
#include "cli/host.hpp"
#include "cli/identifier.hpp"
#include "cli/object_list.hpp"
#include "cli/peer_options.hpp"

namespace scanferry::firmware {
namespace {

using Keys = std::vector<std::string>;

struct Options {
  PeerOptions peer;
  std::string uid;
  std::string worklist;
  Keys keys;
  std::vector<std::string> files;
  double timeout_seconds{30};
  bool json{false};
};

/// What is to be asked, PS3.4 F.7.2: its data set in keys as a command line has them.
struct Step {
  dimse::CommandSet request;
  Keys keys;
  std::string uid;
};

// PS3.4 table F.7.2-1, at N-CREATE: what there must be, empty where it is not known.
const Keys kEmptyAtCreate{
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferencedPatientSequence", "PerformedStationName", "PerformedLocation",
    "PerformedProcedureStepDescription", "PerformedProcedureTypeDescription", "ProcedureCodeSequence", "PerformedProcedureStepEndDate",
    "PerformedProcedureStepEndTime", "StudyID", "PerformedProtocolCodeSequence", "PerformedSeriesSequence",
    "ScheduledStepAttributesSequence[0].ReferencedStudySequence", "ScheduledStepAttributesSequence[0].AccessionNumber",
    "ScheduledStepAttributesSequence[0].RequestedProcedureID", "ScheduledStepAttributesSequence[0].RequestedProcedureDescription",
    "ScheduledStepAttributesSequence[0].ScheduledProcedureStepID", "ScheduledStepAttributesSequence[0].ScheduledProcedureStepDescription",
    "ScheduledStepAttributesSequence[0].ScheduledProtocolCodeSequence",
};

/// Where a worklist item's values go, PS3.17 J.
const std::vector<std::pair<std::string, std::string>> kFromWorklist{
    {"PatientName", "PatientName"},
    {"PatientID", "PatientID"},
    {"PatientBirthDate", "PatientBirthDate"},
    {"PatientSex", "PatientSex"},
    {"StudyInstanceUID", "ScheduledStepAttributesSequence[0].StudyInstanceUID"},
    {"AccessionNumber", "ScheduledStepAttributesSequence[0].AccessionNumber"},
    {"RequestedProcedureID", "ScheduledStepAttributesSequence[0].RequestedProcedureID"},
    {"RequestedProcedureDescription", "ScheduledStepAttributesSequence[0].RequestedProcedureDescription"},
    {"ScheduledProcedureStepSequence[0].ScheduledProcedureStepID", "ScheduledStepAttributesSequence[0].ScheduledProcedureStepID"},
    {"ScheduledProcedureStepSequence[0].ScheduledProcedureStepDescription", "ScheduledStepAttributesSequence[0].ScheduledProcedureStepDescription"},
    {"ScheduledProcedureStepSequence[0].Modality", "Modality"},
};

std::string value_at(const model::Document& document, const std::string& path) {
  const auto parsed = model::TagPath::parse(path);
  const auto* data_set = &document.data_set();
  model::CharacterSet characters = model::character_set_in(*data_set, model::CharacterSet{});
  for (const auto& step : parsed->steps) {
    const auto* element = data_set->find(step.tag);
    if (element == nullptr) return {};
    if (!step.item) {
      const auto values = model::text_values(*element, characters);
      return values.empty() ? std::string{} : values.front();
    }
    if (*step.item >= element->items().size()) return {};
    data_set = &element->items()[*step.item].data_set;
    characters = model::character_set_in(*data_set, characters);
  }
  return {};
}

/// One line of `worklist --json`.
Result<Keys> keys_of_worklist(platform::Store& store, const std::string& path) {
  const auto json = read_text_file(store, path);
  if (!json) return std::unexpected{json.error()};
  const auto no_bulk = [](std::string_view uri) -> model::Result<std::vector<std::byte>> { return std::unexpected{model::Error{text("bulk data at ", uri), 0, {}}}; };
  const auto item = model::read_json(*json, no_bulk);
  if (!item) return bad_input(path, ": ", item.error().text(), "; one line of 'worklist --json' is expected");
  Keys keys;
  for (const auto& [from, to] : kFromWorklist) {
    if (const auto value = value_at(*item, from); !value.empty()) keys.push_back(to + "=" + value);
  }
  return keys;
}

Result<Step> step_to_start(platform::Platform& platform, const Options& options, const Peer& peer) {
  const auto now = platform.clock.wall_now();
  const auto moment = local_time(now, platform.clock.utc_offset(now));
  const auto high = platform.random.next();
  Step step;
  step.uid = options.uid.empty() ? std::string{core::uid_from_bits(high, platform.random.next()).view()} : options.uid;
  step.request = dimse::n_create_request(dimse::uid::kPerformedProcedureStep, step.uid);
  step.keys = kEmptyAtCreate;
  step.keys.push_back("PerformedProcedureStepStatus=IN PROGRESS");
  step.keys.push_back("PerformedProcedureStepID=" + moment.date + moment.time.substr(0, 6));
  step.keys.push_back(text("PerformedStationAETitle=", peer.calling.view()));
  step.keys.push_back("PerformedProcedureStepStartDate=" + moment.date);
  step.keys.push_back("PerformedProcedureStepStartTime=" + moment.time);
  step.keys.push_back("Modality=OT");
  step.keys.push_back(text("ScheduledStepAttributesSequence[0].StudyInstanceUID=", core::uid_from_bits(platform.random.next(), high).view()));
  if (options.worklist.empty()) return step;
  const auto known = keys_of_worklist(platform.store, options.worklist);
  if (!known) return std::unexpected{known.error()};
  step.keys.insert(step.keys.end(), known->begin(), known->end());
  return step;
}

/// The series that were made, PS3.3 C.4.14, from the files of their objects.
Result<Keys> keys_of_series(platform::Store& store, const std::vector<std::string>& paths) {
  const auto list = collect_objects(store, paths);
  if (list.failed > 0) return bad_input(list.problems.empty() ? "not all files can be read" : list.problems.front().words);
  std::map<std::string, std::size_t> series;
  std::map<std::string, std::size_t> images;
  Keys keys;
  for (const auto& object : list.objects) {
    const auto opened = open_document(store, object.path, {.stop_before_pixels = true});
    if (!opened) return std::unexpected{opened.error()};
    const auto uid = value_at(opened->document, "SeriesInstanceUID");
    if (uid.empty()) return bad_input(object.path, ": has no SeriesInstanceUID");
    const auto [at, is_new] = series.emplace(uid, series.size());
    const auto here = text("PerformedSeriesSequence[", at->second, "].");
    if (is_new) {
      const auto protocol = value_at(opened->document, "ProtocolName");
      keys.push_back(here + "SeriesInstanceUID=" + uid);
      keys.push_back(here + "ProtocolName=" + (protocol.empty() ? "UNKNOWN" : protocol));
      keys.push_back(here + "SeriesDescription=" + value_at(opened->document, "SeriesDescription"));
      for (const auto* empty : {"PerformingPhysicianName", "OperatorsName", "RetrieveAETitle", "ReferencedNonImageCompositeSOPInstanceSequence"}) {
        keys.push_back(here + empty);
      }
    }
    const auto image = text(here, "ReferencedImageSequence[", images[uid]++, "].");
    keys.push_back(image + "ReferencedSOPClassUID=" + object.sop_class_uid);
    keys.push_back(image + "ReferencedSOPInstanceUID=" + object.sop_instance_uid);
  }
  return keys;
}

Result<Step> step_to_end(platform::Platform& platform, const Options& options, const std::string& status) {
  const auto now = platform.clock.wall_now();
  const auto moment = local_time(now, platform.clock.utc_offset(now));
  auto keys = keys_of_series(platform.store, options.files);
  if (!keys) return std::unexpected{keys.error()};
  Step step;
  step.uid = options.uid;
  step.request = dimse::n_set_request(dimse::uid::kPerformedProcedureStep, step.uid);
  step.keys = std::move(*keys);
  // PS3.4 F.7.2.2.2: what is final has a series, of nothing when nothing was made.
  if (options.files.empty()) step.keys.push_back("PerformedSeriesSequence");
  step.keys.push_back("PerformedProcedureStepStatus=" + status);
  step.keys.push_back("PerformedProcedureStepEndDate=" + moment.date);
  step.keys.push_back("PerformedProcedureStepEndTime=" + moment.time);
  return step;
}

Step step_to_show(const Options& options) {
  Step step;
  step.uid = options.uid;
  step.request = dimse::n_get_request(dimse::uid::kPerformedProcedureStepRetrieve, step.uid);
  return step;
}

Result<void> show(const Options& options, const Answer& answer) {
  if (answer.data_set.empty()) return {};
  const model::MemorySource source{core::bytes_of(answer.data_set)};
  const auto document = model::Document::read_data_set(source, answer.transfer_syntax_uid);
  if (!document) return bad_input(document.error().text());
  if (!options.json) {
    print(lines_of(document->data_set()));
    return {};
  }
  const auto line = json_line_of(*document);
  if (!line) return std::unexpected{line.error()};
  print(*line);
  return {};
}

platform::Task<int> tell(const Options& options, Step step, const Peer& peer, Link& link) {
  const auto keys = identifier_of(step.keys);
  if (!keys) {
    print_error(keys.error().message);
    co_return kWrongUsage;
  }
  ContextPlan plan;
  plan.add(step.request.sop_class_uid(), dimse::uid::kExplicitVrLittleEndian);
  plan.add(step.request.sop_class_uid(), dimse::uid::kImplicitVrLittleEndian);
  const auto opened = co_await link.open(plan.contexts());
  Result<Answer> answer = opened ? Result<Answer>{} : std::unexpected{opened.error()};
  if (opened) {
    EncodeDataSet encode;
    if (!step.keys.empty()) encode = [&keys](std::string_view syntax) { return encode_identifier(*keys, syntax); };
    answer = co_await link.ask(step.request, std::move(encode), {});
  }
  co_await link.close();
  if (!answer) {
    print_error(answer.error().message);
    co_return kNotDone;
  }
  const bool is_done = answer->status == 0 || answer->status == 0x0001 || answer->status == 0x0107 || answer->status == 0x0116;
  if (answer->status != 0) print_error(text(to_string(peer.destination.address), ": ", explain(*answer, dimse::explain_normalized_status(answer->status))));
  const bool is_get = step.keys.empty();
  if (is_done && is_get) {
    if (const auto shown = show(options, *answer); !shown) print_error(shown.error().message);
  }
  if (is_done && !is_get) print(options.json ? text("{\"sop_instance_uid\":", json_string(step.uid), "}") : step.uid);
  co_return is_done ? kDone : kNotDone;
}

enum class Verb : std::uint8_t { start, complete, discontinue, show };

int run(const Options& options, Verb verb) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  auto peer = options.peer.resolve(platform.store);
  if (!peer) {
    print_error(peer.error().message);
    return kWrongUsage;
  }
  Result<Step> step = step_to_show(options);
  if (verb == Verb::start) step = step_to_start(platform, options, *peer);
  if (verb == Verb::complete) step = step_to_end(platform, options, "COMPLETED");
  if (verb == Verb::discontinue) step = step_to_end(platform, options, "DISCONTINUED");
  if (!step || (!step->uid.empty() && !core::is_valid_uid(step->uid))) {
    print_error(step ? text("\"", step->uid, "\" is no UID") : step.error().message);
    return kWrongUsage;
  }
  step->keys.insert(step->keys.end(), options.keys.begin(), options.keys.end());
  peer->limit_stages(options.timeout_seconds);
  Route route{platform, peer->destination.security};
  Link link{route.platform(), peer->calling, peer->destination};
  return run_to_end(runtime, tell(options, std::move(*step), *peer, link), [&link] { link.abort(); });
}

void add_verb(CLI::App& mpps, Chosen& chosen, const char* name, const char* about, Verb verb) {
  auto options = std::make_shared<Options>();
  auto* command = mpps.add_subcommand(name, about);
  options->peer.add_to(*command);
  if (verb == Verb::start) {
    command->add_option("--uid", options->uid, "SOP Instance UID of the step; without it, a new one");
    command->add_option("--worklist", options->worklist, "File with one line of 'worklist --json': what was scheduled");
  } else {
    command->add_option("uid", options->uid, "SOP Instance UID of the step, as `start` printed it")->required();
  }
  if (verb == Verb::complete || verb == Verb::discontinue) command->add_option("files", options->files, "The objects that were made: files and folders");
  if (verb != Verb::show) {
    command->add_option("-k,--key", options->keys, "PATH[:VR]=VALUE: a further attribute, or another value")->allow_extra_args(false);
  }
  command->add_option("--timeout", options->timeout_seconds, "Seconds for each stage: connect, associate, response")
      ->capture_default_str()->check(CLI::Range(0.1, 3600.0));
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &chosen, verb] { chosen = [options, verb] { return run(*options, verb); }; });
}

}  // namespace

void add_mpps(CLI::App& app, Chosen& chosen) {
  auto* mpps = app.add_subcommand("mpps", "Tell the information system what is done (Modality Performed Procedure Step)");
  mpps->require_subcommand(1);
  add_verb(*mpps, chosen, "start", "A step begins (N-CREATE); prints its UID", Verb::start);
  add_verb(*mpps, chosen, "complete", "A step is done (N-SET)", Verb::complete);
  add_verb(*mpps, chosen, "discontinue", "A step was given up (N-SET)", Verb::discontinue);
  add_verb(*mpps, chosen, "show", "What the information system has of a step (N-GET)", Verb::show);
}

}  // namespace scanferry::firmware
