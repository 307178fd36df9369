// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "agent/ledger.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/host.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  std::string config;
  std::string uid;
  std::vector<std::string> uids;
  std::string destination;
  std::string state;
  std::string reason{"held by hand"};
  bool all{false};
  bool json{false};
};

/// "2026-01-31T12:00:00Z"
std::string utc(core::WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()) % 10'000, static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return out;
}

std::string hex(std::uint16_t status) {
  char out[8];
  std::snprintf(out, sizeof out, "%04X", status);
  return out;
}

/// 0000 is success, and no status at all.
bool was_answered(const Delivery& d) {
  return d.status != 0 || d.state == core::DeliveryState::stored || d.state == core::DeliveryState::stored_with_warning;
}

void print_json(const Delivery& d) {
  print(text("{\"sop_instance_uid\":", json_string(d.instance.sop_instance_uid), ",\"sop_class_uid\":", json_string(d.instance.sop_class_uid),
             ",\"transfer_syntax_uid\":", json_string(d.instance.transfer_syntax_uid), ",\"bytes\":", d.instance.file_bytes,
             ",\"accepted\":", json_string(utc(d.instance.accepted_at)), ",\"destination\":", json_string(d.destination), ",\"state\":",
             json_string(core::name_of(d.state)), ",\"attempts\":", d.attempts, ",\"status\":", was_answered(d) ? json_string(hex(d.status)) : "null", ",\"comment\":",
             json_string(d.comment), ",\"updated\":", json_string(utc(d.updated_at)), "}"));
}

void print_line(const Delivery& d) {
  std::string state{core::name_of(d.state)};
  state.resize(std::max<std::size_t>(state.size(), 20), ' ');
  std::string destination = d.destination;
  destination.resize(std::max<std::size_t>(destination.size(), 12), ' ');
  print(text(utc(d.instance.accepted_at), "  ", destination, "  ", state, "  ", d.instance.sop_instance_uid, "  ", megabytes(d.instance.file_bytes),
             d.comment.empty() ? "" : "  ", harmless(d.comment)));
}

void print_details(const Delivery& d) {
  print(text("SOP Instance UID  ", d.instance.sop_instance_uid, "\nSOP Class UID     ", d.instance.sop_class_uid, "\nTransfer Syntax   ",
             d.instance.transfer_syntax_uid, "\nsize              ", megabytes(d.instance.file_bytes), "\naccepted          ", utc(d.instance.accepted_at),
             "\ndestination       ", d.destination, "\nstate             ", core::name_of(d.state), "\nattempts          ", d.attempts,
             "\nlast status       ", was_answered(d) ? hex(d.status) : "-", "\nlast words        ", d.comment.empty() ? "-" : harmless(d.comment), "\nchanged           ",
             utc(d.updated_at)));
  if (d.state == core::DeliveryState::pending && d.not_before > d.updated_at) print(text("not before        ", utc(d.not_before)));
  print("");
}

Result<std::optional<core::DeliveryState>> parse_state(const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (const auto state : {core::DeliveryState::pending, core::DeliveryState::stored, core::DeliveryState::stored_with_warning, core::DeliveryState::held,
                           core::DeliveryState::dropped}) {
    if (core::name_of(state) == name) return state;
  }
  return bad_input("--state: '", name, "' is no state; known: pending, stored, stored with warning, held, dropped");
}

/// Opens the ledger that the config names and runs `work` on it.
template <class Work>
int with_ledger(const Options& options, Work work) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  const auto& platform = runtime.platform();
  auto config = load_config(platform.store, options.config);
  if (!config) {
    print_error(config.error().message);
    return kWrongUsage;
  }
  const auto path = config->spool.path + "/ledger.sqlite";
  if (auto there = platform.store.info(path); !there) {
    const bool none = there.error().code == platform::Errc::not_found;
    print_error(text(none ? "there is no queue yet: " : "the queue cannot be looked at: ", there.error().detail));
    return kNotDone;
  }
  auto ledger = Ledger::open(platform.store, path, platform.sqlite_vfs, Ledger::Repair::no);
  const auto done = ledger ? work(**ledger, platform.clock.wall_now()) : Result<int>{std::unexpected{ledger.error()}};
  if (done) return *done;
  print_error(done.error().message);
  return done.error().trouble == Trouble::bad_input ? kWrongUsage : kNotDone;
}

Result<int> print_counts(Ledger& ledger) {
  auto counts = ledger.counts();
  if (!counts) return std::unexpected{counts.error()};
  for (const auto& count : *counts) print(text(count.destination, ": ", count.deliveries, " ", core::name_of(count.state)));
  if (counts->empty()) print("the queue is empty");
  return kDone;
}

