// SPDX-License-Identifier: Apache-2.0
// scanferry-sim: lives of the agent in a world where everything goes wrong, each from one seed.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run.hpp"

namespace scanferry::tests {
namespace {

constexpr const char* kUsage =
    "usage: scanferry-sim [--seeds A..B | --seeds N] [options]\n"
    "  --seeds A..B         run these seeds (default 1..1000); a failing one is printed and replays exactly\n"
    "  --check-determinism  run each seed twice and compare the traces\n"
    "  --plant BUG          'accept-before-sync', 'accept-before-directory-sync' or 'answer-before-sync' (of what a modality\n"
    "                       sends); exit 0 when it is caught\n"
    "  --every-cut          a fixed small run with a power cut at each change to the disk, in each mode\n"
    "  --every-failure      the same run with an I/O error at each operation of the disk\n"
    "  --cut-at N [--cut-mode random|lose-all|keep-all], --fail-at N\n"
    "                       one run of these\n"
    "  --keep-going         go on after a failing seed; one line for each\n"
    "  --verbose            print options and the device's log\n"
    "  --trace              print every event\n";

struct Arguments {
  std::uint64_t first{1};
  std::uint64_t last{1000};
  bool check_determinism{false};
  bool every_cut{false};
  bool every_failure{false};
  bool keep_going{false};
  bool verbose{false};
  RunSetup setup;
};

struct Sum {
  std::uint64_t runs{0};
  RunReport total;

  void add(const RunReport& r) {
    ++runs;
    total.virtual_time += r.virtual_time;
    total.power_cuts += r.power_cuts;
    total.kills += r.kills;
    total.objects += r.objects;
    total.receptions += r.receptions;
    total.held += r.held;
  }
};

bool parse_number(std::string_view text, std::uint64_t& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

bool parse_seeds(std::string_view text, Arguments& arguments) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) {
    if (!parse_number(text, arguments.first)) return false;
    arguments.last = arguments.first;
    return true;
  }
  return parse_number(text.substr(0, dots), arguments.first) && parse_number(text.substr(dots + 2), arguments.last);
}

bool parse_plant(std::string_view text, Arguments& arguments) {
  if (text == "accept-before-sync") arguments.setup.lie = Lie::sync;
  if (text == "answer-before-sync") arguments.setup.lie = Lie::received;
  if (text == "accept-before-directory-sync") arguments.setup.lie = Lie::sync_directory;
  return arguments.setup.lie.has_value();
}

bool parse_cut_mode(std::string_view text, Arguments& arguments) {
  using platform::sim::CutMode;
  if (text == "random") arguments.setup.cut_mode = CutMode::random;
  else if (text == "lose-all") arguments.setup.cut_mode = CutMode::lose_all;
  else if (text == "keep-all") arguments.setup.cut_mode = CutMode::keep_all;
  else return false;
  return true;
}

std::optional<Arguments> parse(const std::vector<std::string_view>& words) {
  Arguments a;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    const auto value = [&] { return i + 1 < words.size() ? words[++i] : std::string_view{}; };
    bool ok = true;
    if (word == "--seeds") ok = parse_seeds(value(), a);
    else if (word == "--plant") ok = parse_plant(value(), a);
    else if (word == "--cut-at") ok = parse_number(value(), a.setup.cut_at_change);
    else if (word == "--cut-mode") ok = parse_cut_mode(value(), a);
    else if (word == "--fail-at") ok = parse_number(value(), a.setup.fail_operation);
    else if (word == "--check-determinism") a.check_determinism = true;
    else if (word == "--every-cut") a.every_cut = true;
    else if (word == "--every-failure") a.every_failure = true;
    else if (word == "--keep-going") a.keep_going = true;
    else if (word == "--verbose") a.verbose = a.setup.echo_log = true;
    else if (word == "--trace") a.setup.print_trace = true;
    else ok = false;
    if (!ok) return std::nullopt;
  }
  return a;
}

