// SPDX-License-Identifier: Apache-2.0
// `find` and `worklist`: what an archive or a worklist has.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/dimse/uids.hpp>
#include <scanferry/model/edit.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "agent/link.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"
#include "cli/identifier.hpp"
#include "cli/number_range.hpp"
#include "cli/peer_options.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  PeerOptions peer;
  bool is_worklist{false};
  std::string root{"study"};
  std::string level{"study"};
  std::vector<std::string> keys;
  bool is_relational{false};
  bool is_fuzzy{false};
  bool has_combined_times{false};
  std::uint64_t limit{0};  ///< 0: none
  int repeat{1};
  double timeout_seconds{30};
  bool json{false};
};

/// What is asked for where no key was named, PS3.4 C.6.1, C.6.2 and K.6.1.2: what a person wants to see, and
/// of a worklist what `mpps start` carries over.
const std::map<std::string, std::vector<std::string>> kUsualKeys{
    {"patient", {"PatientName", "PatientID", "PatientBirthDate", "PatientSex"}},
    {"study", {"PatientName", "PatientID", "StudyDate", "StudyTime", "AccessionNumber", "StudyDescription", "ModalitiesInStudy", "StudyInstanceUID"}},
    {"series", {"StudyInstanceUID", "Modality", "SeriesNumber", "SeriesDescription", "SeriesInstanceUID"}},
    {"image", {"StudyInstanceUID", "SeriesInstanceUID", "InstanceNumber", "SOPClassUID", "SOPInstanceUID"}},
    {"worklist",
     {"PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferencedPatientSequence", "AccessionNumber", "StudyInstanceUID",
      "ReferencedStudySequence", "RequestedProcedureID", "RequestedProcedureDescription", "RequestedProcedureCodeSequence",
      "ScheduledProcedureStepSequence[0].ScheduledStationAETitle", "ScheduledProcedureStepSequence[0].Modality",
      "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate", "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartTime",
      "ScheduledProcedureStepSequence[0].ScheduledProcedureStepDescription", "ScheduledProcedureStepSequence[0].ScheduledProcedureStepID",
      "ScheduledProcedureStepSequence[0].ScheduledProtocolCodeSequence"}},
};

std::string_view model_of(const Options& options) {
  if (options.is_worklist) return dimse::uid::kModalityWorklistFind;
  return options.root == "patient" ? dimse::uid::kPatientRootFind : dimse::uid::kStudyRootFind;
}

Result<model::Document> ask_for(const Options& options) {
  std::vector<std::string> keys = kUsualKeys.at(options.is_worklist ? "worklist" : options.level);
  // A key of the command line stands in the place of a usual one.
  if (!options.keys.empty() && !options.is_worklist) keys.clear();
  if (!options.is_worklist) {
    std::string level = options.level;
    for (char& c : level) c = static_cast<char>(c - 'a' + 'A');
    keys.push_back("QueryRetrieveLevel=" + level);
  }
  keys.insert(keys.end(), options.keys.begin(), options.keys.end());
  return identifier_of(keys);
}

/// What an archive must agree to before it may be asked so, PS3.4 C.5.1.1: each has its byte in the extended negotiation.
class Agreement {
 public:
  explicit Agreement(const Options& options) : wanted_{options.is_relational, options.has_combined_times, options.is_fuzzy} {}

  [[nodiscard]] bool is_needed() const { return std::ranges::any_of(wanted_, std::identity{}); }
  /// Borrowed from this.
  [[nodiscard]] dimse::ExtendedNegotiation proposal(std::string_view sop_class) {
    std::ranges::transform(wanted_, bytes_.begin(), [](bool is_wanted) { return std::byte{is_wanted}; });
    return {.sop_class_uid = sop_class, .information = bytes_};
  }
  [[nodiscard]] Result<void> check(core::ByteView answer, const Peer& peer) const {
    static constexpr std::array<std::string_view, 3> kNames{"relational queries (--relational)", "dates and times that are matched together (--combined-times)",
                                                            "names that are matched by meaning (--fuzzy)"};
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      const bool is_agreed = i < answer.size() && answer[i] == std::byte{1};
      if (wanted_[i] && !is_agreed) return no_luck(to_string(peer.destination.address), ": does not agree to ", kNames[i], "; ask without");
    }
    return {};
  }

 private:
  std::array<bool, 3> wanted_;
  std::array<std::byte, 3> bytes_{};
};

/// Prints matches as they come.
class Matches {
 public:
  Matches(const Options& options) : options_{options} {}

