// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/model/check.hpp>
#include <scanferry/model/tag_path.hpp>
#include <scanferry/platform/linux/console.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_source.hpp"

namespace scanferry::firmware {
namespace {

using model::CheckFinding;
using model::CheckSeverity;

/// A tree that is deeper is a loop of links.
constexpr int kFolderDepthMax = 32;

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kPlain = "\033[0m";

struct Options {
  std::vector<std::string> paths;
  model::CheckOptions check;
  bool in_json{false};
  bool is_strict{false};
  bool is_quiet{false};
  std::string color{"auto"};
  bool in_color{false};
};

std::string_view name_of(CheckSeverity severity) {
  if (severity == CheckSeverity::error) return "error";
  return severity == CheckSeverity::warning ? "warning" : "note";
}

std::string_view color_of(CheckSeverity severity) {
  if (severity == CheckSeverity::error) return "\033[1;31m";
  return severity == CheckSeverity::warning ? "\033[1;35m" : "\033[1;36m";
}

std::string counted(std::size_t count, std::string_view what) { return text(count, " ", what, count == 1 ? "" : "s"); }

/// "PatientID (0010,0020): "; the path is the tag already where there is no keyword.
std::string subject_of(const CheckFinding& finding) {
  if (finding.path.empty()) return {};
  const std::string tag = model::tag_text(finding.tag);
  return finding.path.ends_with(tag) ? finding.path + ": " : text(finding.path, " ", tag, ": ");
}

class Checker {
 public:
  Checker(platform::Store& store, const Options& options) : store_{store}, options_{options} {}

  /// A file that was named must be DICOM; in folders others are passed over.
  void named(const std::string& path) {
    const auto info = store_.info(path);
    if (!info) return fail(info.error().detail);
    if (info->is_directory) return folder(path, 0);
    if (auto done = file(path); !done) fail(done.error().message);
  }

  [[nodiscard]] int code() const { return has_failed_ ? kNotDone : kDone; }
  void tell_sum() const {
    if (files_ < 2 || options_.in_json) return;
    print(text(counted(files_, "file"), ": ", bad_, " with errors, ", doubtful_, " with warnings only, ", files_ - bad_ - doubtful_,
               " without either"));
  }

 private:
  void folder(const std::string& path, int depth) {
    if (depth == kFolderDepthMax) return fail(text(path, ": too deep"));
    auto entries = store_.list(path);
    if (!entries) return fail(entries.error().detail);
    for (const auto& entry : *entries) {
      const auto inner = text(path, path.ends_with('/') ? "" : "/", entry.name);
      if (entry.is_directory) {
        folder(inner, depth + 1);
      } else if (auto done = file(inner); !done) {
        print_error(done.error().message);
        has_failed_ |= done.error().trouble == Trouble::environment;
      }
    }
  }

  void fail(std::string_view message) {
    print_error(message);
    has_failed_ = true;
  }

  Result<void> file(const std::string& path) {
    auto opened = open_document(store_, path);
    if (!opened) return std::unexpected{opened.error()};
    const auto report = model::check(opened->document, options_.check);
    const std::size_t errors = report.count(CheckSeverity::error);
    const std::size_t warnings = report.count(CheckSeverity::warning);
    ++files_;
    bad_ += errors > 0 ? 1 : 0;
    doubtful_ += errors == 0 && warnings > 0 ? 1 : 0;
    has_failed_ |= errors > 0 || (options_.is_strict && warnings > 0);
    if (options_.in_json) {
      print(json_of(path, report));
    } else {
      show(path, report);
    }
    return {};
  }

