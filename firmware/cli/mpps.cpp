// SPDX-License-Identifier: Apache-2.0
// `mpps`: tells the information system what is being done and was done, PS3.4 F.
#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/uids.hpp>
#include <scanferry/model/document.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "agent/link.hpp"
#include "agent/local_time.hpp"
#include "cli/carried.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"
#include "cli/identifier.hpp"
#include "cli/number_range.hpp"
#include "cli/peer_options.hpp"
#include "cli/study_content.hpp"
#include "cli/worklist_item.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  PeerOptions peer;
  std::string uid;
  std::string worklist;
  Keys keys;
  std::string reason;
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

/// PS3.4 table F.7.2-1, at N-SET: what a series must have, empty where it is not known.
constexpr std::array kEmptyInSeries{
    "PerformingPhysicianName", "OperatorsName", "SeriesDescription", "RetrieveAETitle", "ReferencedImageSequence",
    "ReferencedNonImageCompositeSOPInstanceSequence",
};

constexpr const char* kReason = "PerformedProcedureStepDiscontinuationReasonCodeSequence";

struct Reason {
  std::string_view code;
  std::string_view meaning;
};

/// PS3.16 CID 9301, of which 9300 makes more for all sorts of procedures: those of DICOM's own.
constexpr Reason kReasons[]{
    {"110500", "Doctor canceled procedure"},
    {"110501", "Equipment failure"},
    {"110502", "Incorrect procedure ordered"},
    {"110503", "Patient allergic to media/contrast"},
    {"110504", "Patient died"},
    {"110505", "Patient refused to continue procedure"},
    {"110506", "Patient taken for treatment or surgery"},
    {"110507", "Patient did not arrive"},
    {"110508", "Patient pregnant"},
    {"110509", "Change of procedure for correct charging"},
    {"110510", "Duplicate order"},
    {"110511", "Nursing unit cancel"},
    {"110512", "Incorrect side ordered"},
    {"110513", "Discontinued for unspecified reason"},
    {"110514", "Incorrect worklist entry selected"},
    {"110515", "Patient condition prevented continuing"},
    {"110516", "Equipment change"},
};

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
  // PS3.4 F.7.2.2.2: what is final has a series, of nothing when nothing was made.
  if (paths.empty()) return Keys{"PerformedSeriesSequence"};
  const auto studies = read_content(store, paths);
  if (!studies) return std::unexpected{studies.error()};
  Keys keys;
  std::size_t number = 0;
  for (const auto& study : *studies) {
    for (const auto& series : study.series) {
      const auto here = text("PerformedSeriesSequence[", number++, "].");
      keys.push_back(here + "SeriesInstanceUID=" + series.uid);
      keys.push_back(here + "ProtocolName=UNKNOWN");
      for (const auto* empty : kEmptyInSeries) keys.push_back(here + empty);
      for (const auto& about : series.about) keys.push_back(here + about);
      std::size_t images = 0;
      std::size_t others = 0;
      for (const auto& one : series.instances) {
        const auto item = one.is_image ? text(here, "ReferencedImageSequence[", images++, "].")
                                       : text(here, "ReferencedNonImageCompositeSOPInstanceSequence[", others++, "].");
        keys.push_back(item + "ReferencedSOPClassUID=" + one.sop_class_uid);
        keys.push_back(item + "ReferencedSOPInstanceUID=" + one.sop_instance_uid);
      }
    }
  }
  return keys;
}

/// CODE of CID 9301, or CODE:SCHEME:MEANING.
Result<Keys> keys_of_reason(const std::string& reason) {
  Keys keys;
  const auto known = std::ranges::find(kReasons, reason, &Reason::code);
  const auto first = reason.find(':');
  const auto second = first == std::string::npos ? first : reason.find(':', first + 1);
  const bool is_whole = second != std::string::npos && first > 0 && second > first + 1 && second + 1 < reason.size();
  if (known != std::end(kReasons)) {
    add_code(kReason, known->code, "DCM", known->meaning, keys);
  } else if (is_whole) {
    const std::string_view words{reason};
    add_code(kReason, words.substr(0, first), words.substr(first + 1, second - first - 1), words.substr(second + 1), keys);
  } else {
    std::string all;
    for (const auto& [code, meaning] : kReasons) all += text("\n  ", code, "  ", meaning);
    return bad_input("--reason: \"", reason, "\" is neither CODE:SCHEME:MEANING nor one of", all);
  }
  return keys;
}

Result<Step> step_to_end(platform::Platform& platform, const Options& options, const std::string& status) {
  const auto now = platform.clock.wall_now();
  const auto moment = local_time(now, platform.clock.utc_offset(now));
  auto keys = keys_of_series(platform.store, options.files);
  if (!keys) return std::unexpected{keys.error()};
  const auto reason = options.reason.empty() ? Keys{} : keys_of_reason(options.reason);
  if (!reason) return std::unexpected{reason.error()};
  Step step;
  step.uid = options.uid;
  step.request = dimse::n_set_request(dimse::uid::kPerformedProcedureStep, step.uid);
  step.keys = std::move(*keys);
  step.keys.insert(step.keys.end(), reason->begin(), reason->end());
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
  const bool is_done = dimse::is_normalized_success(answer->status);
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
    command->add_option("--worklist", options->worklist, "What was scheduled: a worklist item in DICOM, or one line of 'worklist --json'");
  } else {
    command->add_option("uid", options->uid, "SOP Instance UID of the step, as `start` printed it")->required();
  }
  if (verb == Verb::complete || verb == Verb::discontinue) command->add_option("files", options->files, "The objects that were made: files and folders");
  if (verb == Verb::discontinue) {
    command->add_option("--reason", options->reason, "Why: a code of PS3.16 CID 9301, as 110505, or CODE:SCHEME:MEANING");
  }
  if (verb != Verb::show) {
    command->add_option("-k,--key", options->keys, "PATH[:VR]=VALUE: a further attribute, or another value")->allow_extra_args(false);
  }
  command->add_option("--timeout", options->timeout_seconds, "Seconds for each stage: connect, associate, response")
      ->capture_default_str()->check(number_between(0.1, 3600.0));
  command->add_flag("--json", options->json, verb == Verb::show ? "One object of the DICOM JSON Model" : "One JSON object: the UID");
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
