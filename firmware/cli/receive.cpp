// SPDX-License-Identifier: Apache-2.0
// `receive`: a storage provider for as long as it runs.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/platform/linux/runtime.hpp>

#include "agent/association_listener.hpp"
#include "agent/object_receiver.hpp"
#include "agent/security.hpp"
#include "agent/storage_acceptance.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_pattern.hpp"
#include "cli/hooks.hpp"
#include "cli/host.hpp"
#include "cli/number_range.hpp"
#include "cli/object_folder.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  std::string aet{"SCANFERRY"};
  std::string address;
  std::uint16_t port{11112};
  std::string folder;
  std::string pattern{"{sop_instance_uid}.dcm"};
  StorageTerms terms;
  SecurityConfig security;
  bool is_title_checked{false};
  std::size_t associations{16};
  double idle_seconds{60};
  std::uint64_t count{0};  ///< 0: no end
  std::vector<std::string> allowed;
  HookCommands hooks;
  double study_seconds{30};
  bool json{false};
  bool quiet{false};
};

/// An empty path, of a variable that was not set, must not mean that everybody is trusted.
const CLI::Validator is_not_empty{[](const std::string& value) { return value.empty() ? std::string{"must not be empty"} : std::string{}; }, "PATH"};

/// Receives, and takes no more associations when enough has come.
class CountingReceiver final : public Servant {
 public:
  CountingReceiver(platform::Platform& platform, AcceptanceGroup& group, const ObjectFolder& folder, const Caller& caller, std::uint64_t enough, AssociationListener& listener)
      : receiver_{platform, group, std::string{caller.title.view()}}, folder_{folder}, enough_{enough}, listener_{listener} {}

  platform::Task<std::optional<dimse::Event>> serve(dimse::Event request, Pump& pump, dimse::MessageSession& session) override {
    auto end = co_await receiver_.serve(request, pump, session);
    if (enough_ != 0 && folder_.count() >= enough_) listener_.finish();
    co_return end;
  }

 private:
  ObjectReceiver receiver_;
  const ObjectFolder& folder_;
  std::uint64_t enough_;
  AssociationListener& listener_;
};

/// All that lives as long as the command.
class Receiver {
 public:
  Receiver(platform::LinuxRuntime& runtime, const Options& options, std::vector<AddressRange> allowed, FilePattern pattern, std::string folder)
      : runtime_{runtime}, plain_{runtime.platform()}, route_{plain_, options.security, Side::listening}, options_{options}, acceptance_{options.terms},
        allowed_{std::move(allowed)}, hooks_{plain_.clock, options.hooks}, folder_{plain_.store, std::move(pattern), std::move(folder), [this](const auto& object, const auto& kept) { tell(object, kept); }} {}

  platform::Task<int> run() {
    const auto open_folder = [this] { return folder_.open(); };
    if (const auto opened = co_await plain_.storage.run(open_folder); !opened) {
      print_error(opened.error().message);
      co_return kNotDone;
    }
    if (const auto prepared = co_await route_.prepare(); !prepared) {
      print_error(prepared.error().message);
      co_return kNotDone;
    }
    const auto spawn = [this](platform::Task<void> task) { runtime_.spawn(std::move(task)); };
    const auto make = [this](const Caller& caller) -> std::unique_ptr<Servant> {
      return std::make_unique<CountingReceiver>(plain_, group_, folder_, caller, options_.count, *listener_);
    };
    listener_ = std::make_unique<AssociationListener>(route_.platform(), listening(), spawn, make);
    if (const auto opened = listener_->open(); !opened) {
      print_error(opened.error().message);
      co_return kNotDone;
    }
    if (options_.json) print(text("{\"port\":", listener_->port(), "}"));
    if (!options_.quiet && !options_.json) print(text("receives as ", options_.aet, " on port ", listener_->port()));
    std::fflush(stdout);
    if (stopped_) co_return kDone;
    if (options_.hooks.is_any()) runtime_.spawn(hooks_.run());
    co_await listener_->run();
    hooks_.finish();
    co_return kDone;
  }

  void stop() {
    stopped_ = true;
    if (listener_) listener_->stop();
  }

 private:
  void tell(const IncomingObject& object, const KeptObject& kept) {
    if (!options_.quiet) {
      print(options_.json ? json_line_of(object, kept) : harmless(text(kept.path, kept.is_known ? " is there already, from " : " from ", object.caller)));
      std::fflush(stdout);  // whoever reads along is told at once
    }
    if (!options_.hooks.is_any() || kept.is_known) return;
    hooks_.note({kept.path, std::string{object.sop_instance_uid.view()}, kept.study_instance_uid, object.caller});
  }

  [[nodiscard]] ListenerOptions listening() const {
    static constexpr std::array kServed{dimse::CommandField::c_store};
    ListenerOptions listen;
    listen.address = options_.address;
    listen.port = options_.port;
    listen.connections_max = options_.associations;
    listen.allowed = allowed_;
    listen.scp.title = dimse::AeTitle{options_.aet};
    listen.scp.any_called_title = !options_.is_title_checked;
    listen.scp.max_pdu_receive = 128 * 1024;
    listen.scp.window = {.invoked = dimse::kOutstandingMax, .performed = 1};
    listen.scp.acceptance = &acceptance_;
    listen.scp.serves = kServed;
    listen.scp.timeouts.idle = core::Millis{static_cast<std::int64_t>(options_.idle_seconds * 1000)};
    return listen;
  }

