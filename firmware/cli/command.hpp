// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace scanferry::firmware {

/// How every command ends; documented in the help of `scanferry`.
enum ExitCode : int {
  kDone = 0,         ///< all that was asked for was done
  kNotDone = 1,      ///< something was refused, not reachable, not stored: the message says what
  kWrongUsage = 2,   ///< the command line or the configuration is wrong
};

/// What `main` runs once the command line is read. A command adds itself to `app` and sets it when it was chosen.
using Chosen = std::function<int()>;

void add_run(CLI::App& app, Chosen& chosen);
void add_acquire(CLI::App& app, Chosen& chosen);
void add_encode(CLI::App& app, Chosen& chosen);
void add_echo(CLI::App& app, Chosen& chosen);
void add_send(CLI::App& app, Chosen& chosen);
void add_receive(CLI::App& app, Chosen& chosen);
void add_find(CLI::App& app, Chosen& chosen);
void add_worklist(CLI::App& app, Chosen& chosen);
void add_move(CLI::App& app, Chosen& chosen);
void add_get(CLI::App& app, Chosen& chosen);
void add_mpps(CLI::App& app, Chosen& chosen);
void add_commit(CLI::App& app, Chosen& chosen);
void add_ian(CLI::App& app, Chosen& chosen);
void add_dump(CLI::App& app, Chosen& chosen);
void add_json(CLI::App& app, Chosen& chosen);
void add_edit(CLI::App& app, Chosen& chosen);
void add_convert(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_xml(CLI::App& app, Chosen& chosen);
void add_export(CLI::App& app, Chosen& chosen);
void add_dicomdir(CLI::App& app, Chosen& chosen);
void add_queue(CLI::App& app, Chosen& chosen);
void add_version(CLI::App& app, Chosen& chosen);

}  // namespace scanferry::firmware
