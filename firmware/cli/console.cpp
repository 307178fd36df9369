// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <cstdio>

#include <scanferry/platform/linux/console.hpp>

namespace scanferry::firmware {
namespace {

constexpr core::Millis kRedraw{100};
constexpr int kBarWidth = 24;

}  // namespace

void print(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

void print_error(std::string_view line) {
  const auto whole = text("scanferry: ", line, "\n");
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

std::string json_string(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string megabytes(std::uint64_t bytes) {
  char out[32];
  std::snprintf(out, sizeof out, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return out;
}

Progress::Progress(bool wanted) : on_{wanted && platform::is_terminal(platform::StandardStream::error)} {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void Progress::show(core::Instant now, std::uint64_t done, std::uint64_t total, std::string_view unit, std::uint64_t bytes) {
  if (!on_ || (drawn_ && now - last_ < kRedraw)) return;
  last_ = now;
  drawn_ = true;
  std::string bar;
  if (total > 0) {
    const auto filled = static_cast<int>(done * kBarWidth / total);
    bar = text("[", std::string(static_cast<std::size_t>(filled), '#'), std::string(static_cast<std::size_t>(kBarWidth - filled), '.'), "] ");
  }
  const auto line = text("\r\033[K", bar, done, total > 0 ? text(" of ", total) : std::string{}, " ", unit, ", ", megabytes(bytes));
  std::fputs(line.c_str(), stderr);
}

}  // namespace scanferry::firmware
