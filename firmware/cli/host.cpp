// SPDX-License-Identifier: Apache-2.0
#include "cli/host.hpp"

#include "agent/text_file.hpp"
#include "cli/command.hpp"

namespace scanferry::firmware {
namespace {

platform::Task<void> keep_result(platform::Task<int> task, int& result) { result = co_await std::move(task); }

}  // namespace

int run_to_end(platform::LinuxRuntime& runtime, platform::Task<int> task, std::function<void()> on_stop) {
  int result = kNotDone;
  runtime.on_terminate(std::move(on_stop));
  runtime.spawn(keep_result(std::move(task), result));
  runtime.run();
  return result;
}

Result<AgentConfig> load_config(platform::Store& store, const std::string& path) {
  auto content = read_text_file(store, path);
  if (!content) return std::unexpected{content.error()};
  return parse_config(*content, path);
}

}  // namespace scanferry::firmware
