// SPDX-License-Identifier: Apache-2.0
#include "cli/host.hpp"

#include "cli/command.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::uint64_t kTextFileBytesMax = 4 * 1024 * 1024;

platform::Task<void> keep_result(platform::Task<int> task, int& result) { result = co_await std::move(task); }

}  // namespace

int run_to_end(platform::LinuxRuntime& runtime, platform::Task<int> task, std::function<void()> on_stop) {
  int result = kNotDone;
  runtime.on_terminate(std::move(on_stop));
  runtime.spawn(keep_result(std::move(task), result));
  runtime.run();
  return result;
}

Result<std::string> read_text_file(platform::Store& store, const std::string& path) {
  auto file = store.open(path, platform::OpenMode::read);
  if (!file) return no_luck(file.error());
  auto size = (*file)->size();
  if (!size) return no_luck(size.error());
  if (*size > kTextFileBytesMax) return bad_input(path, ": is too large");
  std::string content(static_cast<std::size_t>(*size), '\0');
  auto got = (*file)->read_at(0, std::as_writable_bytes(std::span{content}));
  if (!got) return no_luck(got.error());
  content.resize(*got);
  return content;
}

Result<AgentConfig> load_config(platform::Store& store, const std::string& path) {
  auto content = read_text_file(store, path);
  if (!content) return std::unexpected{content.error()};
  return parse_config(*content, path);
}

}  // namespace scanferry::firmware
