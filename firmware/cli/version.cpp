// SPDX-License-Identifier: Apache-2.0
#include <boost/version.hpp>
#include <sqlite3.h>

#include "cli/command.hpp"
#include "cli/console.hpp"

namespace scanferry::firmware {

void add_version(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("version", "Print the version and what it was built with");
  command->callback([&chosen] {
    chosen = [] {
      print(text("scanferry ", SCANFERRY_VERSION, " (g++ ", __GNUC__, ".", __GNUC_MINOR__, ", Boost ", BOOST_LIB_VERSION, ", SQLite ",
                 sqlite3_libversion(), ")"));
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace scanferry::firmware