  bool take(std::string_view data_set, std::string_view transfer_syntax) {
    ++count_;
    const model::MemorySource source{core::bytes_of(data_set)};
    const auto match = model::Document::read_data_set(source, transfer_syntax);
    if (!match || match->defect()) {
      is_whole_ = false;
      print_error(text("match ", count_, ": ", match ? match->defect()->text() : match.error().text()));
    }
    if (match) show(*match);
    return options_.limit == 0 || count_ < options_.limit;
  }

  /// What the answer behind the last match means.
  [[nodiscard]] Result<void> end_with(const Answer& last, const Peer& peer) const {
    const bool was_cancelled = options_.limit != 0 && count_ >= options_.limit;
    if (last.status == 0 || was_cancelled) return {};
    return no_luck(to_string(peer.destination.address), ": ", explain(last, dimse::explain_find_status(last.status)));
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] bool is_whole() const { return is_whole_; }

 private:
  void show(const model::Document& match) {
    if (!options_.json) return print(text("match ", count_, "\n", lines_of(match.data_set())));
    if (const auto line = json_line_of(match)) print(*line);
  }

  const Options& options_;
  std::uint64_t count_{0};
  bool is_whole_{true};
};

platform::Task<int> find(const Options& options, const model::Document& identifier, const Peer& peer, Link& link) {
  const auto sop_class = model_of(options);
  ContextPlan plan;
  plan.add(sop_class, dimse::uid::kExplicitVrLittleEndian);
  plan.add(sop_class, dimse::uid::kImplicitVrLittleEndian);
  Agreement agreement{options};
  const auto proposal = agreement.proposal(sop_class);
  if (agreement.is_needed()) link.negotiate({&proposal, 1});
  auto done = co_await link.open(plan.contexts());
  if (done) done = agreement.check(link.negotiated(), peer);
  bool is_whole = true;
  for (int n = 0; done && n < options.repeat; ++n) {
    Matches matches{options};
    EncodeDataSet encode = [&identifier](std::string_view syntax) { return encode_identifier(identifier, syntax); };
    TakeAnswer take = [&matches](const Answer& answer) { return matches.take(answer.data_set, answer.transfer_syntax_uid); };
    const auto last = co_await link.ask(dimse::find_request(sop_class), std::move(encode), std::move(take));
    done = last ? matches.end_with(*last, peer) : std::unexpected{last.error()};
    if (done && !options.json) print(text(matches.count(), matches.count() == 1 ? " match" : " matches"));
    is_whole = is_whole && matches.is_whole();
  }
  co_await link.close();
  if (!done) print_error(done.error().message);
  co_return done && is_whole ? kDone : kNotDone;
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  auto peer = options.peer.resolve(platform.store);
  const auto identifier = ask_for(options);
  if (!peer || !identifier) {
    print_error(peer ? identifier.error().message : peer.error().message);
    return kWrongUsage;
  }
  peer->limit_stages(options.timeout_seconds);
  Route route{platform, peer->destination.security};
  Link link{route.platform(), peer->calling, peer->destination};
  return run_to_end(runtime, find(options, *identifier, *peer, link), [&link] { link.abort(); });
}

void add_common(CLI::App& command, const std::shared_ptr<Options>& options, Chosen& chosen) {
  options->peer.add_to(command);
  command.add_option("-k,--key", options->keys, "PATH[:VR][=VALUE]: matches VALUE (wild cards, ranges, lists with \\), or only returns it")->allow_extra_args(false);
  command.add_option("--limit", options->limit, "Cancel the query after so many matches");
  command.add_option("--repeat", options->repeat, "How many times to ask, over one association")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  command.add_option("--timeout", options->timeout_seconds, "Seconds for each stage: connect, associate, each response")
      ->capture_default_str()->check(number_between(0.1, 3600.0));
  command.add_flag("--json", options->json, "One object of the DICOM JSON Model a line for each match");
  command.callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace

void add_find(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("find", "Ask an archive what it has (C-FIND)");
  command->add_option("--root", options->root, "Information model: study or patient")->capture_default_str()->check(CLI::IsMember({"study", "patient"}));
  command->add_option("--level", options->level, "What a match is: patient, study, series or image")
      ->capture_default_str()->check(CLI::IsMember({"patient", "study", "series", "image"}));
  command->add_flag("--relational", options->is_relational, "Keys of any level, and none need be unique, if the archive agrees");
  command->add_flag("--fuzzy", options->is_fuzzy, "Names that are alike match, if the archive agrees");
  command->add_flag("--combined-times", options->has_combined_times, "Ranges of date and time are one range, if the archive agrees");
  add_common(*command, options, chosen);
}

void add_worklist(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  options->is_worklist = true;
  auto* command = app.add_subcommand("worklist", "Ask for the scheduled procedure steps of a modality worklist (C-FIND)");
  add_common(*command, options, chosen);
}

}  // namespace scanferry::firmware
