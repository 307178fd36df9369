// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/object_transfer.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"
#include "cli/number_range.hpp"
#include "cli/object_list.hpp"
#include "cli/peer_options.hpp"

namespace scanferry::firmware {
namespace {

/// After so many associations in a row that came to nothing, the rest is given up.
constexpr int kBarrenLinksMax = 3;

struct Options {
  PeerOptions peer;
  std::vector<std::string> paths;
  double timeout_seconds{120};
  bool json{false};
  bool quiet{false};
  std::uint16_t window{1};
  std::size_t parallel{1};
  std::size_t repeat{1};
};

StoredObject stored_object(const SendObject& object, std::uint64_t number) {
  StoredObject stored;
  stored.request.sop_class_uid.assign(object.sop_class_uid);
  stored.request.sop_instance_uid.assign(object.sop_instance_uid);
  stored.request.transfer_syntax_uid.assign(object.transfer_syntax_uid);
  stored.request.data_set_bytes = object.data_set_bytes;
  stored.data_set_offset = object.data_set_offset;
  stored.temporary_path = text(std::filesystem::temp_directory_path().string(), "/scanferry-", number, ".dcm");
  return stored;
}

/// Sends a list of files over as few associations as it takes, or as many at once as are wanted.
class Sender {
 public:
  Sender(platform::LinuxRuntime& runtime, platform::Platform& platform, const Options& options, Peer peer)
      : runtime_{runtime}, platform_{platform}, options_{options}, peer_{std::move(peer)}, progress_{!options.quiet && !options.json},
        worker_ended_{platform.clock.make_event()} {}

  platform::Task<int> run() {
    const auto collect = [this] { return collect_objects(platform_.store, options_.paths); };
    auto list = co_await platform_.storage.run(collect);
    for (const auto& problem : list.problems) tell(problem);
    failed_ += list.failed;
    objects_ = std::move(list.objects);
    is_told_.resize(total());
    const auto started = platform_.clock.now();
    // The first worker is this one.
    workers_ = std::min<std::size_t>(options_.parallel, std::max<std::size_t>(total(), 1)) - 1;
    for (auto n = workers_; n > 0; --n) runtime_.spawn(help());
    co_await work();
    while (workers_ > 0) co_await worker_ended_->wait_until(core::kNever);
    give_up_rest();
    summary(platform_.clock.now() - started);
    co_return failed_ == 0 && !stopped_ && stored_ > 0 ? kDone : kNotDone;
  }

  void stop() {
    stopped_ = true;
    for (Link* link : links_) link->abort();
  }

 private:
  /// The objects under way on one link, by the id of `Link::post`.
  using Posted = std::map<std::uint16_t, std::size_t>;

  platform::Task<void> help() {
    co_await work();
    --workers_;
    worker_ended_->notify();
  }

  platform::Task<void> work() {
    Route route{platform_, peer_.destination.security};  // one dial at a time
    for (int barren = 0; next_ < total() && !stopped_;) {
      const auto before = stored_ + failed_;
      auto trouble = co_await send_over_one_link(route.platform());
      if (stopped_) co_return;
      if (!trouble.empty()) print_error(trouble);
      barren = stored_ + failed_ == before ? barren + 1 : 0;
      if (barren >= kBarrenLinksMax) trouble = "the link breaks again and again";
      if (trouble.empty()) continue;
      // Others may have an association where there is no room for one more: they go on.
      trouble_ = trouble;
      co_return;
    }
  }

  /// What kept it from having one, if anything did.
  platform::Task<std::string> send_over_one_link(platform::Platform& routed) {
    ContextPlan plan;
    const auto end = std::min(next_ + objects_.size(), total());    // then they come again
    for (auto n = next_; n < end; ++n) {
      if (!plan.add_object(object(n).sop_class_uid, object(n).transfer_syntax_uid)) break;
    }
    Link link{routed, peer_.calling, peer_.destination};
    links_.push_back(&link);
    const auto opened = co_await link.open(plan.contexts());
    if (opened) co_await send_while_open(link, plan);
    co_await link.close();
    std::erase(links_, &link);
    co_return opened ? "" : opened.error().message;
  }

  platform::Task<void> send_while_open(Link& link, const ContextPlan& plan) {
    Posted posted;
    for (;;) {
      while (may_take_next(plan) && link.may_post()) {
        const auto at = next_++;
        co_await post(link, at, posted);
      }
      if (posted.empty()) co_return;
      const auto end = co_await link.next_end();
      const auto ended = posted.extract(end.id);
      if (!ended.empty() && !stopped_) report(ended.mapped(), end.report);
    }
  }

  /// All that is to be sent: the list, as often as it is wanted.
  [[nodiscard]] std::size_t total() const { return objects_.size() * options_.repeat; }
  [[nodiscard]] const SendObject& object(std::size_t at) const { return objects_[at % objects_.size()]; }

  [[nodiscard]] bool may_take_next(const ContextPlan& plan) const {
    return next_ < total() && !stopped_ && plan.has(object(next_).sop_class_uid, object(next_).transfer_syntax_uid);
  }

