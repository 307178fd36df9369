// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include <scanferry/platform/linux/runtime.hpp>
#include <scanferry/platform/task.hpp>

#include "agent/config.hpp"

namespace scanferry::firmware {

/// Runs one command's coroutine to its end and gives its exit code back. `on_stop` is called at SIGTERM and SIGINT.
int run_to_end(platform::LinuxRuntime& runtime, platform::Task<int> task, std::function<void()> on_stop);

/// Reads and checks the agent's configuration. Blocks.
Result<AgentConfig> load_config(platform::Store& store, const std::string& path);

}  // namespace scanferry::firmware