int list(const Options& options) {
  return with_ledger(options, [&options](Ledger& ledger, core::WallTime) -> Result<int> {
    auto state = parse_state(options.state);
    if (!state) return std::unexpected{state.error()};
    DeliveryFilter filter;
    filter.destination = options.destination;
    filter.state = *state;
    if (auto done = ledger.each(filter, options.json ? print_json : print_line); !done) return std::unexpected{done.error()};
    return options.json ? Result<int>{kDone} : print_counts(ledger);
  });
}

int show(const Options& options) {
  return with_ledger(options, [&options](Ledger& ledger, core::WallTime) -> Result<int> {
    std::uint64_t found = 0;
    DeliveryFilter filter;
    filter.sop_instance_uid = options.uid;
    const auto visit = [&options, &found](const Delivery& d) {
      ++found;
      options.json ? print_json(d) : print_details(d);
    };
    if (auto done = ledger.each(filter, visit); !done) return std::unexpected{done.error()};
    if (found == 0) return no_luck("no object ", options.uid, " is in the queue");
    return kDone;
  });
}

int change(const Options& options, core::DeliveryState from, core::DeliveryState to, const std::string& comment, const char* word) {
  if (options.uids.empty() != options.all) {
    print_error("name SOP Instance UIDs, or say --all");
    return kWrongUsage;
  }
  return with_ledger(options, [&](Ledger& ledger, core::WallTime now) -> Result<int> {
    std::uint64_t changed = 0;
    auto uids = options.uids;
    if (options.all) uids.emplace_back();
    for (const auto& uid : uids) {
      const DeliveryFilter filter{uid, options.destination, from};
      auto some = ledger.set_state(filter, to, comment, now);
      if (!some) return std::unexpected{some.error()};
      if (*some == 0 && !uid.empty()) print_error(text(uid, ": nothing to change; see 'scanferry queue show'"));
      changed += *some;
    }
    print(options.json ? text("{\"changed\":", changed, "}") : text(changed, " ", word));
    return changed > 0 || options.all ? kDone : kNotDone;
  });
}

CLI::App* add_common(CLI::App& queue, const char* name, const char* about, const std::shared_ptr<Options>& options) {
  auto* command = queue.add_subcommand(name, about);
  command->add_option("--config", options->config, "Configuration of the agent (TOML)")->required();
  command->add_flag("--json", options->json, "One JSON object a line");
  return command;
}

void add_change(CLI::App* command, const std::shared_ptr<Options>& options) {
  command->add_option("uids", options->uids, "SOP Instance UIDs");
  command->add_flag("--all", options->all, "All that are in the state");
  command->add_option("--destination", options->destination, "Only for this destination");
}

}  // namespace

void add_queue(CLI::App& app, Chosen& chosen) {
  using State = core::DeliveryState;
  auto options = std::make_shared<Options>();
  auto* queue = app.add_subcommand("queue", "Look at the queue and change it; works with and without a running agent");
  queue->require_subcommand(1);

  auto* command = add_common(*queue, "list", "List deliveries in order of acceptance, and count them", options);
  command->add_option("--destination", options->destination, "Only for this destination");
  command->add_option("--state", options->state, "Only in this state: pending, stored, 'stored with warning', held, dropped");
  command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });

  command = add_common(*queue, "show", "Show where one object stands", options);
  command->add_option("uid", options->uid, "SOP Instance UID")->required();
  command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });

  command = add_common(*queue, "retry", "Try pending deliveries now instead of after their wait", options);
  add_change(command, options);
  command->callback([options, &chosen] { chosen = [options] { return change(*options, State::pending, State::pending, "", "due now"); }; });

  command = add_common(*queue, "hold", "Keep pending deliveries from being sent", options);
  add_change(command, options);
  command->add_option("--reason", options->reason, "What to remember about it")->capture_default_str();
  command->callback([options, &chosen] { chosen = [options] { return change(*options, State::pending, State::held, options->reason, "held"); }; });

  command = add_common(*queue, "release", "Send held deliveries after all", options);
  add_change(command, options);
  command->callback([options, &chosen] { chosen = [options] { return change(*options, State::held, State::pending, "released by hand", "released"); }; });

  command = add_common(*queue, "drop", "Give held deliveries up for good: an object that no other destination waits for is deleted", options);
  add_change(command, options);
  command->add_option("--reason", options->reason, "What to remember about it")->required();
  command->callback([options, &chosen] { chosen = [options] { return change(*options, State::held, State::dropped, options->reason, "dropped"); }; });
}

}  // namespace scanferry::firmware