  platform::LinuxRuntime& runtime_;
  platform::Platform plain_;
  Route route_;
  const Options& options_;
  StorageAcceptance acceptance_;
  std::vector<AddressRange> allowed_;
  Hooks hooks_;
  ObjectFolder folder_;
  AcceptanceGroup group_{plain_, folder_};
  std::unique_ptr<AssociationListener> listener_;
  bool stopped_{false};
};

Result<std::vector<AddressRange>> ranges_of(const std::vector<std::string>& texts) {
  std::vector<AddressRange> ranges;
  for (const auto& one : texts) {
    auto range = AddressRange::parse(one);
    if (!range) return bad_input("--allow: ", range.error().message);
    ranges.push_back(std::move(*range));
  }
  return ranges;
}

Result<void> check_options(Options& options) {
  if (!dimse::is_valid_ae_title(options.aet)) return bad_input("--aet: an AE title has 1 to 16 characters and no backslash");
  options.hooks.study_rests = core::Millis{static_cast<std::int64_t>(options.study_seconds * 1000)};
  if (std::erase(options.terms.sop_classes, "any") > 0) options.terms.is_any_class = true;
  auto& security = options.security;
  if (const auto meant = check_listening(security); !meant) return bad_input("--tls: ", meant.error().message, "; see --tls-cert and --tls-profile");
  for (std::string* path : {&security.ca, &security.certificate, &security.key}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).string();
  }
  return {};
}

int run(Options options) {
  const auto checked = check_options(options);
  auto pattern = FilePattern::parse(options.pattern);
  auto allowed = ranges_of(options.allowed);
  if (!checked || !pattern || !allowed) {
    print_error(!checked ? checked.error().message : !pattern ? text("--pattern: ", pattern.error().message) : allowed.error().message);
    return kWrongUsage;
  }
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  const auto folder = std::filesystem::absolute(options.folder).lexically_normal().string();
  Receiver receiver{runtime, options, std::move(*allowed), std::move(*pattern), folder};
  return run_to_end(runtime, receiver.run(), [&receiver] { receiver.stop(); });
}

}  // namespace

void add_receive(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("receive", "Take objects that are sent to us, until SIGTERM (C-STORE SCP)");
  command->add_option("folder", options->folder, "Where they go; it is made if need be")->required();
  command->add_option("--aet", options->aet, "Our AE title")->capture_default_str();
  command->add_option("--port", options->port, "Port to listen on; 0: a free one")->capture_default_str();
  command->add_option("--address", options->address, "Numeric address to listen on; without it, all");
  command->add_option("--pattern", options->pattern, "Path of each file below the folder, with {sop_instance_uid} and others in braces: sop_class_uid, "
      "study_instance_uid, series_instance_uid, patient_id, accession_number, modality, study_date, instance_number, calling_aet")
      ->capture_default_str();
  command->add_option("--allow-aet", options->terms.calling, "Only this AE title may associate; may be given more than once")->allow_extra_args(false);
  command->add_option("--allow", options->allowed, "Only this address, or with /BITS its neighbours, may connect; may be given more than once")
      ->allow_extra_args(false);
  command->add_flag("--check-title", options->is_title_checked, "Answer only to --aet as the called title");
  command->add_option("--sop-class", options->terms.sop_classes, "A further SOP class to take, by UID, or \"any\"; may be given more than once")
      ->allow_extra_args(false);
  command->add_option("--transfer-syntax", options->terms.transfer_syntaxes, "Transfer syntax to be preferred, by UID; the first given is the first choice")
      ->allow_extra_args(false);
  command->add_flag("--no-other-syntax", options->terms.is_no_other_syntax, "Take none but those of --transfer-syntax");
  command->add_option("--associations", options->associations, "At once")->capture_default_str()->check(CLI::Range(1, 1024));
  command->add_option("--idle-seconds", options->idle_seconds, "How long an association may rest")->capture_default_str()->check(number_between(0.1, 86400.0));
  command->add_option("--count", options->count, "Take no more associations after so many objects, and end with the last one");
  command->add_option("--exec", options->hooks.object, "Run this in a shell for each object that is safe, with SCANFERRY_FILE, "
      "SCANFERRY_SOP_INSTANCE_UID and SCANFERRY_CALLING_AET in its environment; nobody waits for it, and eight run at once");
  auto* study = command->add_option("--exec-on-study", options->hooks.study, "Run this in a shell when nothing more of a study came for --study-seconds, "
      "and at the end, with SCANFERRY_STUDY_INSTANCE_UID, SCANFERRY_OBJECTS, SCANFERRY_FILE (of the last one) and SCANFERRY_CALLING_AET");
  command->add_option("--study-seconds", options->study_seconds, "How long a study has to rest")->capture_default_str()->check(number_between(0.1, 86400.0))
      ->needs(study);
  auto* tls = command->add_flag("--tls", options->security.is_wanted, "With TLS");
  command->add_option("--tls-cert", options->security.certificate, "Our certificate")->needs(tls);
  command->add_option("--tls-key", options->security.key, "Its private key; without it, the file of --tls-cert")->needs(tls);
  command->add_option("--tls-ca", options->security.ca, "Take only senders with a certificate of this CA: a file, or a folder of files")
      ->needs(tls)->check(is_not_empty);
  command->add_option("--tls-profile", options->security.profile, "What may be agreed on (PS3.15 B)")->capture_default_str()->needs(tls);
  command->add_flag("--json", options->json, "One JSON object a line: first the port, then each object");
  command->add_flag("--quiet", options->quiet, "Only errors");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
