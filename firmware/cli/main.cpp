// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

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

int run(int argc, char** argv) {
  CLI::App app{kAbout, "scanferry"};
  app.footer(kExitCodes);
  app.require_subcommand(1);
  Chosen chosen;
  add_run(app, chosen);
  add_acquire(app, chosen);
  add_encode(app, chosen);
  add_echo(app, chosen);
  add_send(app, chosen);
  add_dump(app, chosen);
#if SCANFERRY_TOOLS
  add_receive(app, chosen);
  add_find(app, chosen);
  add_worklist(app, chosen);
  add_move(app, chosen);
  add_get(app, chosen);
  add_mpps(app, chosen);
  add_commit(app, chosen);
  add_json(app, chosen);
  add_xml(app, chosen);
  add_check(app, chosen);
  add_edit(app, chosen);
  add_convert(app, chosen);
  add_export(app, chosen);
  add_dicomdir(app, chosen);
#endif
  add_queue(app, chosen);
  add_version(app, chosen);
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
  return chosen();
}

}  // namespace
}  // namespace scanferry::firmware

int main(int argc, char** argv) { return scanferry::firmware::run(argc, argv); }
