// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"

namespace scanferry::firmware {

void add_dump(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("dump", "Print what is in DICOM files");
  command->callback([&chosen] { chosen = [] { return static_cast<int>(kNotDone); }; });
}

}  // namespace scanferry::firmware