/// One acquisition, one object of a modality, one PACS, nothing wrong but what is asked for.
RunOptions small_options() {
  RunOptions options;
  options.seed = 7;
  options.acquisitions = 1;
  options.trouble_lasts = core::Millis{10'000};
  options.camera_pause_max = core::Millis{200};
  options.modality.objects = 1;
  return options;
}

void print_failure(const RunReport& report, const RunOptions& options, const std::string& replay, bool with_log) {
  std::printf("FAILED: %s\n%s", report.failure.c_str(), to_string(options).c_str());
  if (with_log) {
    for (const auto& line : report.log) std::printf("  %s\n", line.c_str());
  }
  std::printf("replay: scanferry-sim %s --verbose\n", replay.c_str());
}

void print_sum(const Sum& sum, std::chrono::steady_clock::duration took) {
  const auto seconds = std::chrono::duration<double>(took).count();
  std::printf("%llu runs in %.1f s (%.0f per second): %.1f virtual hours, %llu power cuts, %llu kills, %llu objects stored by %llu sends, "
              "%llu held and released\n",
              static_cast<unsigned long long>(sum.runs), seconds, static_cast<double>(sum.runs) / seconds,
              static_cast<double>(sum.total.virtual_time.count()) / 3'600'000.0, static_cast<unsigned long long>(sum.total.power_cuts),
              static_cast<unsigned long long>(sum.total.kills), static_cast<unsigned long long>(sum.total.objects),
              static_cast<unsigned long long>(sum.total.receptions), static_cast<unsigned long long>(sum.total.held));
}

int run_seeds(const Arguments& a, Sum& sum) {
  int result = a.setup.lie ? EXIT_FAILURE : EXIT_SUCCESS;
  for (auto seed = a.first; seed <= a.last; ++seed) {
    const auto options = draw_options(seed);
    if (a.verbose) std::fputs(to_string(options).c_str(), stderr);
    auto report = run_once(options, a.setup);
    sum.add(report);
    if (a.check_determinism && report.failure.empty() && run_once(options, a.setup).trace_hash != report.trace_hash) {
      report.failure = "two runs of this seed differ";
    }
    if (report.failure.empty()) continue;
    if (a.setup.lie) {
      std::printf("caught at seed %llu: %s\n", static_cast<unsigned long long>(seed), report.failure.c_str());
      return EXIT_SUCCESS;
    }
    result = EXIT_FAILURE;
    if (a.keep_going) {
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), report.failure.c_str());
      continue;
    }
    print_failure(report, options, "--seeds " + std::to_string(seed), !a.verbose);
    return result;
  }
  if (a.setup.lie) std::printf("the planted bug was not caught\n");
  return result;
}

/// One run of the small world with what `setup` plans; whether it was reached and survived.
enum class Single { survived, not_reached, failed };

Single run_small(const RunSetup& setup, const std::string& replay, bool with_log, Sum& sum) {
  const auto options = small_options();
  const auto report = run_once(options, setup);
  sum.add(report);
  if (!report.failure.empty()) {
    print_failure(report, options, replay, with_log);
    return Single::failed;
  }
  const bool reached = setup.cut_at_change != 0 ? report.power_cuts > 0 : report.operations >= setup.fail_operation;
  return reached ? Single::survived : Single::not_reached;
}

int run_every(const std::function<Single(std::uint64_t)>& run) {
  for (std::uint64_t at = 1;; ++at) {
    switch (run(at)) {
      case Single::failed: return EXIT_FAILURE;
      case Single::not_reached: return EXIT_SUCCESS;
      case Single::survived: break;
    }
  }
}

int run_every_cut(const Arguments& a, Sum& sum) {
  using platform::sim::CutMode;
  static constexpr std::pair<CutMode, const char*> kModes[] = {
      {CutMode::random, "random"}, {CutMode::lose_all, "lose-all"}, {CutMode::keep_all, "keep-all"}};
  for (const auto& [mode, name] : kModes) {
    const int ended = run_every([&, mode = mode, name = name](std::uint64_t at) {
      auto setup = a.setup;
      setup.cut_at_change = at;
      setup.cut_mode = mode;
      return run_small(setup, "--cut-at " + std::to_string(at) + " --cut-mode " + name, !a.verbose, sum);
    });
    if (ended != EXIT_SUCCESS) return ended;
  }
  return EXIT_SUCCESS;
}

int run_every_failure(const Arguments& a, Sum& sum) {
  return run_every([&](std::uint64_t at) {
    auto setup = a.setup;
    setup.fail_operation = at;
    return run_small(setup, "--fail-at " + std::to_string(at), !a.verbose, sum);
  });
}

int run(const Arguments& a, Sum& sum) {
  if (a.every_cut) return run_every_cut(a, sum);
  if (a.every_failure) return run_every_failure(a, sum);
  if (a.setup.cut_at_change != 0 || a.setup.fail_operation != 0) {
    return run_small(a.setup, "(this)", !a.verbose, sum) == Single::failed ? EXIT_FAILURE : EXIT_SUCCESS;
  }
  return run_seeds(a, sum);
}

}  // namespace
}  // namespace scanferry::tests

int main(int argc, char** argv) {
  using namespace scanferry::tests;
  const auto arguments = parse({argv + 1, argv + argc});
  if (!arguments) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  Sum sum;
  const auto begun = std::chrono::steady_clock::now();
  const int result = run(*arguments, sum);
  print_sum(sum, std::chrono::steady_clock::now() - begun);
  return result;
}
