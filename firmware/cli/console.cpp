// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <algorithm>
#include <cstdio>

#include <scanferry/platform/linux/console.hpp>

namespace scanferry::firmware {
namespace {

constexpr core::Millis kRedraw{100};
constexpr int kBarWidth = 24;

/// Bytes of the UTF-8 character at the front; 0: there is none.
std::size_t utf8_length(std::string_view value) {
  const auto lead = static_cast<unsigned char>(value.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || length > value.size()) return 0;
  return std::ranges::all_of(value.substr(1, length - 1), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }) ? length : 0;
}

}  // namespace

void print(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

void print_error(std::string_view line) {
  auto whole = text("scanferry: ", line);
  // Names of files and words of a peer may hold what a terminal would obey.
  std::ranges::replace_if(whole, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }, '?');
  whole += '\n';
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

std::string json_string(std::string_view value) {
  std::string out = "\"";
  while (!value.empty()) {
    const auto length = utf8_length(value);
    const char c = value.front();
    if (length == 0) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += value.substr(0, length);
    }
    value.remove_prefix(std::max<std::size_t>(length, 1));
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
