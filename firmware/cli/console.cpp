// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <cstdio>

#include <scanferry/core/utf8.hpp>
#include <scanferry/platform/linux/console.hpp>

namespace scanferry::firmware {
namespace {

constexpr core::Millis kRedraw{100};
constexpr int kBarWidth = 24;

/// C0 and C1 of ISO 6429, and DEL.
bool is_control(char32_t character) { return character < 0x20 || (character >= 0x7F && character < 0xA0); }

/// Takes a character off the front, or a byte where there is none: that has its own number.
char32_t take_any(std::string_view& rest) {
  const auto character = core::take_character(rest);
  if (character != core::kNoCharacter) return character;
  const auto byte = static_cast<unsigned char>(rest.front());
  rest.remove_prefix(1);
  return byte;
}

std::string without_controls(std::string_view rest, std::string_view except) {
  std::string out;
  while (!rest.empty()) {
    const auto before = rest;
    const bool is_spared = except.contains(rest.front());
    const bool is_replaced = is_control(take_any(rest)) && !is_spared;
    out += is_replaced ? "?" : before.substr(0, before.size() - rest.size());
  }
  return out;
}

}  // namespace

void print(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

void print_error(std::string_view line) {
  // Names of files and words of a peer are among it.
  const auto whole = text("scanferry: ", without_controls(line, "\n"), "\n");
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

std::string harmless(std::string_view text) { return without_controls(text, {}); }

std::string json_string(std::string_view value) {
  std::string out = "\"";
  while (!value.empty()) {
    const auto before = value;
    const auto character = core::take_character(value);
    if (character == core::kNoCharacter) {
      out += "\\ufffd";
      value.remove_prefix(1);
    } else if (character == '"' || character == '\\') {
      out += '\\';
      out += before.front();
    } else if (is_control(character)) {
      char escaped[16];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(character));
      out += escaped;
    } else {
      out += before.substr(0, before.size() - value.size());
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
