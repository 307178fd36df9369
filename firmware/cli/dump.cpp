// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/platform/linux/console.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/dump_format.hpp"
#include "cli/file_source.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  std::vector<std::string> words;
  DumpOptions format;
  std::string color{"auto"};
  std::vector<std::string> files;
  std::vector<model::TagPath> paths;
};

/// A word that names a file, or could by its slash, is one; any other behind the first must be a tag path.
Result<void> sort_words(platform::Store& store, Options& options) {
  for (const auto& word : options.words) {
    const bool is_file = options.files.empty() || word.find('/') != std::string::npos || store.info(word);
    if (is_file) {
      options.files.push_back(word);
      continue;
    }
    auto path = model::TagPath::parse(word);
    if (!path) return bad_input("there is no file ", word, ", and ", path.error().what);
    options.paths.push_back(std::move(*path));
  }
  return {};
}

Result<void> dump_one(platform::Store& store, const std::string& path, const Options& options) {
  auto opened = open_document(store, path);
  if (!opened) return std::unexpected{opened.error()};
  const auto& document = opened->document;
  const auto show = [](std::string_view lines) { std::fwrite(lines.data(), 1, lines.size(), stdout); };
  DumpFormat format{document, options.format, show};
  if (options.paths.empty()) format.show_all();
  std::string missing;
  for (const auto& wanted : options.paths) {
    if (format.show(wanted) == 0) missing.append(missing.empty() ? "" : ", ").append(wanted.text());
  }
  if (auto whole = tell_findings(path, document); !whole) return whole;
  return missing.empty() ? Result<void>{} : bad_input(path, ": has no ", missing);
}

int run(Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  if (auto sorted = sort_words(platform.store, options); !sorted) {
    print_error(sorted.error().message);
    return kWrongUsage;
  }
  options.format.in_color = options.color == "always" || (options.color == "auto" && platform::is_terminal(platform::StandardStream::output));
  int code = kDone;
  for (const auto& path : options.files) {
    if (options.files.size() > 1) print(text("# ", path));
    const auto done = dump_one(platform.store, path, options);
    if (done) continue;
    print_error(done.error().message);
    code = kNotDone;
  }
  return code;
}

}  // namespace

void add_dump(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("dump", "Print what is in DICOM files, or some elements of them");
  command->add_option("files and paths", options->words,
                      "DICOM files, with or without a preamble; then, if not all is wanted, tag paths: PatientName, 00100010,\n"
                      "0040A730[0].0040A043, ReferencedImageSequence[*].ReferencedSOPInstanceUID, (0029,\"CREATOR\",10)")
      ->required();
  command->add_option("--max-value", options->format.value_max, "About how many characters of each value to show")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--color", options->color, "auto (on a terminal), always, never")->check(CLI::IsMember({"auto", "always", "never"}));
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
