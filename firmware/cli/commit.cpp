// SPDX-License-Identifier: Apache-2.0
// `commit`: asks an archive to commit itself to objects, PS3.4 J, and waits for its report in each of the ways that it may come.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/uid.hpp>
#include <scanferry/dimse/uids.hpp>
#include <scanferry/model/document.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "agent/association_listener.hpp"
#include "agent/link.hpp"
#include "cli/command.hpp"
#include "cli/commitments.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"
#include "cli/identifier.hpp"
#include "cli/number_range.hpp"
#include "cli/object_list.hpp"
#include "cli/peer_options.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::array kServed{dimse::CommandField::n_event_report};

// PS3.7 C.5.
constexpr std::uint16_t kNoSuchEvent = 0x0113;
constexpr std::uint16_t kProcessingFailure = 0x0110;
constexpr std::uint16_t kNoResources = 0x0213;

constexpr std::uint16_t kRequestCommitment = 1;  ///< the action type, PS3.4 J.3.2
constexpr std::size_t kInstancesMax = 500;       ///< in one transaction
constexpr std::size_t kReportBytesMax = std::size_t{4} << 20U;
/// An archive that reports on our next association gets one so often, and so long.
constexpr core::Millis kNextAssociation{2'000};
constexpr core::Millis kAttention{1'000};
/// For an archive to release the association that it has reported on.
constexpr core::Millis kFarewell{5'000};

struct Options {
  PeerOptions peer;
  std::vector<std::string> paths;
  double wait_seconds{60};
  std::optional<std::uint16_t> port;
  std::string address;
  double timeout_seconds{30};
  bool json{false};
};

/// Takes reports, on whatever association they come.
class ReportTaker final : public Servant {
 public:
  ReportTaker(Commitments& book, platform::Clock& clock, platform::Event& came) : book_{book}, clock_{clock}, came_{came} {}

  platform::Task<std::optional<dimse::Event>> serve(dimse::Event request, Pump& pump, dimse::MessageSession& session) override {
    std::string report;
    bool is_too_long = false;
    for (bool is_last = request.is_last; !is_last;) {
      const auto event = co_await pump.next_piece();
      if (event.kind != dimse::Event::Kind::data) co_return event;
      is_too_long = is_too_long || report.size() + event.data.size() > kReportBytesMax;
      if (!is_too_long) report.append(core::text_of(event.data));
      is_last = event.is_last;
    }
    const auto status = is_too_long ? kNoResources : judge(request, report, session.transfer_syntax_of(request.context_id));
    (void)session.respond(dimse::response_to(request.command, status), std::nullopt, clock_.now());
    came_.notify();
    co_return std::nullopt;
  }

 private:
  std::uint16_t judge(const dimse::Event& request, const std::string& report, std::string_view transfer_syntax) {
    // PS3.4 table J.3-2: 1 all was committed, 2 not all.
    const auto type = request.command.event_type.value_or(0);
    if (type != 1 && type != 2) return kNoSuchEvent;
    const model::MemorySource source{core::bytes_of(report)};
    const auto document = model::Document::read_data_set(source, transfer_syntax);
    return document && !document->defect() && book_.take(document->data_set()) ? std::uint16_t{0} : kProcessingFailure;
  }

  Commitments& book_;
  platform::Clock& clock_;
  platform::Event& came_;
};

/// How many associations are opened to us.
struct Visitors {
  platform::Event& changed;
  std::size_t count{0};
};

/// One for each of them.
class Forwarded final : public Servant {
 public:
  Forwarded(Servant& to, Visitors& visitors) : to_{to}, visitors_{visitors} { ++visitors_.count; }
  ~Forwarded() override {
    --visitors_.count;
    visitors_.changed.notify();
  }
  Forwarded(const Forwarded&) = delete;
  Forwarded& operator=(const Forwarded&) = delete;
  platform::Task<std::optional<dimse::Event>> serve(dimse::Event request, Pump& pump, dimse::MessageSession& session) override {
    return to_.serve(std::move(request), pump, session);
  }

 private:
  Servant& to_;
  Visitors& visitors_;
};

/// The archive that opens an association to report is SCP there, and says so by role selection, PS3.4 J.3.3.
class ReportsAccepted final : public dimse::Acceptance {
 public:
  [[nodiscard]] std::optional<dimse::Rejection> refuses(const dimse::AssociatePdu&) const override { return std::nullopt; }
  [[nodiscard]] dimse::ContextAnswer judge(const dimse::PresentationContext& context, dimse::Roles proposed) const override {
    if (context.abstract_syntax != dimse::uid::kStorageCommitmentPush) return {dimse::ContextResult::abstract_syntax_not_supported, 0};
    for (const auto syntax : {dimse::uid::kExplicitVrLittleEndian, dimse::uid::kImplicitVrLittleEndian}) {
      if (const auto index = dimse::find_transfer_syntax(context, syntax)) return {dimse::ContextResult::accepted, *index, proposed};
    }
    return {dimse::ContextResult::transfer_syntaxes_not_supported, 0};
  }
};

class Committer {
 public:
  Committer(platform::LinuxRuntime& runtime, platform::Platform& secured, const Options& options, Peer peer)
      : runtime_{runtime}, plain_{runtime.platform()}, platform_{secured}, options_{options}, peer_{std::move(peer)},
        listening_{plain_, peer_.destination.security, Side::listening}, came_{plain_.clock.make_event()}, taker_{book_, plain_.clock, *came_}, visitors_{*came_} {
    plan_.add(dimse::uid::kStorageCommitmentPush, dimse::uid::kExplicitVrLittleEndian);
    plan_.add(dimse::uid::kStorageCommitmentPush, dimse::uid::kImplicitVrLittleEndian);
  }

  platform::Task<int> run() {
    const auto collect = [this] { return collect_objects(plain_.store, options_.paths); };
    const auto list = co_await plain_.storage.run(collect);
    for (const auto& problem : list.problems) print_error(problem.words);
    std::vector<SendObject> objects;
    for (const auto& object : list.objects) {
      if (book_.add(object)) objects.push_back(object);
    }
    if (objects.empty()) {
      print_error("there is no object to ask for");
      co_return kNotDone;
    }
    if (options_.port && !co_await listen()) co_return kNotDone;
    until_ = plain_.clock.now() + core::Millis{static_cast<std::int64_t>(options_.wait_seconds * 1000)};
    co_await ask_all(objects);
    while (!book_.is_complete() && !stopped_ && plain_.clock.now() < until_) co_await wait_for_reports();
    const bool is_committed = tell();
    if (listener_) co_await say_farewell();
    co_return is_committed && list.failed == 0 ? kDone : kNotDone;
  }

  void stop() {
    stopped_ = true;
    if (link_ != nullptr) link_->abort();
    came_->notify();
  }

 private:
  platform::Task<bool> listen() {
    if (const auto prepared = co_await listening_.prepare(); !prepared) {
      print_error(prepared.error().message);
      co_return false;
    }
    ListenerOptions options;
    options.address = options_.address;
    options.port = *options_.port;
    options.scp.title = peer_.calling;
    options.scp.acceptance = &acceptance_;
    options.scp.serves = kServed;
    const auto spawn = [this](platform::Task<void> task) { runtime_.spawn(std::move(task)); };
    const auto make = [this](const Caller&) -> std::unique_ptr<Servant> { return std::make_unique<Forwarded>(taker_, visitors_); };
    listener_ = std::make_unique<AssociationListener>(listening_.platform(), std::move(options), spawn, make);
    const auto opened = listener_->open();
    if (!opened) print_error(opened.error().message);
    if (opened) runtime_.spawn(listener_->run());
    co_return opened.has_value();
  }

  /// Who has reported releases its association: that is not cut off before.
  platform::Task<void> say_farewell() {
    listener_->finish();
    const auto patience = plain_.clock.now() + kFarewell;
    while (visitors_.count > 0 && !stopped_ && plain_.clock.now() < patience) co_await came_->wait_until(patience);
    listener_->stop();
  }

  /// The requests, over one association, which stays for as long as reports may come on it.
  platform::Task<void> ask_all(const std::vector<SendObject>& objects) {
    Link link{platform_, peer_.calling, peer_.destination};
    link_ = &link;
    auto done = co_await open(link);
    for (std::size_t first = 0; done && first < objects.size(); first += kInstancesMax) {
      const std::span some{objects.data() + first, std::min(kInstancesMax, objects.size() - first)};
      done = co_await ask(link, some);
    }
    if (!done) book_.give_up(transaction_, done.error().message);
    // Those that report at once do so here; others on the next association, or on one of theirs.
    const auto patience = std::min(until_, plain_.clock.now() + kAttention);
    while (link.is_open() && !book_.is_complete() && plain_.clock.now() < patience) {
      const auto came = co_await link.attend(patience);
      if (!came || !*came) break;
    }
    co_await link.close();
    link_ = nullptr;
  }

  platform::Task<Result<void>> open(Link& link) {
    const Serving serving{.servant = &taker_, .operations = kServed, .roles = {}};
    link.serve(serving);
    co_return co_await link.open(plan_.contexts());
  }

  platform::Task<Result<void>> ask(Link& link, std::span<const SendObject> objects) {
    const auto high = plain_.random.next();
    transaction_ = core::uid_from_bits(high, plain_.random.next()).view();
    std::vector<std::string> keys{"TransactionUID=" + transaction_};
    for (const auto& object : objects) {
      const auto item = text("ReferencedSOPSequence[", (keys.size() - 1) / 2, "].");
      keys.push_back(item + "ReferencedSOPClassUID=" + object.sop_class_uid);
      keys.push_back(item + "ReferencedSOPInstanceUID=" + object.sop_instance_uid);
      book_.ask(object.sop_instance_uid, transaction_);
    }
    const auto request = identifier_of(keys);
    if (!request) co_return std::unexpected{request.error()};
    EncodeDataSet encode = [&request](std::string_view syntax) { return encode_identifier(*request, syntax); };
    const auto command = dimse::n_action_request(dimse::uid::kStorageCommitmentPush, dimse::uid::kStorageCommitmentPushInstance, kRequestCommitment);
    const auto answer = co_await link.ask(command, std::move(encode), {});
    if (!answer) co_return std::unexpected{answer.error()};
    if (answer->status == 0) co_return Result<void>{};
    co_return no_luck(to_string(peer_.destination.address), ": ", explain(*answer, dimse::explain_normalized_status(answer->status)));
  }

  /// A while, listening; then an association for those who wait for one.
  platform::Task<void> wait_for_reports() {
    co_await came_->wait_until(std::min(until_, plain_.clock.now() + kNextAssociation));
    if (book_.is_complete() || stopped_) co_return;
    Link link{platform_, peer_.calling, peer_.destination};
    link_ = &link;
    const auto opened = co_await open(link);
    const auto patience = std::min(until_, plain_.clock.now() + kAttention);
    while (opened && !book_.is_complete() && plain_.clock.now() < patience) {
      const auto came = co_await link.attend(patience);
      if (!came || !*came) break;
    }
    co_await link.close();
    link_ = nullptr;
  }

  /// True when all is committed.
  bool tell() const {
    for (const auto& [uid, entry] : book_.entries()) {
      const bool is_committed = entry.state == Commitments::State::committed;
      const auto why = explain(entry);
      if (options_.json) {
        print(text("{\"sop_instance_uid\":", json_string(uid), ",\"committed\":", is_committed ? "true" : "false", ",\"reason\":", entry.reason,
                   ",\"comment\":", json_string(why), "}"));
      }
      if (!options_.json && !is_committed) print_error(text(uid, ": not committed: ", why));
    }
    const auto committed = book_.committed();
    if (!options_.json) print(text(committed, " of ", book_.entries().size(), " committed"));
    return committed == book_.entries().size();
  }

  platform::LinuxRuntime& runtime_;
  platform::Platform plain_;
  platform::Platform& platform_;  ///< on the way to the archive
  const Options& options_;
  Peer peer_;
  Route listening_;
  std::unique_ptr<platform::Event> came_;
  Commitments book_;
  ReportTaker taker_;
  Visitors visitors_;
  ReportsAccepted acceptance_;
  ContextPlan plan_;
  std::unique_ptr<AssociationListener> listener_;
  core::Instant until_{};
  std::string transaction_;  ///< of the last request
  Link* link_{nullptr};
  bool stopped_{false};
};

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  auto peer = options.peer.resolve(platform.store);
  if (!peer) {
    print_error(peer.error().message);
    return kWrongUsage;
  }
  if (const auto meant = check_listening(peer->destination.security); options.port && !meant) {
    print_error(text("--listen: ", meant.error().message, "; see --tls-cert"));
    return kWrongUsage;
  }
  peer->limit_stages(options.timeout_seconds);
  Route route{platform, peer->destination.security};
  Committer committer{runtime, route.platform(), options, std::move(*peer)};
  return run_to_end(runtime, committer.run(), [&committer] { committer.stop(); });
}

}  // namespace

void add_commit(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("commit", "Ask an archive to commit itself to keep objects (Storage Commitment); succeeds only if it does for all");
  options->peer.add_to(*command);
  command->add_option("paths", options->paths, "The objects: files and folders")->required();
  command->add_option("--wait", options->wait_seconds, "Seconds to wait for the report")->capture_default_str()->check(number_between(0.1, 86400.0));
  command->add_option("--listen", options->port, "Port for an archive that reports on an association of its own; it must know us under it, and use TLS "
      "there too if we do");
  command->add_option("--address", options->address, "Numeric address for --listen; without it, all");
  command->add_option("--timeout", options->timeout_seconds, "Seconds for each stage: connect, associate, response")
      ->capture_default_str()->check(number_between(0.1, 3600.0));
  command->add_flag("--json", options->json, "One JSON object a line for each object");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
