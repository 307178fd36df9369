// SPDX-License-Identifier: Apache-2.0
#include <scanferry/platform/sim/log.hpp>

#include <array>
#include <cstdio>

namespace scanferry::platform::sim {

void SimLog::write(LogLevel level, std::string_view area, std::string_view line) {
  static constexpr std::string_view kLetters = "diWE";
  std::array<char, 40> head{};
  const auto millis = std::chrono::floor<core::Millis>(world_.elapsed()).count();
  std::snprintf(head.data(), head.size(), "%10lld.%03lld %c ", static_cast<long long>(millis / 1000),
                static_cast<long long>(millis % 1000), kLetters[static_cast<std::size_t>(level)]);
  auto text = std::string{head.data()}.append(area).append(": ").append(line);
  if (echo_) std::fprintf(stderr, "%s\n", text.c_str());
  if (listener_) listener_(area, line);
  lines_.push_back(std::move(text));
  if (lines_.size() > kLinesMax) lines_.pop_front();
}

}  // namespace scanferry::platform::sim
