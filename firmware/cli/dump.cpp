// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/platform/linux/runtime.hpp>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_dump.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  std::vector<std::string> paths;
  std::size_t value_max{64};
};

Result<void> dump_one(platform::Store& store, const std::string& path, std::size_t value_max) {
  auto file = store.open(path, platform::OpenMode::read);
  if (!file) return no_luck(file.error());
  const auto show = [](std::string_view lines) { std::fwrite(lines.data(), 1, lines.size(), stdout); };
  return FileDump{**file, path, value_max, show}.run();
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  int code = kDone;
  for (const auto& path : options.paths) {
    if (options.paths.size() > 1) print(text("# ", path));
    const auto done = dump_one(platform.store, path, options.value_max);
    if (done) continue;
    std::fflush(stdout);
    print_error(done.error().message);
    code = kNotDone;
  }
  return code;
}

}  // namespace

void add_dump(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("dump", "Print what is in DICOM files");
  command->add_option("files", options->paths, "DICOM files, with or without a preamble")->required();
  command->add_option("--max-value", options->value_max, "About how many characters of each value to show")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
