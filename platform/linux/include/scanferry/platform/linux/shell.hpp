// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace scanferry::platform {

/// Runs `command` in /bin/sh, with our environment and `variables` ("NAME=value") before it; its standard output is our standard
/// error, which is for people. Its number, for `has_ended`; nothing when it cannot be started.
std::optional<int> start_shell(const std::string& command, std::vector<std::string> variables);
/// True once, when it has; it needs to be asked.
bool has_ended(int process);

}  // namespace scanferry::platform
