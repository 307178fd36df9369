// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/object_transfer.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"
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

/// Sends a list of files over as few associations as it takes.
class Sender {
 public:
  Sender(platform::Platform& platform, const Options& options, Peer peer)
      : platform_{platform}, options_{options}, peer_{std::move(peer)}, progress_{!options.quiet && !options.json} {}

  platform::Task<int> run() {
    const auto collect = [this] { return collect_objects(platform_.store, options_.paths); };
    auto list = co_await platform_.storage.run(collect);
    for (const auto& problem : list.problems) print_error(problem);
    failed_ += list.failed;
    objects_ = std::move(list.objects);
    const auto started = platform_.clock.now();
    while (next_ < objects_.size() && !stopped_) co_await send_over_one_link();
    summary(platform_.clock.now() - started);
    co_return failed_ == 0 && !stopped_ && stored_ > 0 ? kDone : kNotDone;
  }

  void stop() {
    stopped_ = true;
    if (link_ != nullptr) link_->abort();
  }

 private:
  platform::Task<void> send_over_one_link() {
    ContextPlan plan;
    for (auto n = next_; n < objects_.size(); ++n) {
      if (!plan.add_object(objects_[n].sop_class_uid, objects_[n].transfer_syntax_uid)) break;
    }
    Link link{platform_, peer_.calling, peer_.destination};
    link_ = &link;
    auto opened = co_await link.open(plan.contexts());
    const auto before = next_;
    if (opened) co_await send_while_open(link, plan);
    co_await link.close();
    link_ = nullptr;
    barren_ = next_ == before ? barren_ + 1 : 0;
    if (!opened) print_error(opened.error().message);
    if (!opened || barren_ >= kBarrenLinksMax) give_up(opened ? "the link breaks again and again" : opened.error().message);
  }

  platform::Task<void> send_while_open(Link& link, const ContextPlan& plan) {
    while (next_ < objects_.size() && link.is_open() && !stopped_) {
      const auto& object = objects_[next_];
      if (!plan.has(object.sop_class_uid, object.transfer_syntax_uid)) co_return;
      progress_.show(platform_.clock.now(), next_, objects_.size(), "objects", bytes_);
      const auto open = [this, &object] { return platform_.store.open(object.path, platform::OpenMode::read); };
      auto file = co_await platform_.storage.run(open);
      StoreReport outcome;
      outcome.outcome = core::Outcome::hold;
      if (file) {
        const auto stored = stored_object(object, platform_.random.next());
        outcome = co_await transfer_object(platform_, link, stored, **file);
      } else {
        outcome.words = file.error().detail;
      }
      ++next_;
      if (!stopped_) report(object, outcome);
    }
  }

  void report(const SendObject& object, StoreReport outcome) {
    if (!outcome.peer_says.empty()) outcome.words += text(" (the peer says: ", outcome.peer_says, ")");
    const bool stored = outcome.outcome == core::Outcome::stored || outcome.outcome == core::Outcome::stored_with_warning;
    stored_ += stored ? 1 : 0;
    failed_ += stored ? 0 : 1;
    bytes_ += stored ? object.data_set_bytes : 0;
    if (options_.json) {
      char status[8];
      std::snprintf(status, sizeof status, "%04X", outcome.status);
      print(text("{\"file\":", json_string(object.path), ",\"sop_instance_uid\":", json_string(object.sop_instance_uid),
                 ",\"stored\":", stored ? "true" : "false", ",\"status\":\"", status, "\",\"comment\":", json_string(outcome.words), "}"));
    } else if (!outcome.words.empty()) {
      progress_.clear();
      print_error(text(object.path, stored ? ": stored with warning: " : ": not stored: ", outcome.words));
    }
  }

  void give_up(const std::string& why) {
    StoreReport outcome;
    outcome.outcome = core::Outcome::link_failed;
    outcome.words = why;
    for (; next_ < objects_.size(); ++next_) {
      if (options_.json) {
        report(objects_[next_], outcome);
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

  platform::Platform& platform_;
  const Options& options_;
  Peer peer_;
  Progress progress_;
  std::vector<SendObject> objects_;
  std::size_t next_{0};
  int barren_{0};
  std::uint64_t stored_{0};
  std::uint64_t failed_{0};
  std::uint64_t bytes_{0};
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
  peer->destination.timeouts.response = core::Millis{static_cast<std::int64_t>(options.timeout_seconds * 1000)};
  Route route{platform, peer->destination.security};
  Sender sender{route.platform(), options, std::move(*peer)};
  return run_to_end(runtime, sender.run(), [&sender] { sender.stop(); });
}

}  // namespace

void add_send(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("send", "Send DICOM files and folders now, without the queue; succeeds only if every object was stored");
  options->peer.add_to(*command);
  command->add_option("paths", options->paths, "Files and folders; folders are searched to the bottom")->required();
  command->add_option("--timeout", options->timeout_seconds, "Seconds to wait for a response")->capture_default_str()->check(CLI::Range(0.1, 86400.0));
  command->add_flag("--json", options->json, "One JSON object a line for each file");
  command->add_flag("--quiet", options->quiet, "Only errors");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
