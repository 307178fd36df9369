// SPDX-License-Identifier: Apache-2.0
#include "part10_object.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace bench {
namespace {

/// More than any File Meta Information of a workload takes.
constexpr std::size_t kHeadBytes = 4096;
constexpr std::size_t kPreambleBytes = 128;

bool has_long_length(const std::uint8_t* vr) {
  const std::string_view name{reinterpret_cast<const char*>(vr), 2};
  return name == "OB" || name == "OW" || name == "SQ" || name == "UN" || name == "UT";  // PS3.5 7.1.2
}

std::string text_of(const std::uint8_t* value, std::size_t bytes) {
  std::string text(value, value + bytes);
  while (!text.empty() && text.back() == 0) text.pop_back();
  return text;
}

}  // namespace

std::optional<Part10Object> read_object(const std::string& path) {
  Bytes head(kHeadBytes);
  std::ifstream file{path, std::ios::binary};
  file.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  const std::size_t begin = kPreambleBytes + 4;
  if (head.size() < begin || text_of(&head[kPreambleBytes], 4) != "DICM") return std::nullopt;
  Part10Object object;
  object.path = path;
  std::size_t at = begin;
  while (at + 12 <= head.size() && little16(&head[at]) == 0x0002) {
    const auto element = little16(&head[at + 2]);
    const bool is_long = has_long_length(&head[at + 4]);
    const std::size_t bytes = is_long ? little32(&head[at + 8]) : little16(&head[at + 6]);
    at += is_long ? 12 : 8;
    if (at + bytes > head.size()) return std::nullopt;
    const auto text = text_of(&head[at], bytes);
    at += bytes;
    if (element == 0x0002) object.sop_class = text;
    if (element == 0x0003) object.sop_instance = text;
    if (element == 0x0010) object.transfer_syntax = text;
  }
  object.offset = at;
  object.bytes = std::filesystem::file_size(path) - at;
  return object;
}

bool load(Part10Object& object) {
  object.loaded.resize(object.bytes);
  std::ifstream file{object.path, std::ios::binary};
  file.seekg(static_cast<std::streamoff>(object.offset));
  file.read(reinterpret_cast<char*>(object.loaded.data()), static_cast<std::streamsize>(object.bytes));
  return file.good();
}

}  // namespace bench