  void show(const std::string& path, const model::CheckReport& report) const {
    if (!options_.is_quiet) {
      for (const CheckFinding& finding : report.findings) print(line_of(harmless(path), finding));
    }
    std::string sum = text(color(kBold), counted(report.count(CheckSeverity::error), "error"), ", ",
                           counted(report.count(CheckSeverity::warning), "warning"), color(kPlain), " in ", harmless(path));
    if (!report.sop_class.empty()) sum += text(" (", report.sop_class, ")");
    if (report.iod.empty()) sum += "; nothing is known of this SOP Class: no module was checked";
    if (!report.unchecked.empty()) sum += text("; not in the tables of this program, so not checked: ", modules_of(report.unchecked));
    if (!report.partly.empty()) sum += text("; only what is always required was checked of ", modules_of(report.partly));
    print(sum);
  }

  static std::string modules_of(const std::vector<std::string_view>& modules) {
    std::string names = counted(modules.size(), "module");
    for (std::size_t i = 0; i < modules.size(); ++i) names += text(i == 0 ? " (" : ", ", modules[i]);
    return names + ")";
  }

  static std::string json_list(const std::vector<std::string_view>& names) {
    std::string list = "[";
    for (std::size_t i = 0; i < names.size(); ++i) list += text(i == 0 ? "" : ",", json_string(names[i]));
    return list + "]";
  }

  std::string line_of(const std::string& path, const CheckFinding& finding) const {
    std::string line = text(color(kBold), path, ":", finding.offset, ": ", color(color_of(finding.severity)), name_of(finding.severity),
                            ":", color(kPlain), " ", subject_of(finding));
    if (!finding.value.empty()) line += text(color(kBold), "'", finding.value, "'", color(kPlain), " ");
    line += finding.text;
    if (finding.more > 0) line += text(", and ", finding.more, " times more");
    return line;
  }

  std::string json_of(const std::string& path, const model::CheckReport& report) const {
    std::string line =
        text("{\"file\":", json_string(path), ",\"sop_class\":", json_string(report.sop_class), ",\"iod\":", json_string(report.iod));
    for (const auto severity : {CheckSeverity::error, CheckSeverity::warning, CheckSeverity::note}) {
      line += text(",\"", name_of(severity), "s\":", report.count(severity));
    }
    line += text(",\"unchecked\":", json_list(report.unchecked), ",\"partly\":", json_list(report.partly), ",\"findings\":[");
    bool is_first = true;
    for (const CheckFinding& finding : report.findings) {
      line += text(is_first ? "" : ",", "{\"severity\":\"", name_of(finding.severity), "\",\"offset\":", finding.offset,
                   ",\"path\":", json_string(finding.path),
                   ",\"tag\":", json_string(finding.path.empty() ? std::string{} : model::tag_text(finding.tag)),
                   ",\"text\":", json_string(finding.text), ",\"value\":", json_string(finding.value), ",\"more\":", finding.more, "}");
      is_first = false;
    }
    return line + "]}";
  }

  [[nodiscard]] std::string_view color(std::string_view code) const { return options_.in_color ? code : std::string_view{}; }

  platform::Store& store_;
  const Options& options_;
  std::size_t files_{0};
  std::size_t bad_{0};
  std::size_t doubtful_{0};
  bool has_failed_{false};
};

int run(Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  options.in_color = options.color == "always" || (options.color == "auto" && platform::is_terminal(platform::StandardStream::output));
  Checker checker{platform.store, options};
  for (const auto& path : options.paths) checker.named(path);
  checker.tell_sum();
  return checker.code();
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("check", "Check DICOM objects against the standard: modules, attributes, values, pixels");
  command->add_option("paths", options->paths, "DICOM files, and folders with such")->required();
  command->add_flag("--json", options->in_json, "One JSON object a line for each file");
  command->add_flag("--verbose", options->check.with_notes,
                    "Notes, too: what is retired, extended, or required under a condition that a program cannot decide");
  command->add_flag("--warnings-as-errors", options->is_strict, "Exit status 1 for warnings, too");
  command->add_flag("--quiet", options->is_quiet, "Only the summary of each file");
  command->add_option("--color", options->color, "auto (on a terminal), always, never")->check(CLI::IsMember({"auto", "always", "never"}));
  command->footer("Exit status: 0 no errors; 1 errors, or a file that could not be checked; 2 the command line is wrong.");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