  platform::Task<void> post(Link& link, std::size_t at, Posted& posted) {
    const auto& posted_object = object(at);
    progress_.show(platform_.clock.now(), at, total(), "objects", bytes_);
    const auto open = [this, &posted_object] { return platform_.store.open(posted_object.path, platform::OpenMode::read); };
    auto file = co_await platform_.storage.run(open);
    StoreReport outcome;
    outcome.outcome = core::Outcome::hold;
    if (file) {
      const auto stored = stored_object(posted_object, platform_.random.next());
      const auto id = co_await post_object(platform_, link, stored, **file);
      if (id) {
        posted.emplace(*id, at);
        co_return;
      }
      outcome = id.error();
    } else {
      outcome.words = file.error().detail;
    }
    if (!stopped_) report(at, outcome);
  }

  void tell(const ObjectProblem& problem) {
    print_error(problem.words);
    if (options_.json && problem.is_failure) {
      print(text("{\"file\":", json_string(problem.path), ",\"sop_instance_uid\":null,\"stored\":false,\"status\":null,\"comment\":",
                 json_string(problem.words), "}"));
    }
  }

  void report(std::size_t at, StoreReport outcome) {
    const auto& reported = object(at);
    is_told_[at] = true;
    if (!outcome.peer_says.empty()) outcome.words += text(" (the peer says: ", outcome.peer_says, ")");
    const bool stored = outcome.outcome == core::Outcome::stored || outcome.outcome == core::Outcome::stored_with_warning;
    stored_ += stored ? 1 : 0;
    failed_ += stored ? 0 : 1;
    bytes_ += stored ? reported.data_set_bytes : 0;
    if (options_.json) {
      // Without an answer there is no status.
      char status[8]{"null"};
      if (stored || outcome.status != 0) std::snprintf(status, sizeof status, "\"%04X\"", outcome.status);
      print(text("{\"file\":", json_string(reported.path), ",\"sop_instance_uid\":", json_string(reported.sop_instance_uid),
                 ",\"stored\":", stored ? "true" : "false", ",\"status\":", status, ",\"comment\":", json_string(outcome.words), "}"));
    } else if (!outcome.words.empty()) {
      progress_.clear();
      print_error(text(reported.path, stored ? ": stored with warning: " : ": not stored: ", outcome.words));
    }
  }

  /// What nothing was said of yet, after a trouble that is told, or a signal.
  void give_up_rest() {
    StoreReport outcome;
    outcome.outcome = core::Outcome::link_failed;
    outcome.words = stopped_ ? "interrupted" : trouble_;
    if (stopped_) print_error("interrupted");
    for (std::size_t at = 0; at < total(); ++at) {
      if (is_told_[at]) continue;
      if (options_.json) {
        report(at, outcome);
      } else {
        ++failed_;
      }
    }
  }

  void summary(core::Millis took) {
    progress_.clear();
    if (options_.json || options_.quiet) return;
    const auto seconds = static_cast<double>(std::max<std::int64_t>(took.count(), 1)) / 1000.0;
    char rate[64];
    std::snprintf(rate, sizeof rate, "%.2f s, %.1f objects/s, %.1f MB/s", seconds, static_cast<double>(stored_) / seconds,
                  static_cast<double>(bytes_) / 1e6 / seconds);
    print(text(stored_, " of ", stored_ + failed_, " stored, ", megabytes(bytes_), " in ", rate));
  }

  platform::LinuxRuntime& runtime_;
  platform::Platform& platform_;
  const Options& options_;
  Peer peer_;
  Progress progress_;
  std::unique_ptr<platform::Event> worker_ended_;
  std::vector<SendObject> objects_;
  std::vector<bool> is_told_;  ///< what became of each of them
  std::size_t next_{0};
  std::uint64_t stored_{0};
  std::uint64_t failed_{0};
  std::uint64_t bytes_{0};
  std::size_t workers_{0};     ///< beside the first
  std::vector<Link*> links_;   ///< open, or being opened
  std::string trouble_;        ///< why a worker ended before the list did
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
  peer->limit_response(options.timeout_seconds);
  peer->destination.window = options.window;
  Sender sender{runtime, platform, options, std::move(*peer)};
  return run_to_end(runtime, sender.run(), [&sender] { sender.stop(); });
}

}  // namespace

void add_send(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("send", "Send DICOM files and folders now, without the queue; succeeds only if every object was stored");
  options->peer.add_to(*command);
  command->add_option("paths", options->paths, "Files and folders; folders are searched to the bottom")->required();
  command->add_option("--timeout", options->timeout_seconds, "Seconds to wait for a response; connecting and associating take no longer, either")
      ->capture_default_str()->check(number_between(0.1, 86400.0));
  command->add_flag("--json", options->json, "One JSON object a line for each file");
  command->add_option("--parallel", options->parallel, "Associations at once")->capture_default_str()->check(CLI::Range(1, 64));
  command->add_option("--window", options->window, "Objects under way at once on each association, where the peer agrees")
      ->capture_default_str()->check(CLI::Range(1, static_cast<int>(dimse::kOutstandingMax)));
  command->add_option("--repeat", options->repeat, "How many times to send all of it")->capture_default_str()->check(CLI::Range(1, 10'000));
  command->add_flag("--quiet", options->quiet, "Only errors");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
