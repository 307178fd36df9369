// SPDX-License-Identifier: Apache-2.0
#include "log.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "system_error.hpp"

namespace scanferry::platform {
namespace {

/// Padded to one width, so that areas line up.
std::string_view padded_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info ";
    case LogLevel::warning: return "warn ";
    case LogLevel::error: return "error";
  }
  return "?    ";
}

std::string timestamp(core::WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  std::array<char, 40> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                                   static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

bool is_control(char c) {
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20U || code == 0x7FU;
}

/// Control characters of C1 are two bytes in UTF-8: C2, and 80 to 9F.
void blank_c1(std::string& text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if (static_cast<unsigned char>(text[i]) == 0xC2U && second >= 0x80U && second < 0xA0U) text.replace(i, 2, "  ");
  }
}

}  // namespace

std::string log_line(core::WallTime at, LogLevel level, std::string_view area, std::string_view line) {
  std::string text = timestamp(at);
  text.append(" ").append(padded_name(level)).append(" ").append(area).append(": ").append(line);
  std::ranges::replace_if(text, is_control, ' ');
  blank_c1(text);
  text += '\n';
  return text;
}

void LinuxLog::write(LogLevel level, std::string_view area, std::string_view line) {
  if (level < lowest_) return;
  const auto now = std::chrono::floor<core::Millis>(std::chrono::system_clock::now());
  const std::string text = log_line(now, level, area, line);
  const auto put = [&text] { return ::write(STDERR_FILENO, text.data(), text.size()); };
  (void)uninterrupted(put);  // a log that cannot be written has nowhere to say so
}

}  // namespace scanferry::platform
