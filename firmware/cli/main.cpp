// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <span>
#include <string_view>

#include "cli/command.hpp"
#include "cli/console.hpp"

namespace scanferry::firmware {
namespace {

constexpr const char* kAbout =
    "scanferry gets every scan from the device to the PACS: it turns acquired frames into DICOM objects, keeps them in a\n"
    "durable queue and pushes them until every destination has stored them.";

constexpr const char* kExitCodes =
    "Exit status: 0 all was done; 1 something was not done, the message says what and why;\n"
    "2 the command line or the configuration is wrong.";

struct Command {
  std::string_view name;
  void (*add)(CLI::App& app, Chosen& chosen);
};

/// In the order of the help.
constexpr Command kCommands[] = {
    {"run", add_run},
    {"acquire", add_acquire},
    {"encode", add_encode},
    {"echo", add_echo},
    {"send", add_send},
    {"dump", add_dump},
#if SCANFERRY_TOOLS
    {"receive", add_receive},
    {"find", add_find},
    {"worklist", add_worklist},
    {"move", add_move},
    {"get", add_get},
    {"mpps", add_mpps},
    {"commit", add_commit},
    {"ian", add_ian},
    {"json", add_json},
    {"xml", add_xml},
    {"check", add_check},
    {"edit", add_edit},
    {"convert", add_convert},
    {"export", add_export},
    {"dicomdir", add_dicomdir},
#endif
    {"queue", add_queue},
    {"version", add_version},
};

/// Only the one that is meant, if it can be told: the options of all of them cost more than an echo.
void add_commands(CLI::App& app, Chosen& chosen, std::string_view first_word) {
  const auto* const meant = std::ranges::find(kCommands, first_word, &Command::name);
  const auto wanted = meant != std::end(kCommands) ? std::span{meant, 1} : std::span{kCommands};
  for (const auto& command : wanted) command.add(app, chosen);
}

int run(int argc, char** argv) {
  CLI::App app{kAbout, "scanferry"};
  app.footer(kExitCodes);
  app.require_subcommand(1);
  Chosen chosen;
  add_commands(app, chosen, argc > 1 ? argv[1] : "");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help comes this way too, with code 0.
    if (error.get_exit_code() == 0) {
      print(app.help());
      return kDone;
    }
    print_error(text(error.what(), "\nRun 'scanferry --help', or a command with --help, to see how it is used."));
    return kWrongUsage;
  }
  const int code = chosen();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  print_error("standard output could not be written: what is there is not all");
  return code == kDone ? kNotDone : code;
}

}  // namespace
}  // namespace scanferry::firmware

int main(int argc, char** argv) { return scanferry::firmware::run(argc, argv); }
